import InstarContent
import InstarCryptography
import InstarDisk
import InstarManifest
import SystemPackage

/// Reads frames of a repository on this disk, as independent of the publisher's own reading as it can be.
final class RepositoryReader {
    let repository: FilePath
    var pages: [Digest: [UInt8]] = [:]
    private var frames: [Frame: [UInt8]] = [:]

    init(repository: FilePath) {
        self.repository = repository
    }

    func read(_ frame: Frame, prefix: [UInt8] = []) throws -> [UInt8] {
        if let plain = frames[frame] { return plain }
        let bundle = try DurableFile.read(repository.appending(RepositoryLayout.bundle(frame.bundle)), limit: 1 << 30)
        guard Digest(of: bundle) == frame.bundle else { throw Damage(what: "the bundle \(frame.bundle) has another digest") }
        let compressed = Array(bundle[Int(frame.offset)..<Int(frame.offset) + Int(frame.compressedSize)])
        var decoder = try FrameDecoder()
        let plain = try decoder.decode(compressed, prefix: prefix, plainSize: Int(frame.plainSize))
        frames[frame] = plain
        return plain
    }

    /// The content of a file, every chunk and the whole verified.
    func content(of file: FileEntry, frames: [Frame]) throws -> [UInt8] {
        var content: [UInt8] = []
        for chunk in file.chunks {
            if chunk.isHole {
                content += [UInt8](repeating: 0, count: Int(chunk.size))
                continue
            }
            let plain = try read(frames[Int(chunk.frame)])
            let bytes = Array(plain[Int(chunk.start)..<Int(chunk.start + chunk.size)])
            guard Digest(of: bytes) == chunk.digest else { throw Damage(what: "a chunk of \(file.path)") }
            content += bytes
        }
        guard Digest(of: content) == file.digest, content.count == file.size else { throw Damage(what: "\(file.path)") }
        return content
    }

    struct Damage: Error {
        var what: String
    }
}
