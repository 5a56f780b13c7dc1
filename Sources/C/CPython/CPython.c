#define _GNU_SOURCE
#include "CPython.h"

#include <dlfcn.h>
#include <string.h>

struct instar_python_table instar_python;

// What is forgotten is looked at first: a missing attribute is an answer, a lack of memory is none.
static void (*clear_error)(void);
static void (*fetch_error)(PyRef *type, PyRef *value, PyRef *traceback);
static int was_short_of_memory;

static void note_error(void) {
    PyRef error = PyErr_Occurred();
    if (error.address && PyErr_GivenExceptionMatches(error, *instar_python.PyExc_MemoryError)) was_short_of_memory = 1;
}
static void clear_noting(void) { note_error(); clear_error(); }
static void fetch_noting(PyRef *type, PyRef *value, PyRef *traceback) { note_error(); fetch_error(type, value, traceback); }

int py_was_short_of_memory(void) { return was_short_of_memory; }
void py_note_memory(void) { was_short_of_memory = 0; }

const char *instar_python_load(void *library) {
    void *scope = library ? library : RTLD_DEFAULT;
#define LOAD(result, name, parameters, arguments) \
    *(void **)&instar_python.name = dlsym(scope, #name); \
    if (!instar_python.name) return #name;
    INSTAR_PYTHON_FUNCTIONS(LOAD)
#undef LOAD
#define LOAD(name) \
    instar_python.name.address = (uintptr_t)dlsym(scope, #name); \
    if (!instar_python.name.address) return #name;
    INSTAR_PYTHON_OBJECTS(LOAD)
#undef LOAD
#define LOAD(name) \
    *(void **)&instar_python.name = dlsym(scope, #name); \
    if (!instar_python.name) return #name;
    INSTAR_PYTHON_EXCEPTIONS(LOAD)
#undef LOAD
#define LOAD(name) *(void **)&instar_python.name = dlsym(scope, #name);
    INSTAR_PYTHON_FLAGS(LOAD)
#undef LOAD
    instar_python.py_type_setattr = (int (*)(PyRef, PyRef, PyRef))py_word(instar_python.PyType_Type, py_type_setattro);
    clear_error = instar_python.PyErr_Clear;
    fetch_error = instar_python.PyErr_Fetch;
    instar_python.PyErr_Clear = clear_noting;
    instar_python.PyErr_Fetch = fetch_noting;
    return 0;
}

const char *py_static_name(const char *name) { return strdup(name); }

// PyType_Slot and PyType_Spec, whose layout is part of the stable ABI, as are the slot numbers.
struct slot { int number; void *function; };
struct spec { const char *name; int basicsize; int itemsize; unsigned int flags; struct slot *slots; };

PyRef py_new_module_type(PyRef base, py_getattr get, py_setattr set) {
    enum { Py_tp_getattro = 58, Py_tp_setattro = 69, Py_TPFLAGS_DEFAULT = 1 << 18, Py_TPFLAGS_HAVE_GC = 1 << 14 };
    struct slot slots[] = {{Py_tp_getattro, (void *)get}, {Py_tp_setattro, (void *)set}, {0, 0}};
    // Sizes of zero are inherited; the collector's functions are inherited where the flag is, too.
    struct spec spec = {"instar.module", 0, 0, Py_TPFLAGS_DEFAULT, slots};
    PyRef bases = PyTuple_New(1);
    if (!bases.address) return bases;
    Py_IncRef(base);
    PyTuple_SetItem(bases, 0, base);
    PyRef type = PyType_FromSpecWithBases(&spec, bases);
    Py_DecRef(bases);
    return type;
}

// PyModuleDef, whose layout is part of the stable ABI, with the head of an object in front.
struct module_definition {
    struct { intptr_t count; void *type; } object;
    PyRef (*initialize)(void);
    intptr_t index;
    PyRef copy;
    const char *name, *documentation;
    intptr_t size;
    void *methods, *slots, *traverse, *clear, *free;
};

PyRef py_new_extension_module(const char *name, const char *documentation) {
    enum { stable_abi_version = 3 };
    static struct module_definition definition = {.object = {.count = 1}};
    definition.name = name;
    definition.documentation = documentation;
    definition.size = -1;  // one state for the process
    return PyModule_Create2(&definition, stable_abi_version);
}

void py_raise_import_error(const char *message) {
    void (*raise)(PyRef, const char *);
    *(void **)&raise = dlsym(RTLD_DEFAULT, "PyErr_SetString");
    PyRef *type = dlsym(RTLD_DEFAULT, "PyExc_ImportError");
    if (raise && type) raise(*type, message);
}
