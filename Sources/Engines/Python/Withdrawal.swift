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
        for (holder, found) in pass.holders { _ = registrations.withdraw(found, from: holder) }
        forgetExitFunctions(registrations.objects)
    }

    /// The same for an update that waited.
    func run(_ registered: WaitingRegistrations) {
        if registered.areHidden { forgetExitFunctions(registered.all.objects) } else { run(registered.all) }
    }

    /// Takes out of `holders` what is registered in them, to be put back when the update is put in place: until then the running
    /// program meets none of the new code.
    ///
    /// - Parameter end: what is younger the engine made, and only it looks at.
    func hide(
        _ registrations: Registrations, in holders: [(holder: PyRef, found: Set<PyRef>)], after end: Held
    ) -> HiddenRegistrations? {
        let objects = registrations.objects
        var own: Set<PyRef> = []
        guard runtime.heap.forEachObject(after: end.ref, upTo: runtime.heap.youngest, { own.insert($0) }) else { return nil }
        var hidden = HiddenRegistrations()
        for (holder, found) in holders where !own.contains(holder) && !isScratch(holder) {
            let registered = found.intersection(objects)
            if !registered.isEmpty { hidden.entries += registrations.withdraw(registered, from: holder, isForAWhile: true) }
        }
        return hidden
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
}
