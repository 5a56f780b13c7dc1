// README
import Instar

/// Starts at once from what is installed, then updates while the game runs.
func play(_ game: some Game) throws {
    let updater = try Updater(
        UpdaterConfiguration(store: "store", urls: ["https://updates.example.com"], pinnedRoot: "root.json"))
    let launch = try updater.launch()  // offline, in milliseconds
    let live = LiveUpdater(updater, launch: launch, engines: game.engines)
    live.start()  // checks, stages and prepares in the background
    while game.isPlaying {
        if let update = try live.poll() { game.show("now playing \(update.release.version)") }
        game.step(in: live.path)
        if game.isHealthy { try live.confirm() }  // this release works: keep it
    }
    live.stop()
    try updater.recordCleanExit()
}
// README

import InstarReload

/// What the example asks of a game.
protocol Game: AnyObject {
    var engines: [any ReloadEngine] { get }
    var isPlaying: Bool { get }
    var isHealthy: Bool { get }
    func step(in directory: String)
    func show(_ text: String)
}
