package import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

/// Small immutable files that are named by the digest of their content: release manifests and pages.
///
/// They become durable together with the staging that needs them (`Staging.seal`).
package struct ObjectFolder: PageSource, Sendable {
    private let store: Store
    private let folder: Store.Folder

    init(_ store: Store, _ folder: Store.Folder) {
        self.store = store
        self.folder = folder
    }

    /// The content with this digest; nil where there is none, or where what is there is not it (`put` replaces it then).
    package func content(_ digest: Digest) throws(StoreError) -> [UInt8]? {
        let source = try store.folder(folder)
        let bytes: [UInt8]?
        do { bytes = try source.contents(of: digest.description, limit: StoreLimits.objectBytes) } catch {
            throw Store.refusal(of: error.path, error)
        }
        return bytes.flatMap { Digest(of: $0) == digest ? $0 : nil }
    }

    package func page(_ digest: Digest) throws -> [UInt8]? { try content(digest) }

    /// Keeps `bytes` under `digest`, which the caller has checked to be theirs.
    package func put(_ bytes: [UInt8], digest: Digest) throws(StoreError) {
        guard bytes.count <= StoreLimits.objectBytes else { throw .tooLarge("a manifest of \(bytes.count) bytes") }
        if try content(digest) != nil { return }
        let target = try store.folder(folder)
        let staging = try store.folder(.staging)
        let temporary = "\(digest).\(UInt32.random(in: .min ... .max)).new"
        try onDisk { () throws(DiskError) in
            _ = try staging.write(bytes, toNew: temporary, permissions: 0o644)
            do throws(DiskError) { try staging.rename(temporary, to: digest.description, in: target) } catch {
                _ = try? staging.remove(temporary)
                throw error
            }
        }
    }

    /// Removes everything but what `isKept` says; whatever is not named by a digest is not Instar's and stays.
    func collect(keeping isKept: (Digest) -> Bool) throws(StoreError) {
        guard try onDisk({ () throws(DiskError) in try store.root.status(of: folder.rawValue) }) != nil else { return }
        let target = try store.folder(folder)
        for entry in try onDisk({ () throws(DiskError) in try target.entries() }) where entry.kind == .file {
            guard let digest = Digest(hexadecimal: entry.name.string), !isKept(digest) else { continue }
            try onDisk { () throws(DiskError) in _ = try target.remove(entry.name) }
        }
    }
}

extension Store {
    /// Release manifests, as they were signed.
    package var manifests: ObjectFolder { ObjectFolder(self, .manifests) }

    /// Manifest pages, as they were published.
    package var pages: ObjectFolder { ObjectFolder(self, .pages) }
}
