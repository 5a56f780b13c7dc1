internal import CPython
internal import InstarThreads
package import InstarReload
internal import SystemPackage

/// Replaces the code of Python modules in the interpreter of this process.
///
/// `@unchecked Sendable`: only used with the interpreter's lock held, which each entry takes.
package final class PythonEngine: ReloadEngine, @unchecked Sendable {
    static let name = "python"

    package var engine: String { PythonEngine.name }
    let runtime: PythonRuntime
    let record: LoadRecord
    private let collector: Collector
    /// What the game calls its hooks. Set before the first update.
    package var hookNames: HookNames
    /// Set while whoever asks for an update commits it at once, with the lock held from preparing on.
    var commitsAtOnce = false
    /// Whether an update is under way.
    private(set) var isBusy = false
    /// Set in a process that lacks a thread that was inside.
    private var isLost = false
    /// The thread that has the engine to itself, or zero.
    private let owner = Monitor<UInt>(0)
    /// Threads inside `prepare`, until the engine is closed.
    private let entrance = Monitor<(threads: [UInt], isClosed: Bool)>(([], false))
    private var wasCollecting = false
    /// The last failure that came from Python code, for chaining exceptions.
    var lastFailure: PythonFailure?

    /// The engine for the interpreter that runs in this process. Expects the interpreter's lock.
    init(hooks: HookNames) throws {
        runtime = try PythonRuntime()
        record = LoadRecord.shared(layout: runtime.function)
        collector = try Collector()
        hookNames = hooks
    }

    // MARK: One at a time

    /// Gets the engine for the calling thread, waiting for another thread's update without the interpreter's lock.
    /// False where the calling thread is inside an update already: what it asks for comes to nothing, safely.
    func beginExclusive() throws(ReloadFailure) -> Bool {
        guard !isLost else {
            throw ReloadFailure(
                engine: PythonEngine.name, step: .read,
                reason: "this process was forked while another thread was in the middle of an update, and lacks that thread")
        }
        let thread = UInt(PyThread_get_thread_ident())
        guard owner.withLock({ $0 }) != thread else { return false }
        PythonLock.released { owner.wait(until: { $0 == 0 }, then: { $0 = thread }) }
        commitsAtOnce = true
        return true
    }

    func endExclusive() {
        commitsAtOnce = false
        owner.withLock { $0 = 0 }
    }

    /// Takes the engine for a fork, without waiting: true where it has to be given back, false where the calling thread is
    /// inside an update of its own, nil where another thread is. Expects the lock.
    func takenForFork() -> Bool? {
        let thread = UInt(PyThread_get_thread_ident())
        return owner.withLock { owner in
            if owner == thread { return false }
            guard owner == 0 else { return nil }
            owner = thread
            return true
        }
    }

    /// In a child that was forked in the middle of what another thread did: nothing here can be relied on any more.
    func loseThreads() { isLost = true }

    /// Lets no thread in any more, and waits until those that are inside have left: the interpreter is about to end. New code
    /// that is being executed is stopped, as it may never end by itself. Expects the lock not to be held.
    package func close() {
        let inside = entrance.withLock { entrance in
            entrance.isClosed = true
            return entrance.threads
        }
        guard !inside.isEmpty else { return }
        PythonLock.held { for thread in inside { PyThreadState_SetAsyncExc(thread, py_PyExc_SystemExit()) } }
        entrance.wait(until: { $0.threads.isEmpty }, then: { _ in })
    }

    /// Runs `body` unless the engine is closed; what fails because it was closed meanwhile is no fault of the update.
    private func entering<Result>(_ body: () throws -> Result) throws -> Result {
        let thread = UInt(PyThread_get_thread_ident())
        let isOpen = entrance.withLock { entrance in
            if !entrance.isClosed { entrance.threads.append(thread) }
            return !entrance.isClosed
        }
        guard isOpen else { throw CancellationError() }
        defer { entrance.withLock { entrance in entrance.threads.firstIndex(of: thread).map { _ = entrance.threads.remove(at: $0) } } }
        do { return try body() } catch { throw entrance.withLock { $0.isClosed } ? CancellationError() : error }
    }

    // MARK: Preparing

    /// - Throws: `CancellationError` once the engine is closed.
    package func prepare(_ update: ReloadUpdate) throws -> any PreparedReload {
        try entering { try PythonLock.held { try prepareAlone(update) } }
    }

    private func prepareAlone(_ update: ReloadUpdate) throws -> PreparedUpdate {
        waitForOthers()
        guard !isBusy else {
            throw ReloadFailure(
                engine: PythonEngine.name, step: .read, reason: "another update is under way; one that is prepared waits for poll()")
        }
        isBusy = true
        lastFailure = nil
        do { return try ReferencePool.scope { try prepareLocked(update) } } catch {
            isBusy = false
            throw unwrapped(error)
        }
    }

    /// Another thread that asked for an update itself soon ends it; it may need the interpreter's lock meanwhile.
    private func waitForOthers() {
        let thread = UInt(PyThread_get_thread_ident())
        while isBusy, case let other = owner.withLock({ $0 }), other != 0, other != thread {
            PythonLock.released { owner.wait(until: { $0 == 0 }, then: { _ in }) }
        }
    }

    /// Errors leave as the protocol's own kind; the Python exception is kept for chaining.
    func unwrapped(_ error: any Error) -> any Error {
        switch error {
        case let failure as PythonFailure:
            lastFailure = failure
            return failure.failure
        case let exception as PythonException:
            let failure = PythonFailure(exception, step: .compare, module: "")
            lastFailure = failure
            return failure.failure
        case let refused as BasesRefused:
            return ReloadFailure(
                engine: PythonEngine.name, step: .compare,
                reason: "class \(refused.name): its bases cannot change while it is in use (\(refused.reason)); restart the game to take it"
            )
        default: return error
        }
    }

    private func prepareLocked(_ update: ReloadUpdate) throws -> PreparedUpdate {
        let clock = ContinuousClock()
        let start = clock.now
        MemoryShortage.begin()
        let (changed, removed) = try read(update)
        let images = try StateImage(runtime: runtime)
        do { try images.saveSourceCache() } catch {
            images.release()
            throw error
        }
        let relocation = Relocation(from: update.oldRoot, to: update.newRoot, runtime: runtime)
        do {
            try relocation.switchImportPath(images)
            let prepared = try prepare(changed, removed: removed, images: images, relocation: relocation)
            prepared.setPrepareTime((clock.now - start).seconds)
            return prepared
        } catch {
            images.restoreInterpreter()
            images.release()
            throw error
        }
    }

    /// Reads and compiles every loaded module of the update: syntax errors are met before anything runs.
    private func read(_ update: ReloadUpdate) throws -> (changed: [ChangedModule], removed: [String]) {
        let reader = ModuleReader(runtime: runtime, record: record)
        let wanted = Dictionary(update.modules.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
        var changed: [ChangedModule] = []
        var removed: [String] = []
        var seen: Set<PyRef> = []
        // The order of sys.modules is that in which loading ended: dependencies first.
        for (key, module) in PyImport_GetModuleDict().items where module.isModule {
            guard let name = key.text, name != "__main__", let request = wanted[name] else { continue }
            switch request.file {
            case nil: removed.append(name)
            case let file? where seen.insert(module).inserted:
                let ownName = ownName(of: module) ?? name
                changed.append(try reader.read(ownName, module: module, file: file.isEmpty ? nil : file.string))
            default: continue  // the same module under another name
            }
        }
        return (try LoadOrder(changed, runtime: runtime).sorted(), removed)
    }

    private func prepare(
        _ changed: [ChangedModule], removed: [String], images: StateImage, relocation: Relocation
    ) throws -> PreparedUpdate {
        wasCollecting = collector.isEnabled
        collector.disable()
        do {
            let marker = Held(stealing: try Owned(PyList_New(0)).relinquish())  // made after the collector was switched off
            let patch = Patch(runtime: runtime)
            do {
                var locals = LocalClasses(runtime, record)
                try runtime.heap.withoutCollections {
                    try Aside(changed, runtime: runtime, record: record).execute { try locals.rebuild(changed) }
                }
                let created = Created(after: marker.ref, heap: runtime.heap)
                let end = Held(stealing: try Owned(PyList_New(0)).relinquish())
                return try compare(changed, removed, created, locals, patch, images, relocation, (marker, end))
            } catch {
                patch.release()
                withdraw(changed, after: marker)
                throw error
            }
        } catch {
            if wasCollecting { collector.enable() }
            throw error
        }
    }

    /// Compares old and new and fills the patch.
    ///
    /// - Parameter markers: objects older and younger than what executing the new code made.
    private func compare(
        _ changed: [ChangedModule], _ removed: [String], _ created: Created, _ locals: LocalClasses, _ patch: Patch, _ images: StateImage,
        _ relocation: Relocation, _ markers: (begin: Held, end: Held)
    ) throws -> PreparedUpdate {
        created.countOutsideReferences(besides: changed.map(\.scratch.ref))
        var outlook = ReloadReport()
        let hooks = Hooks(runtime: runtime, names: hookNames)
        var isComplete = false
        defer {
            if !isComplete {
                hooks.release()
                record.onReshaping = nil
            }
        }
        var followers = Followers(hooks: hooks, images: images, modules: changed, classes: [], functions: nil)
        var registered: WaitingRegistrations?
        if let first = changed.first {
            for module in changed { created.discount(module.scratch.ref) }
            let pairs = Pairs(created: created, runtime: runtime, modules: changed, first: first)
            for module in changed { pairs.pairModule(module) }
            for local in locals.found {
                created.discount(local.new.ref)
                // The program may let go of its class before the commit.
                patch.keep(local.old.ref)
                patch.keep(local.new.ref)
                pairs.pairLocal(local)
            }
            for module in changed { pairs.pairMoved(module) }
            if let reason = pairs.refusals.first {
                throw ReloadFailure(engine: PythonEngine.name, step: .compare, module: first.name, reason: reason)
            }
            let comparison = Comparison(pairs: pairs, patch: patch, created: created, runtime: runtime, record: record)
            try WeakReferences(created: created, pairs: pairs, runtime: runtime).pairAll(keep: patch.keep)
            for module in changed { try comparison.compare(module) }
            let functions = try updateFunctions(pairs, changed, comparison)
            let names = Set(changed.map(\.name))
            try Machinery(pairs: pairs, patch: patch, adoption: comparison.adoption, runtime: runtime, changedModules: names).update()
            try AbstractCaches(pairs: pairs, patch: patch, runtime: runtime).update()
            outlook = comparison.report
            outlook.log += locals.log
            followers = Followers(hooks: hooks, images: images, modules: changed, classes: pairs.classes, functions: functions)
            let outside = OutsideReferences(created: created, pairs: pairs, adoption: comparison.adoption)
            let pass = HeapPass(runtime)
            let sought = outside.sought
            let withdrawal = Withdrawal(modules: changed, runtime: runtime)
            let registrations = commitsAtOnce ? Registrations() : withdrawal.registrations(created, pairs)
            pass.seekHolders(of: sought.union(registrations.objects))
            followers.seek(in: pass)
            let line = commitsAtOnce ? nil : try HeapLine(after: markers.begin, heap: runtime.heap)
            outlook.heapPasses += pass.run(except: created)
            if let line {
                followers.watch = HeapWatch(pass, line, codes: functions.all, created: created, record: record)
            }
            outside.resolve(pass.holders.map { ($0.holder, $0.found.intersection(sought)) }.filter { !$0.1.isEmpty })
            try patch.rehearse()
            if commitsAtOnce {
                outlook.log += try followers.accept(pass)
            } else {
                registered = WaitingRegistrations(registrations, withdrawal.hide(registrations, in: pass.holders, after: markers.end))
            }
        }
        remove(removed, patch: patch, report: &outlook)
        relocation.relocateModules(except: changed, record: record, patch: patch)
        dropSourceLines(changed, patch: patch)
        try MemoryShortage.check()
        isComplete = true
        return PreparedUpdate(
            engine: self, patch: patch, followers: followers, modules: changed, locals: locals, removed: removed, marker: markers.begin,
            registered: registered, outlook: outlook)
    }

    /// Updates the functions that are paired; answers those that only the heap knows, to be looked for.
    private func updateFunctions(_ pairs: Pairs, _ changed: [ChangedModule], _ comparison: Comparison) throws -> RuntimeFunctions {
        let state = try StateVariables(runtime, modules: changed)
        let update = FunctionUpdate(
            pairs: pairs, patch: comparison.patch, adoption: comparison.adoption, runtime: runtime, record: record, state: state)
        for (old, new) in pairs.functions { try update.update(old, from: new) }
        let functions = RuntimeFunctions(update)
        functions.pair(changed, comparison.created, record: record, isFinal: commitsAtOnce)
        return functions
    }

    // MARK: Ending

    /// Whatever the new code put into older objects is taken out again.
    ///
    /// - Parameters:
    ///   - marker: older than what is looked at; nil where nothing has run since `registered` was found.
    ///   - registered: what executing the new code registered, where the program went on afterwards.
    func withdraw(_ changed: [ChangedModule], after marker: Held?, _ registered: WaitingRegistrations? = nil) {
        let withdrawal = Withdrawal(modules: changed, runtime: runtime)
        if let marker { withExtendedLifetime(marker) { withdrawal.run(after: marker.ref) } }
        if let registered { withdrawal.run(registered) }
        for module in changed { module.discard() }
        collector.collectYoungest()
    }

    /// The update was finished or undone.
    func ended(_ update: PreparedUpdate) {
        collector.collectYoungest()
        if wasCollecting { collector.enable() }
        isBusy = false
    }
}
