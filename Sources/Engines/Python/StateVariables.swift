internal import CPython

/// Which free variables some code rebinds (`nonlocal`): they are state of the running program.
final class StateVariables {
    private let runtime: PythonRuntime
    private var layout: FunctionLayout { runtime.function }
    private var known: [PyRef: Set<String>] = [:]
    private let storeOperations: Set<UInt8>
    private let extendedArgument: UInt8
    /// By code that has free variables: what is rebound by any code of the outermost function around it.
    private var siblings: [PyRef: Set<String>] = [:]
    /// Modules whose code was not looked into yet: few updates meet a free variable.
    private var waiting: [ChangedModule]

    init(_ runtime: PythonRuntime, modules: [ChangedModule]) throws {
        waiting = modules
        self.runtime = runtime
        let opcode = try Owned(unsafe PyImport_ImportModule("opcode"))
        let map = try opcode.ref.attribute("opmap")
        func number(_ name: String) -> UInt8? { map.ref[item: name].map { UInt8(truncatingIfNeeded: PyLong_AsLongLong($0)) } }
        storeOperations = Set(["STORE_DEREF", "DELETE_DEREF"].compactMap(number))
        extendedArgument = number("EXTENDED_ARG") ?? 0
    }

    /// Notes, for each outermost function of a module or class body, which variables the code inside rebinds.
    private func note(_ code: PyRef) {
        for child in runtime.code.children(code) {
            guard Code.isFunction(child) else {
                note(child)
                continue
            }
            var rebound: Set<String> = []
            var captures: [PyRef] = []
            collect(child, rebound: &rebound, captures: &captures)
            for code in captures { siblings[code] = rebound }
        }
    }

    private func collect(_ code: PyRef, rebound: inout Set<String>, captures: inout [PyRef]) {
        rebound.formUnion(reboundVariables(of: code))
        if !Code.freeVariables(code).isEmpty { captures.append(code) }
        for child in runtime.code.children(code) { collect(child, rebound: &rebound, captures: &captures) }
    }

    /// Whether `name` is state in either version of a function.
    func contains(_ name: String, old: PyRef, new: PyRef) -> Bool {
        for module in waiting { if let code = module.code { note(code.ref) } }
        waiting = []
        for function in [old, new] {
            let code = function.reference(at: layout.code)
            if reboundVariables(of: code).contains(name) || siblings[code]?.contains(name) == true { return true }
        }
        return false
    }

    /// Free variables that this very code stores to.
    private func reboundVariables(of code: PyRef) -> Set<String> {
        if let set = known[code] { return set }
        let free = Code.freeVariables(code)
        var rebound: Set<String> = []
        if !free.isEmpty, let bytes = code.attributeIfPresent("co_code")?.byteContent {
            let names = Variables(code, free: free)
            var extended = 0
            for index in stride(from: 0, to: bytes.count - 1, by: 2) {
                let argument = extended << 8 | Int(bytes[index + 1])
                extended = bytes[index] == extendedArgument ? argument : 0
                if storeOperations.contains(bytes[index]), let name = names[argument], free.contains(name) { rebound.insert(name) }
            }
        }
        known[code] = rebound
        return rebound
    }

    /// Names that the argument of a cell operation stands for: cells then free variables before 3.11; since then all
    /// local variables come first, and a parameter that is a cell is not counted twice.
    private struct Variables {
        private let names: [String]

        init(_ code: PyRef, free: [String]) {
            let cells = Code.cellVariables(code)
            if code.attributeIfPresent("co_exceptiontable") == nil {
                names = cells + free
            } else {
                let locals = code.attributeIfPresent("co_varnames")?.texts ?? []
                names = locals + cells.filter { !locals.contains($0) } + free
            }
        }

        subscript(index: Int) -> String? { names.indices.contains(index) ? names[index] : nil }
    }
}
