internal import CPython
internal import SystemPackage

/// One loaded module on its way to a new version.
final class ChangedModule {
    /// How its new code is run.
    enum Source {
        /// Compiled code, executed in the scratch dictionary.
        case code(Held)
        /// A loader of the game's own, asked to execute the module.
        case loader(Held)
    }

    enum Progress { case waiting, running, done, failed }

    let name: String
    let module: Held
    /// The dictionary that the running program uses.
    let live: Held
    /// The dictionary that the new code is executed in, beside the live one.
    let scratch: Held
    let source: Source
    /// The source bytes, where there are any, for later comparison.
    let content: [UInt8]?
    /// What the file system said of the file before it was read.
    let signature: SourceSignature?
    /// The file that the new code comes from; empty where its loader has none.
    let file: String
    /// The file that the running code came from.
    var oldFile: String { live.ref[item: "__file__"]?.text ?? file }
    /// The code that was executed, as far as it is known.
    var code: Held?
    /// What a loader of the game's own has most likely read, where the module has a file.
    var foreignSource: (file: String, content: [UInt8])?
    var progress = Progress.waiting
    /// The class that the module object had before it was made to answer by thread.
    var formerType = PyRef.null

    init(name: String, module: Held, scratch: Held, source: Source, content: [UInt8]?, file: String, signature: SourceSignature? = nil) {
        self.name = name
        self.module = module
        self.live = Held(PyModule_GetDict(module.ref))
        self.scratch = scratch
        self.source = source
        self.content = content
        self.file = file
        self.signature = signature
        if case .code(let code) = source { self.code = code }
    }
}
