#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Goes from path to path in path order and says where each one's name begins and whether it lies in the folder of the last
/// one: then nothing has to be looked up, locked or copied for it.
struct PathCursor {
    /// The bytes of the last path's folder; nil before the first one.
    private var folder: [UInt8]?

    /// What a path has of the last one.
    struct Step {
        /// Where the name begins, in bytes: 0 for a path of one name.
        let nameStart: Int
        let isSameFolder: Bool

        /// The folder of `path`, empty for the root.
        func folder(of path: String) -> String { String(decoding: path.utf8.prefix(max(0, nameStart - 1)), as: UTF8.self) }
    }

    mutating func enter(_ path: String) -> Step {
        let found: (length: Int, start: Int, other: [UInt8]?) = unsafe path.withBytes { bytes in
            var start = bytes.count
            while start > 0, unsafe bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
            let length = max(0, start - 1)
            let own = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<length])
            return unsafe (length, start, isFolder(own) ? nil : [UInt8](own))
        }
        if let other = found.other { folder = other }
        return Step(nameStart: found.start, isSameFolder: found.other == nil)
    }

    private func isFolder(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let folder, folder.count == bytes.count else { return false }
        return unsafe folder.withUnsafeBytes { unsafe order($0, bytes) == 0 }
    }
}

extension String {
    /// Calls `body` with the UTF-8 bytes, without a copy where the string has them in one piece, as nearly all have.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let result = unsafe utf8.withContiguousStorageIfAvailable { unsafe body(UnsafeRawBufferPointer($0)) }
        return unsafe result ?? Array(utf8).withUnsafeBytes { unsafe body($0) }
    }
}

/// Below, equal to or above zero, as `left` sorts before, with or after `right` by their bytes.
func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    guard let first = left.baseAddress, let second = right.baseAddress else { return left.count - right.count }
    let order = unsafe memcmp(first, second, min(left.count, right.count))
    return order == 0 ? left.count - right.count : Int(order)
}
