internal import CPython

extension PythonRuntime {
    /// Reads class statements inside of functions from source text, and executes one anew. In Python, whose syntax it is about.
    func classStatements() throws(PythonException) -> Held {
        if let statementReader { return statementReader }
        let module = try Owned(PyModule_NewObject(PyRef.name("_instar_classes")))
        let scope = PyModule_GetDict(module.ref)
        try check(unsafe PyDict_SetItemString(scope, "__builtins__", PyEval_GetBuiltins()))
        let code = try Builtins.compile(PythonRuntime.classStatementSource, file: "<instar>")
        _ = try Owned(PyEval_EvalCode(code.ref, scope, scope))
        let held = Held(stealing: module.relinquish())
        statementReader = held
        return held
    }

    private static let classStatementSource = #"""
        import ast
        from builtins import __build_class__

        def statements(tree):
            found, several = {}, set()
            def visit(node, path, inside):
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.ClassDef):
                        name = path + child.name
                        if inside and name in found: several.add(name)
                        if inside: found[name] = child
                        visit(child, name + '.', inside)
                    elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        visit(child, path + child.name + '.<locals>.', True)
                    else: visit(child, path, inside)
            visit(tree, '', False)
            return {name: node for name, node in found.items() if name not in several}

        def around(node): return [ast.dump(part) for part in (*node.bases, *node.keywords, *node.decorator_list)]

        def both(old, new):
            before, after = statements(ast.parse(old)), statements(ast.parse(new))
            return {name: (around(before[name]) == around(node), (before[name], node)) for name, node in after.items() if name in before}

        def build(written, body, scope, captured, bases, metaclass):
            old, new = written
            def value(node): return eval(compile(ast.Expression(node), '<instar>', 'eval'), scope, captured)
            def dumped(nodes): return [ast.dump(node) for node in nodes]
            try: bases = tuple([value(node) for node in new.bases])
            except NameError:
                if dumped(old.bases) != dumped(new.bases): return None
            try:
                keywords = {word.arg: value(word.value) for word in new.keywords}
                decorators = [value(node) for node in new.decorator_list]
            except NameError: return None
            made = __build_class__(body, new.name, *bases, **keywords)
            for decorator in reversed(decorators): made = decorator(made)
            return made
        """#
}
