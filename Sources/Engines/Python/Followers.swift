internal import CPython

/// What only the heap tells: instances whose hooks are to be called, and functions that no name leads to.
///
/// Where an update is prepared and committed at once they are looked for while it is prepared; where the game goes on in
/// between, it makes more of both, so they are looked for in the commit.
struct Followers {
    let hooks: Hooks
    let images: StateImage
    let modules: [ChangedModule]
    let classes: [Pairs.ClassPair]
    let functions: RuntimeFunctions?

    /// Adds what is to be looked for to a pass over the heap.
    func seek(in pass: HeapPass) {
        pass.types = hooks.wanted(classes)
        pass.codes = functions?.wanted()
    }

    /// Takes what the pass found, and saves what hooks may change. Answers lines for the log.
    func accept(_ pass: HeapPass) throws -> [String] {
        for module in modules { try images.save(dictionary: module.live.ref) }
        for pair in classes { try images.save(class: pair.old) }
        hooks.accept(pass.instances)
        return try functions?.update(pass.functions) ?? []
    }
}
