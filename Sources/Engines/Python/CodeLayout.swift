internal import CPython

/// Code objects: their parts, and where those lie that are asked of thousands of them.
struct CodeLayout {
    private let constants: Int
    private let name: Int
    /// Since 3.13 a flag tells whether the first constant is documentation; before, it is that or None.
    private let flagsDocumentation: Bool
    /// Instructions that load a constant by its number.
    let loadConstant: Set<UInt8>

    /// Finds the fields by looking for known objects in a fresh code object.
    init(minorVersion: Int) throws {
        let probe = try Builtins.compile("0", file: "<instar>")
        constants = try CodeLayout.offset(of: "co_consts", in: probe.ref)
        name = try CodeLayout.offset(of: "co_name", in: probe.ref)
        flagsDocumentation = minorVersion >= 13
        let opcode = try Owned(unsafe PyImport_ImportModule("opcode"))
        let map = try opcode.ref.attribute("opmap")
        loadConstant = Set(
            ["LOAD_CONST", "RETURN_CONST"].compactMap { map.ref[item: $0] }.map { UInt8(truncatingIfNeeded: PyLong_AsLongLong($0)) })
    }

    private static func offset(of attribute: String, in probe: PyRef) throws -> Int {
        let value = try probe.attribute(attribute)
        let size = Int(py_word(probe.type, py_type_basicsize))
        for offset in stride(from: 16, to: size, by: 8) where probe.reference(at: offset) == value.ref { return offset }
        throw PythonUnsupported(reason: "its code objects keep \(attribute) in another way")
    }

    /// The constants (borrowed).
    func constants(_ code: PyRef) -> [PyRef] { code.reference(at: constants).elements }

    /// Code directly inside of `code` (borrowed).
    func children(_ code: PyRef) -> [PyRef] {
        let (tuple, type) = (code.reference(at: constants), py_PyCode_Type())
        var found: [PyRef] = []
        for index in 0..<PyTuple_Size(tuple) {
            let constant = tuple.reference(at: PyRef.tupleContent + 8 * index)
            if constant.isExactly(type) { found.append(constant) }
        }
        return found
    }

    /// Whether code lies inside of `code`.
    func hasChildren(_ code: PyRef) -> Bool {
        let tuple = code.reference(at: constants)
        let type = py_PyCode_Type()
        return (0..<PyTuple_Size(tuple)).contains { tuple.reference(at: PyRef.tupleContent + 8 * $0).isExactly(type) }
    }

    /// The name, an interned string (borrowed).
    func name(_ code: PyRef) -> PyRef { code.reference(at: name) }

    /// The documentation that functions of this code have (borrowed); NULL where there is none.
    func documentation(_ code: PyRef) -> PyRef {
        guard !flagsDocumentation || Code.flags(code) & 0x400_0000 != 0, let first = constants(code).first, first.isString else {
            return .null
        }
        return first
    }
}
