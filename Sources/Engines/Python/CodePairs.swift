internal import CPython

/// Which code of a new module stands for which code of the old: for functions that no name leads to.
///
/// A function made at run time by another one (a closure in a callback list, a decorated function of another module, a
/// method of a class made inside a function) is known by its code alone. Code is paired by where it lies in the source:
/// by the names of what it is nested in, and in order where several share a name.
final class CodePairs {
    struct Entry {
        let new: PyRef
        /// The new code of the outermost function around it; itself where nothing is around it but classes.
        let outermost: PyRef
        /// The qualified name.
        let path: String
        let module: String
        var isNested: Bool { new != outermost }
    }

    /// By old code, for what differs.
    private(set) var entries: [PyRef: Entry] = [:]

    private let layout: CodeLayout

    init(_ layout: CodeLayout) {
        self.layout = layout
    }

    /// Pairs what lies in two versions of a module's code.
    ///
    /// - Parameter isSought: says of an old code whether some function may be looked for by it.
    func add(_ old: PyRef, _ new: PyRef, module: String, where isSought: (PyRef) -> Bool) {
        descend(old, new, Surroundings(module: module, outermost: nil, path: ""), isSought)
    }

    private struct Surroundings {
        let module: String
        var outermost: PyRef?
        var path: String
    }

    private func descend(_ old: PyRef, _ new: PyRef, _ around: Surroundings, _ isSought: (PyRef) -> Bool) {
        for (oldChild, newChild) in matched(layout.children(old), layout.children(new)) where oldChild != newChild {
            let hasChildren = !layout.children(oldChild).isEmpty
            guard hasChildren || isSought(oldChild) else { continue }
            let isFunction = Code.isFunction(newChild)
            var inner = around
            inner.path += layout.name(newChild).text ?? ""
            inner.outermost = around.outermost ?? (isFunction ? newChild : nil)
            if isFunction, let outermost = inner.outermost, Code.isFunction(oldChild), isSought(oldChild) {
                entries[oldChild] = Entry(new: newChild, outermost: outermost, path: inner.path, module: around.module)
            }
            inner.path += isFunction ? ".<locals>." : "."
            if hasChildren { descend(oldChild, newChild, inner, isSought) }
        }
    }

    private func matched(_ old: [PyRef], _ new: [PyRef]) -> [(old: PyRef, new: PyRef)] {
        if old.count == new.count, zip(old, new).allSatisfy({ layout.name($0) == layout.name($1) }) {
            return Array(zip(old, new)).map { ($0, $1) }
        }
        let before = Dictionary(grouping: old) { layout.name($0).text ?? "" }
        let after = Dictionary(grouping: new) { layout.name($0).text ?? "" }
        return before.flatMap { name, codes in CodePairs.matched(codes, after[name] ?? [], isNamed: !name.hasPrefix("<")) }
    }

    /// Codes of one name are paired in order. Where their number differs, those that did not change come first, and
    /// anonymous ones that did are left alone: nothing tells them apart.
    private static func matched(_ old: [PyRef], _ new: [PyRef], isNamed: Bool) -> [(old: PyRef, new: PyRef)] {
        if old.count == new.count { return zip(old, new).map { ($0, $1) } }
        var pairs: [(old: PyRef, new: PyRef)] = []
        var (rest, changed) = (new, [PyRef]())
        for code in old {
            if let index = rest.firstIndex(where: { Code.isAlike(code, $0) }) {
                pairs.append((code, rest.remove(at: index)))
            } else {
                changed.append(code)
            }
        }
        return isNamed ? pairs + zip(changed, rest).map { ($0, $1) } : pairs
    }
}

extension Code {
    static func flags(_ code: PyRef) -> Int64 { code.attributeIfPresent("co_flags").map { PyLong_AsLongLong($0.ref) } ?? 0 }

    /// Whether it is a function's code: a module's or class's body has no fast local variables.
    static func isFunction(_ code: PyRef) -> Bool { flags(code) & 1 != 0 }

    /// Whether two codes do the same, wherever they lie.
    static func isAlike(_ a: PyRef, _ b: PyRef) -> Bool {
        a.attributeIfPresent("co_code")?.byteContent == b.attributeIfPresent("co_code")?.byteContent
            && a.attributeIfPresent("co_names")?.texts == b.attributeIfPresent("co_names")?.texts
    }
}
