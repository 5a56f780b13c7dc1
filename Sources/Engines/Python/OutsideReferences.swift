internal import CPython

/// Finds where older objects refer to what executing the new code made: registries, callbacks, caches.
///
/// Reference counts tell whether there are any; only then the heap is walked for their holders.
struct OutsideReferences {
    let created: Created
    let pairs: Pairs
    let adoption: Adoption

    /// New objects that are thrown away, yet held from outside.
    var sought: Set<PyRef> {
        Set(created.objects.filter { created.outsideReferences(of: $0) > 0 && pairs.isThrownAway($0) })
    }

    /// Adopts new objects that are held from outside, and re-points the holders of what is thrown away.
    func resolve(_ holders: [(holder: PyRef, found: Set<PyRef>)]) {
        for object in created.objects where created.outsideReferences(of: object) > 0 && !pairs.isThrownAway(object) {
            adoption.adopt(object)
        }
        for (holder, found) in holders { adoption.repoint(holder, Dictionary(uniqueKeysWithValues: found.map { ($0, 8) })) }
    }
}
