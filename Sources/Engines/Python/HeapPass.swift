internal import CPython

/// The one pass over the heap that an update makes: whatever several parts look for is looked for at once.
final class HeapPass {
    private let runtime: PythonRuntime
    /// Classes whose instances are sought, each with a number of the asker's.
    var types: AddressTable?
    /// Code whose functions are sought.
    var codes: AddressTable?
    private var sought: AddressTable?
    private var current: Set<PyRef> = []

    private(set) var instances: [(object: PyRef, number: Int)] = []
    private(set) var functions: [PyRef] = []
    /// Those of both that were found among the frozen objects.
    private(set) var frozen: [PyRef] = []
    /// Older objects that refer to any of those sought, each with those it refers to.
    private(set) var holders: [(holder: PyRef, found: Set<PyRef>)] = []

    init(_ runtime: PythonRuntime) {
        self.runtime = runtime
    }

    /// Looks for whoever refers to one of `objects`.
    func seekHolders(of objects: Set<PyRef>) {
        guard !objects.isEmpty else { return }
        let table = AddressTable(minimumCapacity: objects.count)
        for object in objects { table.insert(object.address, 1) }
        sought = table
    }

    /// Whether anything is sought.
    var isNeeded: Bool { types != nil || codes != nil || sought != nil }

    /// Walks the heap, if anything is sought. Holders among `created` do not count. Runs no Python code.
    ///
    /// - Returns: how many passes that were: one or none.
    func run(except created: Created? = nil) -> Int {
        guard isNeeded else { return 0 }
        let heap = runtime.heap
        for ring in heap.young + [heap.oldest] { heap.forEachObject(in: ring) { look(at: $0, created) } }
        let (unfrozenInstances, unfrozenFunctions) = (instances.count, functions.count)
        heap.forEachObject(in: heap.frozen) { look(at: $0, created) }
        frozen = instances[unfrozenInstances...].map(\.object) + functions[unfrozenFunctions...]
        return 1
    }

    @inline(__always)
    func look(at object: PyRef, _ created: Created? = nil) {
        if let number = types?[object.type.address] { instances.append((object, number)) }
        if let codes, object.isFunction, codes.contains(object.reference(at: runtime.function.code).address) { functions.append(object) }
        if sought != nil, created?.contains(object) != true { noteHolder(object) }
    }

    /// Forgets what was found.
    func reset() { (instances, functions, frozen, holders) = ([], [], [], []) }

    private func noteHolder(_ object: PyRef) {
        unsafe py_traverse(
            object,
            { child, context in
                guard let context = unsafe context else { return 0 }
                unsafe Unmanaged<HeapPass>.fromOpaque(context)._withUnsafeGuaranteedRef {
                    if $0.sought?.contains(child.address) == true { $0.current.insert(child) }
                }
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
        guard !current.isEmpty else { return }
        holders.append((object, current))
        current = []
    }
}
