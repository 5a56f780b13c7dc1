internal import CPython

/// Makes what the new code created, and what will live on, belong to the running program: wherever such an object refers
/// to something that is thrown away, it will refer to what stands for that.
final class Adoption {
    private let pairs: Pairs
    private let patch: Patch
    private let created: Created
    private let runtime: PythonRuntime
    private var visited: Set<PyRef> = []
    private var waiting: [PyRef] = []

    init(pairs: Pairs, patch: Patch, created: Created, runtime: PythonRuntime) {
        (self.pairs, self.patch, self.created, self.runtime) = (pairs, patch, created, runtime)
    }

    /// Adopts `object` and everything that hangs on it.
    func adopt(_ object: PyRef, evenIfPaired: Bool = false) {
        guard !object.isNull, created.contains(object), evenIfPaired || !pairs.isThrownAway(object) else { return }
        if visited.insert(object).inserted { waiting.append(object) }
        while let next = waiting.popLast() { visit(next) }
    }

    private func visit(_ object: PyRef) {
        if pairs.isThrownAway(object.type) { patch.setClass(of: object, pairs.standing(for: object.type)) }
        if object.isClass { return visitClass(object) }
        // An instance's dictionary may have been made only now, by looking at it.
        let fields = object.isFunction ? .null : InstanceDict.of(object)
        if !fields.isNull, !created.contains(fields), visited.insert(fields).inserted {
            repointDictionary(fields)
            for (_, value) in fields.items where created.contains(value) && !pairs.isThrownAway(value) {
                if visited.insert(value).inserted { waiting.append(value) }
            }
        }
        if object.isExactly(py_PyGen_Type()) { repointFrame(of: object) }
        var throwaways: [PyRef: Int] = [:]
        for child in References.of(object) {
            if pairs.isThrownAway(child) {
                if child != object.type { throwaways[child, default: 0] += 1 }
            } else if created.contains(child), visited.insert(child).inserted {
                waiting.append(child)
            }
        }
        if !throwaways.isEmpty { repoint(object, throwaways) }
    }

    /// A class that lives on with bases or content that do not.
    private func visitClass(_ type: PyRef) {
        for (key, value) in type.classDict.items {
            guard created.contains(value) else { continue }
            if pairs.isThrownAway(value) { patch.setAttribute(of: type, key, pairs.standing(for: value)) } else { adopt(value) }
        }
        let bases = type.classBases.elements
        for base in bases { adopt(base) }
        let mapped = bases.map(pairs.standing(for:))
        guard mapped != bases, let tuple = try? PyRef.tuple(mapped) else { return }
        patch.setBases(of: type, patch.keep(tuple.ref))
    }

    /// Keeps an object as long as the patch.
    func keep(_ object: PyRef) -> PyRef { patch.keep(object) }

    // MARK: Re-pointing

    /// Makes `object` refer to what stands for each thrown-away object it refers to.
    func repoint(_ object: PyRef, _ held: [PyRef: Int]) {
        if object.isInstance(of: py_PyDict_Type()) {
            repointDictionary(object)
        } else if object.isExactly(py_PyList_Type()) {
            repointList(object)
        } else if object.isInstance(of: py_PySet_Type()) {
            repointSet(object)
        } else {
            let fields = InstanceDict.of(object)
            if !fields.isNull { repointDictionary(fields) }
            repointMemory(object, held)
        }
    }

    private func repointDictionary(_ dictionary: PyRef) {
        for (key, value) in dictionary.items {
            if pairs.isThrownAway(key) {
                patch.deleteItem(dictionary, key, where: .exactly(value))
                patch.setItem(dictionary, pairs.standing(for: key), pairs.standing(for: value))
            } else if pairs.isThrownAway(value) {
                patch.setItem(dictionary, key, pairs.standing(for: value), where: .exactly(value))
            }
        }
    }

    /// An object that the load registered a second time, as its own successor, is in the list only once.
    private func repointList(_ list: PyRef) {
        let elements = list.elements
        let older = elements.filter { !created.contains($0) }
        var successors: [PyRef: PyRef] = [:]
        var repetitions: Set<PyRef> = []
        for element in elements where created.contains(element) || pairs.isThrownAway(element) {
            if created.contains(element), older.contains(where: { isRepetition(element, of: $0) }) {
                repetitions.insert(patch.keep(element))
            } else if pairs.isThrownAway(element) {
                successors[patch.keep(element)] = patch.keep(pairs.standing(for: element))
            }
        }
        // Of what is in the list then: the program may have put other things into it.
        patch.call { [patch] in
            let before = list.elements
            let present = Set(before.filter { successors[$0] == nil })
            let after = before.compactMap { element -> PyRef? in
                guard let successor = successors[element] else { return repetitions.contains(element) ? nil : element }
                return present.contains(successor) ? nil : successor
            }
            let (new, old) = (patch.keep(try PyRef.listOf(after).ref), patch.keep(try PyRef.listOf(before).ref))
            try check(PyList_SetSlice(list, 0, PyList_Size(list), new))
            patch.whenUndone { insist { PyList_SetSlice(list, 0, PyList_Size(list), old) } }
        }
    }

    /// Whether a new object says just what an old one says, of the same functions and classes.
    private func isRepetition(_ new: PyRef, of old: PyRef, depth: Int = 0) -> Bool {
        if pairs.standing(for: new) == old { return true }
        guard depth < 6, pairs.standing(for: new.type) == old.type, !new.isFunction, !new.isClass else { return false }
        if BuiltInContent.plainlyEqual(old, new) { return true }
        if new.isExactly(py_PyTuple_Type()) || new.isExactly(py_PyList_Type()) {
            let (after, before) = (new.elements, old.elements)
            return after.count == before.count && zip(after, before).allSatisfy { isRepetition($0, of: $1, depth: depth + 1) }
        }
        let isDictionary = new.isExactDict
        let (after, before) = isDictionary ? (new, old) : (InstanceDict.of(new), InstanceDict.of(old))
        guard !after.isNull, !before.isNull, PyDict_Size(after) == PyDict_Size(before), isDictionary || PyDict_Size(after) > 0 else {
            return false
        }
        return after.items.allSatisfy { key, value in
            guard PlainKey.isSafe(key), let previous = before[item: key] else { return false }
            return isRepetition(value, of: previous, depth: depth + 1)
        }
    }

    private func repointSet(_ set: PyRef) {
        for element in References.of(set) where pairs.isThrownAway(element) {
            let standing = patch.keep(pairs.standing(for: element))
            patch.keep(element)
            patch.call { [patch] in
                guard PySet_Contains(set, element) == 1 else { return PyErr_Clear() }
                let had = PySet_Contains(set, standing) == 1
                try check(PySet_Discard(set, element))
                try check(PySet_Add(set, standing))
                patch.whenUndone {
                    if !had { insist { PySet_Discard(set, standing) } }
                    insist { PySet_Add(set, element) }
                }
            }
        }
    }

    /// Any other object: its own memory is searched for the references that the collector says it holds.
    private func repointMemory(_ object: PyRef, _ held: [PyRef: Int]) {
        var held = held
        var size = Int(py_word(object.type, py_type_basicsize))
        // Tuples are the one built-in class that keeps references past its fixed part and cannot be changed otherwise.
        if object.isInstance(of: py_PyTuple_Type()) { size += 8 * PyTuple_Size(object) }
        for offset in stride(from: 16, to: size, by: 8) {
            let word = object.reference(at: offset)
            guard !word.isNull, let count = held[word], count > 0 else { continue }
            held[word] = count - 1
            patch.swap(object, at: offset, to: pairs.standing(for: word), from: word)
        }
    }

    /// A generator's frame keeps the dictionary of its module without a count, in its own memory or in a frame object.
    private func repointFrame(of generator: PyRef) {
        guard runtime.version.minor >= 11 else { return }
        let size = Int(py_word(generator.type, py_type_basicsize))
        for offset in stride(from: 16, to: size, by: 8) {
            let word = generator.reference(at: offset)
            if word.isNull || !pairs.isScratch(word) { continue }
            patch.swapUncounted(generator, at: offset, to: pairs.standing(for: word))
        }
    }

    /// Gives an old dictionary or list the content of a new one, adopted.
    func replaceContents(of old: PyRef, with new: PyRef) {
        guard old != new else { return }
        if new.isExactDict, old.isExactDict {
            patch.clear(old)
            for (key, value) in new.items {
                adopt(key)
                adopt(value)
                patch.setItem(old, pairs.standing(for: key), pairs.standing(for: value))
            }
        } else if new.isExactly(py_PyList_Type()), old.isExactly(py_PyList_Type()) {
            for value in new.elements { adopt(value) }
            guard let list = try? PyRef.listOf(new.elements.map(pairs.standing(for:))), let before = try? PyRef.listOf(old.elements) else {
                return
            }
            let (newList, oldList) = (patch.keep(list.ref), patch.keep(before.ref))
            patch.call { [patch] in
                try check(PyList_SetSlice(old, 0, PyList_Size(old), newList))
                patch.whenUndone { insist { PyList_SetSlice(old, 0, PyList_Size(old), oldList) } }
            }
        }
    }
}

extension PyRef {
    /// A new list of `elements`.
    static func listOf(_ elements: [PyRef]) throws(PythonException) -> Owned {
        let list = try Owned(PyList_New(elements.count))
        for (index, element) in elements.enumerated() { PyList_SetItem(list.ref, index, element.retained()) }
        return list
    }
}
