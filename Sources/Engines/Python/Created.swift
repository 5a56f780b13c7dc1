internal import CPython

/// The objects that executing the new code made, with the references to each that none of them holds.
///
/// The collector is off meanwhile, so they are the youngest objects, in the order they were made.
final class Created {
    private(set) var objects: [PyRef] = []
    /// By address: references held from outside the new objects.
    private let outside: AddressTable

    init(after marker: PyRef, heap: Heap) {
        ReferencePool.drain()  // what only the pool holds is neither counted nor listed
        var objects: [PyRef] = []
        if !heap.forEachObject(after: marker, upTo: heap.youngest, { objects.append($0) }) {
            // The new code ran the collector itself: the whole heap is looked at instead.
            objects = []
            heap.forEachObject { objects.append($0) }
        }
        self.objects = objects
        outside = AddressTable(minimumCapacity: objects.count + 16)
        for object in objects { outside.insert(object.address, 0) }
    }

    @inline(__always)
    func contains(_ object: PyRef) -> Bool { outside.contains(object.address) }

    /// Counts, for each new object, the references from anywhere else: what remains when those among them are taken off.
    ///
    /// - Parameter scratches: the dictionaries that the code was executed in; they are older, but go with it.
    func countOutsideReferences(besides scratches: [PyRef]) {
        for object in objects { outside.insert(object.address, py_reference_count(object)) }
        let context = unsafe Unmanaged.passUnretained(outside).toOpaque()
        for object in objects + scratches.filter({ !contains($0) }) {
            unsafe py_traverse(
                object,
                { child, context in
                    if let context = unsafe context {
                        unsafe Unmanaged<AddressTable>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.add(-1, to: child.address) }
                    }
                    return 0
                }, context)
        }
    }

    func outsideReferences(of object: PyRef) -> Int { outside[object.address] ?? 0 }
    /// Takes off references that are known and harmless: the engine's own.
    func discount(_ object: PyRef, _ count: Int = 1) { outside.add(-count, to: object.address) }
}

/// The references that an object holds, as the collector sees them.
enum References {
    private final class Found { var objects: [PyRef] = [] }

    static func of(_ object: PyRef) -> [PyRef] {
        guard py_is_collected(object) != 0 else { return [] }
        let found = Found()
        unsafe py_traverse(
            object,
            { child, context in
                if let context = unsafe context {
                    unsafe Unmanaged<Found>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.objects.append(child) }
                }
                return 0
            }, Unmanaged.passUnretained(found).toOpaque())
        return found.objects
    }
}
