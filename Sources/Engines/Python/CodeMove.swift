internal import CPython

/// Code of a source in which the lines of one function were replaced: what comes after it moves, and whatever is around it keeps
/// its instructions but not the positions of all of them.
struct CodeMove {
    let runtime: PythonRuntime
    /// Lines that were replaced, as they are numbered in the old source; an empty range before its first line.
    let replaced: Range<Int>
    /// By how many lines what follows them moves.
    let distance: Int

    /// A code object around the changed one, with `new` in place of `old`; nil where only the compiler can tell what it is.
    ///
    /// - Parameter samples: the same code before and after, compiled with little more than the changed function in it.
    func around(_ code: PyRef, replacing old: PyRef, with new: PyRef, samples: (before: PyRef, after: PyRef)) throws -> PyRef? {
        var constants: [PyRef] = []
        for constant in runtime.code.constants(code) {
            if constant == old {
                constants.append(new)
            } else if constant.isExactly(py_PyCode_Type()) {
                guard let moved = try moved(constant) else { return nil }
                constants.append(moved)
            } else {
                constants.append(constant)
            }
        }
        guard let table = table(of: code), let before = self.table(of: samples.before), let after = self.table(of: samples.after),
            let places = Places(before, after), let moved = table.moved({ move($0, places) })
        else { return nil }
        let bytes = try PyRef.bytes(moved.bytes)
        return try copy(of: code, constants, [(format.attribute, bytes.ref)])
    }

    /// Code beside the changed one, with all that is inside of it; nil where it lies in the replaced lines.
    private func moved(_ code: PyRef) throws -> PyRef? {
        let line = Code.firstLine(code)
        if line < replaced.lowerBound || distance == 0 && line >= replaced.upperBound { return code }
        guard line >= replaced.upperBound else { return nil }
        var constants = runtime.code.constants(code)
        for index in constants.indices where constants[index].isExactly(py_PyCode_Type()) {
            guard let inner = try moved(constants[index]) else { return nil }
            constants[index] = inner
        }
        if !Code.isFunction(code), hasFirstLine {
            guard let index = indexOfFirstLine(in: code, constants, line) else { return nil }
            constants[index] = try Owned(PyLong_FromLongLong(Int64(line + distance))).ref
        }
        let first = try Owned(PyLong_FromLongLong(Int64(line + distance)))
        return try copy(of: code, constants, [("co_firstlineno", first.ref)])
    }

    // MARK: Positions

    private var format: LineTable.Format { LineTable.Format(minorVersion: runtime.version.minor) }

    private func table(of code: PyRef) -> LineTable? {
        guard let bytes = code.attributeIfPresent(format.attribute)?.byteContent else { return nil }
        return LineTable(bytes, firstLine: Code.firstLine(code), format: format)
    }

    private func move(_ position: LineTable.Position, _ places: Places) -> LineTable.Position? {
        guard let start = move(Places.Place(position.line, position.column), places.starts),
            let end = move(Places.Place(position.endLine, position.endColumn), places.ends)
        else { return nil }
        return LineTable.Position(line: start.line, endLine: end.line, column: start.column, endColumn: end.column)
    }

    private func move(_ place: Places.Place, _ known: [Places.Place: Places.Place]) -> Places.Place? {
        // The end of a function goes with lines that are added behind it.
        if let known = known[place] { return known }
        if place.line < replaced.lowerBound { return place }
        return place.line >= replaced.upperBound ? Places.Place(place.line + distance, place.column) : nil
    }

    /// Where the places of the changed function's statement have gone, as the samples tell.
    private struct Places {
        struct Place: Hashable {
            let line: Int
            let column: Int

            init(_ line: Int, _ column: Int) { (self.line, self.column) = (line, column) }
        }

        private(set) var starts: [Place: Place] = [:]
        private(set) var ends: [Place: Place] = [:]

        /// Nil where they do not tell.
        init?(_ before: LineTable, _ after: LineTable) {
            guard before.runs.count == after.runs.count else { return nil }
            for (old, new) in zip(before.runs, after.runs) {
                guard old.length == new.length else { return nil }
                let (old, new) = (old.position, new.position)
                guard Places.note(Place(old.line, old.column), Place(new.line, new.column), in: &starts),
                    Places.note(Place(old.endLine, old.endColumn), Place(new.endLine, new.endColumn), in: &ends)
                else { return nil }
            }
        }

        private static func note(_ old: Place, _ new: Place, in places: inout [Place: Place]) -> Bool {
            places.updateValue(new, forKey: old).map { $0 == new } ?? true
        }
    }

    // MARK: A class's own line

    /// Since 3.13 a class says at which line it begins.
    private var hasFirstLine: Bool { runtime.version.minor >= 13 }

    /// Which constant that is; nil where another use of it, or another constant, makes that a question for the compiler.
    private func indexOfFirstLine(in code: PyRef, _ constants: [PyRef], _ line: Int) -> Int? {
        func isNumber(_ constant: PyRef, _ value: Int) -> Bool {
            constant.isExactly(py_PyLong_Type()) && PyLong_AsLongLong(constant) == Int64(value)
        }
        guard constants.count < 256, let index = constants.firstIndex(where: { isNumber($0, line) }),
            distance == 0 || !constants.contains(where: { isNumber($0, line + distance) }),
            let bytes = code.attributeIfPresent("co_code")?.byteContent
        else { return nil }
        let load = runtime.code.loadConstant
        let uses = stride(from: 0, to: bytes.count - 1, by: 2).filter { load.contains(bytes[$0]) && Int(bytes[$0 + 1]) == index }
        return uses.count == 1 ? index : nil
    }

    // MARK: Copies

    private func copy(of code: PyRef, _ constants: [PyRef], _ changes: [(name: String, value: PyRef)]) throws -> PyRef {
        let keywords = try Owned(PyDict_New())
        let tuple = try PyRef.tuple(constants)
        for (name, value) in changes + [("co_consts", tuple.ref)] {
            try check(unsafe PyDict_SetItemString(keywords.ref, name, value))
        }
        let replace = try code.attribute("replace")
        let arguments = try PyRef.tuple([])
        return try Owned(PyObject_Call(replace.ref, arguments.ref, keywords.ref)).ref
    }
}
