internal import CPython

/// Finds where older objects refer to what executing the new code made: registries, callbacks, caches.
///
/// Reference counts tell whether there are any; only then the heap is walked, once, however many there are.
struct OutsideReferences {
    let created: Created
    let pairs: Pairs
    let adoption: Adoption
    let runtime: PythonRuntime

    /// Adopts new objects that are held from outside, and re-points outside holders of what is thrown away.
    func resolve() throws {
        var sought: Set<PyRef> = []
        for object in created.objects where created.outsideReferences(of: object) > 0 {
            if pairs.isThrownAway(object) { sought.insert(object) } else { adoption.adopt(object) }
        }
        guard !sought.isEmpty else { return }
        for (holder, found) in HolderSearch(runtime: runtime).holders(of: sought, except: created) {
            adoption.repoint(holder, Dictionary(uniqueKeysWithValues: found.map { ($0, 8) }))
        }
    }

    /// A weak reference to a thrown-away class or function, held in a weak set or dictionary, is exchanged for one to what
    /// stands for it. The bare ones that base classes keep of their subclasses vanish with the class.
    func replaceWeakReferences() throws {
        let weakReference = try Owned(unsafe PyImport_ImportModule("_weakref"))
        let type = try weakReference.ref.attribute("ReferenceType")
        for reference in created.objects where reference.isInstance(of: type.ref) {
            let referent = reference.reference(at: 16)
            let callback = reference.reference(at: 24)
            guard !callback.isNull, pairs.isThrownAway(referent), created.outsideReferences(of: reference) > 0,
                reference.isExactly(type.ref)
            else { continue }
            let new = try Owned(PyWeakref_NewRef(pairs.standing(for: referent), callback))
            pairs.map(reference, to: adoption.keep(new.ref))
        }
    }
}
