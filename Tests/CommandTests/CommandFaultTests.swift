import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// The real command with a real repository, killed and failed at its own file-system calls. `INSTAR_EXHAUSTIVE=1` leaves no changing
/// call out; otherwise a share, spread over all of it.
@Suite struct CommandFaultTests {
    static let isExhaustive = getenv("INSTAR_EXHAUSTIVE") != nil

    /// A command, and what of the store is there before it.
    struct Subject: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var before: [[String]]
        var arguments: [String]
        /// True where a file of the active release is damaged first.
        var isDamaged = false

        static let old = ["update", "--channel", "old"], new = ["update", "--channel", "new"]
        static let all = [
            Subject(testDescription: "first update", before: [], arguments: new),
            Subject(testDescription: "update", before: [old, ["confirm"]], arguments: new),
            Subject(testDescription: "rollback", before: [old, ["confirm"], new], arguments: ["rollback"]),
            Subject(
                testDescription: "gc", before: [["update", "--channel", "older"], ["confirm"], old, ["confirm"], new, ["confirm"]],
                arguments: ["gc", "--keep", "2"]),
            Subject(testDescription: "repair", before: [old, ["confirm"]], arguments: ["verify", "--repair"], isDamaged: true),
        ]
    }

    /// Releases in channels of their own, and stores made from them.
    private struct Bench {
        let studio: Studio

        init() throws {
            studio = try Studio()
            let game = ["main.py": "print(1)", "data/level.txt": text(lines: 3000, seed: 1), "data/sound.bin": text(lines: 5000, seed: 2)]
            try studio.publish("0.9", ["main.py": "print(0)"], "--channel", "older")
            try studio.publish("1.0", game, "--channel", "old")
            let changed = ["main.py": "print(2)", "data/level.txt": text(lines: 3000, seed: 3), "new/file": "new"]
            try studio.publish("2.0", game.merging(changed) { $1 }, "--channel", "new")
        }

        func run(_ words: [String], on store: FilePath, environment: [String: String] = [:]) throws -> InstarCommand.Result {
            var all = [words[0], "--store", store.string]
            if words[0] == "update" || words.contains("--repair") { all += ["--url", studio.server.url, "--root", studio.root.string] }
            return try InstarCommand.run(all + words.dropFirst(), environment: environment)
        }

        /// A new store as the subject wants it.
        func store(for subject: Subject, in folder: FilePath) throws -> FilePath {
            let store = folder.appending("store")
            for words in subject.before { try run(words, on: store).mustSucceed(words[0]) }
            if subject.isDamaged {
                let file = store.appending("generations/1/data/sound.bin")
                try setPermissions(file, 0o644)
                try Data("damaged".utf8).write(to: URL(fileURLWithPath: file.string))
                try setPermissions(file, 0o444)
            }
            return store
        }

        /// The active release, which is that release byte for byte; nil where none is.
        func active(_ store: FilePath, mayBeDamaged: Bool = false) throws -> String? {
            let status = try run(["status"], on: store)
            try status.mustSucceed("status")
            guard let active = status.last.object("active"), let version = active.string("version"), let path = active.string("path") else {
                return nil
            }
            let tree = TreeSnapshot.ignoringPermissions(try TreeSnapshot(of: FilePath(path)))
            if !mayBeDamaged, try tree != studio.tree(version) { throw StudioError("\(version) is active and not what was published") }
            return version
        }

        /// The next run gets to 2.0, and nothing is left over but a tree to begin the next release with.
        func converge(_ store: FilePath) throws {
            try run(Subject.new, on: store).mustSucceed("the next update")
            guard try active(store) == "2.0" else { throw StudioError("the next update did not get to 2.0") }
            try run(["gc"], on: store).mustSucceed("the next gc")
            guard try folderContents(store.appending("staging")).allSatisfy({ $0 == "spare" }) else {
                throw StudioError("something is left in staging")
            }
        }
    }

    @Test(arguments: Subject.all)
    func `I1, I6: the command killed at its changing calls leaves one of the releases, and the next run converges`(_ subject: Subject)
        throws
    {
        let bench = try Bench()
        let calls = try count(subject, bench)
        let step = Self.isExhaustive ? 1 : max(1, calls / (subject.arguments[0] == "update" ? 5 : 3))
        var killed = 0
        for call in stride(from: Self.isExhaustive ? 1 : Int.random(in: 1...step), through: calls, by: step) {
            let folder = TemporaryFolder()
            let store = try bench.store(for: subject, in: folder.path)
            let before = subject.before.isEmpty ? nil : try bench.active(store, mayBeDamaged: subject.isDamaged)
            let ending = try bench.run(subject.arguments, on: store, environment: fault("kill", at: call)).ending
            if ending == .signal(9) { killed += 1 }
            let after = try bench.active(store, mayBeDamaged: subject.isDamaged)
            let legal = subject.arguments == ["rollback"] ? [before, "1.0"] : [before, subject.arguments == Subject.new ? "2.0" : before]
            #expect(legal.contains(after), "killed at call \(call): \(after ?? "nothing") is active")
            if subject.isDamaged { try bench.run(subject.arguments, on: store).mustSucceed("the next repair, after call \(call)") }
            if subject.isDamaged { #expect(try bench.active(store) == "1.0") }
            do { try bench.converge(store) } catch { Issue.record("killed at call \(call): \(error)") }
        }
        // The command has threads, so the last calls need not come.
        #expect(killed > 0)
        print("command faults: \(subject.testDescription), kill: \(killed) of \(calls) changing calls")
    }

    @Test(arguments: [Errno.noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .ioError])
    func `I11: an update whose disk fails from any call on says so, keeps the release, and gives the space back`(_ code: Errno) throws {
        let bench = try Bench()
        let subject = Subject.all[1]
        let calls = try count(subject, bench)
        let step = Self.isExhaustive ? 1 : max(1, calls / 4)
        var failed = 0
        for call in stride(from: Self.isExhaustive ? 1 : Int.random(in: 1...step), through: calls, by: step) {
            let folder = TemporaryFolder()
            let store = try bench.store(for: subject, in: folder.path)
            let variables = fault("\(code.rawValue)", at: call).merging(["INSTAR_FAULT_STICKY": "1"]) { $1 }
            let result = try bench.run(subject.arguments, on: store, environment: variables)
            if result.status != 0 {
                failed += 1
                let isAboutSpace = code == .noSpace || code == .diskQuotaExceeded
                #expect(result.status == 74 && result.last.string("event") == "error", "call \(call): \(result.status) \(result.output)")
                #expect(result.last.string("kind") == (isAboutSpace ? "diskFull" : "disk"), "call \(call): \(result.output)")
                #expect(result.last.string("message")?.contains(store.string) == true, "call \(call): \(result.output)")
            }
            let active = try bench.active(store)
            #expect(active == "1.0" || active == "2.0")
            if isAboutSpaceReturned(code), active == "1.0" {
                let staged = try folderContents(store.appending("staging")).filter { $0.count == 64 }
                #expect(staged.isEmpty, "call \(call) kept \(staged)")
            }
            do { try bench.converge(store) } catch { Issue.record("\(code) from call \(call): \(error)") }
        }
        #expect(failed > 0)
        print("command faults: update, \(code): \(failed) of \(calls) changing calls")
    }

    private func isAboutSpaceReturned(_ code: Errno) -> Bool { code == .noSpace || code == .diskQuotaExceeded }

    private func count(_ subject: Subject, _ bench: Bench) throws -> Int {
        let folder = TemporaryFolder()
        let store = try bench.store(for: subject, in: folder.path)
        let file = folder.path.appending("count")
        let variables = ["LD_PRELOAD": Products.path("libInstarFaults.so").string, "INSTAR_FAULT_COUNT": file.string]
        try bench.run(subject.arguments, on: store, environment: variables).mustSucceed(subject.testDescription)
        let calls = Int(try String(contentsOfFile: file.string, encoding: .utf8).prefix { $0.isNumber }) ?? 0
        #expect(calls > 5)
        return calls
    }

    private func fault(_ name: String, at call: Int) -> [String: String] {
        ["LD_PRELOAD": Products.path("libInstarFaults.so").string, "INSTAR_FAULT": name, "INSTAR_FAULT_AT": "\(call)"]
    }
}
