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
            if !registered.isEmpty { hidden.entries += registrations.withdraw(registered, from: holder) }
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

/// New objects that older ones hold, kept alive, each with what was there before: itself where nothing was.
struct Registrations {
    private var formers: [PyRef: (object: Held, former: Held)] = [:]

    var isEmpty: Bool { formers.isEmpty }
    var objects: Set<PyRef> { Set(formers.keys) }

    mutating func add(_ object: PyRef, insteadOf former: PyRef) { formers[object] = (Held(object), Held(former)) }

    /// Takes some of the objects out of a dictionary, list or set that holds them; what can put them back.
    fileprivate func withdraw(_ found: Set<PyRef>, from holder: PyRef) -> [HiddenRegistrations.Entry] {
        if holder.isInstance(of: py_PyDict_Type()) {
            return holder.items.filter { found.contains($0.key) || found.contains($0.value) }
                .compactMap { withdraw($0.key, $0.value, from: holder, isKeyNew: found.contains($0.key)) }
        } else if holder.isExactly(py_PyList_Type()) {
            let elements = holder.elements
            guard let kept = try? PyRef.listOf(elements.filter { !found.contains($0) }) else { return [] }
            let entry = HiddenRegistrations.Entry.elements(
                list: Held(holder), count: PyList_Size(kept.ref),
                elements.enumerated().filter { found.contains($0.element) }.map { ($0.offset, Held($0.element)) })
            return PyList_SetSlice(holder, 0, PyList_Size(holder), kept.ref) < 0 ? forgetError() : [entry]
        } else if holder.isInstance(of: py_PySet_Type()) {
            return found.flatMap { PySet_Discard(holder, $0) < 0 ? forgetError() : [.member(set: Held(holder), Held($0))] }
        }
        return []
    }

    private func withdraw(_ key: PyRef, _ value: PyRef, from dictionary: PyRef, isKeyNew: Bool) -> HiddenRegistrations.Entry? {
        let previous = formers[value]?.former.ref ?? value
        let isReplaced = previous != value && !isKeyNew
        let entry = HiddenRegistrations.Entry.item(
            dictionary: Held(dictionary), key: Held(key), value: Held(value), left: isReplaced ? Held(previous) : nil)
        let status = isReplaced ? PyDict_SetItem(dictionary, key, previous) : PyDict_DelItem(dictionary, key)
        return status < 0 ? forgetError().first : entry
    }

    private func forgetError() -> [HiddenRegistrations.Entry] {
        PyErr_Clear()
        return []
    }
}

/// Registrations of new code that were taken out of older objects while an update waits.
struct HiddenRegistrations {
    fileprivate enum Entry {
        /// `left` is what stands there meanwhile.
        case item(dictionary: Held, key: Held, value: Held, left: Held?)
        /// With their places in the list, which had `count` others.
        case elements(list: Held, count: Int, [(index: Int, element: Held)])
        case member(set: Held, Held)
    }

    fileprivate var entries: [Entry] = []

    /// Puts all back: where the program went on with such an object, beside or behind what it did.
    func show() throws(PythonException) {
        for entry in entries {
            switch entry {
            case .item(let dictionary, let key, let value, let left):
                guard dictionary.ref[item: key.ref] == left?.ref else { continue }
                try check(PyDict_SetItem(dictionary.ref, key.ref, value.ref))
            case .elements(let list, let count, let elements):
                let isUntouched = PyList_Size(list.ref) == count
                for (index, element) in elements {
                    let place = isUntouched ? index : PyList_Size(list.ref)
                    let one = try PyRef.listOf([element.ref])
                    try check(PyList_SetSlice(list.ref, place, place, one.ref))
                }
            case .member(let set, let member): try check(PySet_Add(set.ref, member.ref))
            }
        }
    }
}

/// What new code registered, as long as its update waits.
struct WaitingRegistrations {
    let all: Registrations
    private var hidden: HiddenRegistrations?

    init(_ all: Registrations, _ hidden: HiddenRegistrations?) { (self.all, self.hidden) = (all, hidden) }

    /// Whether the running program does not meet them.
    var areHidden: Bool { hidden != nil }

    /// Puts back what was hidden.
    mutating func show() throws(PythonException) {
        let hidden = hidden
        self.hidden = nil
        try hidden?.show()
    }
}
