import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A store on a file system of its own that really fills up. Needs the right to mount one.
@Suite(.enabled(if: geteuid() == 0, "mounting a small file system needs root")) struct FullDiskTests {
    @Test(arguments: [false, true]) func `a full disk ends in a clear error with the old release running`(fillsUpMeanwhile: Bool) throws {
        let studio = try Studio()
        let disk = studio.store
        try FileManager.default.createDirectory(atPath: disk.string, withIntermediateDirectories: true)
        let mounted = try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", disk.string])
        try #require(mounted == .exit(0))
        defer { _ = try? ChildProcess.run("umount", ["-l", disk.string]) }
        try studio.publish("1.0", ["data.txt": text(lines: 20_000, seed: 1)])
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        let before = try studio.activeTree()
        // Either the plan already sees that it does not fit, or the space goes to somebody else.
        try studio.publish("2.0", ["data.txt": text(lines: fillsUpMeanwhile ? 20_000 : 250_000, seed: 2)])
        let ballast = disk.appending("ballast")
        if fillsUpMeanwhile { try Data(count: 5_100_000).write(to: URL(fileURLWithPath: ballast.string)) }
        let failed = try studio.update()
        #expect(failed.status == 74, "\(failed.output)")
        #expect(failed.last.string("kind") == "diskFull" && failed.last.string("message")?.contains("space") == true)
        #expect(try studio.activeTree() == before)
        #expect(try folderContents(disk.appending("staging")).isEmpty)
        if fillsUpMeanwhile {
            try removeFile(ballast)
            try studio.updated()
            #expect(try studio.activeTree() == studio.tree("2.0"))
        }
    }
}
