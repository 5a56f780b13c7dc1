internal import CPython

/// The order in which a fresh start would begin to load the changed modules.
///
/// `sys.modules` tells in which order loading ended. Where changed modules import one another in a circle, a fresh start
/// begins with the one that ended last; elsewhere dependencies come first, and those added since are met on demand.
struct LoadOrder {
    private let modules: [ChangedModule]
    private let runtime: PythonRuntime

    init(_ modules: [ChangedModule], runtime: PythonRuntime) {
        self.modules = modules
        self.runtime = runtime
    }

    func sorted() throws -> [ChangedModule] {
        guard modules.count > 1 else { return modules }
        let edges = try modules.map(imports)
        let component = StronglyConnected(edges).components
        // Components in the order of their first member; inside of one, the last to end comes first.
        var order: [Int] = []
        var seen: Set<Int> = []
        for index in modules.indices where seen.insert(component[index]).inserted {
            order += modules.indices.filter { component[$0] == component[index] }.reversed()
        }
        return order.map { modules[$0] }
    }

    /// Indexes of the changed modules that the top level of a module imports.
    private func imports(_ module: ChangedModule) throws -> [Int] {
        guard case .code(let code) = module.source else { return [] }
        let isPackage = module.scratch.ref[item: "__path__"] != nil
        let names = Set(try ImportScan(runtime).imports(of: code.ref, module: module.name, isPackage: isPackage))
        return modules.indices.filter { names.contains(modules[$0].name) && modules[$0] !== module }
    }
}

/// Tarjan's algorithm: which nodes of a graph reach each other.
struct StronglyConnected {
    /// The component's number of each node.
    private(set) var components: [Int]
    private var index: [Int?]
    private var low: [Int]
    private var stack: [Int] = []
    private var onStack: Set<Int> = []
    private var next = 0
    private let edges: [[Int]]

    init(_ edges: [[Int]]) {
        self.edges = edges
        components = Array(repeating: -1, count: edges.count)
        index = Array(repeating: nil, count: edges.count)
        low = Array(repeating: 0, count: edges.count)
        for node in edges.indices where index[node] == nil { visit(node) }
    }

    private mutating func visit(_ node: Int) {
        index[node] = next
        low[node] = next
        next += 1
        stack.append(node)
        onStack.insert(node)
        for target in edges[node] {
            if let known = index[target] {
                if onStack.contains(target) { low[node] = min(low[node], known) }
            } else {
                visit(target)
                low[node] = min(low[node], low[target])
            }
        }
        guard low[node] == index[node] else { return }
        while let member = stack.popLast() {
            onStack.remove(member)
            components[member] = node
            if member == node { break }
        }
    }
}

/// What the top level of a module imports, read from its compiled code.
struct ImportScan {
    private let importName: UInt8
    private let loadConstant: UInt8
    private let extendedArgument: UInt8

    init(_ runtime: PythonRuntime) throws {
        let opcode = try Owned(unsafe PyImport_ImportModule("opcode"))
        let map = try opcode.ref.attribute("opmap")
        func number(_ name: String) -> UInt8 { map.ref[item: name].map { UInt8(truncatingIfNeeded: PyLong_AsLongLong($0)) } ?? 0 }
        (importName, loadConstant, extendedArgument) = (number("IMPORT_NAME"), number("LOAD_CONST"), number("EXTENDED_ARG"))
    }

    /// Absolute names, with those that `from` lists name as submodules and with every package on the way.
    func imports(of code: PyRef, module: String, isPackage: Bool) throws -> [String] {
        guard let bytes = code.attributeIfPresent("co_code")?.byteContent, let names = code.attributeIfPresent("co_names"),
            let constants = code.attributeIfPresent("co_consts")
        else { return [] }
        let (nameList, constantList) = (names.ref.elements, constants.ref.elements)
        var found: [String] = []
        var loaded: [PyRef] = []
        var extended = 0
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            let (operation, argument) = (bytes[index], extended << 8 | Int(bytes[index + 1]))
            extended = operation == extendedArgument ? argument : 0
            if operation == loadConstant, constantList.indices.contains(argument) {
                loaded = loaded.suffix(1) + [constantList[argument]]
            } else if operation == importName, loaded.count == 2, nameList.indices.contains(argument) {
                let level = loaded[0].isExactly(py_PyLong_Type()) ? Int(PyLong_AsLongLong(loaded[0])) : 0
                let base = ImportScan.absolute(nameList[argument].text ?? "", level: level, module: module, isPackage: isPackage)
                found += ImportScan.withParents(base) + loaded[1].elements.compactMap { $0.text.map { "\(base).\($0)" } }
            }
        }
        return found
    }

    /// `from ..x import y` in package `a.b` means `a.x`.
    static func absolute(_ name: String, level: Int, module: String, isPackage: Bool) -> String {
        guard level > 0 else { return name }
        var parts = module.split(separator: ".").map(String.init)
        parts.removeLast(min(parts.count, isPackage ? level - 1 : level))
        return (parts + (name.isEmpty ? [] : [name])).joined(separator: ".")
    }

    private static func withParents(_ name: String) -> [String] {
        let parts = name.split(separator: ".")
        return parts.indices.map { parts[...$0].joined(separator: ".") }
    }
}
