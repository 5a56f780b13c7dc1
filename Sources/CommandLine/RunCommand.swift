internal import ArgumentParser
internal import Instar
internal import InstarHosting
internal import InstarPython
internal import SystemPackage

/// `instar run`: a game under the launch guard, updated while it runs.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Launch the installed release, and update it while it runs.",
        discussion: """
            Starts at once from what is installed, offline if need be. A release on trial that crashes as often as --trial-starts
            says is given up, and the one before it starts. With --url it checks in the background; the game applies what is ready
            by calling instar.poll() once a frame, and says instar.confirm() when a release works.

              instar run --store store
              instar run --store store --url https://updates.example.com --root root.json -- --level 3
            """)

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var repository: SourceOptions
    @OptionGroup var python: PythonOptions

    @Option(help: "Seconds between two checks; a fifth more or less at random.")
    var checkEvery = 300.0

    @Option(help: "How many starts of an unproven release may crash.")
    var trialStarts = 3

    @Option(help: "Append what happens to this file, one JSON object a line.", completion: .file())
    var events: String?

    @Argument(parsing: .postTerminator, help: "Arguments of the game.")
    var arguments: [String] = []

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let log = try RunLog(path: events) { [output = outputOptions.output] in output.warn($0) }
        let updater = try updater()
        let launch = try launch(updater, log)
        let entry = try updater.entryPoint(of: launch)
        Terminal.leaveCrashesToTheSystem()
        let interpreter = try python.start(
            arguments: arguments, searchPath: [FilePath(launch.path)],
            hooks: HookNames(onInstance: entry.classHook, onModule: entry.moduleHook))
        let played = PlayedRelease(updater, launch: launch, in: interpreter.module, log: log)
        interpreter.beforeEnding = { played.stop() }
        played.start()
        let exit = try start(entry, in: interpreter)
        // An exception that nobody caught is a crash of the release; everything else is how games end.
        if exit.code == 0 || exit == .interrupted { try played.recordCleanExit() }
        if !played.isForkedChild { log.ended(exit.code) }
        try python.exit(exit)
    }

    private func updater() throws -> Updater {
        var configuration = UpdaterConfiguration(storeOptions, repository)
        configuration.schedule = CheckSchedule(interval: .seconds(checkEvery))
        configuration.trialStarts = trialStarts
        return try Updater(configuration)
    }

    private func launch(_ updater: Updater, _ log: RunLog) throws -> Launch {
        let launch = try updater.launch {
            let display = UpdateDisplay(outputOptions.output)
            let outcome = try waitFor { try await updater.update(observer: display.show) }
            display.finish()
            UpdateCommand.report(outcome, to: outputOptions.output)
        }
        log.launched(launch)
        return launch
    }

    private func start(_ entry: EntryPoint, in interpreter: PythonInterpreter) throws -> PythonExit {
        switch entry.start {
        case .script(let path): try interpreter.run(script: FilePath(path))
        case .module(let name): try interpreter.run(module: name)
        }
    }
}
