internal import CPython

/// What `import instar` offers besides reloading: the updater behind it, if there is one.
///
/// Each is called on a Python thread with the interpreter's lock held; around work that blocks, release it with
/// `PythonLock.released`. Errors become `instar.UpdateError`, failures of reloading `instar.ReloadError`.
package protocol PythonHostServices: AnyObject, Sendable {
    func check() throws -> PythonValue
    func update() throws -> PythonValue
    /// The safe point, once a frame: applies what is ready.
    func poll() throws -> PythonValue
    func confirm() throws -> PythonValue
    func rollback() throws -> PythonValue
    func status() throws -> PythonValue

    /// Asked again and again before the program forks: breaks off what the background does. True once it does nothing at all.
    func holdsStill() -> Bool
    /// The program has forked, or does not.
    func goOn()
    /// In the forked child: lets go of what was prepared, and of nothing that is the parent's.
    func leaveToParent()
}

/// Of services with nothing in the background.
extension PythonHostServices {
    package func holdsStill() -> Bool { true }
    package func goOn() {}
    package func leaveToParent() {}
}

/// Opens a store for a program that brings its own interpreter. Called like `PythonHostServices`.
package protocol PythonStoreOpening: AnyObject, Sendable {
    /// Launches what the store holds, sets the module's services, and answers the directory to play.
    ///
    /// - Parameter options: the arguments of `instar.open()` that were given, by name.
    func open(_ options: [String: PythonValue]) throws -> PythonValue
    /// The program is through with the store.
    ///
    /// - Parameter cleanly: false where an exception that nobody caught ended the program.
    func close(cleanly: Bool) throws
}

/// The interpreter's lock (GIL).
package enum PythonLock {
    /// Runs `body` with the lock, on any thread.
    package static func held<Result>(_ body: () throws -> Result) rethrows -> Result {
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        return try body()
    }

    /// How many threads are inside `released`. Only touched with the lock held.
    nonisolated(unsafe) private static var outside = 0

    /// Whether a thread does something of ours without the lock. Expects the lock.
    static var isAnyoneOutside: Bool { unsafe outside > 0 }

    /// Runs blocking `body` without the lock, so that other Python threads go on. Expects the lock.
    package static func released<Result>(_ body: () throws -> Result) rethrows -> Result {
        unsafe outside += 1
        defer { unsafe outside -= 1 }
        return try uncounted(body)
    }

    /// The same for waiting that a fork need not wait for.
    static func uncounted<Result>(_ body: () throws -> Result) rethrows -> Result {
        let state = unsafe PyEval_SaveThread()
        defer { unsafe PyEval_RestoreThread(state) }
        return try body()
    }

    /// In a forked child: the other threads are not in it.
    static func forgetOthers() { unsafe outside = 0 }
}
