internal import Instar
internal import InstarHosting
internal import InstarPython

/// The store of a Python program that was started without `instar run` and opens it with `instar.open()`.
///
/// `@unchecked Sendable`: only touched with the interpreter's lock held.
final class HostStore: PythonStoreOpening, @unchecked Sendable {
    private let module: InstarModule
    private var played: PlayedRelease?
    private var log: RunLog?
    private var isClosed = false

    init(_ module: InstarModule) {
        self.module = module
    }

    func open(_ options: [String: PythonValue]) throws -> PythonValue {
        guard played == nil, !isClosed else { throw UpdateError(.invalidRequest, "this program has opened its store already") }
        let options = try StoreOptions(options)
        let warnings = Warnings()
        let log = try RunLog(path: options.events) { warnings.add($0) }
        let updater = try Updater(options.configuration)
        let launch = try PythonLock.released {
            try updater.launch { _ = try waitFor { try await updater.update() } }
        }
        log.launched(launch)
        // While the lock was released another thread may have come first.
        guard played == nil else { throw UpdateError(.invalidRequest, "this program has opened its store already") }
        if let names = try updater.hookNames(of: launch) {
            module.engine.hookNames = HookNames(onInstance: names.classHook, onModule: names.moduleHook)
        }
        try PythonSettings.keepGenerationsClean()
        for warning in warnings.all { try PythonSettings.warn(warning) }
        let played = PlayedRelease(updater, launch: launch, in: module, log: log)
        self.played = played
        self.log = log
        played.start()
        return .string(launch.path)
    }

    func close(cleanly: Bool) throws {
        guard let played, !isClosed else { return }
        isClosed = true
        played.stop()
        if cleanly { try PythonLock.released { try played.recordCleanExit() } }
        log?.ended(cleanly ? 0 : 1)
    }
}
