#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
package import SystemPackage

/// Programs of this package, as they were built beside the tests.
package enum Products {
    /// The folder of the build that the running tests belong to.
    package static let folder: FilePath = {
        // The test runner's own file lies in it; on Linux the kernel says where.
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : CommandLine.arguments[0]
        return FilePath(path).removingLastComponent()
    }()

    /// The file of a built program, such as `instar`.
    package static func path(_ name: String) -> FilePath { folder.appending(name) }

    /// The top folder of the package's sources.
    package static let packageFolder = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
}
