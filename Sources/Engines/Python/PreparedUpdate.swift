internal import CPython
internal import InstarReload
internal import SystemPackage

/// One update of Python code: what is kept to take it back, and the patch that puts it in place.
///
/// Used by one thread at a time, with the interpreter's lock held.
final class PreparedUpdate: PreparedReload {
    private(set) var outlook = ReloadReport()
    private let engine: PythonEngine
    private let runtime: PythonRuntime
    private let patch: Patch
    private let followers: Followers
    private var hooks: Hooks { followers.hooks }
    private var images: StateImage { followers.images }
    /// Everything that the new code made is younger, but for what is registered.
    private var marker: Held
    /// What executing the new code put into older objects, where the program goes on before the commit.
    private var registered: WaitingRegistrations?
    private let modules: [ChangedModule]
    private var locals: LocalClasses?
    private let removed: [String]
    private var isCommitted = false

    init(
        engine: PythonEngine, patch: Patch, followers: Followers, modules: [ChangedModule], locals: LocalClasses,
        removed: [String], marker: Held, registered: WaitingRegistrations?, outlook: ReloadReport
    ) {
        (self.engine, self.runtime, self.patch, self.followers) = (engine, engine.runtime, patch, followers)
        (self.modules, self.locals, self.removed, self.outlook) = (modules, locals, removed, outlook)
        (self.marker, self.registered) = (marker, registered)
    }

    /// Where functions made classes since, of which the new source has another body.
    func isOutdated() throws -> Bool {
        guard !engine.commitsAtOnce else { return false }
        do {
            return try PythonLock.held {
                try ReferencePool.scope {
                    MemoryShortage.begin()
                    let answer = try locals?.isOutdated() == true
                    try MemoryShortage.check()
                    return answer
                }
            }
        } catch { throw engine.unwrapped(error) }
    }

    func setPrepareTime(_ seconds: Double) { outlook.prepareSeconds = seconds }

    func commit() throws {
        let clock = ContinuousClock()
        let start = clock.now
        do {
            try ReferencePool.scope {
                MemoryShortage.begin()
                if !engine.commitsAtOnce { try follow() }
                try patch.apply()
            }
            isCommitted = true
        } catch {
            throw engine.unwrapped(error)
        }
        outlook.commitSeconds = (clock.now - start).seconds
    }

    /// The game went on since the update was prepared: instances and functions were made meanwhile.
    private func follow() throws {
        marker = Held(stealing: try Owned(PyList_New(0)).relinquish())
        try registered?.show()
        let pass = HeapPass(runtime)
        outlook.heapPasses += followers.follow(in: pass)
        outlook.log += try followers.accept(pass)
    }

    func runHooks() throws {
        let clock = ContinuousClock()
        let start = clock.now
        do { try ReferencePool.scope { try hooks.run(modules: modules) } } catch let error as PythonFailure {
            engine.lastFailure = error
            throw error.failure
        }
        outlook.hooks = hooks.count
        outlook.hookSeconds = (clock.now - start).seconds
    }

    /// May come from any thread, and after the interpreter has ended: then nothing is left to take back.
    func undo() {
        guard Py_IsInitialized() != 0 else { return }
        PythonLock.held { ReferencePool.scope { takeBack() } }
    }

    private func takeBack() {
        followers.watch?.end()
        if isCommitted {
            hooks.restoreInstances()
            patch.revert()
            images.restoreDictionaries()
        }
        hooks.release()
        patch.release()
        engine.withdraw(modules, after: isCommitted || registered == nil ? marker : nil, registered)
        images.restoreInterpreter()
        for module in modules { module.discard() }
        images.release()
        letGo()
        engine.ended(self)
    }

    /// Of what was kept of the new code, before what nobody refers to any more is collected.
    private func letGo() { (locals, registered) = (nil, nil) }

    func finish() -> ReloadReport {
        ReferencePool.scope { close() }
        return outlook
    }

    private func close() {
        followers.watch?.end()
        for module in modules { engine.noteLoaded(module) }
        for name in removed { engine.record.forget(module: name) }
        hooks.release()
        patch.release()
        for module in modules { module.discard() }
        images.release()
        letGo()
        engine.ended(self)
    }
}

extension Duration {
    /// As a fraction of seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension ChangedModule {
    /// Takes the throw-away objects apart, so that no name holds them.
    func discard() { PyDict_Clear(scratch.ref) }
}
