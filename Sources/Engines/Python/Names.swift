internal import CPython

/// Strings that the engine asks for often, interned once an interpreter.
struct Names {
    let dict = PyRef.name("__dict__")
    let module = PyRef.name("__module__")
    let qualifiedName = PyRef.name("__qualname__")
    let name = PyRef.name("__name__")
    let documentation = PyRef.name("__doc__")
    let annotations = PyRef.name("__annotations__")
    let all = PyRef.name("__all__")
    let spec = PyRef.name("__spec__")
    let file = PyRef.name("__file__")
    let wrapped = PyRef.name("__wrapped__")
    let getAttribute = PyRef.name("__getattr__")
    let classCell = PyRef.name("__class__")
    let memberMap = PyRef.name("_member_map_")
    let bases = PyRef.name("__bases__")
    let subclassHook = PyRef.name("__subclasshook__")
    let metadata = PyRef.name("__dataclass_fields__")
}
