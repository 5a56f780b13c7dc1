internal import CPython

/// Which object of the running program each throw-away object of the new code stands for.
///
/// Pairs are made by what a definition is (its qualified name and owning module) and by where it lies inside another pair;
/// the name of a slot alone makes none, so that a re-pointed alias rewrites nothing.
final class Pairs {
    struct ClassPair { let old: PyRef; let new: PyRef; let path: String; let module: ChangedModule }

    /// New object to old object.
    private(set) var live: [PyRef: PyRef] = [:]
    /// Functions in the order they were paired; an old one may appear more than once with the same new one.
    private(set) var functions: [(old: PyRef, new: PyRef)] = []
    private(set) var classes: [ClassPair] = []
    /// Caches, partial objects and other machinery that needs more than its functions updated.
    private(set) var machinery: [(old: PyRef, new: PyRef)] = []
    private(set) var containers: [(old: PyRef, new: PyRef)] = []
    private(set) var refusals: [String] = []
    private var taken: Set<PyRef> = []
    private var scratches: Set<PyRef> = []
    private let created: Created
    private let runtime: PythonRuntime
    private var module: ChangedModule
    /// Deeper nesting than this is data, not definitions: stops hostile structures from exhausting the stack.
    private static let maximumDepth = 24

    /// The modules of the update by name.
    private let modules: [String: ChangedModule]

    init(created: Created, runtime: PythonRuntime, modules: [ChangedModule], first: ChangedModule) {
        self.created = created
        self.runtime = runtime
        self.modules = Dictionary(modules.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        module = first
    }

    /// The old object that stands for `object` after the update; itself where it is not thrown away.
    func standing(for object: PyRef) -> PyRef { live[object] ?? object }

    func isThrownAway(_ object: PyRef) -> Bool { live[object] != nil }

    func map(_ new: PyRef, to old: PyRef) { live[new] = old }

    /// Whether `object` is a dictionary that new code was executed in.
    func isScratch(_ object: PyRef) -> Bool { scratches.contains(object) }

    // MARK: Modules

    func pairModule(_ module: ChangedModule) {
        self.module = module
        live[module.scratch.ref] = module.live.ref
        scratches.insert(module.scratch.ref)
        for (key, new) in module.scratch.ref.items {
            guard let old = module.live.ref[item: key], let name = key.text, !name.hasPrefix("__") || old.isFunction else { continue }
            pair(old, new, at: name, depth: 0)
        }
    }

    /// A class that a function made, and what its new class statement makes.
    func pairLocal(_ local: LocalClasses.Found) {
        module = local.module
        pair(local.old.ref, local.new.ref, at: qualifiedName(local.old.ref) ?? "", depth: 0)
    }

    /// Definitions that moved to another slot: found by qualified name among all old ones.
    func pairMoved(_ module: ChangedModule) {
        self.module = module
        var index: [String: PyRef]?
        for (key, new) in module.scratch.ref.items where created.contains(new) && live[new] == nil {
            guard new.isFunction || new.isClass, let name = qualifiedName(new), owner(new) == module.name, name == key.text else {
                continue
            }
            if index == nil { index = oldDefinitions(of: module) }
            if let old = index?[name], !taken.contains(old) { pair(old, new, at: name, depth: 0) }
        }
    }

    private func oldDefinitions(of module: ChangedModule) -> [String: PyRef] {
        var index: [String: PyRef] = [:]
        for (_, value) in module.live.ref.items where value.isFunction || value.isClass {
            guard owner(value) == module.name, let name = qualifiedName(value) else { continue }
            index[name] = value
        }
        return index
    }

    // MARK: Any two objects

    /// Whether executing the new code made `object`. The collector does not know plain values, empty dictionaries and
    /// the like: one that several refer to is taken for new unless a module of the running program has it.
    private func isNew(_ object: PyRef) -> Bool {
        if created.contains(object) { return true }
        guard !PlainKey.isSafe(object), !object.isClass, !object.isFunction, !object.isModule, !object.isExactly(py_PyCFunction_Type()),
            py_is_collected(object) == 0 || PyObject_GC_IsTracked(object) == 0, py_reference_count(object) > 1
        else { return false }
        for (_, other) in PyImport_GetModuleDict().items where other.isModule {
            if PyModule_GetDict(other).items.contains(where: { $0.value == object }) { return false }
        }
        return true
    }

    private func pair(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        guard old != new, depth < Pairs.maximumDepth, isNew(new), live[new] == nil, !taken.contains(old) else { return }
        if new.isFunction {
            if old.isFunction { pairFunctions(old, new, at: path, depth: depth) } else { pairDefinition(old, new, at: path, depth: depth) }
        } else if new.isClass {
            if old.isClass { pairClasses(old, new, at: path, depth: depth) }
        } else if old.isFunction {
            pairDefinition(old, new, at: path, depth: depth)
        } else if standing(for: new.type) == old.type {
            pairObjects(old, new, at: path, depth: depth)
        } else if let inner = definition(path, inside: new), let innerOld = definition(path, inside: old) {
            pair(innerOld, inner, at: path, depth: depth + 1)  // a static method that became a class method, and the like
        }
    }

    private func take(_ old: PyRef, _ new: PyRef) {
        live[new] = old
        taken.insert(old)
    }

    /// A function on one side only: what it was decorated with came or went. The functions inside stay a pair.
    private func pairDefinition(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        if old.isFunction, let inner = definition(path, inside: new), inner.isFunction, let before = definition(path, inside: old),
            owner(before) == owner(inner)
        {
            pairFunctions(old, inner, at: path, depth: depth + 1)
        } else if new.isFunction, let inner = definition(path, inside: old), inner.isFunction,
            let after = definition(path, inside: new), owner(after) == owner(inner)
        {
            pairFunctions(inner, new, at: path, depth: depth + 1)
            machinery.append((old, old))  // a cache that is left behind still has to be emptied
        }
    }

    // MARK: Functions

    private func pairFunctions(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        guard live[new] == nil, !taken.contains(old) else { return }
        let same = qualifiedName(old) == qualifiedName(new) && owner(old) == owner(new)
        let innerOld = definition(path, inside: old)
        let innerNew = definition(path, inside: new)
        // A decorator without functools.wraps hides the name and the module of what it decorates.
        let (oldDefinition, newDefinition) = (innerOld ?? old, innerNew ?? new)
        guard
            same
                || (qualifiedName(oldDefinition) == path && qualifiedName(newDefinition) == path
                    && owner(oldDefinition) == owner(newDefinition))
        else { return }
        take(old, new)
        functions.append((old, new))
        pairRegistrations(old, new, depth: depth)
        pairCells(old, new, at: path, depth: depth)
        pairAttributes(
            old.reference(at: runtime.function.attributes), new.reference(at: runtime.function.attributes), at: path, depth: depth)
        guard let innerOld, innerOld != old, innerOld.isFunction else { return }
        if let innerNew, innerNew != new, innerNew.isFunction {
            pair(innerOld, innerNew, at: path, depth: depth + 1)
        } else if !taken.contains(innerOld) {
            functions.append((innerOld, new))  // no longer decorated: whoever holds the bare function gets the new one, too
        }
    }

    /// Functions that a single-dispatch function calls for the same class: they often share one name.
    private func pairRegistrations(_ old: PyRef, _ new: PyRef, depth: Int) {
        guard let before = SingleDispatch.shared("registry", of: old, runtime),
            let after = SingleDispatch.shared("registry", of: new, runtime),
            before.isExactDict, after.isExactDict
        else { return }
        for (key, function) in after.items {
            guard let known = before[item: standing(for: key)], function.isFunction else { continue }
            pair(known, function, at: qualifiedName(function) ?? "", depth: depth + 1)
        }
    }

    /// Values of free variables that both versions have, and the cells themselves.
    private func pairCells(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        let newCells = Closure(new, runtime.function).cells
        let oldCells = Closure(old, runtime.function).cells
        for (name, newCell) in newCells {
            guard let oldCell = oldCells[name] else { continue }
            if oldCell != newCell, created.contains(newCell), live[newCell] == nil { live[newCell] = oldCell }
            guard let oldValue = Closure.content(oldCell), let newValue = Closure.content(newCell), name != "__class__" else { continue }
            let inner = newValue.isFunction ? qualifiedName(newValue) ?? path : path
            if newValue.isFunction || newValue.isClass { pair(oldValue, newValue, at: inner, depth: depth + 1) }
        }
    }

    /// Functions and classes under the same name in two dictionaries of attributes.
    private func pairAttributes(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        guard !old.isNull, !new.isNull else { return }
        for (key, newValue) in new.items {
            guard let oldValue = old[item: key] else { continue }
            pair(oldValue, newValue, at: newValue.isFunction ? qualifiedName(newValue) ?? path : path, depth: depth + 1)
        }
    }

    // MARK: Classes

    private func pairClasses(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        guard old.isHeapClass, new.isHeapClass, qualifiedName(old) == qualifiedName(new), owner(old) == owner(new) else { return }
        guard standing(for: new.type) == old.type else {
            refusals.append("class \(path): its metaclass changes, which cannot be done to a class in use; restart to take it")
            return
        }
        take(old, new)
        // The module that it belongs to, not one that has a name for it.
        let owner = owner(new).flatMap { modules[$0] } ?? module
        classes.append(ClassPair(old: old, new: new, path: qualifiedName(new) ?? path, module: owner))
        let name = qualifiedName(new) ?? path
        for (key, newValue) in new.classDict.items {
            guard created.contains(newValue), let oldValue = old.classDict[item: key], let text = key.text, text != "__dict__",
                text != "__weakref__", !Comparison.isMachine(text, newValue)
            else { continue }
            pair(oldValue, newValue, at: "\(name).\(text)", depth: depth + 1)
        }
    }

    // MARK: Other objects of one class

    private func pairObjects(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        if new.isExactly(py_PyTuple_Type()) || new.isExactly(py_PyList_Type()) || new.isExactDict {
            pairContainers(old, new, at: path, depth: depth)
        } else if new.isExactly(py_PyMethod_Type()) || new.isExactly(py_PyCell_Type()) || new.isExactly(py_PyGen_Type()) {
            return
        } else if let fields = ObjectFields(runtime).callables(of: new) {
            take(old, new)
            machinery.append((old, new))
            let oldFields = ObjectFields(runtime).callables(of: old) ?? []
            for (oldField, newField) in zip(oldFields, fields) where !oldField.isNull && !newField.isNull {
                pair(oldField, newField, at: path, depth: depth + 1)
            }
        } else if EnumMember.differs(old, new) {
            return
        } else {
            take(old, new)
            if runtime.isFunctionDescriptor(new.type) { machinery.append((old, new)) }
            pairAttributes(InstanceDict.of(old), InstanceDict.of(new), at: path, depth: depth)
        }
    }

    private func pairContainers(_ old: PyRef, _ new: PyRef, at path: String, depth: Int) {
        take(old, new)
        containers.append((old, new))
        if new.isExactDict {
            for (key, newValue) in new.items where PlainKey.isSafe(key) {
                guard created.contains(newValue), let oldValue = old[item: key] else { continue }
                pair(oldValue, newValue, at: newValue.isFunction ? qualifiedName(newValue) ?? path : path, depth: depth + 1)
            }
        } else {
            let (oldElements, newElements) = (old.elements, new.elements)
            guard oldElements.count == newElements.count else { return }
            for (oldValue, newValue) in zip(oldElements, newElements) {
                pair(oldValue, newValue, at: newValue.isFunction ? qualifiedName(newValue) ?? path : path, depth: depth + 1)
            }
        }
    }

    // MARK: What a definition is

    func qualifiedName(_ object: PyRef) -> String? {
        if object.isFunction { return object.reference(at: runtime.function.qualifiedName).text }
        return object.isClass ? object.classAttribute(runtime.names.qualifiedName)?.text : nil
    }

    /// The module that a function or class belongs to.
    func owner(_ object: PyRef) -> String? {
        if object.isFunction { return object.reference(at: runtime.function.module).orNil?.text }
        return object.isClass && object.isHeapClass ? object.classDict[item: runtime.names.module]?.text : nil
    }

    /// The function or class of the qualified name `path` that a decorator put inside of `object`; itself where it is that.
    func definition(_ path: String, inside object: PyRef, depth: Int = 0) -> PyRef? {
        guard depth < 6 else { return nil }
        var inner: [PyRef] = []
        if object.isFunction {
            let attributes = object.reference(at: runtime.function.attributes)
            if !attributes.isNull, let wrapped = attributes[item: runtime.names.wrapped] { inner.append(wrapped) }
            inner += Closure(object, runtime.function).cells.values.compactMap(Closure.content).filter { $0.isFunction || $0.isClass }
        } else if !object.isClass, !object.isModule {
            inner =
                ObjectFields(runtime).callables(of: object) ?? InstanceDict.of(object).orNil?.items.map(\.value).filter(\.isFunction) ?? []
        }
        for value in inner where !value.isNull && value != object {
            if let found = definition(path, inside: value, depth: depth + 1) { return found }
        }
        return qualifiedName(object) == path ? object : nil
    }
}
