internal import CPython

/// After new code failed half-way: takes what it registered out of the objects that were there before.
struct Withdrawal {
    let modules: [ChangedModule]
    let runtime: PythonRuntime

    func run(after marker: PyRef) {
        guard let first = modules.first else { return }
        let created = Created(after: marker, heap: runtime.heap)
        created.countOutsideReferences(besides: modules.map(\.scratch.ref))
        for module in modules { created.discount(module.scratch.ref) }
        // Pairs tell which older object a registration replaced.
        let pairs = Pairs(created: created, runtime: runtime, modules: modules, first: first)
        for module in modules { pairs.pairModule(module) }
        var kept: [Held] = []
        let weak = WeakReferences(created: created, pairs: pairs, runtime: runtime)
        try? weak.pairAll {
            kept.append(Held($0))
            return $0
        }
        var strangers = created.objects.filter { created.outsideReferences(of: $0) > 0 && isOfNewCode($0, created) }
        try? weak.forEachRegistered {
            let referent = WeakReferences.referent(of: $0)
            if !referent.isNull, created.contains(referent), isOfNewCode(referent, created) { strangers.append($0) }
        }
        guard !strangers.isEmpty else { return }
        let pass = HeapPass(runtime)
        pass.seekHolders(of: Set(strangers))
        _ = pass.run(except: created)
        for (holder, found) in pass.holders {
            withdraw(found, from: holder, pairs)
        }
        forgetExitFunctions(strangers)
    }

    /// What `atexit` holds only it can let go of.
    private func forgetExitFunctions(_ strangers: [PyRef]) {
        guard let module = PyImport_GetModuleDict()[item: "atexit"], let unregister = module.attributeIfPresent("unregister") else {
            return
        }
        for function in strangers where function.isFunction { _ = try? unregister.ref.call(function) }
    }

    /// Functions and classes of the modules in question, and instances and bound methods of these.
    /// Other threads go on meanwhile, and what they make of the old classes is theirs.
    private func isOfNewCode(_ object: PyRef, _ created: Created, depth: Int = 0) -> Bool {
        if object.isFunction { return isScratch(object.reference(at: runtime.function.globals)) }
        if object.isClass { return object.isHeapClass && isOwned(object) }
        if object.isExactly(py_PyMethod_Type()) {
            return isOfNewCode(object.reference(at: 16), created) || isOfNewCode(object.reference(at: 24), created)
        }
        if created.contains(object.type), object.type.isHeapClass, isOwned(object.type) { return true }
        // A tuple or an instance that was made around any of these.
        guard depth < 3, created.contains(object), !object.isModule else { return false }
        return References.of(object).contains {
            $0 != object.type && created.contains($0) && isOfNewCode($0, created, depth: depth + 1)
        }
    }

    private func isScratch(_ dictionary: PyRef) -> Bool { modules.contains { $0.scratch.ref == dictionary } }

    private func isOwned(_ type: PyRef) -> Bool {
        let owner = type.classDict[item: runtime.names.module]?.text
        return modules.contains { $0.name == owner }
    }

    /// What a new value stood for; a tuple of such values is put together again.
    private func former(_ value: PyRef, _ pairs: Pairs) -> PyRef {
        guard value.isExactly(py_PyTuple_Type()), value.elements.contains(where: pairs.isThrownAway),
            let tuple = try? PyRef.tuple(value.elements.map(pairs.standing(for:)))
        else { return pairs.standing(for: value) }
        return tuple.ref
    }

    private func withdraw(_ found: Set<PyRef>, from holder: PyRef, _ pairs: Pairs) {
        if holder.isInstance(of: py_PyDict_Type()) {
            for (key, value) in holder.items where found.contains(key) || found.contains(value) {
                let previous = former(value, pairs)
                let status = previous != value && !found.contains(key) ? PyDict_SetItem(holder, key, previous) : PyDict_DelItem(holder, key)
                if status < 0 { PyErr_Clear() }
            }
        } else if holder.isExactly(py_PyList_Type()) {
            guard let kept = try? PyRef.listOf(holder.elements.filter { !found.contains($0) }) else { return }
            PyList_SetSlice(holder, 0, PyList_Size(holder), kept.ref)
        } else if holder.isInstance(of: py_PySet_Type()) {
            for element in found where PySet_Discard(holder, element) < 0 { PyErr_Clear() }
        }
    }
}
