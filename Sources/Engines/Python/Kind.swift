internal import CPython

/// What a name stands for, as far as an update cares.
enum Kind: Equatable {
    /// A function or what a decorator made of one.
    case function
    case `class`
    case module
    /// Static and class methods, properties and the like: each class of them is a kind.
    case descriptor(PyRef)
    case data

    var isCode: Bool { self != .data }

    /// Functions, and the descriptors that decorators make of them: one may become another when its source says so.
    var isRoutine: Bool {
        switch self {
        case .function: true
        case .descriptor(let type): type != py_PyMemberDescr_Type() && type != py_PyGetSetDescr_Type()
        default: false
        }
    }

    var label: String {
        switch self {
        case .function: "function"
        case .class: "class"
        case .module: "module"
        case .descriptor(let type): type.classAttribute(PyRef.name("__name__"))?.text ?? "descriptor"
        case .data: "data"
        }
    }
}

extension Pairs {
    /// The kind of `object` under the qualified name `path`.
    func kind(of object: PyRef, at path: String, _ runtime: PythonRuntime) -> Kind {
        if object.isFunction || object.isExactly(py_PyCFunction_Type()) || object.isExactly(runtime.cachingWrapper.ref) { return .function }
        if object.isClass { return .class }
        if object.isModule { return .module }
        let type = object.type
        if object.isBuiltInWrapper || type == py_PyMemberDescr_Type() || type == py_PyGetSetDescr_Type() { return .descriptor(type) }
        if runtime.isFunctionDescriptor(type) { return .descriptor(type) }
        return definition(path, inside: object) != nil ? .function : .data
    }
}

extension PyRef {
    /// A property, static or class method, or an instance of a subclass of these: the functions inside lie where theirs do.
    var isBuiltInWrapper: Bool {
        isInstance(of: py_PyProperty_Type()) || isInstance(of: py_PyStaticMethod_Type()) || isInstance(of: py_PyClassMethod_Type())
    }
}

extension PythonRuntime {
    /// Whether a class is one of the standard library's descriptors around functions that are written in Python.
    func isFunctionDescriptor(_ type: PyRef) -> Bool {
        guard type.isHeapClass, type.classDict[item: names.module]?.text == "functools" else { return false }
        return ["cached_property", "singledispatchmethod", "partialmethod"].contains(type.classAttribute(names.name)?.text ?? "")
    }
}
