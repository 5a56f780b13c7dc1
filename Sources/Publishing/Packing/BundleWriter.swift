internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest

/// Writes frames one after the other into bundles: hashed as they are written, renamed when they are complete.
///
/// A bundle is a plain concatenation of zstd frames behind a skippable one, so that `zstd -d` reads it.
struct BundleWriter: ~Copyable {
    /// Bytes from which on a bundle takes no further frame. Large enough that a content network keeps few objects, small
    /// enough that a cache need not hold gigabytes to serve a range.
    static let fullSize: UInt64 = 32 << 20

    /// A skippable frame (RFC 8878, section 3.1.2) of eight bytes that say what this is.
    static let header: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 8, 0, 0, 0] + Array("INSTAR 1".utf8)

    /// A frame that is written, in a bundle that may still grow.
    private struct Pending {
        var bundle: Int
        var offset: UInt64
        var compressedSize: UInt32
        var plainSize: UInt32
    }

    private let folder: RepositoryFolder
    private let incoming: Directory
    private let name: String
    private var hash = SHA256()
    private var file: File?
    private var position: UInt64 = 0
    private var digests: [Digest] = []
    private var pending: [Pending] = []
    /// Bytes and number of the bundles that the repository did not have.
    private(set) var bytesWritten: UInt64 = 0
    private(set) var bundlesWritten = 0

    /// - Parameter name: tells apart writers that work in the same folder at the same time.
    init(_ folder: RepositoryFolder, incoming: Directory, name: String = "") {
        self.folder = folder
        self.incoming = incoming
        self.name = name
    }

    private var temporaryName: String { "\(name)\(digests.count).bundle" }

    /// Appends one compressed frame.
    mutating func append(_ frame: [UInt8], plainSize: Int) throws(PublishError) {
        let file = if let open = self.file { open } else { try begin() }
        pending.append(
            Pending(bundle: digests.count, offset: position, compressedSize: UInt32(frame.count), plainSize: UInt32(plainSize)))
        try write(frame, to: file)
        if position >= BundleWriter.fullSize { try close() }
    }

    /// Completes the last bundle and tells where all frames lie, in the order in which they were appended.
    mutating func finish() throws(PublishError) -> [Frame] {
        if file != nil { try close() }
        let frames = pending.map {
            Frame(bundle: digests[$0.bundle], offset: $0.offset, compressedSize: $0.compressedSize, plainSize: $0.plainSize)
        }
        pending = []
        return frames
    }

    private mutating func begin() throws(PublishError) -> File {
        let name = temporaryName
        let new = try onDisk { () throws(DiskError) in try incoming.file(name, .create(permissions: 0o644)) }
        file = new
        position = 0
        try write(BundleWriter.header, to: new)
        return new
    }

    private mutating func write(_ bytes: [UInt8], to file: File) throws(PublishError) {
        hash.update(bytes)
        let offset = position
        try onDisk { () throws(DiskError) in try file.write(bytes, at: offset) }
        position += UInt64(bytes.count)
    }

    private mutating func close() throws(PublishError) {
        guard let finished = file.take() else { return }
        try onDisk { () throws(DiskError) in try finished.sync() }
        let digest = hash.finalize()
        if try folder.adopt(bundle: temporaryName, from: incoming, as: digest) {
            bytesWritten += position
            bundlesWritten += 1
        }
        digests.append(digest)
    }
}
