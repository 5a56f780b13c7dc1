internal import CPython

/// Takes what new code registered out of the objects that were there before.
struct Withdrawal {
    let modules: [ChangedModule]
    let runtime: PythonRuntime

    /// After new code failed half-way, or its update was taken back.
    ///
    /// - Parameter marker: older than all that is looked at.
    func run(after marker: PyRef) {
        guard let first = modules.first else { return }
        let created = Created(after: marker, heap: runtime.heap)
        created.countOutsideReferences(besides: modules.map(\.scratch.ref))
        for module in modules { created.discount(module.scratch.ref) }
        // Pairs tell which older object a registration replaced.
        let pairs = Pairs(created: created, runtime: runtime, modules: modules, first: first)
        for module in modules { pairs.pairModule(module) }
        var kept: [Held] = []
        try? WeakReferences(created: created, pairs: pairs, runtime: runtime).pairAll {
            kept.append(Held($0))
            return $0
        }
        run(registrations(created, pairs), except: created)
    }

    /// Takes out what is registered: holders among `created` go with it.
    func run(_ registrations: Registrations, except created: Created? = nil) {
        guard !registrations.isEmpty else { return }
        let pass = HeapPass(runtime)
        pass.seekHolders(of: registrations.objects)
        _ = pass.run(except: created)
        for (holder, found) in pass.holders { withdraw(found, from: holder, registrations) }
        forgetExitFunctions(registrations.objects)
    }

    /// What executing the new code put into older objects.
    func registrations(_ created: Created, _ pairs: Pairs) -> Registrations {
        var registrations = Registrations()
        for object in created.objects where created.outsideReferences(of: object) > 0 && isOfNewCode(object, created) {
            registrations.add(object, insteadOf: former(object, pairs))
        }
        try? WeakReferences(created: created, pairs: pairs, runtime: runtime).forEachRegistered {
            let referent = WeakReferences.referent(of: $0)
            if !referent.isNull, created.contains(referent), isOfNewCode(referent, created) {
                registrations.add($0, insteadOf: pairs.standing(for: $0))
            }
        }
        return registrations
    }

    /// What `atexit` holds only it can let go of.
    private func forgetExitFunctions(_ strangers: Set<PyRef>) {
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
        guard let module = modules.first(where: { $0.name == owner }) else { return false }
        return !type.classDict.items.contains { _, value in
            value.isFunction && value.reference(at: runtime.function.globals) == module.live.ref
        }
    }

    /// What a new value stood for; a tuple of such values is put together again.
    private func former(_ value: PyRef, _ pairs: Pairs) -> PyRef {
        guard value.isExactly(py_PyTuple_Type()), value.elements.contains(where: pairs.isThrownAway),
            let tuple = try? PyRef.tuple(value.elements.map(pairs.standing(for:)))
        else { return pairs.standing(for: value) }
        return tuple.ref
    }

    private func withdraw(_ found: Set<PyRef>, from holder: PyRef, _ registrations: Registrations) {
        if holder.isInstance(of: py_PyDict_Type()) {
            for (key, value) in holder.items where found.contains(key) || found.contains(value) {
                let previous = registrations.former(of: value)
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

/// New objects that older ones hold, kept alive, each with what was there before: itself where nothing was.
struct Registrations {
    private var formers: [PyRef: (object: Held, former: Held)] = [:]

    var isEmpty: Bool { formers.isEmpty }
    var objects: Set<PyRef> { Set(formers.keys) }

    mutating func add(_ object: PyRef, insteadOf former: PyRef) { formers[object] = (Held(object), Held(former)) }

    func former(of object: PyRef) -> PyRef { formers[object]?.former.ref ?? object }
}
