internal import CPython

/// Spares the commit of an update that was prepared in the background a pass over the heap: what the preparation's pass found
/// and what is new is looked at instead.
///
/// An older object can become one of those that are sought only by being given one of their classes or codes, of which the
/// interpreter tells its audit hooks; or by its class being given an updated one as a base, which shows in the classes sought.
final class HeapWatch {
    private let record: LoadRecord
    private var line: HeapLine
    /// What the preparation's pass sought.
    private let types: AddressTable?
    /// Every code that functions may be sought by.
    private let codes: AddressTable
    private var wasReshaped = false

    /// Begins to watch, right after the preparation's pass.
    init(_ pass: HeapPass, _ line: HeapLine, codes: AddressTable, created: Created, record: LoadRecord) {
        (self.record, self.line, types, self.codes) = (record, line, pass.types, codes)
        // What executing the new code made is looked at in any case.
        let frozen = Set(pass.frozen)
        let found = (pass.instances.map(\.object) + pass.functions).filter { !created.contains($0) }
        self.line.draw(found: frozen.isEmpty ? found : found.filter { !frozen.contains($0) }, frozen: pass.frozen)
        record.onReshaping = { [weak self] in self?.note($0, $1) }
    }

    func end() { record.onReshaping = nil }

    /// An object is about to get another class or code.
    private func note(_ name: PyRef, _ value: PyRef) {
        switch name.text {
        case "__code__": if codes.contains(value.address) { wasReshaped = true }
        case "__class__": if value.isClass, value.reference(at: py_type_mro).elements.contains(where: isSought) { wasReshaped = true }
        default: break
        }
    }

    private func isSought(_ type: PyRef) -> Bool { types?.contains(type.address) == true }

    /// Finds what is sought by now; in a pass over the heap where nothing less will do. Runs no Python code.
    ///
    /// - Returns: how many passes that were: one or none.
    func run(_ pass: HeapPass, types sought: [PyRef]) -> Int {
        guard pass.isNeeded else { return 0 }
        // Their instances may be of any age, unless they are new themselves.
        var unknown = Set(sought.filter { !isSought($0) })
        let isAll = line.forEachObject { object in
            if !unknown.isEmpty { unknown.remove(object) }
            pass.look(at: object)
        }
        if isAll, !wasReshaped, unknown.isEmpty { return 0 }
        pass.reset()
        return pass.run()
    }
}
