internal import CPython

/// Finds where older objects refer to what executing the new code made: registries, callbacks, caches.
///
/// Reference counts tell whether there are any; only then the heap is walked for their holders.
struct OutsideReferences {
    let created: Created
    let pairs: Pairs
    let adoption: Adoption

    /// New objects that are held from outside, and whose holders are looked for: what is thrown away, and entries of
    /// registries around it.
    var sought: Set<PyRef> {
        Set(created.objects.filter { created.outsideReferences(of: $0) > 0 && (pairs.isThrownAway($0) || isEntry($0, depth: 0)) })
    }

    /// Whether an object was made around something that is thrown away: a tuple, an instance.
    private func isEntry(_ object: PyRef, depth: Int) -> Bool {
        guard depth < 3, !object.isFunction, !object.isClass, !object.isModule else { return false }
        return References.of(object).contains { child in
            child != object.type && created.contains(child) && (pairs.isThrownAway(child) || isEntry(child, depth: depth + 1))
        }
    }

    /// Adopts new objects that are held from outside, and re-points the holders of what is thrown away.
    func resolve(_ holders: [(holder: PyRef, found: Set<PyRef>)]) {
        for object in created.objects where created.outsideReferences(of: object) > 0 && !pairs.isThrownAway(object) {
            adoption.adopt(object)
        }
        // What holds a function where the heap does not show it (a signal handler, an exit function) calls it all the same.
        for function in created.objects
        where function.isFunction && created.outsideReferences(of: function) > 0 && pairs.isThrownAway(function) {
            adoption.adopt(function, evenIfPaired: true)
        }
        for (holder, found) in holders { adoption.repoint(holder, Dictionary(uniqueKeysWithValues: found.map { ($0, 8) })) }
    }
}
