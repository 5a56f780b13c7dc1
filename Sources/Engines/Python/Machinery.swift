internal import CPython

/// Python's own objects around functions: what else of them has to follow the new version.
struct Machinery {
    let pairs: Pairs
    let patch: Patch
    let adoption: Adoption
    let runtime: PythonRuntime
    /// Names of all modules of the update.
    let changedModules: Set<String>

    func update() throws {
        for (old, new) in pairs.machinery {
            let type = old.type
            if old.isInstance(of: py_PyProperty_Type()) {
                // Getter, setter, deleter and documentation are the first four fields.
                for offset in [16, 24, 32, 40] { replace(old, new, at: offset) }
            } else if old.isBuiltInWrapper {
                replace(old, new, at: 16)
            } else if type == runtime.cachingWrapper.ref {
                try emptyCache(of: old)
                if old != new { updateAttributes(of: old, from: new) }
            } else if type == runtime.partial.ref {
                try updatePartial(old, new)
            } else if runtime.isFunctionDescriptor(type), old != new {
                updateFields(old, new)
            }
        }
        for (old, new) in pairs.functions where SingleDispatch.isWrapper(old, runtime) { mergeDispatch(old, new) }
    }

    private func replace(_ old: PyRef, _ new: PyRef, at offset: Int) {
        let value = new.reference(at: offset)
        adoption.adopt(value)
        let target = value.isNull ? value : pairs.standing(for: value)
        if old.reference(at: offset) != target { patch.swap(old, at: offset, to: target) }
    }

    /// A descriptor written in Python: what it is made of follows, its lock stays.
    private func updateFields(_ old: PyRef, _ new: PyRef) {
        let (oldFields, newFields) = (InstanceDict.of(old), InstanceDict.of(new))
        guard !oldFields.isNull, !newFields.isNull else { return }
        for (key, value) in newFields.items where key.text != "lock" {
            // Arguments are parameters: the containers that hold them are not data that stays.
            let isArguments = value.isExactDict || value.isExactly(py_PyTuple_Type())
            let target = isArguments ? value : pairs.standing(for: value)
            guard oldFields[item: key] != target else { continue }
            adoption.adopt(value, evenIfPaired: isArguments)
            patch.setItem(oldFields, key, target)
        }
    }

    /// What was computed by the old code is not an answer of the new.
    private func emptyCache(of wrapper: PyRef) throws {
        let clear = Held(stealing: try wrapper.attribute("cache_clear").relinquish())
        guard runtime.cacheLayout != nil else { return patch.call { _ = try clear.ref.call() } }
        let empty = Held(stealing: try Owned(PyDict_New()).relinquish())
        patch.keep(wrapper)
        patch.call { [patch] in
            let before = DisplacedCache(of: wrapper, fresh: empty.ref)
            // What was cached may be the program's state: an update that is undone gives it back.
            patch.whenUndone { before.restore(clear: clear.ref) }
        }
    }

    /// What `functools.update_wrapper` or the source set on the wrapper follows; what the running program set stays.
    private func updateAttributes(of old: PyRef, from new: PyRef) {
        let (before, after) = (InstanceDict.of(old), InstanceDict.of(new))
        guard !before.isNull, !after.isNull else { return }
        for (key, value) in after.items where before[item: key] != pairs.standing(for: value) {
            adoption.adopt(value)
            patch.setItem(before, key, pairs.standing(for: value))
        }
    }

    /// A partial object's arguments are parameters: the new ones win. Attributes of the running program stay.
    private func updatePartial(_ old: PyRef, _ new: PyRef) throws {
        func state(function: PyRef, of object: PyRef) throws -> Held {
            let arguments = try object.attribute("args")
            let keywords = try object.attribute("keywords")
            let fields = InstanceDict.of(old).orNil ?? .none
            return Held(stealing: try PyRef.tuple([function, arguments.ref, keywords.ref, fields]).relinquish())
        }
        let oldFunction = try old.attribute("func")
        let newFunction = try new.attribute("func")
        for value in References.of(new) { adoption.adopt(value) }
        let before = try state(function: oldFunction.ref, of: old)
        let after = try state(function: pairs.standing(for: newFunction.ref), of: new)
        let set = Held(stealing: try old.attribute("__setstate__").relinquish())
        patch.call { [patch] in
            _ = try set.ref.call(after.ref)
            patch.whenUndone { _ = try? set.ref.call(before.ref) }
        }
    }

    /// Whether a changed module registered `function` before, and registers nothing for the class any more.
    private func isWithdrawn(_ function: PyRef, key: PyRef, from additions: PyRef) -> Bool {
        guard let owner = pairs.owner(function), changedModules.contains(owner) else { return false }
        return !additions.items.contains { pairs.standing(for: $0.key) == key }
    }

    /// The registry of a single-dispatch function: the new module's entries are added to what all modules registered.
    private func mergeDispatch(_ old: PyRef, _ new: PyRef) {
        guard let registry = SingleDispatch.shared("registry", of: old, runtime),
            let additions = SingleDispatch.shared("registry", of: new, runtime), registry.isExactDict, additions.isExactDict,
            registry != additions
        else { return }
        for (key, value) in registry.items where isWithdrawn(value, key: key, from: additions) { patch.deleteItem(registry, key) }
        for (key, value) in additions.items {
            adoption.adopt(key)
            adoption.adopt(value)
            patch.setItem(registry, pairs.standing(for: key), pairs.standing(for: value))
        }
        if let cache = SingleDispatch.shared("dispatch_cache", of: old, runtime), let data = InstanceDict.of(cache).orNil?[item: "data"],
            data.isExactDict
        {
            patch.clear(data)
        }
    }
}
