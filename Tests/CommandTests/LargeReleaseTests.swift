import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

@Suite struct LargeReleaseTests {
    @Test func `a one-file change of 20,000 files and 5 GB takes less than 64 MB of memory`() throws {
        let studio = try Studio()
        let build = studio.folder.path.appending("build")
        try makeBuild(build)
        try studio.publish("1.0", build: build)
        let update = ["update", "--store", studio.store.string, "--url", studio.server.url, "--root", studio.root.string]
        let (first, firstPeak) = try InstarCommand.runMeasured(update)
        #expect(first.status == 0 && firstPeak < 64 << 20, "the first installation took \(firstPeak) bytes")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: build.appending("d07/f03600.txt").string))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("changed".utf8))
        try handle.close()
        try studio.publish("2.0", build: build)
        let (second, secondPeak) = try InstarCommand.runMeasured(update)
        #expect(second.status == 0 && secondPeak < 64 << 20, "the update took \(secondPeak) bytes")
        #expect(try #require(second.last.number("bytesDownloaded")) < 64 << 10)
        #expect(second.last.number("bytesWritten") == second.lines.first { $0.string("event") == "planned" }?.number("bytesWritten"))
        let changed = try String(contentsOfFile: studio.activePath() + "/d07/f03600.txt", encoding: .utf8)
        #expect(changed.hasSuffix("changed"))
    }

    /// 19,990 small files, and ten of half a gigabyte each that are holes but for their beginning.
    private func makeBuild(_ build: FilePath) throws {
        for folder in 0..<40 {
            try FileManager.default.createDirectory(
                atPath: build.appending("d\(folder / 10)\(folder % 10)").string, withIntermediateDirectories: true)
        }
        for index in 0..<20_000 {
            let number = String(100_000 + index).dropFirst()
            let path = build.appending("d\(index / 5000)\(index / 500 % 10)/f\(number).txt")
            let file = try FileDescriptor.open(path, .writeOnly, options: [.create], permissions: [.ownerReadWrite])
            try file.writeAll(Array("file \(index) ".utf8))
            if index % 2000 == 7 { guard ftruncate(file.rawValue, 1 << 29) == 0 else { throw Errno(rawValue: errno) } }
            try file.close()
        }
    }
}
