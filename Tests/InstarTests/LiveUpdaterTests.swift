import Foundation
import Instar
import InstarReload
import InstarServing
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A game that runs while its repository moves on, with an engine whose faults the test chooses.
@Suite struct LiveUpdaterTests {
    let one = ["main.py": "1", "game/actors.py": "a = 1", "art/leaf.txt": "one", "instar.json": LiveUpdaterTests.configuration]
    static let configuration = """
        {"entry": {"script": "main.py"},
         "modules": [{"files": ["game/**.py"]}, {"files": ["main.py"], "restart": true}]}
        """

    @Test func `a new release is prepared in the background and runs from the next poll on`() async throws {
        let game = try await RunningGame(one)
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2", "art/leaf.txt": "two"]) { $1 })
        #expect(try game.live.poll() == nil)
        await game.live.cycle()
        #expect(game.engine.steps == ["prepare"])
        let applied = try #require(try game.live.poll())
        #expect(applied.release.version == "2.0" && applied.from?.version == "1.0")
        #expect(game.engine.steps == ["prepare", "commit", "hooks", "finish"])
        #expect(game.assets.withLock { $0 } == [["art/leaf.txt"]])
        let update = try #require(game.engine.updates.first)
        #expect(update.modules.map(\.name) == ["game.actors"])
        #expect(update.modules.first?.file?.string == game.live.path + "/game/actors.py")
        #expect(try game.studio.status().object("active")?.string("version") == "2.0")
        #expect(try game.studio.status().has("trial"))
        try game.live.confirm()
        #expect(try !game.studio.status().has("trial"))
    }

    @Test(arguments: [FakeEngine.Fault.prepare, .commit, .hook])
    func `a release whose code fails is undone, banned, and not tried again`(fault: FakeEngine.Fault) async throws {
        let game = try await RunningGame(one)
        game.engine.fail(in: fault)
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2"]) { $1 })
        await game.live.cycle()
        #expect(try game.live.poll() == nil)
        #expect(game.engine.steps.last == (fault == .prepare ? "prepare" : "undo"))
        let status = try game.studio.status()
        #expect(status.object("active")?.string("version") == "1.0")
        #expect(status.array("banned").map { $0.string("version") } == ["2.0"])
        #expect(game.live.release?.version == "1.0")
        await game.live.cycle()
        #expect(try game.live.poll() == nil)
        #expect(game.engine.steps.count { $0 == "prepare" } == 1)
    }

    @Test func `while nothing is new the next update is prepared, from a release that is confirmed`() async throws {
        let game = try await RunningGame(one)
        let spare = game.studio.store.appending("staging/spare")
        func isPrepared() -> Bool { FileManager.default.fileExists(atPath: spare.appending("art/leaf.txt").string) }
        await game.live.cycle()
        #expect(isPrepared())
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2"]) { $1 })
        await game.live.cycle()
        #expect(try game.live.poll()?.release.version == "2.0")
        #expect(try game.studio.activeTree() == game.studio.tree("2.0"))
        #expect(!isPrepared(), "the update began in it")
        await game.live.cycle()
        #expect(!isPrepared(), "a release on trial may go yet")
        try game.live.confirm()
        await game.live.cycle()
        #expect(isPrepared())
        #expect(try game.studio.onStore("verify").status == 0)
    }

    @Test func `nothing is prepared where that is not wanted`() async throws {
        let game = try await RunningGame(one, configure: { $0.preparesNextUpdate = false })
        await game.live.cycle()
        #expect(!FileManager.default.fileExists(atPath: game.studio.store.appending("staging/spare").string))
    }

    @Test func `the next good release works as if the bad one had not been`() async throws {
        let game = try await RunningGame(one)
        game.engine.fail(in: .hook)
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2"]) { $1 })
        await game.live.cycle()
        #expect(try game.live.poll() == nil)
        game.engine.fail(in: .none)
        try game.studio.publish("3.0", one.merging(["game/actors.py": "a = 3"]) { $1 })
        await game.live.cycle()
        #expect(try game.live.poll()?.release.version == "3.0")
    }

    @Test func `an asset change that the host refuses undoes the update`() async throws {
        struct NoTexture: Error {}
        let game = try await RunningGame(one, onAssetsChanged: { _ in throw NoTexture() })
        try game.studio.publish("2.0", one.merging(["art/leaf.txt": "two"]) { $1 })
        await game.live.cycle()
        #expect(try game.live.poll() == nil)
        #expect(game.engine.steps == ["prepare", "commit", "undo"])
        #expect(try game.studio.status().object("active")?.string("version") == "1.0")
    }

    @Test func `a release that changes restart modules waits for the next launch`() async throws {
        let game = try await RunningGame(one)
        try game.studio.publish("2.0", one.merging(["main.py": "2", "game/actors.py": "a = 2"]) { $1 })
        await game.live.cycle()
        #expect(try game.live.poll() == nil)
        #expect(game.engine.steps.isEmpty)
        let status = try game.studio.status()
        #expect(status.object("active")?.string("version") == "1.0" && status.object("pending")?.string("version") == "2.0")
        #expect(try Updater(game.updater.configuration).launch().release?.version == "2.0")
    }

    @Test func `an update that was never polled for is taken back when the game ends`() async throws {
        let game = try await RunningGame(one)
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2"]) { $1 })
        await game.live.cycle()
        game.live.stop()
        #expect(game.engine.steps == ["prepare", "undo"])
        #expect(try game.live.poll() == nil)
    }

    @Test func `checks that meet prepare a release once and ban nothing`() async throws {
        let game = try await RunningGame(one)
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2"]) { $1 })
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { await game.live.cycle() } }
        }
        #expect(game.engine.steps == ["prepare"])
        #expect(try game.studio.status().array("banned").isEmpty)
        #expect(try game.live.poll()?.release.version == "2.0")
    }

    @Test func `a dead server is an event, and the game plays on`() async throws {
        let game = try await RunningGame(one)
        game.studio.server.stop()
        #expect(await game.live.cycle() == false)
        #expect(try game.live.poll() == nil)
        #expect(game.failures.withLock { $0 } == [.noServer])
    }

    @Test func `background checks find a release by themselves`() async throws {
        let game = try await RunningGame(one)
        game.live.start()
        defer { game.live.stop() }
        try game.studio.publish("2.0", one.merging(["game/actors.py": "a = 2"]) { $1 })
        let deadline = ContinuousClock.now + .seconds(60)
        var applied: AppliedUpdate?
        while applied == nil, ContinuousClock.now < deadline {
            applied = try game.live.poll()
            await Task.yield()
        }
        #expect(applied?.release.version == "2.0")
    }
}

/// A studio with 1.0 installed and confirmed, and a game that runs it.
private struct RunningGame {
    let studio: Studio
    let updater: Updater
    let engine = FakeEngine()
    let live: LiveUpdater
    let assets: Shared<[[String]]>
    let failures: Shared<[UpdateError.Kind]>

    init(
        _ files: [String: String], configure: (inout UpdaterConfiguration) -> Void = { _ in },
        onAssetsChanged: (@Sendable ([String]) throws -> Void)? = nil
    ) async throws {
        studio = try Studio()
        try studio.publish("1.0", files)
        var configuration = UpdaterConfiguration(store: studio.store.string, urls: [studio.server.url], pinnedRoot: studio.root.string)
        configuration.schedule = CheckSchedule(interval: .milliseconds(200))
        configure(&configuration)
        updater = try Updater(configuration)
        _ = try await updater.update()
        try updater.confirm()
        let (assets, failures) = (Shared<[[String]]>([]), Shared<[UpdateError.Kind]>([]))
        (self.assets, self.failures) = (assets, failures)
        live = LiveUpdater(
            updater, launch: try updater.launch(), engines: [engine],
            onAssetsChanged: { paths in
                assets.withLock { $0.append(paths) }
                try onAssetsChanged?(paths)
            },
            observer: { event in if case .failed(let error) = event { failures.withLock { $0.append(error.kind) } } })
    }
}

/// A value that closures of several threads share.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { value.withLock(body) }
}
