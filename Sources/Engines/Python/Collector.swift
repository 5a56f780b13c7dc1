internal import CPython

/// The garbage collector's switch, off while new code is executed so that what it makes stays together.
struct Collector {
    private let module: Held

    init() throws {
        module = Held(stealing: try Owned(unsafe PyImport_ImportModule("gc")).relinquish())
    }

    var isEnabled: Bool {
        guard let answer = try? module.ref.attribute("isenabled").call() else { return true }
        return PyObject_IsTrue(answer.ref) == 1
    }

    func disable() { _ = try? module.ref.attribute("disable").call() }
    func enable() { insist { (try? Held(stealing: module.ref.attribute("enable").call().relinquish())) == nil ? -1 : 0 } }

    /// Collects the youngest objects only: those that an update threw away are there.
    func collectYoungest() {
        ReferencePool.drain()
        insist {
            guard let collect = try? module.ref.attribute("collect"), let zero = try? Owned(PyLong_FromLongLong(0)),
                let _ = try? Held(stealing: collect.ref.call(zero.ref).relinquish())
            else { return -1 }
            return 0
        }
    }
}
