internal import CPython

/// Weak references that the new code put into registries.
///
/// One to a thrown-away class or function, held in a weak set or dictionary, is exchanged for one to what stands for it.
/// The bare ones that base classes keep of their subclasses vanish with the class.
struct WeakReferences {
    let created: Created
    let pairs: Pairs
    let runtime: PythonRuntime

    /// The object that a weak reference is of (borrowed); it may be NULL.
    static func referent(of reference: PyRef) -> PyRef { reference.reference(at: 16) }

    /// Calls `visit` for each new weak reference that something outside the new code holds and acts upon.
    func forEachRegistered(_ visit: (PyRef) throws -> Void) throws {
        let type = runtime.weakReference.ref
        for reference in created.objects where reference.isInstance(of: type) {
            guard !callback(of: reference).isNull, created.outsideReferences(of: reference) > 0 else { continue }
            try visit(reference)
        }
    }

    /// Pairs each with a new reference to what stands for its object. `keep` makes that one last.
    func pairAll(keep: (PyRef) -> PyRef) throws {
        try forEachRegistered { reference in
            let referent = WeakReferences.referent(of: reference)
            guard pairs.isThrownAway(referent), let new = try copy(of: reference, to: pairs.standing(for: referent)) else { return }
            pairs.map(reference, to: keep(new.ref))
        }
    }

    private func callback(of reference: PyRef) -> PyRef { reference.reference(at: 24) }

    private func copy(of old: PyRef, to object: PyRef) throws -> Held? {
        if old.isExactly(runtime.weakReference.ref) {
            return Held(stealing: try Owned(PyWeakref_NewRef(object, callback(of: old))).relinquish())
        }
        // The values of a weak dictionary know their key.
        guard let keyed = PyImport_GetModuleDict()[item: "weakref"].flatMap({ PyModule_GetDict($0)[item: "KeyedRef"] }),
            old.isExactly(keyed),
            let key = old.attributeIfPresent("key")
        else { return nil }
        return Held(stealing: try keyed.call(object, callback(of: old), key.ref).relinquish())
    }
}
