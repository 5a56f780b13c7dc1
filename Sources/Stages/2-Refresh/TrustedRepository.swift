package import InstarTrust

/// A repository whose top-level metadata was verified in one refresh. Only a refresh makes one; it finds targets,
/// and may fetch delegated roles for that. Not Sendable: it belongs to the thread that refreshed.
package final class TrustedRepository<Source: MetadataSource> {
    private let folder: TrustFolder
    private let source: Source
    private let root: Current<TrustedRoot>
    private let snapshot: Current<TrustedSnapshot>
    /// Roles that were verified in this refresh, by the edge over which they were reached.
    private var roles: [Edge: TrustedTargets] = [:]
    /// Whether any top-level role is newer than before the refresh.
    package internal(set) var hasChanged = false

    private struct Edge: Hashable {
        let delegator: ByteText?
        let role: ByteText
    }

    init(folder: TrustFolder, source: Source, root: Current<TrustedRoot>, snapshot: Current<TrustedSnapshot>) {
        (self.folder, self.source, self.root, self.snapshot) = (folder, source, root, snapshot)
    }

    /// The version of the root that the refresh ended with.
    package var rootVersion: Int64 { root.metadata.root.version }

    /// §5.6.7: the target under a path, from the most trusted role that lists it; nil if none does. A role on
    /// the way that cannot be fetched or verified ends the search: what comes after it is less trusted.
    package func target(_ path: String) throws(RefreshError) -> TrustedTarget? {
        var search = TargetSearch(for: ByteText(path), under: root)
        while true {
            switch try trust({ () throws(TrustError) in try search.next() }) {
            case .absent: return nil
            case .found(let target): return target
            case .visit(let visit):
                let role = try load(visit)
                try trust { () throws(TrustError) in try search.visited(role) }
            }
        }
    }

    /// §5.6: the top-level targets role. Whether it is newer than the stored one.
    func loadTargets() throws(RefreshError) -> Bool {
        let before = folder.read("targets", limit: MetadataLimit.targets)
        let targets = try load(TargetSearch.first(under: root))
        return targets.bytes != before
    }

    /// §5.6.1 to §5.6.6 for one role over one edge: the stored file if it still holds, or else the repository's.
    private func load(_ visit: TargetSearch.Visit) throws(RefreshError) -> TrustedTargets {
        let edge = Edge(delegator: visit.delegator, role: visit.role)
        if let known = roles[edge] { return known }
        let stored = folder.read(visit.role, limit: MetadataLimit.targets)
        if let stored, let targets = try? TrustedTargets(stored, role: visit.role, signedBy: visit.keys, listedIn: snapshot) {
            roles[edge] = targets
            return targets
        }
        // §5.6.1
        let record = try trust { () throws(TrustError) in try snapshot.record(of: visit.role) }
        let encoded = PercentEncoding.component(visit.role)
        let name = root.metadata.root.consistentSnapshot ? "\(record.version).\(encoded).json" : "\(encoded).json"
        guard let bytes = try source.bytes(of: name, limit: record.limit(for: .targets)) else { throw .missing(name) }
        // §5.6.2 to §5.6.5
        let targets = try trust { () throws(TrustError) in
            try TrustedTargets(bytes, role: visit.role, signedBy: visit.keys, listedIn: snapshot)
        }
        // §5.6.6
        // A slower process may replace a newer file here; its version no longer fits the snapshot then, and it is
        // fetched again.
        try folder.store(bytes, of: visit.role) { _ in false }
        roles[edge] = targets
        return targets
    }
}
