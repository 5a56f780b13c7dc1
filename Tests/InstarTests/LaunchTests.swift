import Foundation
import Instar
import InstarServing
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct LaunchTests {
    @Test func `a launch needs no network and hands back the installed directory`() async throws {
        let studio = try Studio()
        try studio.publish("1.0", ["main.py": "1"])
        try studio.updated()
        studio.server.stop()
        let launch = try Updater(UpdaterConfiguration(store: studio.store.string, urls: [studio.server.url])).launch()
        #expect(launch.release?.version == "1.0" && launch.isTrial)
        #expect(FileManager.default.fileExists(atPath: launch.path + "/main.py"))
    }

    @Test func `an empty store starts what was shipped with the app, or says that there is nothing`() throws {
        let folder = TemporaryFolder()
        var configuration = UpdaterConfiguration(store: folder.path.appending("store").string)
        let error = #expect(throws: UpdateError.self) { try Updater(configuration).launch() }
        #expect(error?.kind == .nothingInstalled)
        configuration.shippedDirectory = folder.path.string
        let launch = try Updater(configuration).launch()
        #expect(launch.path == folder.path.string && launch.release == nil)
    }

    @Test(arguments: [UpdateStep.refresh, .plan, .link, .fetch, .finish, .seal, .activate])
    func `an update that is cancelled ends at the step where it is, and the next one goes on`(_ step: UpdateStep) async throws {
        let studio = try Studio()
        try studio.publish("1.0", ["data.txt": text(lines: 2000, seed: 1)])
        let configuration = UpdaterConfiguration(store: studio.store.string, urls: [studio.server.url], pinnedRoot: studio.root.string)
        let updater = try Updater(configuration)
        let running = Mutex<Task<UpdateOutcome, any Error>?>(nil)
        let update = Task {
            try await updater.update { event in
                guard case .began(step) = event else { return }
                // On the update's own thread, which may be faster than whoever notes the task.
                while running.withLock({ $0 == nil }) { usleep(500) }
                running.withLock { $0?.cancel() }
            }
        }
        running.withLock { $0 = update }
        let error = await #expect(throws: UpdateError.self) { _ = try await update.value }
        #expect(error?.kind == .cancelled)
        #expect(try updater.status().active == nil)
        try studio.updated()
        #expect(try studio.activeTree() == studio.tree("1.0"))
    }

    @Test func `a channel that is no name is refused before anything is made`() {
        let folder = TemporaryFolder()
        let store = folder.path.appending("store")
        #expect(throws: UpdateError.self) { try Updater(UpdaterConfiguration(store: store.string, channel: "../root")) }
        #expect(!FileManager.default.fileExists(atPath: store.string))
    }
}
