internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import Synchronization

/// Manifest pages read from the bundles of a repository on this disk. It learns where a page lies from the page that
/// names it.
final class RepositoryPages: PageSource, Sendable {
    private let folder: RepositoryFolder
    private let places = Mutex<[Digest: Frame]>([:])

    init(_ folder: RepositoryFolder) {
        self.folder = folder
    }

    /// Remembers where a page lies. False where it was known.
    func learn(_ page: PageReference) -> Bool {
        places.withLock { $0.updateValue(page.frame, forKey: page.digest) } == nil
    }

    /// Every page that was ever named, and its place.
    var known: [Digest: Frame] { places.withLock { $0 } }

    func page(_ digest: Digest) throws -> [UInt8]? {
        guard let frame = places.withLock({ $0[digest] }) else { return nil }
        return try read(frame)
    }

    /// Reads the index of a delta.
    func index(of delta: DeltaReference) throws -> DeltaIndex {
        let bytes = try read(delta.index.frame)
        guard Digest(of: bytes) == delta.index.digest else {
            throw PublishError.damagedRepository("the index of a delta has other bytes than its manifest says")
        }
        return try DeltaIndex(decoding: bytes)
    }

    /// Reads and decompresses one frame.
    func read(_ frame: Frame) throws -> [UInt8] {
        let file = try folder.bundle(frame.bundle)
        var compressed = [UInt8](repeating: 0, count: Int(frame.compressedSize))
        guard try file.read(into: &compressed, at: frame.offset) == compressed.count else {
            throw PublishError.damagedRepository("the bundle \(frame.bundle) is shorter than its frames")
        }
        var decoder = try FrameDecoder()
        return try decoder.decode(compressed, plainSize: Int(frame.plainSize))
    }
}
