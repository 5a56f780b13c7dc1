internal import InstarDisk
package import InstarTrust
package import SystemPackage

/// A repository's own metadata, verified from its root down as a client would, but for expiry: the publisher is
/// who renews what expired.
package struct PublishedMetadata: Sendable {
    package let root: TrustedRoot
    package let timestamp: SignedMetadata
    package let snapshot: SignedMetadata
    package let targets: SignedMetadata
    /// The targets role, verified.
    let role: TrustedTargets

    /// No time at all, at which nothing is expired.
    static let beforeAllTime = UTCTime(secondsSince1970: .min)

    /// Reads and verifies the metadata folder.
    package init(_ folder: FilePath) throws(TrustPublishingError) {
        try self.init(folder, under: PublishedMetadata.newestRoot(Reader(folder: folder)))
    }

    /// Reads the online roles and verifies them under a root.
    init(_ folder: FilePath, under root: TrustedRoot) throws(TrustPublishingError) {
        let reader = Reader(folder: folder)
        do throws(TrustError) {
            let current = try root.current(at: PublishedMetadata.beforeAllTime)
            let timestamp = try TrustedTimestamp(reader.bytes("timestamp.json", .timestamp), under: current)
            let now = try timestamp.current(at: current.now)
            let snapshotFile = "\(timestamp.snapshot.version).snapshot.json"
            let snapshot = try TrustedSnapshot(reader.bytes(snapshotFile, .snapshot), listedIn: now, under: current, replacing: nil)
            let listed = try snapshot.current(listedIn: now)
            let targetsFile = "\(try listed.record(of: "targets").version).targets.json"
            let targets = try TrustedTargets(
                reader.bytes(targetsFile, .targets), role: "targets", signedBy: root.root.keys(of: "targets"), listedIn: listed)
            (self.root, role) = (root, targets)
            self.timestamp = try SignedMetadata(parsing: timestamp.bytes, as: .timestamp, role: "timestamp")
            self.snapshot = try SignedMetadata(parsing: snapshot.bytes, as: .snapshot, role: "snapshot")
            self.targets = try SignedMetadata(parsing: targets.bytes, as: .targets, role: "targets")
        } catch {
            throw .damaged(error)
        }
    }

    /// Whether a role's published file is signed by enough of the keys that another root gives it.
    func verifies(_ kind: SignedMetadata.Kind, under root: TrustedRoot) -> Bool {
        let file = kind == .targets ? targets : kind == .snapshot ? snapshot : timestamp
        return (try? root.root.keys(of: ByteText(kind.rawValue)).verify(file)) != nil
    }

    /// Follows the chain of roots from the pinned copy to the newest.
    static func newestRoot(_ reader: Reader) throws(TrustPublishingError) -> TrustedRoot {
        guard let pinned = reader.optionalBytes("root.json", .root) else {
            throw .noRepository(reader.folder.removingLastComponent().string)
        }
        do throws(TrustError) {
            var root = try TrustedRoot(pinned: pinned)
            while let next = reader.optionalBytes("\(root.root.version + 1).root.json", .root) { root = try root.successor(next) }
            return root
        } catch {
            throw .damaged(error)
        }
    }

    struct Reader {
        let folder: FilePath

        func optionalBytes(_ name: String, _ kind: SignedMetadata.Kind) -> [UInt8]? {
            try? DurableFile.read(folder.appending(name), limit: kind.limit)
        }

        func bytes(_ name: String, _ kind: SignedMetadata.Kind) throws(TrustError) -> [UInt8] {
            do throws(DiskError) { return try DurableFile.read(folder.appending(name), limit: kind.limit) } catch {
                throw TrustError(.malformed, ByteText(kind.rawValue), error.description)
            }
        }
    }
}

extension PublishedMetadata {
    /// Every file of the top-level targets role.
    func trustedTargets() throws(TrustError) -> [TrustedTarget] {
        var targets: [TrustedTarget] = []
        for path in role.targets.paths {
            if let target = try role.targets.target(path, consistentSnapshot: root.root.consistentSnapshot) { targets.append(target) }
        }
        return targets
    }
}
