internal import InstarCryptography

/// Checks the content of one target while it arrives (§5.7.3): its length with each piece, every digest at the
/// end. Content is not trusted until `finish` returned.
package struct TargetVerification: ~Copyable {
    private let target: TrustedTarget
    private var received: Int64 = 0
    // One running hash for each algorithm that the target names; collections cannot hold what owns a resource.
    private var sha256: FileHash?
    private var sha384: FileHash?
    private var sha512: FileHash?

    init(_ target: TrustedTarget) {
        self.target = target
        let known = target.digests.known
        sha256 = known[.sha256] == nil ? nil : FileHash(.sha256)
        sha384 = known[.sha384] == nil ? nil : FileHash(.sha384)
        sha512 = known[.sha512] == nil ? nil : FileHash(.sha512)
    }

    /// Adds a piece. It throws as soon as there are more bytes than listed, so that endless data ends here.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) throws(TrustError) {
        received += Int64(bytes.count)
        guard received <= target.length else {
            throw TrustError(.mismatch, target.path, "more than the \(target.length) bytes arrived that were listed")
        }
        unsafe sha256?.update(bytes)
        unsafe sha384?.update(bytes)
        unsafe sha512?.update(bytes)
    }

    /// Throws unless the length and every digest are as listed; the verification is used up.
    package consuming func finish() throws(TrustError) {
        guard received == target.length else {
            throw TrustError(.mismatch, target.path, "\(received) bytes arrived, and \(target.length) were listed")
        }
        try TargetVerification.require(sha256.take()?.finalize(), .sha256, target)
        try TargetVerification.require(sha384.take()?.finalize(), .sha384, target)
        try TargetVerification.require(sha512.take()?.finalize(), .sha512, target)
    }

    private static func require(_ digest: [UInt8]?, _ algorithm: HashAlgorithm, _ target: TrustedTarget) throws(TrustError) {
        guard digest == target.digests.known[algorithm] else {
            throw TrustError(.mismatch, target.path, "its \(algorithm.rawValue) is not the one that was listed")
        }
    }
}
