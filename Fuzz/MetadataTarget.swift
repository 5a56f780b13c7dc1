import InstarTrust

/// Any bytes as the metadata of any role, whoever signed it: reading must never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let metadata = try? SignedMetadata(parsing: bytes, as: .root, role: "root"), let root = try? Root(metadata) {
        _ = try? root.keys(of: "root").verify(metadata)
    }
    if let metadata = try? SignedMetadata(parsing: bytes, as: .timestamp, role: "timestamp") { _ = try? Timestamp(metadata) }
    if let metadata = try? SignedMetadata(parsing: bytes, as: .snapshot, role: "snapshot") { _ = try? Snapshot(metadata) }
    if let metadata = try? SignedMetadata(parsing: bytes, as: .targets, role: "targets"), let targets = try? Targets(metadata) {
        for path in targets.paths {
            guard let target = try? targets.target(path, consistentSnapshot: true) else { continue }
            _ = try? target.verify(bytes)
            for delegation in targets.delegations.delegations(for: path) { _ = try? delegation.keys.verify(metadata) }
        }
    }
    return 0
}
