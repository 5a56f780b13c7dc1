#include "PythonFaults.h"
#include <CPython.h>

// Functions of the table that allocate or run code, so that a program short of memory sees them fail: each with its
// result, parameters and arguments. The compiler compares them with the table's own.
#define OBJECT_FUNCTIONS(F) \
    F(PyObject_GetAttr, (PyRef o, PyRef name), (o, name)) \
    F(PyObject_GetAttrString, (PyRef o, const char *name), (o, name)) \
    F(PyObject_Call, (PyRef f, PyRef arguments, PyRef keywords), (f, arguments, keywords)) \
    F(PyObject_CallNoArgs, (PyRef f), (f)) \
    F(PyObject_VectorcallDict, (PyRef f, const PyRef *arguments, size_t count, PyRef keywords), (f, arguments, count, keywords)) \
    F(PyObject_GetIter, (PyRef o), (o)) \
    F(PyDict_New, (void), ()) \
    F(PyDict_Copy, (PyRef d), (d)) \
    F(PyList_New, (intptr_t size), (size)) \
    F(PyTuple_New, (intptr_t size), (size)) \
    F(PySet_New, (PyRef values), (values)) \
    F(PyUnicode_FromStringAndSize, (const char *text, intptr_t size), (text, size)) \
    F(PyUnicode_InternFromString, (const char *text), (text)) \
    F(PyLong_FromLongLong, (long long value), (value)) \
    F(PyBytes_FromStringAndSize, (const char *bytes, intptr_t size), (bytes, size)) \
    F(PyImport_ImportModule, (const char *name), (name)) \
    F(PyFunction_New, (PyRef code, PyRef globals), (code, globals)) \
    F(PyCell_New, (PyRef value), (value)) \
    F(PyEval_EvalCode, (PyRef code, PyRef globals, PyRef locals), (code, globals, locals)) \
    F(PyWeakref_NewRef, (PyRef o, PyRef callback), (o, callback))

#define STATUS_FUNCTIONS(F) \
    F(PyObject_SetAttr, (PyRef o, PyRef name, PyRef value), (o, name, value)) \
    F(PyObject_SetAttrString, (PyRef o, const char *name, PyRef value), (o, name, value)) \
    F(PyDict_Update, (PyRef d, PyRef other), (d, other)) \
    F(PyDict_SetItem, (PyRef d, PyRef key, PyRef value), (d, key, value)) \
    F(PyDict_SetItemString, (PyRef d, const char *key, PyRef value), (d, key, value)) \
    F(PyList_Append, (PyRef l, PyRef value), (l, value)) \
    F(PyList_SetSlice, (PyRef l, intptr_t low, intptr_t high, PyRef values), (l, low, high, values)) \
    F(PySet_Add, (PyRef s, PyRef value), (s, value)) \
    F(PyFunction_SetDefaults, (PyRef f, PyRef defaults), (f, defaults)) \
    F(py_type_setattr, (PyRef type, PyRef name, PyRef value), (type, name, value))

static struct instar_python_table original;
static long long calls, target;
static const char *failed;

/// Whether this call is the one to fail; an exception is set then.
static int is_due(const char *name) {
    if (!target || ++calls != target) return 0;
    failed = name;
    original.PyErr_SetString(*original.PyExc_MemoryError, name);
    return 1;
}

#define WRAPPER(name, parameters, arguments) \
    static PyRef failing_##name parameters { return is_due(#name) ? (PyRef){0} : original.name arguments; }
OBJECT_FUNCTIONS(WRAPPER)
#undef WRAPPER
#define WRAPPER(name, parameters, arguments) \
    static int failing_##name parameters { return is_due(#name) ? -1 : original.name arguments; }
STATUS_FUNCTIONS(WRAPPER)
#undef WRAPPER

static PyRef arm(PyRef self, PyRef arguments, PyRef keywords) {
    (void)self, (void)keywords;
    target = original.PyLong_AsLongLong(original.PyTuple_GetItem(arguments, 0));
    calls = 0;
    failed = 0;
    PyRef none = original._Py_NoneStruct;
    original.Py_IncRef(none);
    return none;
}

static PyRef disarm(PyRef self, PyRef arguments, PyRef keywords) {
    (void)self, (void)arguments, (void)keywords;
    target = 0;
    const char *name = failed ? failed : "";
    PyRef answer = original.PyTuple_New(2);
    intptr_t size = 0;
    while (name[size]) size++;
    original.PyTuple_SetItem(answer, 0, original.PyLong_FromLongLong(calls));
    original.PyTuple_SetItem(answer, 1, original.PyUnicode_FromStringAndSize(name, size));
    return answer;
}

int instar_python_faults_install(void) {
    static py_method methods[] = {{"arm", arm, 1 | 2, ""}, {"disarm", disarm, 1 | 2, ""}};
    original = instar_python;
#define WRAPPER(name, parameters, arguments) instar_python.name = failing_##name;
    OBJECT_FUNCTIONS(WRAPPER)
    STATUS_FUNCTIONS(WRAPPER)
#undef WRAPPER
    PyRef module = original.PyImport_AddModule("faults");
    if (!module.address) return -1;
    for (int i = 0; i < 2; i++) {
        PyRef function = original.PyCFunction_NewEx(&methods[i], (PyRef){0}, (PyRef){0});
        if (!function.address || original.PyObject_SetAttrString(module, methods[i].name, function) < 0) return -1;
        original.Py_DecRef(function);
    }
    return 0;
}
