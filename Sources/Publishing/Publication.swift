internal import InstarContent
package import InstarCryptography
internal import InstarManifest
internal import Synchronization

/// What a publication did, or would do.
package struct Publication: Sendable {
    package var version: String
    package var sequence: UInt64
    package var channel: String
    /// The target that is the release's manifest, and its digest; empty and nil in a preview.
    package var target = ""
    package var digest: Digest?
    package var manifestBytes = 0
    /// Paths of the build.
    package var files = 0
    package var modules = 0
    /// Plain bytes of the build.
    package var size: UInt64 = 0
    /// Of those, bytes that were read and hashed; the others nobody wrote to since they were published last.
    package var bytesRead: UInt64 = 0
    /// Plain bytes and chunks that the repository did not have.
    package var newSize: UInt64 = 0
    package var newChunks = 0
    /// Compressed bytes written to bundles.
    package var bytesWritten: UInt64 = 0
    package var bundlesWritten = 0
    /// The deltas that were made, by the version that each starts from.
    package var deltas: [Delta] = []

    package struct Delta: Sendable {
        /// The version that it starts from.
        package var base: String
        /// Compressed bytes of its frames and of its index.
        package var bytes: UInt64
        /// Compressed bytes that a client fetches less by it.
        package var bytesSaved: UInt64
    }

    package init(version: String, sequence: UInt64, channel: String) {
        self.version = version
        self.sequence = sequence
        self.channel = channel
    }

    mutating func count(_ cut: CutBuild, _ assembly: ReleaseAssembly) {
        let items = cut.build.items
        files = items.count
        modules = items.count { $0.module != nil }
        size = items.reduce(0) { $0 + $1.size }
        bytesRead = cut.bytesRead
        newSize = assembly.newSize
        newChunks = assembly.newChunkCount
    }
}

/// A release whose content is stored and whose manifest is not yet made.
struct ReleaseDraft {
    let entries: [FileEntry]
    let root: [UInt8]
    let totals: Manifest.Totals
    var deltas = WrittenDeltas()
    var counts = Publication(version: "", sequence: 0, channel: "")

    func publication(of manifest: Manifest, target: TargetFile, channel: String) -> Publication {
        var publication = counts
        (publication.version, publication.sequence) = (manifest.identity.version, manifest.identity.sequence)
        (publication.channel, publication.target, publication.digest) = (channel, target.path, target.digest)
        publication.manifestBytes = Int(target.length)
        publication.deltas = deltas.counts
        return publication
    }
}

/// Adds up the work of several threads for a report.
final class Meter: Sendable {
    private let step: Publisher.Progress.Step
    private let total: UInt64
    private let report: @Sendable (Publisher.Progress) -> Void
    private let done = Mutex<UInt64>(0)

    init(_ step: Publisher.Progress.Step, total: UInt64, _ report: @escaping @Sendable (Publisher.Progress) -> Void) {
        (self.step, self.total, self.report) = (step, total, report)
    }

    func add(_ bytes: UInt64) {
        // Reported under the lock, so that reports never go backwards.
        done.withLock { done in
            done += bytes
            report(Publisher.Progress(step: step, bytes: done, totalBytes: total))
        }
    }
}
