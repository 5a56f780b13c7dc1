#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import SystemPackage

/// Makes a system call, again where a signal interrupted it, and turns its failure into a `DiskError`.
///
/// Every call of this module goes through here: this is the one place where an error number becomes an error.
@discardableResult
func systemCall<Status: SignedInteger>(
    _ operation: String, _ path: @autoclosure () -> FilePath, _ call: () -> Status
) throws(DiskError) -> Status {
    while true {
        let status = call()
        if status >= 0 { return status }
        let code = Errno(rawValue: errno)
        if code != .interrupted { throw DiskError(operation, path(), code) }
    }
}
