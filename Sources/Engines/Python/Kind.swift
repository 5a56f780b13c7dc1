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
        if type == py_PyStaticMethod_Type() || type == py_PyClassMethod_Type() || type == py_PyProperty_Type()
            || type == py_PyMemberDescr_Type() || type == py_PyGetSetDescr_Type()
        {
            return .descriptor(type)
        }
        if let name = type.classAttribute(runtime.names.name)?.text,
            name == "cached_property" || name == "singledispatchmethod" || name == "partialmethod"
        {
            return .descriptor(type)
        }
        return definition(path, inside: object) != nil ? .function : .data
    }
}
