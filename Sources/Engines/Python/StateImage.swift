internal import CPython

/// What the interpreter looked like before an update, as far as an update may change it: modules, their dictionaries, the
/// import path, the source cache, the collector's switch.
final class StateImage {
    private let runtime: PythonRuntime
    private var copies: [(dictionary: PyRef, copy: PyRef)] = []
    private var classCopies: [(type: PyRef, copy: PyRef)] = []
    private let modules: PyRef
    private let modulesCopy: PyRef
    private var importPath: PyRef?
    private var importPathCopy: PyRef?
    private var sourceCache: (dictionary: PyRef, copy: PyRef)?

    private let signals: SignalHandlers

    init(runtime: PythonRuntime) throws {
        self.runtime = runtime
        signals = SignalHandlers()
        modules = PyImport_GetModuleDict()
        modulesCopy = try Owned(PyDict_Copy(modules)).relinquish()
    }

    /// Remembers a dictionary of a module, with its order.
    func save(dictionary: PyRef) throws {
        let copy = try Owned(PyDict_Copy(dictionary)).relinquish()
        copies.append((dictionary.retained(), copy))
    }

    /// Remembers a class's dictionary.
    func save(class type: PyRef) throws {
        let copy = try Owned(PyDict_Copy(type.classDict)).relinquish()
        classCopies.append((type.retained(), copy))
    }

    /// Remembers `sys.path` before it is changed.
    func saveImportPath() throws {
        guard importPath == nil, let path = unsafe PySys_GetObject("path").orNil else { return }
        importPath = path.retained()
        importPathCopy = try PyRef.listOf(path.elements).relinquish()
    }

    /// Remembers the entries of `linecache`, which may show the lines of either version.
    func saveSourceCache() throws {
        guard let module = PyImport_GetModuleDict()[item: "linecache"], module.isModule,
            let cache = PyModule_GetDict(module)[item: "cache"], cache.isExactDict
        else { return }
        let copy = try Owned(PyDict_Copy(cache)).relinquish()
        sourceCache = (cache.retained(), copy)
    }

    /// Modules that were imported since, by name.
    var newModules: [String] {
        modules.items.compactMap { key, _ in modulesCopy[item: key] == nil ? key.text : nil }
    }

    // MARK: Taking back

    /// Puts module and class dictionaries back as they were, order included, after hooks may have written to them.
    func restoreDictionaries() {
        for (dictionary, copy) in copies { StateImage.restore(dictionary, from: copy) }
        for (type, copy) in classCopies { StateImage.restore(class: type, from: copy) }
    }

    /// Takes back imports, the import path and the source cache.
    func restoreInterpreter() {
        for (key, value) in modules.items where modulesCopy[item: key] != value { unlink(key, value) }
        if modulesCopy.items.contains(where: { modules[item: $0.key] != $0.value }) || PyDict_Size(modules) != PyDict_Size(modulesCopy) {
            insist { PyDict_Update(modules, modulesCopy) }
        }
        if let importPath, let importPathCopy {
            insist { PyList_SetSlice(importPath, 0, PyList_Size(importPath), importPathCopy) }
        }
        signals.restore()
        if let sourceCache { StateImage.restore(sourceCache.dictionary, from: sourceCache.copy) }
    }

    /// A module that only the refused update imported goes, from its package as well.
    private func unlink(_ key: PyRef, _ value: PyRef) {
        if modulesCopy[item: key] == nil, let name = key.text, let dot = name.lastIndex(of: ".") {
            if let parent = modulesCopy[item: String(name[..<dot])], parent.isModule {
                let attribute = String(name[name.index(after: dot)...])
                let dictionary = PyModule_GetDict(parent)
                if dictionary[item: attribute] == value, let text = try? PyRef.string(attribute) { PyDict_DelItem(dictionary, text.ref) }
            }
        }
        if modulesCopy[item: key] == nil, PyDict_DelItem(modules, key) < 0 { PyErr_Clear() }
    }

    private static func restore(_ dictionary: PyRef, from copy: PyRef) {
        let current = PyDict_Copy(dictionary)  // keeps what goes alive until all is in place again
        PyDict_Clear(dictionary)
        insist { PyDict_Update(dictionary, copy) }
        current.release()
    }

    private static func restore(class type: PyRef, from copy: PyRef) {
        for (key, value) in type.classDict.items where copy[item: key] != value {
            insist { py_set_type_attribute(type, key, copy[item: key] ?? .null) }
        }
        for (key, value) in copy.items where type.classDict[item: key] == nil {
            insist { py_set_type_attribute(type, key, value) }
        }
        let order = copy.items.map(\.key)
        if type.classDict.items.map(\.key) != order {
            restore(type.classDict, from: copy)
            PyType_Modified(type)
        }
    }

    /// Forgets the dictionaries, to look at them again.
    func releaseDictionaries() {
        let (all, classes) = (copies, classCopies)
        (copies, classCopies) = ([], [])
        for (dictionary, copy) in all {
            dictionary.release()
            copy.release()
        }
        for (type, copy) in classes {
            type.release()
            copy.release()
        }
    }

    func release() {
        releaseDictionaries()
        modulesCopy.release()
        importPath?.release()
        importPathCopy?.release()
        sourceCache?.dictionary.release()
        sourceCache?.copy.release()
        (importPath, importPathCopy, sourceCache) = (nil, nil, nil)
    }
}
