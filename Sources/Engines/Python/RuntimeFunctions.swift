internal import CPython
internal import InstarReload

/// Functions of the running program that no name leads to: closures made at run time, callbacks, decorated functions of
/// other modules. They are found by their code, in the update's one pass over the heap, and given the new code.
///
/// What such a function captured stays: only the running program knows its values.
final class RuntimeFunctions {
    private let codes: CodePairs
    private let pairs: Pairs
    private let patch: Patch
    private let adoption: Adoption
    private let functionUpdate: FunctionUpdate
    private let runtime: PythonRuntime
    /// New functions by their code; only code that no other function is around makes one of each.
    private var made: [PyRef: PyRef] = [:]
    private var done: Set<PyRef> = []
    /// How many paired functions run an old code.
    private var paired: [PyRef: Int] = [:]

    init(_ functionUpdate: FunctionUpdate) {
        self.functionUpdate = functionUpdate
        codes = CodePairs(functionUpdate.runtime.code)
        (pairs, patch, adoption, runtime) = (functionUpdate.pairs, functionUpdate.patch, functionUpdate.adoption, functionUpdate.runtime)
    }

    /// Pairs the code of the modules' two versions.
    ///
    /// - Parameter isFinal: whether no function can be made any more before the update is in place.
    func pair(_ modules: [ChangedModule], _ created: Created, record: LoadRecord, isFinal: Bool) {
        done.reserveCapacity(pairs.functions.count)
        paired.reserveCapacity(pairs.functions.count)
        for (old, _) in pairs.functions where done.insert(old).inserted { paired[code(of: old), default: 0] += 1 }
        for module in modules {
            guard let new = module.code, let old = record.code(of: module.name, where: module.live.ref, runtime) else { continue }
            codes.add(old, new.ref, module: module.name) { !isFinal || self.isShared($0) }
        }
        guard !codes.entries.isEmpty else { return }
        for (_, new) in pairs.functions { made[code(of: new)] = new }
        for object in created.objects where object.isFunction && made[code(of: object)] == nil { made[code(of: object)] = object }
    }

    /// Whether some function besides the paired ones runs an old code: each code is held by the constants of the code
    /// around it, and by each of its functions.
    private func isShared(_ code: PyRef) -> Bool { py_reference_count(code) > 1 + (paired[code] ?? 0) }

    /// Old code whose functions are to be looked for on the heap; nil where there is none.
    func wanted() -> AddressTable? {
        let sought = codes.entries.keys.filter(isShared)
        return sought.isEmpty ? nil : RuntimeFunctions.table(sought)
    }

    /// All old code that may ever be among those.
    var all: AddressTable { RuntimeFunctions.table(codes.entries.keys) }

    private static func table(_ codes: some Collection<PyRef>) -> AddressTable {
        let table = AddressTable(minimumCapacity: codes.count)
        for code in codes { table.insert(code.address, 1) }
        return table
    }

    /// Updates the functions that were found. Answers lines for the log.
    func update(_ found: [PyRef]) throws -> [String] {
        var lines: [String: Int] = [:]
        for function in found where done.insert(function).inserted {
            guard let entry = codes.entries[code(of: function)] else { continue }
            let isUpdated: Bool
            if !entry.isNested, let new = made[entry.new] {
                try functionUpdate.update(function, from: new)
                isUpdated = true
            } else {
                isUpdated = try replaceCode(of: function, by: entry)
            }
            let line =
                "\(isUpdated ? "[U]" : "[RD]") \(entry.module).\(entry.path) : function\(isUpdated ? "" : ", it lacks a variable of the new one")"
            lines[line, default: 0] += 1
        }
        return lines.sorted { $0.key < $1.key }.map { $0.value == 1 ? $0.key : "\($0.key), \($0.value) of them" }
    }

    private func code(of function: PyRef) -> PyRef { function.reference(at: runtime.function.code) }

    /// False where the new code needs a variable that nobody captured.
    private func replaceCode(of function: PyRef, by entry: CodePairs.Entry) throws -> Bool {
        let layout = runtime.function
        guard let cells = cells(for: entry, of: function) else { return false }
        patch.swap(function, at: layout.code, to: entry.new)
        if cells != function.reference(at: layout.closure).orNil?.elements ?? [] {
            let closure = try PyRef.tuple(cells)
            patch.swap(function, at: layout.closure, to: cells.isEmpty ? .null : closure.ref)
        }
        let documentation = runtime.code.documentation(entry.new)
        let hadOwn = function.reference(at: layout.documentation) == runtime.code.documentation(code(of: function))
        if hadOwn, documentation != function.reference(at: layout.documentation) {
            patch.swap(function, at: layout.documentation, to: documentation.orNil ?? .none)
        }
        try fitDefaults(of: function, to: entry.new)
        patch.reset(function: function)
        return true
    }

    /// Captured variables by name; those that the old code did not capture come from the function around it, if it has them.
    private func cells(for entry: CodePairs.Entry, of function: PyRef) -> [PyRef]? {
        let old = Closure(function, runtime.function).cells
        let around = made[entry.outermost].map { Closure($0, runtime.function).cells } ?? [:]
        var cells: [PyRef] = []
        for name in Code.freeVariables(entry.new) {
            guard let cell = old[name] ?? around[name] else { return nil }
            adoption.adopt(cell)
            cells.append(pairs.standing(for: cell))
        }
        return cells
    }

    /// More default values than parameters would be written past the end of a frame.
    private func fitDefaults(of function: PyRef, to code: PyRef) throws {
        let defaults = function.reference(at: runtime.function.defaults)
        let count = code.attributeIfPresent("co_argcount").map { Int(PyLong_AsLongLong($0.ref)) } ?? 0
        guard !defaults.isNull, PyTuple_Size(defaults) > count else { return }
        let fitting = try PyRef.tuple(Array(defaults.elements.suffix(count)))
        patch.swap(function, at: runtime.function.defaults, to: fitting.ref)
    }
}
