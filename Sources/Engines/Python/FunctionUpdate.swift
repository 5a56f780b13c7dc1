internal import CPython

/// Gives functions of the running program the content of their new versions.
struct FunctionUpdate {
    let pairs: Pairs
    let patch: Patch
    let adoption: Adoption
    let runtime: PythonRuntime
    let record: LoadRecord
    let state: StateVariables

    /// Everything of `new` goes into `old`; the object that others hold stays.
    func update(_ old: PyRef, from new: PyRef) throws {
        let layout = runtime.function
        for offset in layout.copied where offset != layout.closure { replace(old, new, at: offset) }
        replace(old, new, at: layout.defaults)
        try updateClosure(old, new)
        try updateAttributes(old, new)
        patch.reset(function: old)
    }

    private func replace(_ old: PyRef, _ new: PyRef, at offset: Int) {
        let value = new.reference(at: offset)
        let target = value.isNull ? value : pairs.standing(for: value)
        adoption.adopt(value)
        if old.reference(at: offset) != target { patch.swap(old, at: offset, to: target) }
    }

    // MARK: Free variables

    /// A variable that code rebinds is state: its cell is kept as it is. Any other is a parameter: the kept cell gets the
    /// new value. Variables that the old version lacks bring their new cell.
    private func updateClosure(_ old: PyRef, _ new: PyRef) throws {
        let layout = runtime.function
        let newClosure = new.reference(at: layout.closure)
        guard !newClosure.isNull else {
            if !old.reference(at: layout.closure).isNull { patch.swap(old, at: layout.closure, to: .null) }
            return
        }
        let names = Code.freeVariables(new.reference(at: layout.code))
        let oldCells = Closure(old, layout).cells
        var cells: [PyRef] = []
        for (name, newCell) in zip(names, newClosure.elements) {
            guard let oldCell = oldCells[name], oldCell != newCell else {
                adoption.adopt(newCell)
                cells.append(pairs.standing(for: newCell))
                continue
            }
            if name != "__class__", !SingleDispatch.shares(name, in: old, runtime), !state.contains(name, old: old, new: new) {
                setContent(of: oldCell, from: newCell)
            }
            cells.append(oldCell)
        }
        guard cells != old.reference(at: layout.closure).orNil?.elements else { return }
        let closure = try PyRef.tuple(cells)
        patch.swap(old, at: layout.closure, to: closure.ref)
    }

    private func setContent(of oldCell: PyRef, from newCell: PyRef) {
        guard let value = Closure.content(newCell) else { return }
        adoption.adopt(value)
        let target = pairs.standing(for: value)
        if Closure.content(oldCell) != target { patch.swap(oldCell, at: Closure.contentOffset, to: target) }
    }

    // MARK: Attributes

    /// Attributes that the new source sets follow it; those that the old source set and the new does not go; what the
    /// running program set stays.
    private func updateAttributes(_ old: PyRef, _ new: PyRef) throws {
        let offset = runtime.function.attributes
        let (before, after) = (old.reference(at: offset).orNil?.items ?? [], new.reference(at: offset).orNil)
        guard !before.isEmpty || after != nil else { return }
        let bySource = record.attributes[pairs.owner(old) ?? ""]?[pairs.qualifiedName(old) ?? ""] ?? ["__wrapped__"]
        let gone = before.map(\.key).filter { key in after?[item: key] == nil && key.text.map(bySource.contains) == true }
        let isDispatcher = SingleDispatch.isWrapper(old, runtime) && SingleDispatch.isWrapper(new, runtime)
        let set = (after?.items ?? []).filter { key, _ in !isDispatcher || key.text.map(SingleDispatch.ownAttributes.contains) != true }
        for (_, value) in set { adoption.adopt(value) }
        let values = set.map { (key: patch.keep($0.key), value: patch.keep(pairs.standing(for: $0.value))) }
        for key in gone { patch.keep(key) }
        patch.keep(old)
        // In a copy of what is there then: the program counts and notes in such attributes.
        patch.call { [patch] in
            let current = old.reference(at: offset)
            let merged = current.isNull ? try Owned(PyDict_New()) : try Owned(PyDict_Copy(current))
            for key in gone where merged.ref[item: key] != nil { try check(PyDict_DelItem(merged.ref, key)) }
            for (key, value) in values { try check(PyDict_SetItem(merged.ref, key, value)) }
            patch.write(old, at: offset, PyDict_Size(merged.ref) == 0 ? .null : merged.ref)
        }
    }
}

/// `functools.singledispatch`: its registry is shared by whoever registered, so it is merged, not replaced.
enum SingleDispatch {
    static let ownAttributes: Set<String> = ["register", "dispatch", "registry", "_clear_cache"]

    /// A variable that the function's parts share: `registry` or `dispatch_cache`.
    static func shared(_ name: String, of wrapper: PyRef, _ runtime: PythonRuntime) -> PyRef? {
        guard isWrapper(wrapper, runtime), let dispatch = wrapper.reference(at: runtime.function.attributes)[item: "dispatch"],
            dispatch.isFunction
        else { return nil }
        return Closure(dispatch, runtime.function).cells[name].flatMap(Closure.content)
    }

    /// Whether a free variable of one of its functions belongs to all modules that register.
    static func shares(_ name: String, in function: PyRef, _ runtime: PythonRuntime) -> Bool {
        ["registry", "dispatch_cache", "cache_token"].contains(name)
            && function.reference(at: runtime.function.globals)[item: "__name__"]?.text == "functools"
    }

    /// Whether `function` is what the decorator made.
    static func isWrapper(_ function: PyRef, _ runtime: PythonRuntime) -> Bool {
        let attributes = function.reference(at: runtime.function.attributes)
        guard !attributes.isNull, attributes[item: "dispatch"] != nil, attributes[item: "_clear_cache"] != nil else { return false }
        return function.reference(at: runtime.function.globals)[item: "__name__"]?.text == "functools"
    }
}
