internal import CPython
internal import InstarReload

/// Decides, name by name, what becomes of each module and class, and writes the decisions into a patch and a report.
final class Comparison {
    let pairs: Pairs
    let patch: Patch
    let runtime: PythonRuntime
    let record: LoadRecord
    let created: Created
    let adoption: Adoption
    private(set) var report = ReloadReport()
    private var current = ModuleReport(name: "")
    private var updatedFunctions: Set<PyRef> = []

    init(pairs: Pairs, patch: Patch, created: Created, runtime: PythonRuntime, record: LoadRecord) {
        (self.pairs, self.patch, self.created, self.runtime, self.record) = (pairs, patch, created, runtime, record)
        adoption = Adoption(pairs: pairs, patch: patch, created: created, runtime: runtime)
    }

    /// Names of modules that the import system keeps; they follow the new version and nobody asked for them.
    private static let importNames: Set<String> = [
        "__name__", "__builtins__", "__file__", "__spec__", "__loader__", "__package__", "__path__", "__cached__", "__doc__",
        "__annotations__", "__all__",
    ]

    // MARK: Modules

    func compare(_ module: ChangedModule) throws {
        current = ModuleReport(name: module.name)
        let (live, scratch) = (module.live.ref, module.scratch.ref)
        for (key, new) in scratch.items {
            guard let name = key.text else { continue }
            if Comparison.importNames.contains(name) {
                if live[item: key] != new, name != "__builtins__" { install(new) { patch.setItem(live, key, $0) } }
            } else {
                compareName(name, path: name, module: module, old: live[item: key], new: new) {
                    patch.setItem(live, key, $0, where: $1)
                }
            }
        }
        for (key, old) in live.items where scratch[item: key] == nil {
            guard let name = key.text else { continue }
            if name == "__all__" || name == "__annotations__" {
                patch.deleteItem(live, key)
            } else if !name.hasPrefix("__") || old.isFunction, isRemoved(old, path: name, name: name, module: module) {
                log("[RC]", "removed", "\(name) : \(pairs.kind(of: old, at: name, runtime).label)")
                current.removed.append(name)
                patch.deleteItem(live, key, where: .exactly(old))
            }
        }
        for pair in pairs.classes where pair.module === module { try compare(pair) }
        report.modules.append(current)
    }

    /// Whether a name that the new source lacks goes: code that the old source defined or imported does, data stays.
    private func isRemoved(_ old: PyRef, path: String, name: String, module: ChangedModule) -> Bool {
        guard pairs.kind(of: old, at: path, runtime).isCode else { return false }
        if let names = record.names[module.name] {
            if !names.contains(name) { return false }  // set by the running program: its data
            return !old.isModule || PyImport_GetModuleDict()[item: module.name + "." + name] != old
        }
        return defines(old, path: path, module: module)
    }

    /// Whether `object` is what a definition of the qualified name `path` in the module made.
    private func defines(_ object: PyRef, path: String, module: ChangedModule) -> Bool {
        guard let inner = pairs.definition(path, inside: object) else { return false }
        return pairs.owner(inner) == module.name
    }

    // MARK: One name

    /// - Parameter set: puts another object under the name.
    private func compareName(
        _ name: String, path: String, module: ChangedModule, old: PyRef?, new: PyRef, set: (PyRef, Patch.Expectation) -> Void
    ) {
        let target = pairs.standing(for: new)
        let kind = pairs.kind(of: new, at: path, runtime)
        guard let old else {
            current.added.append(path)
            log("[A]", path, kind.label)
            // Data that the program sets before the commit is kept like any other.
            return install(new) { set($0, kind == .data ? .nothing : .anything) }
        }
        if target == old { return noteKept(old, new, kind: kind, path: path) }
        let oldKind = pairs.kind(of: old, at: path, runtime)
        if kind == oldKind ? kind.isCode : kind.isRoutine && oldKind.isRoutine {
            current.replaced.append(path)
            log("[RC]", path, kind.label)
            return install(new) { set($0, .anything) }
        }
        if oldKind.isCode, kind.isCode, !defines(old, path: path, module: module), !defines(new, path: path, module: module),
            oldKind != .data
        {
            current.replaced.append(path)  // another thing imported under the same name
            log("[RC]", path, kind.label)
            return install(new) { set($0, .anything) }
        }
        if kind == .data, oldKind == .data, BuiltInContent.plainlyEqual(old, new) { return }
        noteRetained(path, oldKind == kind ? "data" : "\(oldKind.label), not the new \(kind.label)")
        mergeDefinitions(into: old, from: new)
    }

    private func noteKept(_ old: PyRef, _ new: PyRef, kind: Kind, path: String) {
        if old == new {
            return
        } else if kind.isCode {
            current.updated.append(path)
            log("[U]", path, kind.label)
        } else {
            noteRetained(path, "data")
            mergeDefinitions(into: old, from: new)
        }
    }

    private func noteRetained(_ path: String, _ what: String) {
        current.retained.append(path)
        log("[RD]", path, what)
    }

    private func log(_ mark: String, _ path: String, _ what: String) {
        report.log.append("\(mark) \(current.name).\(path) : \(what)")
    }

    /// Puts `new`, or what stands for it, somewhere; whatever hangs on it then belongs to the running program.
    private func install(_ new: PyRef, _ set: (PyRef) -> Void) {
        let target = pairs.standing(for: new)
        set(target)
        if target == new { adoption.adopt(new) }
    }

    /// Registries are data and stay, but what the load registered of new definitions belongs in them.
    private func mergeDefinitions(into old: PyRef, from new: PyRef) {
        guard old.type == new.type else { return }
        if new.isExactDict {
            for (key, value) in new.items where isNewDefinition(value) || isNewDefinition(key) {
                let (key, value) = (pairs.standing(for: key), pairs.standing(for: value))
                guard PlainKey.isSafe(key) || key.isClass, old[item: key] == nil else { continue }
                install(value) { patch.setItem(old, key, $0, where: .nothing) }
                adoption.adopt(key)
            }
        } else if new.isExactly(py_PyList_Type()) {
            for value in new.elements where isNewDefinition(value) {
                adoption.adopt(value)
                patch.keep(value)
                patch.call { [patch] in
                    let count = PyList_Size(old)
                    try check(PyList_Append(old, value))
                    patch.whenUndone { PyList_SetSlice(old, count, PyList_Size(old), .null) }
                }
            }
        } else if new.isExactly(py_PySet_Type()) {
            for value in References.of(new) where isNewDefinition(value) {
                adoption.adopt(value)
                patch.keep(value)
                patch.call { [patch] in
                    try check(PySet_Add(old, value))
                    patch.whenUndone { PySet_Discard(old, value) }
                }
            }
        }
    }

    /// A function or class that the new code defines and the old did not.
    private func isNewDefinition(_ object: PyRef) -> Bool {
        (object.isFunction || object.isClass) && created.contains(object) && !pairs.isThrownAway(object)
    }

    // MARK: Classes

    /// Attributes of classes that follow the new version although they are data: the class statement and the machinery
    /// behind decorators and metaclasses made them, not an assignment.
    private static let machineNames: Set<String> = [
        "__doc__", "__annotations__", "__abstractmethods__", "__match_args__", "__dataclass_fields__", "__dataclass_params__",
        "__orig_bases__", "__parameters__", "__type_params__", "__firstlineno__", "__static_attributes__", "__hash__", "__slots__",
        "_fields", "_field_defaults", "_fields_defaults", "__total__", "__required_keys__", "__optional_keys__",
        "__protocol_attrs__", "__non_callable_proto_members__", "_is_protocol", "_is_runtime_protocol", "__final__",
        "__annotate__", "__readonly_keys__", "__mutable_keys__", "__class_getitem__",
    ]

    /// Whether a class's attribute follows the new version without being code.
    static func isMachine(_ name: String, _ value: PyRef) -> Bool {
        name.utf8.first == 95 && machineNames.contains(name) && (name != "__hash__" || value == .none) && !value.isFunction
            && !value.isExactly(py_PyClassMethod_Type())
    }

    /// Whether an entry of `__dataclass_fields__` is a field of instances: its default follows. Class variables are data.
    private func isField(_ field: PyRef?) -> Bool {
        guard let field, let kind = field.attributeIfPresent("_field_type") else { return false }
        return kind.ref.described(by: PyObject_Repr) != "_FIELD_CLASSVAR"
    }

    private func compare(_ pair: Pairs.ClassPair) throws {
        let (old, new) = (pair.old, pair.new)
        try ClassLayout(pairs: pairs, runtime: runtime).check(pair)
        try compareBases(pair)
        let isEnumeration = new.classDict[item: runtime.names.memberMap] != nil
        let fields = new.classDict[item: runtime.names.metadata]
        for (key, value) in new.classDict.items {
            guard let name = key.text,
                !["__dict__", "__weakref__", "__module__", "__qualname__", "_abc_impl", "__subclasshook__"].contains(name)
                    || (name == "__subclasshook__" && value.isExactly(py_PyClassMethod_Type()))
            else { continue }
            let path = "\(pair.path).\(name)"
            let previous = old.classDict[item: key]
            // A class statement with __eq__ and no __hash__ sets None: that is no data either.
            let isMachine = Comparison.isMachine(name, value) || (name == "__hash__" && previous == PyRef.none)
            let isField = isField(fields?[item: key]) && pairs.kind(of: value, at: path, runtime) == .data
            let isMember = isEnumeration && !pairs.kind(of: value, at: path, runtime).isCode
            if (isMachine || isField || isMember), !value.isExactly(py_PyMemberDescr_Type()) {
                guard let previous else { install(value) { patch.setAttribute(of: old, key, $0) }; continue }
                if pairs.standing(for: value) == previous {
                    if isMember { followMember(previous, value) } else { replaceMachine(old, key, value, previous) }
                } else if !BuiltInContent.plainlyEqual(previous, value) {
                    install(value) { patch.setAttribute(of: old, key, $0) }
                }
            } else {
                compareName(name, path: path, module: pair.module, old: previous, new: value) {
                    patch.setAttribute(of: old, key, $0, where: $1)
                }
            }
        }
        removeNames(of: pair, isEnumeration: isEnumeration)
    }

    /// A container that was paired as if it were data, but follows.
    private func replaceMachine(_ old: PyRef, _ key: PyRef, _ value: PyRef, _ previous: PyRef) {
        guard value != previous else { return }
        patch.setAttribute(of: old, key, value)
        adoption.adopt(value, evenIfPaired: true)
    }

    /// An enumeration's member keeps its identity; its value and place follow.
    private func followMember(_ old: PyRef, _ new: PyRef) {
        guard old != new else { return }
        if new.isExactDict || new.isExactly(py_PyList_Type()) { return adoption.replaceContents(of: old, with: new) }
        let (oldFields, newFields) = (InstanceDict.of(old), InstanceDict.of(new))
        guard !oldFields.isNull, !newFields.isNull else { return }
        for (key, value) in newFields.items where oldFields[item: key] != pairs.standing(for: value) && key.text != "__objclass__" {
            install(value) { patch.setItem(oldFields, key, $0) }
        }
    }

    private func removeNames(of pair: Pairs.ClassPair, isEnumeration: Bool) {
        let members = isEnumeration ? pair.old.classDict[item: runtime.names.memberMap] : nil
        for (key, value) in pair.old.classDict.items where pair.new.classDict[item: key] == nil {
            guard let name = key.text, name != "__weakref__", name != "__dict__" else { continue }
            let path = "\(pair.path).\(name)"
            let kind = pairs.kind(of: value, at: path, runtime)
            let isMachine = Comparison.machineNames.contains(name) && !value.isFunction && name != "__slots__"
            let isOwn =
                kind.isCode && kind != .module && !value.isExactly(py_PyMemberDescr_Type())
                && isOwned(value, path: path, module: pair.module)
            guard isMachine || isOwn || members?[item: key] != nil else { continue }
            if !isMachine {
                current.removed.append(path)
                log("[RC]", "removed", "\(path) : \(kind.label)")
            }
            patch.deleteAttribute(of: pair.old, key, where: .exactly(value))
        }
    }

    /// Whether the class's own source put a function, class or descriptor there; what the running program put there stays.
    private func isOwned(_ value: PyRef, path: String, module: ChangedModule) -> Bool {
        if let inner = pairs.definition(path, inside: value) { return pairs.owner(inner) == module.name }
        let callables = ObjectFields(runtime).callables(of: value) ?? []
        if callables.isEmpty, !value.isFunction, !value.isClass { return true }
        return (callables + (value.isFunction || value.isClass ? [value] : [])).contains { !$0.isNull && pairs.owner($0) == module.name }
    }

    private func compareBases(_ pair: Pairs.ClassPair) throws {
        let mapped = pair.new.classBases.elements.map(pairs.standing(for:))
        guard mapped != pair.old.classBases.elements else { return }
        let bases = try PyRef.tuple(mapped)
        for base in mapped { adoption.adopt(base) }
        patch.setBases(of: pair.old, patch.keep(bases.ref))
    }
}
