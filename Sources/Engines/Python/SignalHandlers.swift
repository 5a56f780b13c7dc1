internal import CPython

/// The functions that Python calls for signals, which no other object refers to.
struct SignalHandlers {
    private let handlers: [(number: Int64, handler: Held)]

    /// Those that are set now.
    init() {
        guard let module = SignalHandlers.module, let get = module["getsignal"], let count = module["NSIG"] else {
            handlers = []
            return
        }
        handlers = (1..<PyLong_AsLongLong(count)).compactMap { number in
            // Numbers that the system keeps for itself have none.
            guard let argument = try? Owned(PyLong_FromLongLong(number)),
                let handler = try? Held(stealing: get.call(argument.ref).relinquish())
            else { return nil }
            return (number, handler)
        }
    }

    /// Sets them again where another one is set now. Python lets only its main thread do so.
    func restore() {
        guard let module = SignalHandlers.module, let get = module["getsignal"], let set = module["signal"] else { return }
        for (number, handler) in handlers {
            guard let argument = try? Owned(PyLong_FromLongLong(number)),
                let current = try? Held(stealing: get.call(argument.ref).relinquish()), current.ref != handler.ref, handler.ref != .none
            else { continue }
            _ = try? set.call(argument.ref, handler.ref)
        }
    }

    private static var module: [String: PyRef]? {
        guard let module = PyImport_GetModuleDict()[item: "_signal"], module.isModule else { return nil }
        let dictionary = PyModule_GetDict(module)
        return Dictionary(
            ["getsignal", "signal", "NSIG"].compactMap { name in dictionary[item: name].map { (name, $0) } }, uniquingKeysWith: { $1 })
    }
}
