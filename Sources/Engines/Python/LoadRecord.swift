internal import CPython
internal import Synchronization

/// What the running modules were loaded from, kept since they were loaded: their sources, and what their load defined.
///
/// An audit hook sees each compilation and each execution of a module, with nothing of the import system replaced: no
/// file time has to be trusted, and what the program sets later can be told from what its source set.
///
/// `@unchecked Sendable`: only touched with the interpreter's lock held.
final class LoadRecord: @unchecked Sendable {
    /// Source bytes by file, as loaded.
    private(set) var sources: [String: [UInt8]] = [:]
    /// What the file system said of a file when its content was last seen to be the loaded one.
    private var signatures: [String: SourceSignature] = [:]
    /// Sources that were compiled and have not run yet, with their files' signatures.
    private var compiledSources: [String: (content: [UInt8], signature: SourceSignature?)] = [:]
    /// Names that a module's load defined.
    private(set) var names: [String: Set<String>] = [:]
    /// Attributes that a module's load set on functions, by module and the function's qualified name.
    private(set) var attributes: [String: [String: Set<String>]] = [:]
    /// The code of each module's load, by module: what its functions were made from.
    private(set) var code: [String: Held] = [:]
    /// What other loaders than those of files executed while they loaded a module.
    private let foreign = ForeignLoads()
    /// Told of each object that is about to get another class or code: which of the two, and the new one.
    var onReshaping: ((_ name: PyRef, _ value: PyRef) -> Void)?
    /// Set while the engine itself compiles.
    var isSuspended = false
    private var watches: [UInt: Held] = [:]
    private let layout: FunctionLayout

    init(layout: FunctionLayout) {
        self.layout = layout
    }

    /// Begins to watch. Audit hooks cannot be taken out again; there is one in a process.
    func install() {
        unsafe PySys_AddAuditHook(auditHook, UnsafeMutableRawPointer(Unmanaged.passRetained(self).toOpaque()))
        for (_, module) in PyImport_GetModuleDict().items where module.isModule {
            guard let file = PyModule_GetDict(module)[item: "__file__"]?.text, isOurs(file) else { continue }
            sources[file] = try? SourceFile.bytes(of: file)
        }
    }

    /// Whether `file` may be the game's: the standard library is never reloaded.
    private func isOurs(_ file: String) -> Bool {
        !file.hasPrefix("<") && !(file.contains("/lib/python3.") && !file.contains("/site-packages/"))
    }

    /// The source that runs as `file` is `content` now.
    func setSource(_ content: [UInt8], of file: String, signature: SourceSignature?) {
        sources[file] = content
        signatures[file] = signature
    }

    /// The module of one file is now that of another with the same content.
    func move(_ old: String, to new: String) {
        sources[new] = sources.removeValue(forKey: old)
        signatures[old] = nil
    }

    /// Whether the content of `file` is no longer what runs. A file that the file system says is untouched is not read.
    func isChanged(_ file: String) -> Bool {
        guard let loaded = sources[file] else { return false }
        let signature = SourceSignature(file)
        if let signature, signatures[file] == signature { return false }
        guard let content = try? SourceFile.bytes(of: file) else { return false }
        if content == loaded { signatures[file] = signature }
        return content != loaded
    }

    /// Replaces what is known of a module's load.
    func setLoaded(_ module: String, names: Set<String>, attributes: [String: Set<String>]) {
        self.names[module] = names
        self.attributes[module] = attributes
    }

    /// The code that a module now runs.
    func setCode(_ code: Held?, of module: String) { self.code[module] = code }

    func forget(module: String) {
        names[module] = nil
        code[module] = nil
        attributes[module] = nil
    }

    fileprivate func compiled(_ source: PyRef, _ file: PyRef) {
        guard !isSuspended, let path = file.text, isOurs(path) else { return }
        if let content = source.byteContent { compiledSources[path] = (content, SourceSignature(path)) }
    }

    /// A module's code begins to run: find the module, and be told when the code is let go of, which is when the load ended.
    fileprivate func executing(_ code: PyRef) {
        guard !isSuspended, code.isExactly(py_PyCode_Type()), let path = code.attributeIfPresent("co_filename")?.text else { return }
        guard isOurs(path), let (name, file) = executedModule(path), name != foreign.preparing else { return foreign.executing(code) }
        if let (content, signature) = compiledSources.removeValue(forKey: path), file == path, isPlain(name) {
            setSource(content, of: file, signature: signature)
        } else if let content = try? SourceFile.bytes(of: file) {
            setSource(content, of: file, signature: nil)
        }
        watchEnd(of: code, name: name)
        // A copy shares what is inside; the code itself has to go for its end to be noticed.
        setCode(try? Held(stealing: code.attribute("replace").call().relinquish()), of: name)
    }

    /// Whether a loader of importlib's own loads the module: only these compile just what the file holds.
    private func isPlain(_ name: String) -> Bool {
        guard let module = PyImport_GetModuleDict()[item: name], let loader = PyModule_GetDict(module)[item: "__loader__"] else {
            return true
        }
        return loader.type.classAttribute(PyRef.name("__module__"))?.text?.hasPrefix("_frozen_importlib") != false
    }

    /// The code that a module of the running program was loaded from, where it is known.
    ///
    /// - Parameter live: the module's dictionary.
    func code(of module: String, where live: PyRef, _ runtime: PythonRuntime) -> PyRef? {
        if code[module] == nil { code[module] = foreign.loaded(module).first { $0.isCode(of: live, runtime) } }
        return code[module]?.ref
    }

    /// A loader of the game's own is about to execute the new version of a module.
    func began(_ module: String) { foreign.began(module) }

    /// It is through: takes down what it executed.
    func ended(_ module: ChangedModule, _ runtime: PythonRuntime) {
        module.code = foreign.ended().first { $0.isCode(of: module.scratch.ref, runtime) }
        guard let path = module.live.ref[item: "__file__"]?.text, sources[path] != nil else { return }
        // Not what was compiled: such a loader may compile other text than the file's.
        compiledSources[path] = nil
        if let content = try? SourceFile.bytes(of: path) { module.foreignSource = (path, content) }
    }

    /// The module whose code, from the file `path`, begins to run: the newest one, or one that is loaded again.
    private func executedModule(_ path: String) -> (name: String, file: String)? {
        let modules = PyImport_GetModuleDict().items
        func entry(_ item: (key: PyRef, value: PyRef), _ accepts: (String) -> Bool) -> (name: String, file: String)? {
            guard item.value.isModule, let name = item.key.text, let file = PyModule_GetDict(item.value)[item: "__file__"]?.text,
                accepts(file)
            else { return nil }
            return (name, file)
        }
        if let last = modules.last, let found = entry(last, { $0 == path || $0.hasSuffix(".pyc") }) { return found }
        return modules.lazy.compactMap { item in entry(item) { $0 == path } }.first { $0.name != "__main__" }
    }

    private func watchEnd(of code: PyRef, name: String) {
        guard let text = try? PyRef.string(name) else { return }
        let callback = unsafe PyCFunction_NewEx(loadEndMethod, text.ref, .null)
        defer { callback.release() }
        let reference = PyWeakref_NewRef(code, callback)
        if reference.isNull { return PyErr_Clear() }
        watches[reference.address] = Held(stealing: reference)
    }

    /// The load of `module` ended: remember what it defined.
    fileprivate func ended(_ name: String, reference: PyRef) {
        watches[reference.address] = nil
        guard let module = PyImport_GetModuleDict()[item: name], module.isModule else { return }
        let dictionary = PyModule_GetDict(module)
        setLoaded(
            name, names: Set(dictionary.items.compactMap(\.key.text)),
            attributes: FunctionAttributes(layout).collect(dictionary, module: name))
    }

    fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> LoadRecord? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<LoadRecord>.fromOpaque(context).takeUnretainedValue()
    }

    /// The record of this process, for callbacks that carry no context.
    fileprivate static let current = Mutex<LoadRecord?>(nil)

    /// The one record of the process, made and installed at first use.
    static func shared(layout: FunctionLayout) -> LoadRecord {
        let (record, isNew) = current.withLock { current -> (LoadRecord, Bool) in
            if let current { return (current, false) }
            let record = LoadRecord(layout: layout)
            current = record
            return (record, true)
        }
        if isNew { record.install() }
        return record
    }
}

private let auditHook: py_audit_hook = { event, arguments, context in
    guard let event = unsafe event, Py_IsInitialized() != 0 else { return 0 }
    let (first, second) = unsafe (event[0], event[1])
    if first == 0x63, second == 0x6F, unsafe String(cString: event) == "compile" {  // "co"
        unsafe LoadRecord.from(context)?.compiled(PyTuple_GetItem(arguments, 0), PyTuple_GetItem(arguments, 1))
    } else if first == 0x65, second == 0x78, unsafe String(cString: event) == "exec" {  // "ex"
        ReferencePool.scope { unsafe LoadRecord.from(context)?.executing(PyTuple_GetItem(arguments, 0)) }
    } else if first == 0x6F, second == 0x62, unsafe String(cString: event) == "object.__setattr__" {  // "ob"
        unsafe LoadRecord.from(context)?.onReshaping?(PyTuple_GetItem(arguments, 1), PyTuple_GetItem(arguments, 2))
    }
    return 0
}

/// Called with the module's name as `self` when the code object of its load is gone.
nonisolated(unsafe) private let loadEndMethod: UnsafeMutablePointer<py_method> = {
    let method = UnsafeMutablePointer<py_method>.allocate(capacity: 1)
    unsafe method.initialize(
        to: py_method(
            name: py_static_name("load_ended"),
            function: { name, arguments, _ in
                if let name = name.text, let record = LoadRecord.current.withLock({ $0 }) {
                    ReferencePool.scope { record.ended(name, reference: PyTuple_GetItem(arguments, 0)) }
                }
                return PyRef.none.retained()
            }, flags: 1 | 2, documentation: nil))
    return unsafe method
}()

/// Attributes that functions of a module carry.
struct FunctionAttributes {
    private let layout: FunctionLayout

    init(_ layout: FunctionLayout) {
        self.layout = layout
    }

    /// By qualified name, of all functions in `dictionary` and in the classes of `module` there.
    func collect(_ dictionary: PyRef, module: String) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        collect(dictionary, module, depth: 0, into: &found)
        return found
    }

    private func collect(_ dictionary: PyRef, _ module: String, depth: Int, into found: inout [String: Set<String>]) {
        for (_, value) in dictionary.items {
            if value.isFunction {
                let attributes = value.reference(at: layout.attributes)
                guard !attributes.isNull, let name = value.reference(at: layout.qualifiedName).text else { continue }
                found[name, default: []].formUnion(attributes.items.compactMap(\.key.text))
            } else if depth < 4, value.isClass, value.isHeapClass, value.classDict[item: "__module__"]?.text == module {
                collect(value.classDict, module, depth: depth + 1, into: &found)
            }
        }
    }
}
