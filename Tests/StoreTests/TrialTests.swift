import InstarDisk
import InstarManifest
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which ends of real processes count against a release on trial.
struct TrialTests {
    /// Giving a process another view of a file of the kernel's needs a mount of its own.
    private static let canUnshare = (try? ChildProcess.run("unshare", ["-m", "true"])) == .exit(0)

    @Test func `I4: three crashed starts ban the release, and an unbanned one has as many again`() throws {
        let test = try onTrial()
        for _ in 0..<3 {
            #expect(try test.store.state().active == 2)
            try Driver.run(test.store.path, ["launch"])
        }
        let decision = try test.store.launch()
        #expect(try decision.generation?.number == 1 && decision.banned == [secondRelease().identity])
        #expect(throws: StoreError.self) { try test.install(secondRelease()) }
        try test.store.unban(secondRelease().identity.digest)
        try test.install(secondRelease())
        for _ in 0..<2 { try Driver.run(test.store.path, ["launch"]) }
        #expect(try test.store.launch().generation?.number == 2)
    }

    @Test func `a player who quits early is no crash, however often`() throws {
        let test = try onTrial()
        for _ in 0..<6 { #expect(try Driver.run(test.store.path, ["quit"]) == .exit(0)) }
        #expect(try test.store.launch().generation?.number == 2)
        #expect(try test.store.state().trial?.crashes == 0)
    }

    @Test func `a second process of the same game is no crash, and the first one's death is one`() throws {
        let test = try onTrial()
        let first = try Playing(test.store)
        let second = try Playing(test.store)
        #expect(first.generation == 2 && second.generation == 2)
        #expect(try test.store.state().trial.map { [$0.crashes, $0.starts.count] } == [0, 2])
        first.process.signal(SIGKILL)
        first.process.wait()
        _ = try test.store.launch()
        #expect(try test.store.state().trial.map { [$0.crashes, $0.starts.count] } == [1, 2])
        withExtendedLifetime(second) {}
    }

    @Test(arguments: [-400_000_000, 400_000_000])
    func `a clock set back or forward between start and crash changes nothing`(_ seconds: Int) throws {
        let test = try onTrial()
        for round in 0..<3 {
            let clock = round % 2 == 0 ? "\(seconds)" : "0"
            #expect(try Driver.start(test.store.path, ["launch"], ["INSTAR_FAULT_CLOCK": clock]).wait() == .exit(0))
        }
        #expect(try Driver.start(test.store.path, ["launch"], ["INSTAR_FAULT_CLOCK": "\(-seconds)"]).wait() == .exit(0))
        let state = try test.store.state()
        #expect(state.active == 1 && state.bans.map(\.version) == ["2.0"])
    }

    @Test(.enabled(if: canUnshare, "another view of /proc needs an administrator"), arguments: ["memory", "boot"])
    func `an operating system that kills for memory, or restarts, is no crash`(_ cause: String) throws {
        let test = try onTrial()
        let file = cause == "memory" ? "/proc/vmstat" : "/proc/sys/kernel/random/boot_id"
        let text = String(decoding: try DurableFile.read(FilePath(file), limit: 1 << 20), as: UTF8.self)
        for round in 1...5 {
            let changed =
                cause == "memory"
                ? text.split(separator: "\n").map { $0.hasPrefix("oom_kill ") ? "oom_kill \(1000 + round)" : "\($0)" }.joined(
                    separator: "\n")
                : "00000000-0000-4000-8000-00000000000\(round)"
            let view = try test.folder.write("view", Array((changed + "\n").utf8))
            let command = "mount --bind '\(view)' \(file) && exec '\(Products.path("instar-store"))' '\(test.store.path)' launch"
            #expect(try ChildProcess.run("unshare", ["-m", "sh", "-c", command]) == .exit(0))
        }
        let state = try test.store.state()
        #expect(state.active == 2 && state.trial?.crashes == 0 && state.trial?.starts.count == 1)
    }

    @Test func `without an earlier generation the directory shipped with the app is the last resort`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        for _ in 0..<3 { try Driver.run(test.store.path, ["launch"]) }
        let decision = try test.store.launch(shipped: "/opt/game")
        #expect(decision.generation == nil && decision.path == "/opt/game" && !decision.isTrial)
        #expect(decision.banned.map(\.version) == ["1.0"])
    }

    @Test func `the same version published again with other bytes is another release`() throws {
        let test = try onTrial()
        try test.store.reject(secondRelease().identity, reason: "raised while loading")
        let again = try SampleRelease("2.0", sequence: 3, ["main.py": .file([7])])
        #expect(again.identity.version == "2.0")
        let generation = try test.install(again)
        #expect(try test.store.state().active == generation.number)
        #expect(try test.store.state().bans.count == 1)
    }

    @Test func `I9: what a stopped process runs is not collected until it is gone`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        let player = try Playing(test.store)
        player.process.signal(SIGSTOP)
        for version in ["2.0", "3.0"] {
            try test.install(SampleRelease(version, ["a": .file(Array(version.utf8))]))
            try test.store.confirm()
        }
        let kept = try test.writing { try test.store.collect(keeping: 1, holding: $0) }
        #expect(kept.inUse == [1] && kept.removed.isEmpty)
        try test.expectIntact(#require(test.store.state().generation(1)), firstRelease())
        player.process.signal(SIGKILL)
        player.process.wait()
        #expect(try test.writing { try test.store.collect(keeping: 1, holding: $0) }.removed.map(\.number) == [1])
    }

    private func onTrial() throws -> TestStore {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        try test.install(secondRelease())
        return test
    }
}

/// A process that has launched a generation and runs it until it is ended.
final class Playing {
    let process: ChildProcess
    let generation: Int
    private let folder = TemporaryFolder()

    init(_ store: Store) throws {
        let output = folder.path.appending("output")
        process = try Driver.start(store.path, ["play"], output: output)
        while true {
            let text = String(decoding: (try? DurableFile.read(output, limit: 1 << 16)) ?? [], as: UTF8.self)
            if text.hasSuffix("\n") {
                generation = Int(text.dropLast()) ?? -1
                return
            }
            usleep(2000)
        }
    }
}
