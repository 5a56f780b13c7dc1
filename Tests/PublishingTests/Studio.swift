import InstarCryptography
import InstarDisk
import InstarManifest
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

/// A publisher at work in a temporary folder: a build that can be changed, a repository with keys, and a reader that
/// rebuilds releases from what lies in the repository.
final class Studio {
    let folder = TemporaryFolder()
    static let now = UTCTime(secondsSince1970: 1_700_000_000)

    var build: FilePath { folder.path.appending("build") }
    var repository: FilePath { folder.path.appending("repository") }
    var keys: KeyFolder { KeyFolder(KeyFolder.standardPath(for: repository)) }

    init() throws {
        _ = try RepositoryTrust.create(at: repository, keys: keys, now: Studio.now)
    }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        try folder.write("build/\(path)", bytes)
    }

    func write(_ path: String, _ text: String) throws {
        try write(path, Array(text.utf8))
    }

    func remove(_ path: String) throws { try Directory.open(build).remove(path) }

    @discardableResult
    func publish(
        _ version: String, configuration: PublishConfiguration = .init(), settings: Publisher.Settings = .init(),
        cache: Publisher.Request.CacheUse = .full, of otherBuild: FilePath? = nil
    ) throws -> Publication {
        var trust = try RepositoryTrust(opening: repository, keys: keys)
        var request = Publisher.Request(build: otherBuild ?? build, configuration: configuration, version: version)
        request.cache = cache
        return try Publisher(settings: settings).publish(request, to: &trust, now: Studio.now)
    }

    /// The manifest of a release, as a client would get it: through the signed list of targets.
    func manifest(_ publication: Publication) throws -> Manifest {
        let digest = try #require(publication.digest)
        let parts = publication.target.split(separator: "/")
        let path = repository.appending("targets/\(parts[0])/\(digest).\(parts[1])")
        return try Manifest(decoding: DurableFile.read(path, limit: Manifest.maximumBytes))
    }

    /// All files below a folder of the repository, by path, with their bytes.
    func files(in name: String) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        func list(_ directory: Directory, _ prefix: String) throws {
            for entry in try directory.entries() {
                let path = prefix + entry.name.string
                if entry.kind == .directory { try list(directory.directory(entry.name), path + "/") }
                if entry.kind == .file { found[path] = try directory.contents(of: entry.name, limit: 1 << 30) }
            }
        }
        if let directory = try? Directory.open(repository.appending(name)) { try list(directory, "") }
        return found
    }

    /// Rebuilds every file of a release from the bundles alone.
    func rebuild(_ publication: Publication) throws -> [String: [UInt8]] {
        let reader = RepositoryReader(repository: repository)
        let manifest = try manifest(publication)
        while true {
            let missing = try manifest.missingPages(in: reader.pages)
            if missing.isEmpty { break }
            for page in missing { reader.pages[page.digest] = try reader.read(page.frame) }
        }
        var files: [String: [UInt8]] = [:]
        var cursor = try manifest.pages(from: reader.pages)
        while let page = try cursor.next() {
            for file in page.files { files[file.path.description] = try reader.content(of: file, frames: page.frames) }
        }
        return files
    }
}
