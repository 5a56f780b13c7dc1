internal import CPython
internal import InstarReload

/// Names of the hooks that a game may define.
package struct HookNames: Hashable, Sendable {
    /// Called on each live instance of an updated class.
    package var onInstance: String
    /// Called once for each updated module that defines it.
    package var onModule: String

    package init(onInstance: String = "x_reload_class", onModule: String = "x_reload_module") {
        self.onInstance = onInstance
        self.onModule = onModule
    }
}

/// Finds whose hooks are to run, runs each once, and can put back what they did to instances.
final class Hooks {
    /// The live instances of one class, and what they were like before.
    private struct Group {
        let type: PyRef
        var instances: [PyRef] = []
        /// For each instance a copy of its attributes (NULL where it has none), then a value for each slot (NULL where empty).
        var images: [PyRef] = []
        var slots: [PyRef] = []
    }

    private let runtime: PythonRuntime
    private let names: HookNames
    private var groups: [Group] = []
    private(set) var count = 0

    init(runtime: PythonRuntime, names: HookNames) {
        self.runtime = runtime
        self.names = names
    }

    // MARK: Finding instances

    /// Classes whose live instances have a hook to be called, for the pass over the heap: `classes` and their subclasses.
    func wanted(_ classes: [Pairs.ClassPair]) -> AddressTable? {
        groups = []
        let name = PyRef.name(names.onInstance)
        let table = AddressTable(minimumCapacity: classes.count)
        for pair in classes { collectSubclasses(of: pair.old, into: table, depth: 0) }
        let anyHook =
            classes.contains { $0.new.classDict[item: name] != nil } || groups.contains { !_PyType_Lookup($0.type, name).isNull }
        if !anyHook { groups = [] }
        return anyHook ? table : nil
    }

    /// The classes whose instances are wanted.
    var types: [PyRef] { groups.map(\.type) }

    /// Subclasses in untouched modules inherit the hook; a class counts with the first updated class above it.
    private func collectSubclasses(of type: PyRef, into table: AddressTable, depth: Int) {
        guard depth < 200, !table.contains(type.address) else { return }
        table.insert(type.address, groups.count)
        groups.append(Group(type: type))
        for subclass in Subclasses.of(type) { collectSubclasses(of: subclass, into: table, depth: depth + 1) }
    }

    /// Takes the instances that were found, keeps them alive, and saves their attributes.
    func accept(_ instances: [(object: PyRef, number: Int)]) {
        for (object, number) in instances where PyObject_GC_IsTracked(object) != 0 { groups[number].instances.append(object.retained()) }
        groups.removeAll { $0.instances.isEmpty }
        for index in groups.indices { save(&groups[index]) }
    }

    private func save(_ group: inout Group) {
        group.slots = SlotDescriptors.of(group.type)
        group.images.reserveCapacity(group.instances.count * (1 + group.slots.count))
        for instance in group.instances {
            let fields = InstanceDict.of(instance)
            group.images.append(fields.isNull ? fields : PyDict_Copy(fields))
            for slot in group.slots {
                let value = py_descriptor_get(slot, instance, group.type)
                if value.isNull { PyErr_Clear() }
                group.images.append(value)
            }
        }
    }

    // MARK: Calling

    /// Calls the hook of every instance found, then that of each module, in order.
    func run(modules: [ChangedModule]) throws {
        let name = PyRef.name(names.onInstance)
        for group in groups {
            let hook = _PyType_Lookup(group.type, name)
            if hook.isNull { continue }
            do { try call(hook, group) } catch {
                throw PythonFailure(error, step: .hook, module: group.type.classDict[item: runtime.names.module]?.text ?? "")
            }
            count += group.instances.count
        }
        for module in modules { try callModuleHook(of: module) }
    }

    /// Most hooks are functions: a loop in Python calls them faster than this program could.
    private func call(_ hook: PyRef, _ group: Group) throws(PythonException) {
        if hook.isFunction {
            let instances = try PyRef.listOf(group.instances)
            _ = Held(hook)  // to the scope's end, whatever the hook does to its class
            _ = try runtime.callEach().ref.call(hook, instances.ref)
            return
        }
        for instance in group.instances {
            let bound = try Owned(py_descriptor_get(hook, instance, group.type))
            _ = try bound.call()
        }
    }

    /// A module's hook is the one that it defines itself; an imported one belongs to another module.
    private func callModuleHook(of module: ChangedModule) throws {
        guard let hook = module.live.ref[item: names.onModule] else { return }
        if hook.isFunction, hook.reference(at: runtime.function.module).orNil?.text != module.name { return }
        let takesModule = hook.isFunction && requiredParameters(of: hook) == 1
        let result =
            takesModule
            ? unsafe withUnsafePointer(to: module.module.ref) { unsafe PyObject_VectorcallDict(hook, $0, 1, .null) }
            : PyObject_CallNoArgs(hook)
        if result.isNull { throw PythonFailure(.taken(), step: .hook, module: module.name) }
        result.release()
        count += 1
    }

    private func requiredParameters(of function: PyRef) -> Int {
        let code = function.reference(at: runtime.function.code)
        let all = code.attributeIfPresent("co_argcount").map { Int(PyLong_AsLongLong($0.ref)) } ?? 0
        let defaults = function.reference(at: runtime.function.defaults)
        return all - (defaults.isNull ? 0 : PyTuple_Size(defaults))
    }

    // MARK: Ending

    /// Puts back the attributes of every instance.
    func restoreInstances() {
        for group in groups {
            let width = 1 + group.slots.count
            for (index, instance) in group.instances.enumerated() {
                let images = group.images[(index * width)..<((index + 1) * width)]
                if let fields = images.first { restore(InstanceDict.of(instance), from: fields) }
                for (slot, value) in zip(group.slots, images.dropFirst()) {
                    // An empty slot that stays empty cannot be emptied: that is no failure to try again.
                    if py_descriptor_set(slot, instance, value) < 0 { PyErr_Clear() }
                }
            }
        }
    }

    private func restore(_ fields: PyRef, from image: PyRef) {
        guard !fields.isNull, !image.isNull else { return }
        let current = PyDict_Copy(fields)
        PyDict_Clear(fields)
        insist { PyDict_Update(fields, image) }
        current.release()
    }

    /// Lets go of the instances.
    func release() {
        let groups = groups
        self.groups = []
        for group in groups {
            for image in group.images { image.release() }
            for instance in group.instances { instance.release() }
        }
    }
}

/// The descriptors of a class's `__slots__`, those of its bases included (borrowed).
enum SlotDescriptors {
    static func of(_ type: PyRef) -> [PyRef] {
        type.reference(at: py_type_mro).elements.filter(\.isHeapClass).flatMap { type in
            type.classDict.items.map(\.value).filter { $0.isExactly(py_PyMemberDescr_Type()) }
        }
    }
}

/// The direct subclasses of a class, without asking a metaclass.
enum Subclasses {
    static func of(_ type: PyRef) -> [PyRef] {
        guard !type.reference(at: py_type_subclasses).isNull else { return [] }
        guard let method = type.classAttribute(PyRef.name("__subclasses__")), let list = try? method.ref.call() else { return [] }
        return list.ref.elements
    }
}
