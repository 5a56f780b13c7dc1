internal import CPython

/// What abstract classes remember of `isinstance` and `issubclass`: wrong once a class has other methods or bases.
struct AbstractCaches {
    let pairs: Pairs
    let patch: Patch
    let runtime: PythonRuntime

    /// Makes every abstract class ask again, where an updated class may answer in another way.
    func update() throws {
        let hasRegistered = try mergeRegistrations()
        guard hasRegistered || pairs.classes.contains(where: answersDiffer), let reset = resetFunction(), let meta = metaclass() else {
            return
        }
        var stale: [PyRef] = []
        var seen: Set<PyRef> = []
        collect(below: py_PyBaseObject_Type(), meta, into: &stale, seen: &seen)
        let classes = stale.map { Held(patch.keep($0)) }
        func forget() { for type in classes { _ = try? reset.ref.call(type.ref) } }
        patch.call { [patch] in
            forget()
            patch.whenUndone(forget)
        }
    }

    /// What the load registered with a thrown-away class is registered with the one that stands for it. True where there is any.
    private func mergeRegistrations() throws -> Bool {
        guard let layout = AbstractCaches.registryOffset() else { return false }
        var isAny = false
        for pair in pairs.classes {
            guard let old = pair.old.classDict[item: "_abc_impl"], let new = pair.new.classDict[item: "_abc_impl"], old.type == new.type,
                new.type.classAttribute(runtime.names.name)?.text == "_abc_data"
            else { continue }
            let known = Set(AbstractCaches.registered(old, at: layout))
            let added = AbstractCaches.registered(new, at: layout).map(pairs.standing(for:)).filter { !known.contains($0) }
            guard !added.isEmpty else { continue }
            try register(added, in: old, at: layout)
            isAny = true
        }
        return isAny
    }

    private func register(_ types: [PyRef], in data: PyRef, at offset: Int) throws {
        var registry = data.reference(at: offset)
        if registry.isNull {
            registry = patch.keep(try Owned(PySet_New(.null)).ref)
            patch.swap(data, at: offset, to: registry)
        }
        for type in types {
            let reference = patch.keep(try Owned(PyWeakref_NewRef(type, .null)).ref)
            patch.call { [patch] in
                try check(PySet_Add(registry, reference))
                patch.whenUndone { if PySet_Discard(registry, reference) < 0 { PyErr_Clear() } }
            }
        }
    }

    /// Classes that are registered with an abstract class, of whose data this is.
    private static func registered(_ data: PyRef, at offset: Int) -> [PyRef] {
        let registry = data.reference(at: offset)
        guard !registry.isNull, registry.isExactly(py_PySet_Type()) else { return [] }
        return References.of(registry).map(WeakReferences.referent).filter { !$0.isNull && $0.isClass }
    }

    /// Where the data of an abstract class keeps its registry; nil where no class is known that shows it.
    private static func registryOffset() -> Int? {
        // `collections.abc.MutableSequence` has lists among its registered classes in every program.
        guard let module = PyImport_GetModuleDict()[item: "collections.abc"], module.isModule,
            let type = PyModule_GetDict(module)[item: "MutableSequence"], let data = type.classDict[item: "_abc_impl"],
            Int(py_word(data.type, py_type_basicsize)) >= 24, registered(data, at: 16).contains(py_PyList_Type())
        else { return nil }
        return 16
    }

    /// Whether protocols or checks of the class may have come, gone or changed.
    private func answersDiffer(_ pair: Pairs.ClassPair) -> Bool {
        let (old, new) = (pair.old.classDict, pair.new.classDict)
        return hasSpecialName(old, without: new) || hasSpecialName(new, without: old) || new[item: runtime.names.subclassHook] != nil
            || pair.new.classBases.elements.map(pairs.standing(for:)) != pair.old.classBases.elements
    }

    private func hasSpecialName(_ a: PyRef, without b: PyRef) -> Bool {
        a.items.contains { b[item: $0.key] == nil && $0.key.text?.hasPrefix("__") == true }
    }

    /// Abstract classes below `type`: those right below, and all that derive from them.
    private func collect(below type: PyRef, _ meta: PyRef, into found: inout [PyRef], seen: inout Set<PyRef>) {
        for subclass in Subclasses.of(type) where subclass.type.isInstance(meta: meta) && seen.insert(subclass).inserted {
            found.append(subclass)
            collect(below: subclass, meta, into: &found, seen: &seen)
        }
    }

    private func metaclass() -> PyRef? { PyImport_GetModuleDict()[item: "abc"].flatMap { PyModule_GetDict($0)[item: "ABCMeta"] } }

    /// The function in C; the pure-Python stand-in of other interpreters has none.
    private func resetFunction() -> Held? {
        PyImport_GetModuleDict()[item: "_abc"].flatMap { PyModule_GetDict($0)[item: "_reset_caches"] }.map { Held($0) }
    }
}

extension PyRef {
    /// Whether this metaclass is `meta` or derives from it.
    fileprivate func isInstance(meta: PyRef) -> Bool { self == meta || PyType_IsSubtype(self, meta) != 0 }
}
