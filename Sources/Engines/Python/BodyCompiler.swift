internal import CPython

/// Compiles one function's body where nothing else of a module's source changed, and puts it into the module's known code.
///
/// The function is compiled alone, at its line and inside classes of its names: once as it was, once as it is. The old
/// result must equal the code that was loaded, and what is around the function must be the same in both. Then the whole
/// new source would compile to the same: tokens before and after are those of the loaded source, and a function that
/// compiles alone begins and ends between statements. Whatever differs, however slightly, is left to the compiler.
struct BodyCompiler {
    let runtime: PythonRuntime
    let path: String
    /// The code that the module was loaded from, and its source.
    let loaded: PyRef
    let old: [UInt8]

    /// The module's code for `new`; nil where the whole source has to be compiled.
    func code(for new: [UInt8]) -> Held? {
        // Most of what cannot be done here shows in the edit, which is seen soonest.
        guard let edit = Edit(old, new), let place = place(of: edit), !leaves(place, old, to: edit.oldEnd),
            !leaves(place, new, to: edit.newEnd), BodyCompiler.isPlain(old), BodyCompiler.isPlain(new),
            let scaffold = scaffold(of: place, edit)
        else { return nil }
        return try? spliced(place, scaffold, edit, new)
    }

    /// Sources with other encodings or line ends are read by the compiler alone.
    private static func isPlain(_ source: [UInt8]) -> Bool {
        guard source.first != 0xEF, !source.contains(13), !source.contains(12), !source.contains(0) else { return false }
        let head = source.split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
        return !head.contains { String(decoding: $0, as: UTF8.self).contains("coding") }
    }

    // MARK: Where

    /// The function whose lines an edit lies in.
    private struct Place {
        /// Code from the module's to the function's, outermost first.
        var chain: [PyRef]
        var line: Int
        /// Offset of its first line.
        var start: Int
        var indentation: [UInt8]
    }

    private func place(of edit: Edit) -> Place? {
        var chain = [loaded]
        var line = 0
        while true {
            var next: (code: PyRef, line: Int)?
            for child in runtime.code.children(chain[chain.count - 1]) where !name(child).hasPrefix("<") {
                let first = Code.firstLine(child)
                if first <= edit.line, first > (next?.line ?? 0) { next = (child, first) }
            }
            guard let next else { return nil }
            chain.append(next.code)
            line = next.line
            if Code.isFunction(next.code) { break }
        }
        guard let start = Edit.offset(ofLine: line, in: old) else { return nil }
        let indentation = Array(old[start...].prefix { $0 == 32 || $0 == 9 })
        return Place(chain: chain, line: line, start: start, indentation: indentation)
    }

    // MARK: Alone

    /// What stands before the function when it is compiled alone.
    private func scaffold(of place: Place, _ edit: Edit) -> [UInt8]? {
        var headers = place.chain.dropFirst().dropLast().map { "class \(name($0)):" }
        if headers.isEmpty, !place.indentation.isEmpty { headers = ["if 1:"] }
        guard headers.count < place.line, headers.isEmpty || place.indentation.count >= headers.count else { return nil }
        var text = String(repeating: "\n", count: place.line - 1 - headers.count)
        for (depth, header) in headers.enumerated() { text += String(repeating: " ", count: depth) + header + "\n" }
        return Array(text.utf8)
    }

    /// Where the function ends: the next line that is not indented more than it.
    private func end(in source: [UInt8], from offset: Int, _ place: Place) -> Int {
        var start = offset
        while start < source.count {
            let width = source[start...].prefix { $0 == 32 || $0 == 9 }.count
            let first = start + width < source.count ? source[start + width] : 10
            if first != 10, first != 35, width <= place.indentation.count { return start }  // neither blank nor a comment
            start = (source[start...].firstIndex(of: 10) ?? source.count - 1) + 1
        }
        return source.count
    }

    /// Whether the lines up to an edit's end leave the function: then it is no use to compile it alone.
    private func leaves(_ place: Place, _ source: [UInt8], to end: Int) -> Bool {
        var start = place.start
        var isBody = false
        while start < end {
            let width = source[start...].prefix { $0 == 32 || $0 == 9 }.count
            let text = source[min(start + width, source.count)...]
            if let first = text.first, first != 10, first != 35, width <= place.indentation.count {
                let isFunction = text.starts(with: Array("def ".utf8)) || text.starts(with: Array("async def ".utf8))
                // Decorators, the function's own line, and the closing parenthesis of either.
                guard first == 41 || (!isBody && (first == 64 || isFunction)) else { return true }
                isBody = isBody || isFunction
            }
            start = (source[start...].firstIndex(of: 10) ?? source.count - 1) + 1
        }
        return false
    }

    private func spliced(_ place: Place, _ scaffold: [UInt8], _ edit: Edit, _ new: [UInt8]) throws -> Held? {
        let oldText = old[place.start..<end(in: old, from: edit.oldEnd, place)]
        let newText = new[place.start..<end(in: new, from: edit.newEnd, place)]
        let flags = Code.flags(loaded) & 0x1FE_0000  // what `from __future__` switched on
        let before = try Builtins.compile(PyRef.bytes(scaffold + oldText), file: path, flags: flags)
        let after = try Builtins.compile(PyRef.bytes(scaffold + newText), file: path, flags: flags)
        let names = place.chain.dropFirst().map(name)
        let move = CodeMove(runtime: runtime, replaced: edit.lines, distance: edit.distance)
        guard let (oldChain, newChain) = matched(before.ref, after.ref, names: Array(names)),
            let (oldLeaf, newLeaf) = oldChain.last.flatMap({ last in newChain.last.map { (last, $0) } }),
            let leaf = place.chain.last, try isEqual(oldLeaf, leaf.attribute("replace").call().ref)
        else { return nil }
        // From the inside out, each code is copied with its changed constant.
        var inner = newLeaf
        for depth in place.chain.indices.dropLast().reversed() {
            let samples = (oldChain[depth], newChain[depth])
            guard let outer = try move.around(place.chain[depth], replacing: place.chain[depth + 1], with: inner, samples: samples) else {
                return nil
            }
            inner = outer
        }
        return Held(inner)
    }

    /// Follows `names` inwards in both, as long as all around the function is the same.
    private func matched(_ before: PyRef, _ after: PyRef, names: [String]) -> (old: [PyRef], new: [PyRef])? {
        var (old, new) = ([before], [after])
        for name in names {
            let (oldOuter, newOuter) = (old[old.count - 1], new[new.count - 1])
            let (oldInner, newInner) = (runtime.code.children(oldOuter), runtime.code.children(newOuter))
            guard oldInner.filter({ self.name($0) == name }).count == 1, oldInner.count == newInner.count,
                let index = oldInner.firstIndex(where: { self.name($0) == name }), self.name(newInner[index]) == name,
                oldInner.indices.allSatisfy({ $0 == index || isEqual(oldInner[$0], newInner[$0]) }), isSameAround(oldOuter, newOuter)
            else { return nil }
            old.append(oldInner[index])
            new.append(newInner[index])
        }
        return (old, new)
    }

    /// Everything of two codes but their positions and the code inside of them.
    private func isSameAround(_ a: PyRef, _ b: PyRef) -> Bool {
        guard Code.isAlike(a, b), Code.flags(a) == Code.flags(b), Code.cellVariables(a) == Code.cellVariables(b),
            Code.freeVariables(a) == Code.freeVariables(b)
        else { return false }
        func constants(_ code: PyRef) -> [String] {
            runtime.code.constants(code).map { $0.isExactly(py_PyCode_Type()) ? "" : $0.described(by: PyObject_Repr) }
        }
        return constants(a) == constants(b)
    }

    private func name(_ code: PyRef) -> String { runtime.code.name(code).text ?? "" }

    private func isEqual(_ a: PyRef, _ b: PyRef) -> Bool {
        let result = PyObject_RichCompareBool(a, b, 2)
        if result < 0 { PyErr_Clear() }
        return result == 1
    }
}

/// The lines in which two sources differ.
private struct Edit {
    /// The lines of the old source that were replaced, from one; empty where lines were only added before the first.
    let lines: Range<Int>
    /// By how many lines what follows moves.
    let distance: Int
    /// A line that the edit touches or follows.
    var line: Int { lines.isEmpty ? lines.lowerBound - 1 : lines.lowerBound }
    /// Offsets behind the last line that differs.
    let oldEnd: Int
    let newEnd: Int

    init?(_ old: [UInt8], _ new: [UInt8]) {
        let shorter = min(old.count, new.count)
        var prefix = 0
        while prefix < shorter, old[prefix] == new[prefix] { prefix += 1 }
        guard prefix < max(old.count, new.count) else { return nil }
        var suffix = 0
        while suffix < shorter - prefix, old[old.count - 1 - suffix] == new[new.count - 1 - suffix] { suffix += 1 }
        let first = (old[..<prefix].lastIndex(of: 10) ?? -1) + 1
        // Whole lines: the common end begins behind a line's end.
        let tail = old[(old.count - suffix)...].firstIndex(of: 10).map { old.count - $0 - 1 } ?? 0
        (oldEnd, newEnd) = (old.count - tail, new.count - tail)
        guard first <= oldEnd, first <= newEnd else { return nil }
        let line = Edit.count(old[..<first]) + 1
        let (oldCount, newCount) = (Edit.count(old[first..<oldEnd]), Edit.count(new[first..<newEnd]))
        // A last line without an end is a line, too.
        let isOpen = oldEnd > first && old[oldEnd - 1] != 10
        lines = line..<(line + oldCount + (isOpen ? 1 : 0))
        distance = newCount - oldCount
    }

    private static func count(_ text: ArraySlice<UInt8>) -> Int { text.reduce(0) { $1 == 10 ? $0 + 1 : $0 } }

    /// Where a line begins.
    static func offset(ofLine line: Int, in source: [UInt8]) -> Int? {
        var (offset, current) = (0, 1)
        while current < line {
            guard let end = source[offset...].firstIndex(of: 10) else { return nil }
            (offset, current) = (end + 1, current + 1)
        }
        return offset
    }
}

extension Code {
    static func firstLine(_ code: PyRef) -> Int { code.attributeIfPresent("co_firstlineno").map { Int(PyLong_AsLongLong($0.ref)) } ?? 0 }
}
