internal import CPython

/// What only the heap tells: instances whose hooks are to be called, and functions that no name leads to.
///
/// They are looked for while the update is prepared. Where the game goes on before it is put in place, the commit sees what
/// became of them, and what is new.
struct Followers {
    let hooks: Hooks
    let images: StateImage
    let modules: [ChangedModule]
    let classes: [Pairs.ClassPair]
    let functions: RuntimeFunctions?
    /// What happens to the heap until the commit, where that comes later.
    var watch: HeapWatch?

    /// Adds what is to be looked for to a pass over the heap.
    func seek(in pass: HeapPass) {
        pass.types = hooks.wanted(classes)
        pass.codes = functions?.wanted()
    }

    /// Looks again, in the commit. Answers how many passes over the heap that took.
    func follow(in pass: HeapPass) -> Int {
        seek(in: pass)
        guard let watch else { return pass.run() }
        return watch.run(pass, types: hooks.types)
    }

    /// Takes what was found, and saves what hooks may change. Answers lines for the log.
    func accept(_ pass: HeapPass) throws -> [String] {
        for module in modules { try images.save(dictionary: module.live.ref) }
        for pair in classes { try images.save(class: pair.old) }
        hooks.accept(pass.instances)
        return try functions?.update(pass.functions) ?? []
    }
}
