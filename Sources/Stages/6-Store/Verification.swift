/// What is wrong at one path of a generation.
package struct Damage: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// The content, or the target of a link, is another.
        case damaged
        case missing
        /// Something that the release does not have.
        case foreign
        /// The content is right, the permissions are not.
        case permissions
    }

    package var path: String
    package var kind: Kind

    package init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    package var description: String { "\(kind.rawValue): \(path)" }
}

/// What verifying a generation found.
package struct VerifyReport: Hashable, Sendable {
    package var generation: UInt64
    /// Paths of the release that were looked at.
    package var paths: UInt64 = 0
    /// Bytes that were hashed.
    package var bytes: UInt64 = 0
    /// By path.
    package var damages: [Damage] = []

    /// True where the generation is exactly its release, but for what others put beside it.
    package var isIntact: Bool { damages.allSatisfy { $0.kind == .foreign } }

    /// The paths that a repair has to make anew.
    package var needingContent: Set<String> { Set(damages.filter { $0.kind == .damaged || $0.kind == .missing }.map(\.path)) }
}
