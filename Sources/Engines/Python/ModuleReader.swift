internal import CPython
internal import InstarReload
internal import SystemPackage

/// Reads and compiles the new version of loaded modules; nothing of the program runs.
struct ModuleReader {
    let runtime: PythonRuntime
    let record: LoadRecord

    /// The new version of the loaded module `name`, from `file` or, with nil, from wherever its own loader has it.
    func read(_ name: String, module: PyRef, file: String?) throws -> ChangedModule {
        let live = PyModule_GetDict(module)
        let spec = live[item: runtime.names.spec]
        let loader = spec.flatMap { $0.attributeIfPresent("loader") } ?? live[item: "__loader__"].map { Held($0) }
        if let path = file ?? plainFile(live: live, loader: loader) { return try readFile(name, module, path) }
        if let loader, loader.ref.attributeIfPresent("exec_module") == nil, loader.ref.attributeIfPresent("get_code") != nil {
            return try readArchive(name, module, loader)
        }
        guard let loader, let spec, loader.ref != .none, loader.ref.attributeIfPresent("exec_module") != nil else {
            throw ReloadFailure(
                engine: PythonEngine.name, step: .read, module: name, reason: "it has no file and no loader that can execute it")
        }
        if let invalidate = loader.ref.attributeIfPresent("invalidate_caches") { _ = try? invalidate.ref.call() }
        let scratch = try scratchDictionary(name, live: live, spec: Held(spec), file: live[item: runtime.names.file])
        return ChangedModule(name: name, module: Held(module), scratch: scratch, source: .loader(loader), content: nil, file: "")
    }

    /// Loaders of before 3.10 that only hand out code, above all that of zip archives, which keeps an old table of contents.
    private func readArchive(_ name: String, _ module: PyRef, _ loader: Held) throws -> ChangedModule {
        var fresh = loader
        if let archive = loader.ref.attributeIfPresent("archive"),
            let cache = PyImport_GetModuleDict()[item: "zipimport"].flatMap({ PyModule_GetDict($0)[item: "_zip_directory_cache"] })
        {
            if PyDict_DelItem(cache, archive.ref) < 0 { PyErr_Clear() }
            fresh = Held(stealing: try loader.ref.type.call(archive.ref).relinquish())
        }
        let text = try PyRef.string(name)
        let code: Held
        do { code = Held(stealing: try fresh.ref.attribute("get_code").call(text.ref).relinquish()) } catch {
            throw PythonFailure(error, step: .compile, module: name)
        }
        let live = PyModule_GetDict(module)
        let scratch = try scratchDictionary(
            name, live: live, spec: live[item: runtime.names.spec].map { Held($0) }, file: live[item: runtime.names.file])
        return ChangedModule(name: name, module: Held(module), scratch: scratch, source: .code(code), content: nil, file: "")
    }

    /// The file of a module that importlib's plain file loaders loaded; nil where another loader is in charge.
    private func plainFile(live: PyRef, loader: Held?) -> String? {
        guard let loader, let path = live[item: runtime.names.file]?.text else { return nil }
        let kind = loader.ref.type.classAttribute(runtime.names.name)?.text ?? ""
        let module = loader.ref.type.classAttribute(runtime.names.module)?.text ?? ""
        let isPlain = module.hasPrefix("_frozen_importlib_external") && (kind == "SourceFileLoader" || kind == "SourcelessFileLoader")
        return isPlain ? path : nil
    }

    private func readFile(_ name: String, _ module: PyRef, _ path: String) throws -> ChangedModule {
        let signature = SourceSignature(path)
        let content = try bytes(of: path, module: name)
        let code: Held
        do {
            code = path.hasSuffix(".pyc") ? try unmarshalled(content) : try compiled(name, content, path)
        } catch let error as PythonException {
            throw PythonFailure(error, step: .compile, module: name)
        }
        let live = PyModule_GetDict(module)
        let spec = try newSpec(name, live: live, path: path)
        let file = try PyRef.string(path)
        let scratch = try scratchDictionary(name, live: live, spec: spec, file: file.ref)
        return ChangedModule(
            name: name, module: Held(module), scratch: scratch, source: .code(code), content: content, file: path,
            signature: signature)
    }

    private func compiled(_ name: String, _ content: [UInt8], _ path: String) throws -> Held {
        record.isSuspended = true
        defer { record.isSuspended = false }
        if let loaded = record.code[name], let old = record.sources[path],
            let code = BodyCompiler(runtime: runtime, path: path, loaded: loaded.ref, old: old).code(for: content)
        {
            return code
        }
        return Held(stealing: try Builtins.compile(PyRef.bytes(content), file: path).relinquish())
    }

    /// A compiled file is a header of 16 bytes and the marshalled code.
    private func unmarshalled(_ content: [UInt8]) throws -> Held {
        let marshal = try Owned(unsafe PyImport_ImportModule("marshal"))
        let loads = try marshal.ref.attribute("loads")
        let bytes = try PyRef.bytes(Array(content.dropFirst(16)))
        return Held(stealing: try loads.ref.call(bytes.ref).relinquish())
    }

    private func bytes(of path: String, module: String) throws -> [UInt8] {
        do { return try SourceFile.bytes(of: path) } catch {
            throw ReloadFailure(engine: PythonEngine.name, step: .read, module: module, reason: "cannot read \(path): \(error)")
        }
    }

    /// The old specification where the file stays the same, a new one where the module moves to another file.
    private func newSpec(_ name: String, live: PyRef, path: String) throws -> Held? {
        if let spec = live[item: runtime.names.spec], spec != .none, spec.attributeIfPresent("origin")?.text == path { return Held(spec) }
        let util = try Owned(unsafe PyImport_ImportModule("importlib.util"))
        let make = try util.ref.attribute("spec_from_file_location")
        let arguments = try PyRef.tuple([PyRef.string(name).relinquish(), PyRef.string(path).relinquish()])
        let keywords = try Owned(PyDict_New())
        if live[item: "__path__"] != nil {
            let directory = try Owned(PyList_New(0))
            let text = try PyRef.string(FilePath(path).removingLastComponent().string)
            try check(PyList_Append(directory.ref, text.ref))
            try check(unsafe PyDict_SetItemString(keywords.ref, "submodule_search_locations", directory.ref))
        }
        let spec = try Owned(PyObject_Call(make.ref, arguments.ref, keywords.ref))
        return Held(stealing: spec.relinquish())
    }

    /// What a fresh module starts with.
    private func scratchDictionary(_ name: String, live: PyRef, spec: Held?, file: PyRef?) throws -> Held {
        let scratch = try Owned(PyDict_New())
        let nameText = try PyRef.string(name)
        try check(unsafe PyDict_SetItemString(scratch.ref, "__name__", nameText.ref))
        try check(unsafe PyDict_SetItemString(scratch.ref, "__doc__", .none))
        for key in ["__package__", "__builtins__", "__path__", "__loader__", "__cached__"] {
            if let value = live[item: key] { try check(unsafe PyDict_SetItemString(scratch.ref, key, value)) }
        }
        if let spec {
            try check(unsafe PyDict_SetItemString(scratch.ref, "__spec__", spec.ref))
            for (key, attribute) in [("__loader__", "loader"), ("__cached__", "cached"), ("__path__", "submodule_search_locations")] {
                guard let value = spec.ref.attributeIfPresent(attribute), value.ref != .none else { continue }
                try check(unsafe PyDict_SetItemString(scratch.ref, key, value.ref))
            }
        }
        if let file { try check(PyDict_SetItem(scratch.ref, runtime.names.file, file)) }
        try adoptSubmodules(of: name, live: live, scratch: scratch.ref)
        return Held(stealing: scratch.relinquish())
    }

    /// The import system set loaded submodules as attributes of their package; executing the package again does not.
    private func adoptSubmodules(of package: String, live: PyRef, scratch: PyRef) throws(PythonException) {
        guard live[item: "__path__"] != nil else { return }
        for (key, value) in live.items where value.isModule {
            guard let attribute = key.text, PyImport_GetModuleDict()[item: package + "." + attribute] == value else { continue }
            try check(PyDict_SetItem(scratch, key, value))
        }
    }
}

/// A whole source file in memory: sources are small, and the compiler wants them whole.
enum SourceFile {
    /// No source file is larger; what is, is not one (a device, a mistake).
    private static let limit = 64 << 20

    static func bytes(of path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var content: [UInt8] = []
            while content.count < limit {
                let chunk = unsafe try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    count = unsafe try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { break }
                content += chunk
            }
            return content
        }
    }
}
