package import InstarTrust

/// For how many days a role's metadata holds once it is signed. A shorter life limits for how long an attacker
/// can keep the world on an old release; a longer one asks for less attention.
package struct Lifetimes: Hashable, Sendable {
    /// The choice of `instar init`: root keys are fetched from their safe once a year; the online roles are
    /// signed anew by each publication, and by `instar trust refresh` from a cron job in between.
    package static let standard = Lifetimes(root: 365, targets: 365, snapshot: 90, timestamp: 30)

    package var root: Int
    package var targets: Int
    package var snapshot: Int
    package var timestamp: Int

    package init(root: Int, targets: Int, snapshot: Int, timestamp: Int) {
        (self.root, self.targets, self.snapshot, self.timestamp) = (root, targets, snapshot, timestamp)
    }

    /// The life of a role in days.
    package subscript(kind: SignedMetadata.Kind) -> Int {
        switch kind {
        case .root: root
        case .targets: targets
        case .snapshot: snapshot
        case .timestamp: timestamp
        }
    }

    /// The longest life that a role may get, in days: metadata that never expires never stops a freeze attack.
    package static let longest = 3650
}
