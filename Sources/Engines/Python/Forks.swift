internal import CPython
internal import InstarThreads

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Lets the program fork only while no other thread is inside of Instar.
///
/// A child has but the thread that forked: a lock that another one held at that moment, of Swift's runtime or of a library,
/// stays locked in it for ever, and an update that another one was preparing stays half-way. So `os.fork()` waits until
/// all others have left, which takes milliseconds as a rule.
///
/// `@unchecked Sendable`: only touched with the interpreter's lock held.
final class Forks: @unchecked Sendable {
    /// New code that never ends loading may not keep the program from forking.
    private static let longestWait = Duration.seconds(5)
    private var isQuiet = false
    private var isOwner = false

    /// Has the interpreter call in before and after each fork.
    static func watch() throws {
        let system = try Owned(unsafe PyImport_ImportModule("os"))
        let keywords = try Owned(PyDict_New())
        let name = try PyRef.string("instar")
        for (moment, function) in [
            ("before", InstarFunction.beforeFork), ("after_in_parent", .afterForkInParent), ("after_in_child", .afterForkInChild),
        ] {
            let object = try function.made(in: name.ref)
            try check(unsafe PyDict_SetItemString(keywords.ref, moment, object.ref))
        }
        guard let register = system.ref.attributeIfPresent("register_at_fork") else { return }
        _ = try Owned(PyObject_Call(register.ref, PyRef.tuple([]).ref, keywords.ref))
    }

    /// Waits until nobody else is inside, at most for seconds.
    func begin(_ module: InstarModule) {
        let services = module.isForkedChild ? nil : module.services
        let end = ContinuousClock.now + Forks.longestWait
        while true {
            let isStill = services?.holdsStill() ?? true
            isQuiet = isStill && !PythonLock.isAnyoneOutside
            if isQuiet, let owner = module.engine.takenForFork() { return isOwner = owner }
            guard ContinuousClock.now < end else { return isQuiet = false }
            PythonLock.uncounted { _ = usleep(500) }
        }
    }

    func endInParent(_ module: InstarModule) {
        release(module)
        if !module.isForkedChild { module.services?.goOn() }
    }

    func endInChild(_ module: InstarModule) {
        PythonLock.forgetOthers()
        release(module)
        if !isQuiet { return module.engine.loseThreads() }
        if module.isForkedChild { module.services?.leaveToParent() }
    }

    private func release(_ module: InstarModule) {
        if isOwner { module.engine.endExclusive() }
        isOwner = false
    }
}
