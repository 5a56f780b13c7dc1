package import Instar
package import InstarPython
internal import SystemPackage

/// A launched release that this process's interpreter plays, and keeps up to date while it runs.
package final class PlayedRelease {
    private let updater: Updater
    private let live: LiveUpdater
    private let module: InstarModule

    /// Makes `import instar` work on this release from now on.
    package init(_ updater: Updater, launch: Launch, in module: InstarModule, log: RunLog) {
        self.updater = updater
        self.module = module
        live = LiveUpdater(updater, launch: launch, engines: [module.engine], observer: log.note)
        module.root = FilePath(launch.path)
        module.services = GameServices(updater: updater, live: live)
    }

    /// Begins to check in the background, where there is an address to ask.
    package func start() { live.start() }

    /// Whether this process was forked from the one that launched the release: neither its updates nor its end are a matter
    /// of the store.
    package var isForkedChild: Bool { module.isForkedChild }

    /// To be called before the interpreter ends, with its lock held: ends the checks, waits for what they are doing inside
    /// the interpreter, and takes back what they prepared.
    package func stop() {
        guard !isForkedChild else { return }
        PythonLock.released {
            live.stop()
            module.engine.close()
            try? waitFor { [live] in await live.stop(waitingAtMost: .seconds(5)) }
        }
    }

    /// Says that the game ended as it should: no crash, however soon.
    package func recordCleanExit() throws(UpdateError) {
        if !isForkedChild { try updater.recordCleanExit() }
    }
}

extension Updater {
    /// What to run. An empty store is filled first, if there is an address to fill it from and nothing came with the app.
    ///
    /// - Parameter fill: brings the store to what its channel points to.
    package func launch(fillingWith fill: () throws -> Void) throws -> Launch {
        if configuration.shippedDirectory == nil, !configuration.urls.isEmpty, try status().active == nil { try fill() }
        return try launch()
    }
}
