internal import CPython
internal import SystemPackage

/// Moves the program from one directory of code to another: where later imports look, and what modules say of their files.
struct Relocation {
    private let from: String
    private let to: String
    private let runtime: PythonRuntime

    init(from: FilePath?, to: FilePath?, runtime: PythonRuntime) {
        self.from = from?.string ?? ""
        self.to = to?.string ?? ""
        self.runtime = runtime
    }

    private var isNeeded: Bool { !from.isEmpty && !to.isEmpty && from != to }

    /// A path below the old directory, in the new one; nil for any other.
    private func moved(_ path: String) -> String? {
        if path == from { return to }
        return path.hasPrefix(from + "/") ? to + path.dropFirst(from.count) : nil
    }

    /// Lets imports look in the new directory, from now on.
    func switchImportPath(_ images: StateImage) throws {
        forgetDirectories()
        guard isNeeded, let path = unsafe PySys_GetObject("path").orNil else { return }
        try images.saveImportPath()
        for (index, entry) in path.elements.enumerated() {
            guard let text = entry.text, let new = moved(text) else { continue }
            PyList_SetItem(path, index, try PyRef.string(new).relinquish())
        }
    }

    /// Lets imports find files that are new, as `importlib.invalidate_caches` does; that itself may import half a library.
    private func forgetDirectories() {
        if let finders = unsafe PySys_GetObject("path_importer_cache").orNil, finders.isExactDict {
            for (key, finder) in finders.items {
                if finder == .none { PyDict_DelItem(finders, key) } else { invalidate(finder) }
            }
        }
        for finder in unsafe PySys_GetObject("meta_path").orNil?.elements ?? [] where !isPathFinder(finder) { invalidate(finder) }
    }

    private func isPathFinder(_ finder: PyRef) -> Bool {
        finder.isClass && finder.classAttribute(runtime.names.name)?.text == "PathFinder"
    }

    private func invalidate(_ finder: PyRef) {
        guard let method = finder.attributeIfPresent("invalidate_caches") else { return }
        _ = try? method.ref.call()
    }

    /// Modules that did not change say the new directory, too; the old one may be deleted.
    func relocateModules(except changed: [ChangedModule], record: LoadRecord, patch: Patch) {
        guard isNeeded else { return }
        let own = Set(changed.map(\.module.ref))
        for (key, module) in PyImport_GetModuleDict().items where module.isModule && !own.contains(module) {
            let dictionary = PyModule_GetDict(module)
            if let name = key.text, let file = dictionary[item: runtime.names.file]?.text, let new = moved(file) {
                relocateCode(of: name, from: file, to: new, record, patch)
            }
            relocate(dictionary, patch)
        }
    }

    /// Tracebacks, debuggers and `inspect` ask each function's code for its file. CPython's import system renames the file
    /// of code that is loaded already, and so does this.
    private func relocateCode(of module: String, from old: String, to new: String, _ record: LoadRecord, _ patch: Patch) {
        patch.call { [patch] in
            record.move(old, to: new)
            patch.whenUndone { record.move(new, to: old) }
        }
        guard let code = record.code[module],
            let rename = PyImport_GetModuleDict()[item: "_imp"].flatMap({ PyModule_GetDict($0)[item: "_fix_co_filename"] }),
            let oldName = code.ref.attributeIfPresent("co_filename"), let newName = try? PyRef.string(new)
        else { return }
        let name = Held(patch.keep(newName.ref))
        patch.call { [patch] in
            _ = try rename.call(code.ref, name.ref)
            patch.whenUndone { _ = try? rename.call(code.ref, oldName.ref) }
        }
    }

    private func relocate(_ dictionary: PyRef, _ patch: Patch) {
        for name in ["__file__", "__cached__"] { relocateText(in: dictionary, name, patch) }
        if let path = dictionary[item: "__path__"] { relocateList(path, patch) }
        guard let spec = dictionary[item: runtime.names.spec], spec != .none else { return }
        let fields = InstanceDict.of(spec)
        guard !fields.isNull else { return }
        for name in ["origin", "_cached"] { relocateText(in: fields, name, patch) }
        if let locations = fields[item: "submodule_search_locations"] { relocateList(locations, patch) }
        if let loader = fields[item: "loader"], loader != .none, !InstanceDict.of(loader).isNull {
            relocateText(in: InstanceDict.of(loader), "path", patch)
        }
    }

    private func relocateText(in dictionary: PyRef, _ name: String, _ patch: Patch) {
        guard let value = dictionary[item: name]?.text, let new = moved(value), let text = try? PyRef.string(new) else { return }
        patch.setItem(dictionary, PyRef.name(name), text.ref)
    }

    private func relocateList(_ list: PyRef, _ patch: Patch) {
        guard list.isExactly(py_PyList_Type()) else { return }
        let elements = list.elements
        let changed = elements.map { $0.text.flatMap(moved) }
        guard changed.contains(where: { $0 != nil }) else { return }
        for (index, new) in changed.enumerated() {
            guard let new, let text = try? PyRef.string(new) else { continue }
            let (value, previous) = (patch.keep(text.ref), patch.keep(elements[index]))
            patch.call { [patch] in
                try check(PyList_SetItem(list, index, value.retained()))
                patch.whenUndone { PyList_SetItem(list, index, previous.retained()) }
            }
        }
    }
}
