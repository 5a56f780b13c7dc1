internal import CPython
internal import InstarReload
internal import SystemPackage

/// One function of the Python module `instar`, as a table entry that CPython keeps a pointer to.
///
/// `@unchecked Sendable`: the table entry is written before anybody sees it and never again.
@safe struct InstarFunction: @unchecked Sendable {
    let name: String
    /// Allocated once and never freed: CPython points to it as long as the process lives.
    let definition: UnsafeMutablePointer<py_method>

    private init(_ name: String, _ documentation: String, _ function: @escaping py_keyword_function) {
        self.name = name
        unsafe definition = .allocate(capacity: 1)
        // Positional and keyword arguments.
        unsafe definition.initialize(
            to: py_method(name: py_static_name(name), function: function, flags: 1 | 2, documentation: py_static_name(documentation)))
    }

    static let all: [InstarFunction] = [
        InstarFunction("reload", "reload(modules=None, *, removed=(), root=None): replace the code of changed modules in one transaction.")
        {
            Call.reload($1, $2, dryRun: false)
        },
        InstarFunction("plan", "plan(modules=None, *, removed=(), root=None): what reload() would do, with nothing done.") {
            Call.reload($1, $2, dryRun: true)
        },
        InstarFunction(
            "open",
            """
            open(store, *, url=(), root=None, channel='stable', packs=(), shipped=None, check_every=300, trial_starts=3, events=None): \
            launch what the store holds and update it from now on; answers the directory to play.
            """
        ) {
            Call.open($1, $2)
        },
        InstarFunction("close", "close(): the program is through with its store, and ends as it should.") { _, _, _ in
            Call.close(cleanly: true)
        },
        InstarFunction("check", "check(): ask the repository for a newer release.") { _, _, _ in Call.service { try $0.check() } },
        InstarFunction("update", "update(): fetch and stage the newest release.") { _, _, _ in Call.service { try $0.update() } },
        InstarFunction("poll", "poll(): the safe point, once a frame; applies what is ready.") { _, _, _ in Call.poll() },
        InstarFunction("confirm", "confirm(): the running release works.") { _, _, _ in Call.service { try $0.confirm() } },
        InstarFunction("rollback", "rollback(): go back to the previous release.") { _, _, _ in Call.service { try $0.rollback() } },
        InstarFunction("status", "status(): what is installed, running and staged.") { _, _, _ in Call.service { try $0.status() } },
    ]

    /// Registered with `atexit`.
    static let atExit = InstarFunction("_at_exit", "The interpreter ends.") { _, _, _ in Call.atExit() }

    /// Registered with `os.register_at_fork`.
    static let beforeFork = InstarFunction("_before_fork", "The program is about to fork.") { _, _, _ in
        Call.fork { $0.forks.begin($0) }
    }
    static let afterForkInParent = InstarFunction("_after_fork_in_parent", "The program forked.") { _, _, _ in
        Call.fork { $0.forks.endInParent($0) }
    }
    static let afterForkInChild = InstarFunction("_after_fork_in_child", "This process was forked.") { _, _, _ in
        Call.fork { $0.forks.endInChild($0) }
    }

    /// A new function object of the module `name`.
    func made(in name: PyRef) throws(PythonException) -> Owned { try Owned(unsafe PyCFunction_NewEx(definition, .null, name)) }
}

/// What the functions do: Python arguments in, a Python object or NULL with an exception out. Each opens a scope of the pool.
private enum Call {
    static func reload(_ arguments: PyRef, _ keywords: PyRef, dryRun: Bool) -> PyRef {
        made { module in
            let given = try CallArguments(
                dryRun ? "plan" : "reload", positional: ["modules"], named: ["removed", "root"], arguments, keywords)
            let update = module.update(
                names: try given.moduleNames("modules"), removed: try given.moduleNames("removed") ?? [],
                root: try given.path("root").map { FilePath($0) })
            let report = try module.apply(update, dryRun: dryRun).value
            // The update is in place, whether or not there is memory left to tell of it.
            return (try? report.made()) ?? Owned(borrowing: .none)
        }
    }

    static func service(_ body: (any PythonHostServices) throws -> PythonValue) -> PyRef {
        answer { module in
            guard let services = module.services else { throw NoUpdater() }
            guard !module.isForkedChild else { throw ForkedChild() }
            return try body(services)
        }
    }

    static func open(_ arguments: PyRef, _ keywords: PyRef) -> PyRef {
        answer { module in
            let options = try CallArguments(
                "open", positional: ["store"],
                named: ["url", "root", "channel", "packs", "shipped", "check_every", "trial_starts", "events"], arguments, keywords)
            guard let opening = module.opening else { throw StoreIsOpen() }
            return try opening.open(options.values.mapValues { try PythonValue($0) })
        }
    }

    static func close(cleanly: Bool) -> PyRef {
        answer { module in
            if !module.isForkedChild { try module.opening?.close(cleanly: cleanly) }
            return .null
        }
    }

    /// Python keeps the last exception that nobody caught; Ctrl-C is a way to end.
    static func atExit() -> PyRef {
        let last = unsafe PySys_GetObject("last_type")
        return close(cleanly: last.isNull || last == .none || last == py_PyExc_KeyboardInterrupt())
    }

    static func fork(_ body: (InstarModule) -> Void) -> PyRef {
        answer { module in
            body(module)
            return .null
        }
    }

    /// Makes a Python object of what `body` says, or raises its error.
    private static func answer(_ body: (InstarModule) throws -> PythonValue) -> PyRef { made { try body($0).made() } }

    private static func made(_ body: (InstarModule) throws -> Owned) -> PyRef {
        guard let module = InstarModule.current else { return .null }
        return ReferencePool.scope {
            do { return try body(module).relinquish() } catch {
                module.raise(error)
                return .null
            }
        }
    }

    static func poll() -> PyRef {
        guard let module = InstarModule.current, module.services != nil, !module.isForkedChild else { return PyRef.none.retained() }
        return made { module in
            let told = try module.services?.poll() ?? .null
            // What was ready is in place, whether or not there is memory left to tell of it.
            return (try? told.made()) ?? Owned(borrowing: .none)
        }
    }
}

/// `check()` and its like without a store to update.
package struct NoUpdater: Error, CustomStringConvertible {
    package init() {}

    package var description: String {
        "this program runs without an updater: call instar.open(store, url=…), or start it with `instar run --store … --url …`"
    }
}

/// `open()` where `instar run` has opened the store.
private struct StoreIsOpen: Error, CustomStringConvertible {
    var description: String { "`instar` started this program and keeps its store: instar.open() is for programs that start themselves" }
}

/// The updater's threads are not in a child that the program forked.
private struct ForkedChild: Error, CustomStringConvertible {
    var description: String { "this process was forked from the one that opened the store: only that one updates it" }
}
