internal import CPython

/// What loaders of the game's own execute while they load a module.
///
/// The code of a file names the file. Of any other code only the moment tells whose it is: it ran while the newest module was
/// being loaded, or while the engine had a loader execute a new version. A loader may execute other things besides, so all
/// of it is kept until the module's functions tell which of it made them.
///
/// `@unchecked Sendable`: only touched with the interpreter's lock held.
final class ForeignLoads: @unchecked Sendable {
    /// More than that a loader does not execute for one module; what comes after is not kept.
    private static let limit = 16
    private var byModule: [String: [Held]] = [:]
    /// Modules whose new version is being executed, and by which thread.
    private var preparations: [(name: String, thread: UInt, codes: [Held])] = []
    /// The module that came last, for as long as no other does.
    private var newest: (count: Int, name: String, spec: Held)?

    /// The module whose new version the calling thread is executing.
    var preparing: String? { isPreparing ? preparations.last?.name : nil }

    private var isPreparing: Bool { preparations.last?.thread == UInt(PyThread_get_thread_ident()) }

    func began(_ module: String) { preparations.append((module, UInt(PyThread_get_thread_ident()), [])) }

    func ended() -> [Held] { preparations.popLast()?.codes ?? [] }

    /// Code begins to run that no file names.
    func executing(_ code: PyRef) {
        if isPreparing {
            let last = preparations.count - 1
            if preparations[last].codes.count < ForeignLoads.limit, let copy = copy(of: code) { preparations[last].codes.append(copy) }
        } else if let name = loadingModule(), byModule[name, default: []].count < ForeignLoads.limit, let copy = copy(of: code) {
            byModule[name, default: []].append(copy)
        }
    }

    /// What was executed when a module was loaded; it is forgotten.
    func loaded(_ module: String) -> [Held] { byModule.removeValue(forKey: module) ?? [] }

    /// A copy shares what is inside.
    private func copy(of code: PyRef) -> Held? { try? Held(stealing: code.attribute("replace").call().relinquish()) }

    /// The newest module, while a loader of the game's own loads it.
    private func loadingModule() -> String? {
        let modules = PyImport_GetModuleDict()
        let count = PyDict_Size(modules)
        if newest?.count != count {
            newest = nil
            guard let (key, module) = modules.items.last, let name = key.text, module.isModule,
                let spec = PyModule_GetDict(module)[item: "__spec__"], spec != .none
            else { return nil }
            newest = (count, name, Held(spec))
        }
        guard let newest, newest.spec.ref.attributeIfPresent("_initializing")?.ref == py__Py_TrueStruct(),
            let loader = newest.spec.ref.attributeIfPresent("loader"),
            loader.ref.type.classAttribute(PyRef.name("__module__"))?.text?.hasPrefix("_frozen_importlib") != true
        else { return nil }
        return newest.name
    }
}

extension Held {
    /// Whether functions in `dictionary`, a module's, were made from this code; where there are none, whether it is a module's.
    func isCode(of dictionary: PyRef, _ runtime: PythonRuntime) -> Bool {
        var inside: Set<PyRef> = []
        var waiting = [ref]
        while let code = waiting.popLast() {
            let children = runtime.code.children(code)
            inside.formUnion(children)
            waiting += children
        }
        let layout = runtime.function
        var functions: [PyRef] = []
        for (_, value) in dictionary.items {
            functions += value.isClass && value.isHeapClass ? value.classDict.items.map(\.value) : [value]
        }
        functions = functions.filter { $0.isFunction && $0.reference(at: layout.globals) == dictionary }
        return functions.isEmpty
            ? runtime.code.name(ref).text == "<module>"
            : functions.contains { inside.contains($0.reference(at: layout.code)) }
    }
}
