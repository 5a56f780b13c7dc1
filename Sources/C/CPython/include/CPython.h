// The part of CPython's C interface that Instar calls, declared without Python.h: every function is found by name at
// run time, in the running process or in a library that was opened, so nothing of Python is needed to build or link.
#pragma once

#include <stdint.h>
#include <stddef.h>
#include <wchar.h>

/// A reference to a Python object; zero is C's NULL. By value it is passed exactly as the `PyObject *` it stands for.
/// It carries no ownership: the Swift side says for each where the count lies.
typedef struct PyRef { uintptr_t address; } PyRef;

typedef int (*py_visit)(PyRef object, void *context);
typedef PyRef (*py_function)(PyRef self, PyRef arguments);
typedef PyRef (*py_keyword_function)(PyRef self, PyRef arguments, PyRef keywords);
typedef int (*py_audit_hook)(const char *event, PyRef arguments, void *context);

/// PyMethodDef, whose layout is part of the stable ABI.
typedef struct py_method { const char *name; py_keyword_function function; int flags; const char *documentation; } py_method;

// result, name, parameters, arguments: all of them exist in CPython 3.9 to 3.13.
#define INSTAR_PYTHON_FUNCTIONS(F) \
    F(int, Py_IsInitialized, (void), ()) \
    F(void, Py_InitializeEx, (int signals), (signals)) \
    F(int, Py_FinalizeEx, (void), ()) \
    F(void, Py_SetProgramName, (const wchar_t *name), (name)) \
    F(void, Py_SetPythonHome, (const wchar_t *home), (home)) \
    F(const char *, Py_GetVersion, (void), ()) \
    F(void, Py_IncRef, (PyRef o), (o)) \
    F(void, Py_DecRef, (PyRef o), (o)) \
    F(void *, PyEval_SaveThread, (void), ()) \
    F(void, PyEval_RestoreThread, (void *state), (state)) \
    F(int, PyGILState_Ensure, (void), ()) \
    F(void, PyGILState_Release, (int state), (state)) \
    F(int, PyGILState_Check, (void), ()) \
    F(unsigned long, PyThread_get_thread_ident, (void), ()) \
    F(int, PySys_AddAuditHook, (py_audit_hook hook, void *context), (hook, context)) \
    F(PyRef, PySys_GetObject, (const char *name), (name)) \
    F(int, PySys_SetObject, (const char *name, PyRef value), (name, value)) \
    F(int, PyThreadState_SetAsyncExc, (unsigned long thread, PyRef exception), (thread, exception)) \
    F(PyRef, PyErr_Occurred, (void), ()) \
    F(void, PyErr_Fetch, (PyRef *type, PyRef *value, PyRef *traceback), (type, value, traceback)) \
    F(void, PyErr_NormalizeException, (PyRef *type, PyRef *value, PyRef *traceback), (type, value, traceback)) \
    F(void, PyErr_Restore, (PyRef type, PyRef value, PyRef traceback), (type, value, traceback)) \
    F(void, PyErr_Clear, (void), ()) \
    F(void, PyErr_SetObject, (PyRef type, PyRef value), (type, value)) \
    F(void, PyErr_SetString, (PyRef type, const char *message), (type, message)) \
    F(int, PyErr_GivenExceptionMatches, (PyRef given, PyRef type), (given, type)) \
    F(void, PyErr_PrintEx, (int set), (set)) \
    F(int, PyErr_CheckSignals, (void), ()) \
    F(PyRef, PyErr_NewExceptionWithDoc, (const char *name, const char *doc, PyRef base, PyRef dict), (name, doc, base, dict)) \
    F(int, PyException_SetTraceback, (PyRef exception, PyRef traceback), (exception, traceback)) \
    F(void, PyException_SetCause, (PyRef exception, PyRef cause), (exception, cause)) \
    F(PyRef, PyObject_GetAttr, (PyRef o, PyRef name), (o, name)) \
    F(PyRef, PyObject_GetAttrString, (PyRef o, const char *name), (o, name)) \
    F(int, PyObject_SetAttr, (PyRef o, PyRef name, PyRef value), (o, name, value)) \
    F(int, PyObject_SetAttrString, (PyRef o, const char *name, PyRef value), (o, name, value)) \
    F(PyRef, PyObject_GenericGetAttr, (PyRef o, PyRef name), (o, name)) \
    F(int, PyObject_GenericSetAttr, (PyRef o, PyRef name, PyRef value), (o, name, value)) \
    F(PyRef, PyObject_Call, (PyRef f, PyRef arguments, PyRef keywords), (f, arguments, keywords)) \
    F(PyRef, PyObject_CallNoArgs, (PyRef f), (f)) \
    F(PyRef, PyObject_VectorcallDict, (PyRef f, const PyRef *arguments, size_t count, PyRef keywords), (f, arguments, count, keywords)) \
    F(PyRef, PyObject_Str, (PyRef o), (o)) \
    F(PyRef, PyObject_Repr, (PyRef o), (o)) \
    F(int, PyObject_IsTrue, (PyRef o), (o)) \
    F(int, PyObject_RichCompareBool, (PyRef a, PyRef b, int operation), (a, b, operation)) \
    F(PyRef, PyObject_GetIter, (PyRef o), (o)) \
    F(PyRef, PyIter_Next, (PyRef o), (o)) \
    F(PyRef, PyObject_GenericGetDict, (PyRef o, void *context), (o, context)) \
    F(intptr_t, PyObject_Size, (PyRef o), (o)) \
    F(int, PyObject_SetItem, (PyRef o, PyRef key, PyRef value), (o, key, value)) \
    F(int, PyObject_DelItem, (PyRef o, PyRef key), (o, key)) \
    F(PyRef, PySequence_GetItem, (PyRef o, intptr_t i), (o, i)) \
    F(int, PySequence_SetItem, (PyRef o, intptr_t i, PyRef value), (o, i, value)) \
    F(int, PyObject_GC_IsTracked, (PyRef o), (o)) \
    F(PyRef, PyDict_New, (void), ()) \
    F(PyRef, PyDict_Copy, (PyRef d), (d)) \
    F(void, PyDict_Clear, (PyRef d), (d)) \
    F(int, PyDict_Update, (PyRef d, PyRef other), (d, other)) \
    F(intptr_t, PyDict_Size, (PyRef d), (d)) \
    F(int, PyDict_SetItem, (PyRef d, PyRef key, PyRef value), (d, key, value)) \
    F(int, PyDict_DelItem, (PyRef d, PyRef key), (d, key)) \
    F(PyRef, PyDict_GetItemWithError, (PyRef d, PyRef key), (d, key)) \
    F(PyRef, PyDict_GetItemString, (PyRef d, const char *key), (d, key)) \
    F(int, PyDict_SetItemString, (PyRef d, const char *key, PyRef value), (d, key, value)) \
    F(int, PyDict_Contains, (PyRef d, PyRef key), (d, key)) \
    F(int, PyDict_Next, (PyRef d, intptr_t *position, PyRef *key, PyRef *value), (d, position, key, value)) \
    F(PyRef, PyList_New, (intptr_t size), (size)) \
    F(int, PyList_Append, (PyRef l, PyRef value), (l, value)) \
    F(PyRef, PyList_GetItem, (PyRef l, intptr_t i), (l, i)) \
    F(intptr_t, PyList_Size, (PyRef l), (l)) \
    F(int, PyList_SetItem, (PyRef l, intptr_t i, PyRef value), (l, i, value)) \
    F(int, PyList_SetSlice, (PyRef l, intptr_t low, intptr_t high, PyRef values), (l, low, high, values)) \
    F(PyRef, PyTuple_New, (intptr_t size), (size)) \
    F(PyRef, PyTuple_GetItem, (PyRef t, intptr_t i), (t, i)) \
    F(int, PyTuple_SetItem, (PyRef t, intptr_t i, PyRef value), (t, i, value)) \
    F(intptr_t, PyTuple_Size, (PyRef t), (t)) \
    F(PyRef, PySet_New, (PyRef values), (values)) \
    F(int, PySet_Add, (PyRef s, PyRef value), (s, value)) \
    F(int, PySet_Discard, (PyRef s, PyRef value), (s, value)) \
    F(int, PySet_Contains, (PyRef s, PyRef value), (s, value)) \
    F(PyRef, PyUnicode_FromStringAndSize, (const char *text, intptr_t size), (text, size)) \
    F(PyRef, PyUnicode_InternFromString, (const char *text), (text)) \
    F(PyRef, PyUnicode_DecodeFSDefaultAndSize, (const char *text, intptr_t size), (text, size)) \
    F(PyRef, PyUnicode_EncodeFSDefault, (PyRef s), (s)) \
    F(const char *, PyUnicode_AsUTF8AndSize, (PyRef s, intptr_t *size), (s, size)) \
    F(PyRef, PyLong_FromLongLong, (long long value), (value)) \
    F(long long, PyLong_AsLongLong, (PyRef o), (o)) \
    F(PyRef, PyFloat_FromDouble, (double value), (value)) \
    F(double, PyFloat_AsDouble, (PyRef o), (o)) \
    F(PyRef, PyBytes_FromStringAndSize, (const char *bytes, intptr_t size), (bytes, size)) \
    F(int, PyBytes_AsStringAndSize, (PyRef o, char **bytes, intptr_t *size), (o, bytes, size)) \
    F(PyRef, PyImport_ImportModule, (const char *name), (name)) \
    F(PyRef, PyImport_GetModuleDict, (void), ()) \
    F(PyRef, PyImport_AddModule, (const char *name), (name)) \
    F(PyRef, PyModule_NewObject, (PyRef name), (name)) \
    F(PyRef, PyModule_Create2, (void *definition, int version), (definition, version)) \
    F(PyRef, PyModule_GetDict, (PyRef module), (module)) \
    F(int, PyFunction_SetDefaults, (PyRef f, PyRef defaults), (f, defaults)) \
    F(PyRef, PyFunction_New, (PyRef code, PyRef globals), (code, globals)) \
    F(PyRef, PyCell_New, (PyRef value), (value)) \
    F(PyRef, PyCell_Get, (PyRef cell), (cell)) \
    F(int, PyCell_Set, (PyRef cell, PyRef value), (cell, value)) \
    F(void, PyType_Modified, (PyRef type), (type)) \
    F(int, PyType_IsSubtype, (PyRef a, PyRef b), (a, b)) \
    F(PyRef, _PyType_Lookup, (PyRef type, PyRef name), (type, name)) \
    F(PyRef, PyType_FromSpecWithBases, (void *spec, PyRef bases), (spec, bases)) \
    F(PyRef, PyEval_EvalCode, (PyRef code, PyRef globals, PyRef locals), (code, globals, locals)) \
    F(PyRef, PyEval_GetBuiltins, (void), ()) \
    F(PyRef, PyWeakref_NewRef, (PyRef o, PyRef callback), (o, callback)) \
    F(PyRef, PyCFunction_NewEx, (py_method *method, PyRef self, PyRef module), (method, self, module))

// Objects that Instar compares with or calls; the address of the symbol is the object.
#define INSTAR_PYTHON_OBJECTS(O) \
    O(PyType_Type) O(PyBaseObject_Type) O(PyFunction_Type) O(PyModule_Type) O(PyProperty_Type) O(PyStaticMethod_Type) \
    O(PyClassMethod_Type) O(PyMethod_Type) O(PyCell_Type) O(PyDict_Type) O(PyList_Type) O(PyTuple_Type) O(PySet_Type) \
    O(PyFrozenSet_Type) O(PyCode_Type) O(PyUnicode_Type) O(PyLong_Type) O(PyFloat_Type) O(PyBool_Type) O(PyBytes_Type) \
    O(PyGen_Type) O(PyMemberDescr_Type) O(PyGetSetDescr_Type) O(PyCFunction_Type) O(PyFrame_Type) \
    O(_Py_NoneStruct) O(_Py_TrueStruct) O(_Py_FalseStruct)

// Exceptions; the symbol is a variable that holds the object.
#define INSTAR_PYTHON_EXCEPTIONS(E) \
    E(PyExc_BaseException) E(PyExc_Exception) E(PyExc_SystemExit) E(PyExc_KeyboardInterrupt) E(PyExc_SyntaxError) \
    E(PyExc_RuntimeError) E(PyExc_TypeError) E(PyExc_ValueError) E(PyExc_AttributeError) E(PyExc_ImportError) E(PyExc_MemoryError)

// Configuration variables that Py_InitializeEx reads; those a version lacks are skipped.
#define INSTAR_PYTHON_FLAGS(G) \
    G(Py_IsolatedFlag) G(Py_IgnoreEnvironmentFlag) G(Py_NoUserSiteDirectory) G(Py_NoSiteFlag) G(Py_DontWriteBytecodeFlag) G(Py_UTF8Mode)

struct instar_python_table {
#define FIELD(result, name, parameters, arguments) result (*name) parameters;
    INSTAR_PYTHON_FUNCTIONS(FIELD)
#undef FIELD
#define FIELD(name) PyRef name;
    INSTAR_PYTHON_OBJECTS(FIELD)
#undef FIELD
#define FIELD(name) PyRef *name;
    INSTAR_PYTHON_EXCEPTIONS(FIELD)
#undef FIELD
#define FIELD(name) int *name;
    INSTAR_PYTHON_FLAGS(FIELD)
#undef FIELD
    /// `type.__setattr__` itself.
    int (*py_type_setattr)(PyRef type, PyRef name, PyRef value);
};
extern struct instar_python_table instar_python;

/// Whether an error for want of memory was forgotten since `py_note_memory` was called: whoever asked something then
/// got an answer that may be wrong.
int py_was_short_of_memory(void);
void py_note_memory(void);

/// A copy of `name` that stays for good, for tables that CPython keeps pointers to.
const char *py_static_name(const char *name);

/// Fills the table from `library` (a handle of dlopen; NULL is the running process). Answers NULL, or the first
/// name that the library lacks.
const char *instar_python_load(void *library);

#define WRAPPER(result, name, parameters, arguments) static inline result name parameters { return instar_python.name arguments; }
INSTAR_PYTHON_FUNCTIONS(WRAPPER)
#undef WRAPPER
#define WRAPPER(name) static inline PyRef py_##name(void) { return instar_python.name; }
INSTAR_PYTHON_OBJECTS(WRAPPER)
#undef WRAPPER
#define WRAPPER(name) static inline PyRef py_##name(void) { return *instar_python.name; }
INSTAR_PYTHON_EXCEPTIONS(WRAPPER)
#undef WRAPPER
#define WRAPPER(name) static inline void py_set_##name(int value) { if (instar_python.name) *instar_python.name = value; }
INSTAR_PYTHON_FLAGS(WRAPPER)
#undef WRAPPER

/// A word of an object's memory, `offset` bytes from its start.
static inline uintptr_t py_word(PyRef o, intptr_t offset) { return *(uintptr_t *)(o.address + (uintptr_t)offset); }
static inline void py_set_word(PyRef o, intptr_t offset, uintptr_t value) { *(uintptr_t *)(o.address + (uintptr_t)offset) = value; }

static inline int32_t py_half_word(PyRef o) { return *(int32_t *)o.address; }
static inline void py_set_half_word(PyRef o, int32_t value) { *(int32_t *)o.address = value; }

// The head of every object, and PyTypeObject, are laid out alike in 3.9 to 3.13 (the default build with a GIL);
// the interpreter is refused at start where a probe finds otherwise.
static inline intptr_t py_reference_count(PyRef o) { return (intptr_t)(int32_t)*(uint32_t *)o.address; }
static inline PyRef py_type(PyRef o) { PyRef type = { py_word(o, 8) }; return type; }

enum {
    py_type_basicsize = 32, py_type_itemsize = 40, py_type_getattro = 144, py_type_setattro = 152, py_type_flags = 168,
    py_type_traverse = 184, py_type_clear = 192, py_type_richcompare = 200, py_type_weaklistoffset = 208, py_type_base = 256, py_type_dict = 264,
    py_type_descr_get = 272, py_type_descr_set = 280, py_type_dictoffset = 288, py_type_init = 296, py_type_is_gc = 328,
    py_type_bases = 336, py_type_mro = 344, py_type_subclasses = 360,
};

/// Calls `visit` for every reference that `object`, of a type with collector support, holds.
static inline void py_traverse(PyRef object, py_visit visit, void *context) {
    int (*traverse)(PyRef, py_visit, void *) = (int (*)(PyRef, py_visit, void *))py_word(py_type(object), py_type_traverse);
    if (traverse) traverse(object, visit, context);
}

/// Whether the collector handles instances of this very object's type.
static inline int py_is_collected(PyRef object) {
    PyRef type = py_type(object);
    if (!(py_word(type, py_type_flags) & (1UL << 14))) return 0;
    int (*is_gc)(PyRef) = (int (*)(PyRef))py_word(type, py_type_is_gc);
    return !is_gc || is_gc(object);
}

/// `type.__setattr__` and `type.__getattribute__` themselves, past whatever a metaclass overrides.
static inline int py_set_type_attribute(PyRef type, PyRef name, PyRef value) {
    return instar_python.py_type_setattr(type, name, value);
}

/// A data descriptor's own setter.
static inline int py_descriptor_set(PyRef descriptor, PyRef object, PyRef value) {
    int (*set)(PyRef, PyRef, PyRef) = (int (*)(PyRef, PyRef, PyRef))py_word(py_type(descriptor), py_type_descr_set);
    return set(descriptor, object, value);
}

/// Binds a descriptor to an object as attribute access would; what is none is answered as it is (a new reference).
static inline PyRef py_descriptor_get(PyRef descriptor, PyRef object, PyRef type) {
    PyRef (*get)(PyRef, PyRef, PyRef) = (PyRef (*)(PyRef, PyRef, PyRef))py_word(py_type(descriptor), py_type_descr_get);
    if (get) return get(descriptor, object, type);
    Py_IncRef(descriptor);
    return descriptor;
}

/// `a == b` by the comparison of `type`, whatever the classes of the two make of it.
static inline PyRef py_rich_compare(PyRef type, PyRef a, PyRef b) {
    PyRef (*compare)(PyRef, PyRef, int) = (PyRef (*)(PyRef, PyRef, int))py_word(type, py_type_richcompare);
    return compare(a, b, 2);
}

/// Attribute access as a type's own slot does it.
static inline PyRef py_slot_getattr(PyRef type, PyRef object, PyRef name) {
    PyRef (*get)(PyRef, PyRef) = (PyRef (*)(PyRef, PyRef))py_word(type, py_type_getattro);
    return get(object, name);
}
static inline int py_slot_setattr(PyRef type, PyRef object, PyRef name, PyRef value) {
    int (*set)(PyRef, PyRef, PyRef) = (int (*)(PyRef, PyRef, PyRef))py_word(type, py_type_setattro);
    return set(object, name, value);
}

/// A new extension module, as an interpreter expects it of a library that it imports. To be called once in a process;
/// the texts stay for good.
PyRef py_new_extension_module(const char *name, const char *documentation);

/// Raises ImportError where the table may not be filled.
void py_raise_import_error(const char *message);

/// What a module that is being prepared answers (`get`), and how it is written to (`set`).
typedef PyRef (*py_getattr)(PyRef object, PyRef name);
typedef int (*py_setattr)(PyRef object, PyRef name, PyRef value);

/// A new subclass of the class `base`, in C, with these two attribute functions; NULL with an exception set.
PyRef py_new_module_type(PyRef base, py_getattr get, py_setattr set);
