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
    private struct Target { let instance: PyRef; let order: Int }
    private struct Image { let instance: PyRef; let fields: PyRef; let slots: [(descriptor: PyRef, value: PyRef)] }

    private let runtime: PythonRuntime
    private let names: HookNames
    private var targets: [Target] = []
    private var images: [Image] = []
    private(set) var count = 0

    init(runtime: PythonRuntime, names: HookNames) {
        self.runtime = runtime
        self.names = names
    }

    /// Finds, in one pass over the heap, the live instances of `classes` and of their subclasses that have the hook.
    func collect(classes: [Pairs.ClassPair]) {
        let name = PyRef.name(names.onInstance)
        let table = AddressTable(minimumCapacity: classes.count)
        for (order, pair) in classes.enumerated() { collectSubclasses(of: pair.old, order: order, into: table, depth: 0) }
        var anyHook = false
        for pair in classes where pair.new.classDict[item: name] != nil { anyHook = true }
        anyHook = anyHook || types.contains { !_PyType_Lookup($0, name).isNull }
        guard anyHook else { return }
        runtime.heap.forEachObject { object in
            if let order = table[object.type.address] { targets.append(Target(instance: object, order: order)) }
        }
        targets = targets.filter { PyObject_GC_IsTracked($0.instance) != 0 }
        for target in targets { target.instance.retained() }
        targets.sort { $0.order < $1.order }
    }

    private var types: [PyRef] = []

    /// Subclasses in untouched modules inherit the hook; a class counts with the first updated class above it.
    private func collectSubclasses(of type: PyRef, order: Int, into table: AddressTable, depth: Int) {
        guard depth < 200, !table.contains(type.address) else { return }
        table.insert(type.address, order)
        types.append(type)
        for subclass in Subclasses.of(type) { collectSubclasses(of: subclass, order: order, into: table, depth: depth + 1) }
    }

    /// Saves the attributes of the instances, so that a failing hook can be undone.
    func saveInstances() {
        images.reserveCapacity(targets.count)
        for target in targets {
            let fields = InstanceDict.of(target.instance)
            let copy = fields.isNull ? fields : PyDict_Copy(fields)
            images.append(Image(instance: target.instance, fields: copy, slots: SlotValues.of(target.instance)))
        }
    }

    /// Calls the hook of every instance found, then that of each module, in order.
    func run(modules: [ChangedModule]) throws {
        let name = PyRef.name(names.onInstance)
        var known: [PyRef: PyRef] = [:]
        for target in targets {
            let type = target.instance.type
            let hook: PyRef
            if let found = known[type] {
                hook = found
            } else {
                hook = _PyType_Lookup(type, name)
                known[type] = hook
            }
            if hook.isNull { continue }
            try callInstanceHook(hook, target.instance, type)
            count += 1
        }
        for module in modules { try callModuleHook(of: module) }
    }

    private func callInstanceHook(_ hook: PyRef, _ instance: PyRef, _ type: PyRef) throws {
        let result: PyRef
        if hook.isFunction {
            result = unsafe withUnsafePointer(to: instance) { unsafe PyObject_VectorcallDict(hook, $0, 1, .null) }
        } else {
            let bound = py_descriptor_get(hook, instance, type)
            result = bound.isNull ? bound : PyObject_CallNoArgs(bound)
            bound.release()
        }
        if result.isNull {
            let module = type.classDict[item: runtime.names.module]?.text ?? ""
            throw PythonFailure(.taken(), step: .hook, module: module)
        }
        result.release()
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

    /// Puts back the attributes of every instance.
    func restoreInstances() {
        for image in images {
            if !image.fields.isNull {
                let fields = InstanceDict.of(image.instance)
                if !fields.isNull {
                    let current = PyDict_Copy(fields)
                    PyDict_Clear(fields)
                    PyDict_Update(fields, image.fields)
                    current.release()
                }
            }
            for slot in image.slots where py_descriptor_set(slot.descriptor, image.instance, slot.value) < 0 { PyErr_Clear() }
        }
    }

    /// Lets go of the instances.
    func release() {
        let (images, targets) = (images, targets)
        (self.images, self.targets) = ([], [])
        for image in images {
            image.fields.release()
            for slot in image.slots { slot.value.release() }
        }
        for target in targets { target.instance.release() }
    }
}

/// Values of `__slots__`, read through the class's own descriptors.
enum SlotValues {
    /// Descriptors with the value of each (owned; NULL where the slot is empty).
    static func of(_ object: PyRef) -> [(descriptor: PyRef, value: PyRef)] {
        var found: [(descriptor: PyRef, value: PyRef)] = []
        for type in object.type.reference(at: py_type_mro).elements where type.isHeapClass {
            for (_, descriptor) in type.classDict.items where descriptor.isExactly(py_PyMemberDescr_Type()) {
                let value = py_descriptor_get(descriptor, object, object.type)
                if value.isNull { PyErr_Clear() }
                found.append((descriptor, value))
            }
        }
        return found
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
