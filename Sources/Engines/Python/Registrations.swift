internal import CPython

/// New objects that older ones hold, kept alive, each with what was there before: itself where nothing was.
struct Registrations {
    private var formers: [PyRef: (object: Held, former: Held)] = [:]

    var isEmpty: Bool { formers.isEmpty }
    var objects: Set<PyRef> { Set(formers.keys) }

    mutating func add(_ object: PyRef, insteadOf former: PyRef) { formers[object] = (Held(object), Held(former)) }

    /// Takes some of the objects out of a dictionary, list or set that holds them; what can put them back.
    ///
    /// - Parameter isForAWhile: leaves what took the place of something unknown where it is: nothing would be worse there.
    func withdraw(_ found: Set<PyRef>, from holder: PyRef, isForAWhile: Bool = false) -> [HiddenRegistrations.Entry] {
        if holder.isInstance(of: py_PyDict_Type()) {
            let items = holder.items
            // New keys are the last ones of a dictionary.
            let old = items.lastIndex { !found.contains($0.key) && !found.contains($0.value) } ?? -1
            return items.enumerated().compactMap { index, item in
                let isKeyNew = found.contains(item.key)
                guard isKeyNew || found.contains(item.value) else { return nil }
                guard !isForAWhile || isKeyNew || index > old || formers[item.value]?.former.ref != item.value else { return nil }
                return withdraw(item.key, item.value, from: holder, isKeyNew: isKeyNew)
            }
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
    enum Entry {
        /// `left` is what stands there meanwhile.
        case item(dictionary: Held, key: Held, value: Held, left: Held?)
        /// With their places in the list, which had `count` others.
        case elements(list: Held, count: Int, [(index: Int, element: Held)])
        case member(set: Held, Held)
    }

    var entries: [Entry] = []

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
