import InstarCryptography
import InstarManifest
import InstarPublishing
import TestSupport
import Testing

/// What is left in use of old frames.
struct FragmentationTests {
    @Test func `what a release needs of frames that are mostly of no use is stored anew, once`() throws {
        let studio = try Studio()
        for index in 0..<100 { try studio.write("a/f\(index)", noise(9000, seed: UInt64(index))) }
        try studio.write("b/f", noise(900_000, seed: 1000))
        let first = try studio.publish("1.0")
        for index in 0..<90 { try studio.write("a/f\(index)", noise(9000, seed: UInt64(index + 5000))) }
        let second = try studio.publish("2.0")
        #expect(second.newSize == 90 * 9000, "what moves is not new")
        #expect(second.bytesWritten > 100 * 9000, "but it is written")
        let fresh = try downloadSize(studio, second)
        #expect(fresh < second.size + second.size / 20, "a fresh installation fetches little besides: \(fresh)")
        let third = try studio.publish("3.0")
        #expect(third.bytesWritten == 0, "what has moved stays")
        #expect(try studio.manifest(third).root == studio.manifest(second).root)
        #expect(try studio.rebuild(first)["a/f95"] == noise(9000, seed: 95))
        #expect(try studio.rebuild(second)["a/f95"] == noise(9000, seed: 95))
    }

    @Test func `frames that are used for the greater part stay`() throws {
        let studio = try Studio()
        for index in 0..<100 { try studio.write("a/f\(index)", noise(9000, seed: UInt64(index))) }
        try studio.publish("1.0")
        for index in 0..<40 { try studio.write("a/f\(index)", noise(9000, seed: UInt64(index + 5000))) }
        let second = try studio.publish("2.0")
        #expect(second.bytesWritten < 42 * 9000 + 20_000)
    }

    /// Compressed bytes of all frames that hold content of the release.
    private func downloadSize(_ studio: Studio, _ publication: Publication) throws -> UInt64 {
        let reader = RepositoryReader(repository: studio.repository)
        let manifest = try studio.manifest(publication)
        while case let missing = try manifest.missingPages(in: reader.pages), !missing.isEmpty {
            for page in missing { reader.pages[page.digest] = try reader.read(page.frame) }
        }
        var frames: Set<Frame> = []
        var cursor = try manifest.pages(from: reader.pages)
        while let page = try cursor.next() {
            for chunk in page.files.flatMap(\.chunks) where !chunk.isHole { frames.insert(page.frames[Int(chunk.frame)]) }
        }
        return frames.reduce(0) { $0 + UInt64($1.compressedSize) }
    }
}
