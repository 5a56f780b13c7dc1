internal import CPython
internal import InstarReload

/// What becomes of whole modules, besides what is in them.
extension PythonEngine {
    /// Remembers what now runs.
    func noteLoaded(_ module: ChangedModule) {
        if let content = module.content {
            if record.sources[module.file] != content, let compiled = module.live.ref[item: "__cached__"]?.text {
                CompiledFiles.removeStale(compiled, of: module.file)
            }
            record.setSource(content, of: module.file, signature: module.signature)
        }
        if let (file, content) = module.foreignSource { record.setSource(content, of: file, signature: nil) }
        if let code = module.code { record.setCode(code, of: module.name) }
        record.setLoaded(
            module.name, names: Set(module.scratch.ref.items.compactMap(\.key.text)),
            attributes: FunctionAttributes(runtime.function).collect(module.scratch.ref, module: module.name))
    }

    /// Takes modules that the new release lacks out of `sys.modules` and of their packages.
    func remove(_ names: [String], patch: Patch, report: inout ReloadReport) {
        let modules = PyImport_GetModuleDict()
        for name in names {
            guard let key = try? PyRef.string(name), let module = modules[item: key.ref] else { continue }
            patch.deleteItem(modules, key.ref)
            if let dot = name.lastIndex(of: "."), let parent = modules[item: String(name[..<dot])], parent.isModule,
                let attribute = try? PyRef.string(String(name[name.index(after: dot)...])),
                PyModule_GetDict(parent)[item: attribute.ref] == module
            {
                patch.deleteItem(PyModule_GetDict(parent), attribute.ref)
            }
            var part = ModuleReport(name: name)
            part.removed = [name]
            report.modules.append(part)
            report.log.append("[RC] \(name) : module removed")
        }
    }

    /// Tracebacks show lines through `linecache`: forget the lines of both versions.
    func dropSourceLines(_ changed: [ChangedModule], patch: Patch) {
        guard let module = PyImport_GetModuleDict()[item: "linecache"], module.isModule,
            let cache = PyModule_GetDict(module)[item: "cache"], cache.isExactDict
        else { return }
        for module in changed {
            for path in Set([module.file, module.live.ref[item: runtime.names.file]?.text ?? ""]) {
                if let key = try? PyRef.string(path), cache[item: key.ref] != nil { patch.deleteItem(cache, key.ref) }
            }
        }
    }

    /// The name that a module gives itself, where it is found under it: a program may have it under others, too.
    func ownName(of module: PyRef) -> String? {
        guard let name = PyModule_GetDict(module)[item: runtime.names.name]?.text else { return nil }
        return PyImport_GetModuleDict()[item: name] == module ? name : nil
    }
}
