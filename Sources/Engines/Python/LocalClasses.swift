internal import CPython
internal import InstarReload

/// Classes of the running program that functions made: where the new source has another body, other bases or decorators for
/// such a class, its class statement is executed anew with the variables that its methods captured, beside the program like
/// all new code. What comes out is compared with the class like any other two versions.
///
/// Where only bodies of methods differ nothing is executed: their functions are found by their code.
struct LocalClasses {
    /// A live class and, where its statement was executed anew, its throw-away version.
    struct Found {
        let old: Held
        let new: Held
        let module: ChangedModule
    }

    private let runtime: PythonRuntime
    private let record: LoadRecord
    private(set) var found: [Found] = []
    private(set) var log: [String] = []
    /// Changed class statements inside functions, by module.
    private var searches: [Search] = []
    /// Classes that keep what they are.
    private var left: [Held] = []

    init(_ runtime: PythonRuntime, _ record: LoadRecord) {
        (self.runtime, self.record) = (runtime, record)
    }

    /// Looks through what executing `modules` made new. Runs code of the program.
    mutating func rebuild(_ modules: [ChangedModule]) throws {
        for module in modules {
            guard let new = module.code, let old = record.code(of: module.name, where: module.live.ref, runtime) else { continue }
            var statements: [Statement] = []
            collect(old, new.ref, path: "", isInside: false, into: &statements)
            if !statements.isEmpty { searches.append(Search(module: module, old: Held(old), statements: statements)) }
        }
        for match in try matches() { try rebuild(match) }
    }

    /// Whether the program has made such a class since.
    func isOutdated() throws -> Bool {
        let known = Set((found.map(\.old) + left).map(\.ref))
        return try matches().contains { !known.contains($0.type.ref) }
    }

    // MARK: Which

    /// A class statement inside a function, in both versions.
    private struct Statement {
        let old: PyRef
        let new: PyRef
        let path: String
    }

    private struct Search {
        let module: ChangedModule
        /// Keeps the old code.
        let old: Held
        let statements: [Statement]
    }

    /// A live class, and the statement whose new version it differs from.
    private struct Match {
        let type: Held
        let statement: Statement
        /// The new statement, parsed; borrowed until the end of the scope.
        let written: PyRef
        let module: ChangedModule
    }

    /// What living classes there are for the changed statements.
    private func matches() throws -> [Match] {
        guard !searches.isEmpty else { return [] }
        let living = LivingClasses.byName()
        return try searches.flatMap { try matches($0, living) }
    }

    private func matches(_ search: Search, _ living: [String: [PyRef]]) throws -> [Match] {
        let module = search.module
        let sought = search.statements.compactMap { statement in
            living["\(module.name) \(statement.path)"].map { classes in (statement, classes) }
        }
        guard !sought.isEmpty, let content = module.content ?? module.foreignSource?.content,
            let before = record.sources[module.oldFile]
        else { return [] }
        let oldText = try PyRef.bytes(before)
        let newText = try PyRef.bytes(content)
        let written = try runtime.classStatements().ref.attribute("both").call(oldText.ref, newText.ref)
        var matches: [Match] = []
        for (statement, classes) in sought {
            guard let pair = written.ref[item: statement.path] else { continue }
            if pair.elements[0] == py__Py_TrueStruct() && isSameBody(statement.old, statement.new) { continue }
            for type in classes where isMade(type, by: statement.old, in: module) {
                matches.append(Match(type: Held(type), statement: statement, written: pair.elements[1], module: module))
            }
        }
        return matches
    }

    private func collect(_ old: PyRef, _ new: PyRef, path: String, isInside: Bool, into statements: inout [Statement]) {
        // Outside of functions only what has something inside can lead to such a class: most functions have nothing.
        func children(_ code: PyRef) -> [PyRef] {
            let all = runtime.code.children(code)
            return isInside ? all : all.filter(runtime.code.hasChildren)
        }
        let (olds, news) = (children(old), children(new))
        guard !olds.isEmpty, !news.isEmpty else { return }
        let after = Dictionary(grouping: news) { runtime.code.name($0).text ?? "" }
        let before = Dictionary(grouping: olds) { runtime.code.name($0).text ?? "" }
        for (name, olds) in before {
            guard olds.count == 1, let news = after[name], news.count == 1, olds[0] != news[0], !name.hasPrefix("<") else { continue }
            let isFunction = Code.isFunction(olds[0])
            guard isFunction == Code.isFunction(news[0]) else { continue }
            if !isFunction, isInside { statements.append(Statement(old: olds[0], new: news[0], path: path + name)) }
            collect(
                olds[0], news[0], path: path + name + (isFunction ? ".<locals>." : "."), isInside: isInside || isFunction, into: &statements
            )
        }
    }

    /// Whether the body does the same, whatever the code of its methods does.
    private func isSameBody(_ a: PyRef, _ b: PyRef) -> Bool {
        func constants(_ code: PyRef) -> [String] {
            let line = Code.firstLine(code)
            return runtime.code.constants(code).map { constant in
                if constant.isExactly(py_PyCode_Type()) { return "code \(runtime.code.name(constant).text ?? "")" }
                let isLine = constant.isExactly(py_PyLong_Type()) && PyLong_AsLongLong(constant) == Int64(line)
                return isLine ? "line" : constant.described(by: PyObject_Repr)
            }
        }
        return Code.isAlike(a, b) && Code.freeVariables(a) == Code.freeVariables(b) && constants(a) == constants(b)
    }

    /// Whether a class comes from that body: classes of one name may come from elsewhere, or be thrown away and not yet gone.
    private func isMade(_ type: PyRef, by body: PyRef, in module: ChangedModule) -> Bool {
        let codes = Set(runtime.code.children(body))
        let all = functions(of: type)
        let own = all.filter { codes.contains($0.reference(at: runtime.function.code)) }
        return all.isEmpty || (!own.isEmpty && own.allSatisfy { $0.reference(at: runtime.function.globals) == module.live.ref })
    }

    /// Functions in a class's dictionary, decorated ones too.
    private func functions(of type: PyRef) -> [PyRef] {
        var found: [PyRef] = []
        func add(_ object: PyRef, depth: Int) {
            guard depth < 6, !object.isNull else { return }
            if object.isFunction {
                found.append(object)
                if let inner = object.reference(at: runtime.function.attributes).orNil?[item: runtime.names.wrapped] {
                    add(inner, depth: depth + 1)
                }
            } else {
                for inner in ObjectFields(runtime).callables(of: object) ?? [] { add(inner, depth: depth + 1) }
            }
        }
        for (_, value) in type.classDict.items { add(value, depth: 0) }
        return found
    }

    // MARK: Anew

    private mutating func rebuild(_ match: Match) throws {
        let (type, statement, module) = (match.type.ref, match.statement, match.module)
        var captured: [String: PyRef] = [:]
        let codes = Set(runtime.code.children(statement.old))
        for function in functions(of: type) where codes.contains(function.reference(at: runtime.function.code)) {
            captured.merge(Closure(function, runtime.function).cells) { first, _ in first }
        }
        captured["__class__"] = nil
        let names = Code.freeVariables(statement.new)
        let cells = names.compactMap { captured[$0] }
        guard cells.count == names.count else { return leave(match) }
        try MemoryShortage.check()  // a variable that was not seen would be missed by the code
        let body = try Owned(PyFunction_New(statement.new, module.scratch.ref))
        if !cells.isEmpty {
            py_set_word(body.ref, runtime.function.closure, try PyRef.tuple(cells).relinquish().address)
        }
        let scope = try Owned(PyDict_New())
        for (name, cell) in captured {
            if let value = Closure.content(cell) { try check(unsafe PyDict_SetItemString(scope.ref, name, value)) }
        }
        let made: Owned
        do {
            let build = try runtime.classStatements().ref.attribute("build")
            made = try build.call(match.written, body.ref, module.scratch.ref, scope.ref, type.classBases, type.type)
        } catch {
            throw PythonFailure(error, step: .execute, module: module.name)
        }
        guard made.ref.isClass else { return leave(match) }
        found.append(Found(old: Held(type), new: Held(stealing: made.relinquish()), module: module))
    }

    private mutating func leave(_ match: Match) {
        left.append(match.type)
        log.append("[RD] \(match.module.name).\(match.statement.path) : class, it lacks a variable of the new one")
    }
}

/// Classes that Python code made, found from above, with no look at the heap.
private enum LivingClasses {
    /// By module and qualified name: those that functions made.
    static func byName() -> [String: [PyRef]] {
        var found: [String: [PyRef]] = [:]
        var seen: Set<PyRef> = []
        var waiting = [py_PyBaseObject_Type()]
        while let type = waiting.popLast() {
            guard seen.insert(type).inserted else { continue }
            waiting += Subclasses.of(type)
            guard type.isHeapClass, let name = type.classAttribute(PyRef.name("__qualname__"))?.text, name.contains("<locals>"),
                let module = type.classDict[item: PyRef.name("__module__")]?.text
            else { continue }
            found["\(module) \(name)", default: []].append(type)
        }
        return found
    }
}
