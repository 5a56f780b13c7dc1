internal import CPython

/// After new code failed half-way: takes what it registered out of the objects that were there before.
struct Withdrawal {
    let modules: [ChangedModule]
    let runtime: PythonRuntime

    func run(after marker: PyRef) {
        guard let first = modules.first else { return }
        let created = Created(after: marker, heap: runtime.heap)
        created.countOutsideReferences(besides: modules.map(\.scratch.ref))
        for module in modules { created.discount(module.scratch.ref) }
        // Pairs tell which older object a registration replaced.
        let pairs = Pairs(created: created, runtime: runtime, first: first)
        for module in modules { pairs.pairModule(module) }
        let strangers = created.objects.filter { created.outsideReferences(of: $0) > 0 && isOfNewCode($0, created) }
        guard !strangers.isEmpty else { return }
        for (holder, found) in HolderSearch(runtime: runtime).holders(of: Set(strangers), except: created) {
            withdraw(found, from: holder, pairs)
        }
    }

    /// Functions and classes of the modules in question, and instances and bound methods of these.
    /// Other threads go on meanwhile, and what they make of the old classes is theirs.
    private func isOfNewCode(_ object: PyRef, _ created: Created) -> Bool {
        if object.isFunction { return isScratch(object.reference(at: runtime.function.globals)) }
        if object.isClass { return object.isHeapClass && isOwned(object) }
        if object.isExactly(py_PyMethod_Type()) {
            return isOfNewCode(object.reference(at: 16), created) || isOfNewCode(object.reference(at: 24), created)
        }
        return created.contains(object.type) && object.type.isHeapClass && isOwned(object.type)
    }

    private func isScratch(_ dictionary: PyRef) -> Bool { modules.contains { $0.scratch.ref == dictionary } }

    private func isOwned(_ type: PyRef) -> Bool {
        let owner = type.classDict[item: runtime.names.module]?.text
        return modules.contains { $0.name == owner }
    }

    private func withdraw(_ found: Set<PyRef>, from holder: PyRef, _ pairs: Pairs) {
        if holder.isInstance(of: py_PyDict_Type()) {
            for (key, value) in holder.items where found.contains(key) || found.contains(value) {
                let previous = pairs.standing(for: value)
                let status = previous != value && !found.contains(key) ? PyDict_SetItem(holder, key, previous) : PyDict_DelItem(holder, key)
                if status < 0 { PyErr_Clear() }
            }
        } else if holder.isExactly(py_PyList_Type()) {
            guard let kept = try? PyRef.listOf(holder.elements.filter { !found.contains($0) }) else { return }
            PyList_SetSlice(holder, 0, PyList_Size(holder), kept.ref)
        } else if holder.isInstance(of: py_PySet_Type()) {
            for element in found where PySet_Discard(holder, element) < 0 { PyErr_Clear() }
        }
    }
}

/// One pass over the heap for those who refer to certain objects.
struct HolderSearch {
    let runtime: PythonRuntime

    private final class Search {
        let table: AddressTable
        var found: Set<PyRef> = []

        init(_ table: AddressTable) {
            self.table = table
        }
    }

    /// Older objects that refer to any of `sought`, each with those it refers to.
    func holders(of sought: Set<PyRef>, except created: Created) -> [(holder: PyRef, found: Set<PyRef>)] {
        let table = AddressTable(minimumCapacity: sought.count)
        for object in sought { table.insert(object.address, 1) }
        let search = Search(table)
        let context = unsafe Unmanaged.passUnretained(search).toOpaque()
        var holders: [(holder: PyRef, found: Set<PyRef>)] = []
        runtime.heap.forEachObject { object in
            if created.contains(object) { return }
            unsafe py_traverse(
                object,
                { child, context in
                    guard let context = unsafe context else { return 0 }
                    unsafe Unmanaged<Search>.fromOpaque(context)._withUnsafeGuaranteedRef {
                        if $0.table.contains(child.address) { $0.found.insert(child) }
                    }
                    return 0
                }, context)
            if !search.found.isEmpty {
                holders.append((object, search.found))
                search.found = []
            }
        }
        return holders
    }
}
