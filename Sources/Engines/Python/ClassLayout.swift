internal import CPython
internal import InstarReload

/// Whether instances of a class in use can go on as instances of its new version.
struct ClassLayout {
    let pairs: Pairs
    let runtime: PythonRuntime

    /// Refuses the update, with the reason, where the memory of instances would not fit.
    func check(_ pair: Pairs.ClassPair) throws {
        let (old, new) = (pair.old, pair.new)
        let (oldSlots, newSlots) = (slots(of: old), slots(of: new))
        guard oldSlots == newSlots else {
            let difference = oldSlots.symmetricDifference(newSlots).sorted().joined(separator: ", ")
            throw refusal(pair, "its __slots__ change (\(difference)), and live instances have no room for that")
        }
        let fields = [py_type_basicsize, py_type_itemsize, py_type_dictoffset, py_type_weaklistoffset]
        guard fields.allSatisfy({ py_word(old, $0) == py_word(new, $0) }) else {
            throw refusal(pair, "its instances are laid out differently in memory")
        }
    }

    /// Names of the slots that the class itself adds, with the place of each.
    private func slots(of type: PyRef) -> Set<String> {
        var found: Set<String> = []
        for (key, value) in type.classDict.items where value.isExactly(py_PyMemberDescr_Type()) {
            if let name = key.text { found.insert(name) }
        }
        return found
    }

    private func refusal(_ pair: Pairs.ClassPair, _ reason: String) -> ReloadFailure {
        ReloadFailure(
            engine: PythonEngine.name, step: .compare, module: pair.module.name,
            reason: "class \(pair.path): \(reason); restart the game to take it")
    }
}
