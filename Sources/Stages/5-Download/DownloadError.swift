package import InstarCryptography

/// A bundle that does not hold what the signed manifest says, from whatever mirror it came.
package struct DownloadError: Error, Hashable, Sendable, CustomStringConvertible {
    package var bundle: Digest
    /// Where the damaged frame begins in the bundle.
    package var offset: UInt64
    package var reason: String

    package init(bundle: Digest, offset: UInt64, reason: String) {
        self.bundle = bundle
        self.offset = offset
        self.reason = reason
    }

    package var description: String {
        "bundle \(bundle) is damaged at byte \(offset): \(reason); publish again, or use another mirror"
    }
}
