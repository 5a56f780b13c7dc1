import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Real file systems that go wrong in the middle of a real update: one in a file, mounted for the test.
@Suite struct RealDiskTests {
    private static let canMount = LoopDisk.isPossible("mkfs.ext4", ["-q", "-F"])
    private static let canLimit = LoopDisk.isPossible("mkfs.btrfs", ["-q", "-f"])

    @Test(.enabled(if: canMount, "a file system in a file needs root, mkfs.ext4 and a loop device"))
    func `I11: a disk that is remounted read-only while an update downloads ends it with a clear error, the old release running`() throws {
        let disk = try LoopDisk("mkfs.ext4", ["-q", "-F"], megabytes: 64, options: "loop,errors=remount-ro")
        let studio = try installed(on: disk)
        let update = try Downloading(studio, disk)
        // What a kernel does that finds its own structures damaged: files that are open for writing do not hinder it.
        let device = try #require(disk.device)
        try "1".write(toFile: "/sys/fs/ext4/\(device)/trigger_fs_error", atomically: false, encoding: .utf8)
        let result = try update.end()
        #expect(result.status == 74, "\(result.output)")
        let message = try #require(result.last.string("message"))
        #expect(
            message.contains(disk.path.string) && (message.contains("read-only") || message.contains("the disk reports a fault")),
            "\(message)")
        #expect(try active(studio, disk) == studio.tree("1.0"))
        // After a check, as at the next start of the machine, it goes on.
        try disk.remount()
        try self.update(studio, disk).mustSucceed("update after the repair")
        #expect(try active(studio, disk) == studio.tree("2.0"))
        #expect(try folderContents(disk.store.appending("staging")).isEmpty)
    }

    @Test(.enabled(if: canMount, "a file system in a file needs root, mkfs.ext4 and a loop device"))
    func `I11: a real disk that somebody else fills while an update downloads ends it, and all of its space comes back`() throws {
        let disk = try LoopDisk("mkfs.ext4", ["-q", "-F", "-m", "0"], megabytes: 24, options: "loop")
        let studio = try installed(on: disk)
        let update = try Downloading(studio, disk)
        let ballast = disk.path.appending("ballast")
        _ = try ChildProcess.run("dd", ["if=/dev/zero", "of=\(ballast)", "bs=64k"])
        let result = try update.end()
        #expect(result.status == 74 && result.last.string("kind") == "diskFull", "\(result.output)")
        #expect(try active(studio, disk) == studio.tree("1.0"))
        #expect(try folderContents(disk.store.appending("staging")).isEmpty)
        try removeFile(ballast)
        try self.update(studio, disk).mustSucceed("update with space")
        #expect(try active(studio, disk) == studio.tree("2.0"))
    }

    @Test(.enabled(if: canLimit, "a real limit needs root, mkfs.btrfs and a loop device"))
    func `I11: a quota that an update exceeds ends it with a clear error, the old release running`() throws {
        let disk = try LoopDisk("mkfs.btrfs", ["-q", "-f"], megabytes: 256, options: "loop,compress=no")
        for words in [
            ["subvolume", "create", disk.path.appending("player").string], ["quota", "enable", disk.path.string],
            ["qgroup", "limit", "4M", disk.path.appending("player").string],
        ] { try #require(ChildProcess.run("btrfs", words) == .exit(0)) }
        let studio = try Studio()
        try studio.publish("1.0", ["data.txt": text(lines: 1000, seed: 1)])
        let store = disk.path.appending("player/store")
        let words = ["update", "--store", store.string, "--url", studio.server.url, "--root", studio.root.string]
        try InstarCommand.run(words).mustSucceed("first update")
        try studio.publish("2.0", ["data.txt": text(lines: 250_000, seed: 2)])
        let result = try InstarCommand.run(words)
        #expect(result.status == 74 && result.last.string("kind") == "diskFull", "\(result.output)")
        #expect(result.last.string("message")?.contains("quota") == true, "\(result.output)")
        let status = try InstarCommand.run(["status", "--store", store.string])
        #expect(status.last.object("active")?.string("version") == "1.0")
        #expect(try folderContents(store.appending("staging")).isEmpty)
        try #require(ChildProcess.run("btrfs", ["qgroup", "limit", "none", disk.path.appending("player").string]) == .exit(0))
        try InstarCommand.run(words).mustSucceed("update without a limit")
    }

    @Test(.enabled(if: canMount, "a file system in a file needs root, mkfs.ext4 and a loop device"))
    func `a file that has as many names as ext4 gives one is copied into the next release`() throws {
        let disk = try LoopDisk("mkfs.ext4", ["-q", "-F"], megabytes: 64, options: "loop")
        #expect(try bytesWritten(afterUsingUpNamesOn: disk, limit: 65_000) > Self.crowdedSize)
    }

    @Test(.enabled(if: canLimit, "a file system with clones needs root, mkfs.btrfs and a loop device"))
    func `a file that has as many names as btrfs gives one is cloned into the next release`() throws {
        let disk = try LoopDisk("mkfs.btrfs", ["-q", "-f"], megabytes: 256, options: "loop,compress=no")
        #expect(try bytesWritten(afterUsingUpNamesOn: disk, limit: 65_535) < Self.crowdedSize)
    }

    /// Bytes of the file of which all names are used up.
    private static let crowdedSize = 1 << 20

    /// What an update adds to the disk that has an unchanged file of which no further name can be made.
    private func bytesWritten(afterUsingUpNamesOn disk: LoopDisk, limit: Int) throws -> Int {
        let studio = try Studio()
        let crowded = String(repeating: "sixteen letters\n", count: Self.crowdedSize / 16)
        try studio.publish("1.0", ["crowded.txt": crowded, "other.txt": "old"])
        try update(studio, disk).mustSucceed("first update")
        try InstarCommand.run(["confirm", "--store", disk.store.string]).mustSucceed("confirm")
        let file = disk.store.appending("generations/1/crowded.txt")
        let names = disk.path.appending("names")
        try FileManager.default.createDirectory(atPath: names.string, withIntermediateDirectories: true)
        for name in 1..<limit { try #require(link(file.string, names.appending("\(name)").string) == 0, "\(name)") }
        try #require(link(file.string, names.appending("one too many").string) == -1 && errno == EMLINK)
        try studio.publish("2.0", ["crowded.txt": crowded, "other.txt": "new"])
        try update(studio, disk).mustSucceed("update")
        #expect(try active(studio, disk) == studio.tree("2.0"))
        try InstarCommand.run(["verify", "--store", disk.store.string]).mustSucceed("verify")
        let status = try InstarCommand.run(["status", "--store", disk.store.string])
        return try #require(status.last.object("active")?.number("written"), "\(status.output)")
    }

    /// A store on the disk with 1.0 confirmed, and 2.0 published.
    private func installed(on disk: LoopDisk) throws -> Studio {
        let studio = try Studio()
        try studio.publish("1.0", ["data.txt": text(lines: 2000, seed: 1)])
        try update(studio, disk).mustSucceed("first update")
        try InstarCommand.run(["confirm", "--store", disk.store.string]).mustSucceed("confirm")
        try studio.publish("2.0", ["data.txt": text(lines: 2000, seed: 1), "new.txt": text(lines: 200_000, seed: 2)])
        return studio
    }

    private func update(_ studio: Studio, _ disk: LoopDisk) throws -> InstarCommand.Result {
        try InstarCommand.run(["update", "--store", disk.store.string, "--url", studio.server.url, "--root", studio.root.string])
    }

    private func active(_ studio: Studio, _ disk: LoopDisk) throws -> [String: String] {
        let status = try InstarCommand.run(["status", "--store", disk.store.string])
        let path = try #require(status.last.object("active")?.string("path"), "\(status.output)")
        return TreeSnapshot.ignoringPermissions(try TreeSnapshot(of: FilePath(path)))
    }

    /// An update on a slow line, caught while its content comes in.
    private final class Downloading {
        private let folder = TemporaryFolder()
        private let process: ChildProcess

        init(_ studio: Studio, _ disk: LoopDisk) throws {
            process = try InstarCommand.start(
                [
                    "update", "--store", disk.store.string, "--url", studio.server.url, "--root", studio.root.string, "--rate", "600000",
                    "--json",
                ], output: folder.path.appending("output"), errors: folder.path.appending("errors"))
            let staging = disk.store.appending("staging")
            while true {
                let names = (try? folderContents(staging)) ?? []
                let file = names.first { $0.count == 64 }.map { staging.appending($0).appending("tree/new.txt") }
                var found = stat()
                if let file, stat(file.string, &found) == 0, found.st_blocks > 64 { return }
                usleep(3000)
            }
        }

        func end() throws -> InstarCommand.Result {
            try InstarCommand.result(
                of: process, output: folder.path.appending("output"), errors: folder.path.appending("errors"))
        }
    }
}

/// A small file system in a file, mounted for as long as the value lives.
private final class LoopDisk {
    private let folder = TemporaryFolder()
    private let options: String
    let path: FilePath
    var store: FilePath { path.appending("store") }

    init(_ maker: String, _ arguments: [String], megabytes: Int, options: String) throws {
        self.options = options
        path = folder.path.appending("disk")
        let image = folder.path.appending("image")
        try folder.lengthen(folder.write("image", []), to: megabytes << 20)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        guard try ChildProcess.run(maker, arguments + [image.string]) == .exit(0), try mount() else { throw Errno.notPermitted }
    }

    static func isPossible(_ maker: String, _ arguments: [String]) -> Bool {
        geteuid() == 0 && (try? LoopDisk(maker, arguments, megabytes: 128, options: "loop")) != nil
    }

    /// The name of the loop device.
    var device: String? {
        let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        let line = mounts?.split(separator: "\n").first { $0.contains(" \(path) ") }
        return line?.split(separator: " ").first.map { String($0.split(separator: "/").last ?? "") }
    }

    /// Checks and mounts the file system anew.
    func remount() throws {
        _ = try ChildProcess.run("umount", [path.string])
        _ = try ChildProcess.run("fsck.ext4", ["-y", "-f", folder.path.appending("image").string])
        guard try mount() else { throw Errno.notPermitted }
    }

    private func mount() throws -> Bool {
        try ChildProcess.run("mount", ["-o", options, folder.path.appending("image").string, path.string]) == .exit(0)
    }

    deinit { _ = try? ChildProcess.run("umount", ["-l", path.string]) }
}
