internal import CPython

/// What abstract classes remember of `isinstance` and `issubclass`: wrong once a class has other methods or bases.
struct AbstractCaches {
    let pairs: Pairs
    let patch: Patch
    let runtime: PythonRuntime

    /// Makes every abstract class ask again, where an updated class may answer in another way.
    func update() throws {
        guard pairs.classes.contains(where: answersDiffer), let reset = resetFunction(), let meta = metaclass() else { return }
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
