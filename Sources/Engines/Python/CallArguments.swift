internal import CPython

/// The arguments of one call of a function of `instar`, by name. Good for the time of the call.
struct CallArguments {
    /// Those that were given, but for None.
    private(set) var values: [String: PyRef] = [:]
    private let function: String

    /// - Parameters:
    ///   - positional: names of the arguments that may come without one, in order.
    ///   - named: names of those that may not.
    /// - Throws: `TypeError` where the call has more, or others.
    init(_ function: String, positional: [String], named: [String], _ arguments: PyRef, _ keywords: PyRef) throws(PythonException) {
        self.function = function
        let given = arguments.elements
        guard given.count <= positional.count else {
            throw CallArguments.wrong("\(function)() takes at most \(positional.count) positional: \(positional.joined(separator: ", "))")
        }
        for (name, value) in zip(positional, given) { values[name] = value }
        for (key, value) in keywords.orNil?.items ?? [] {
            let name = key.text ?? "?"
            guard positional.contains(name) || named.contains(name) else {
                throw CallArguments.wrong(
                    "\(function)() has no argument '\(name)'; it takes \((positional + named).joined(separator: ", "))")
            }
            values[name] = value
        }
        values = values.filter { $0.value != .none }
    }

    /// A path, from text or anything with `__fspath__`.
    func path(_ name: String) throws(PythonException) -> String? {
        guard let value = values[name] else { return nil }
        guard case .string(let text) = try PythonValue(value) else { throw CallArguments.wrong("\(function)(): \(name) is no path") }
        return text
    }

    /// Names of modules, from one name or module or from any iterable of them.
    func moduleNames(_ name: String) throws(PythonException) -> [String]? {
        guard let value = values[name] else { return nil }
        if let name = CallArguments.moduleName(value) { return [name] }
        let iterator = try Owned(PyObject_GetIter(value))
        var names: [String] = []
        while true {
            let element = PyIter_Next(iterator.ref)
            if element.isNull { break }
            defer { element.release() }
            guard let name = CallArguments.moduleName(element) else {
                throw CallArguments.wrong("modules are given as names or as module objects")
            }
            names.append(name)
        }
        if !PyErr_Occurred().isNull { throw PythonException.taken() }
        return names
    }

    private static func moduleName(_ value: PyRef) -> String? {
        value.text ?? (value.isModule ? PyModule_GetDict(value)[item: "__name__"]?.text : nil)
    }

    private static func wrong(_ message: String) -> PythonException {
        unsafe PyErr_SetString(py_PyExc_TypeError(), message)
        return PythonException.taken()
    }
}
