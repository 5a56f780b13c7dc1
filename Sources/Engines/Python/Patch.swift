internal import CPython

/// Everything that a commit is going to write, decided beforehand; and, once written, everything that was there before.
///
/// Applying it allocates next to nothing and runs no Python code: other threads see the old program or the new one.
final class Patch {
    /// What has to stand under a name for something to be written there: the program may have gone on since that was decided.
    enum Expectation {
        case anything, nothing
        case exactly(PyRef)

        func isMet(by object: PyRef?) -> Bool {
            switch self {
            case .anything: true
            case .nothing: object == nil
            case .exactly(let expected): object == expected
            }
        }
    }

    /// One pointer in an object's memory. Both values are owned while they wait here.
    private struct Swap {
        let object: PyRef
        let offset: Int
        var other: PyRef
        /// What has to stand there; NULL is anything.
        let expected: PyRef
        /// False where the memory keeps the pointer without a count of its own.
        let isCounted: Bool
        var isApplied = false
    }

    /// One step that goes through CPython's own functions.
    private enum Step {
        /// A null value deletes.
        case item(dictionary: PyRef, key: PyRef, value: PyRef, expected: Expectation)
        case attribute(type: PyRef, key: PyRef, value: PyRef, expected: Expectation)
        case bases(type: PyRef, value: PyRef)
        /// The class of an instance.
        case classOf(object: PyRef, type: PyRef)
        case clear(dictionary: PyRef)
        /// Any other function of CPython; it must not run Python code.
        case call(() throws -> Void)
    }

    private var swaps: [Swap] = []
    private var resets: [PyRef] = []
    private var steps: [Step] = []
    /// What keeps the objects named above alive.
    private var kept: [PyRef] = []
    private var undoSteps: [() -> Void] = []
    private let runtime: PythonRuntime

    init(runtime: PythonRuntime) {
        self.runtime = runtime
    }

    /// Writes `value` (or NULL) over the pointer at `offset`, where that is `expected` if any is named.
    func swap(_ object: PyRef, at offset: Int, to value: PyRef, from expected: PyRef = .null) {
        swaps.append(
            Swap(object: keep(object), offset: offset, other: value.retained(), expected: keep(expected), isCounted: true))
    }

    /// The same where the object keeps the pointer without a count, as frames do with their globals.
    func swapUncounted(_ object: PyRef, at offset: Int, to value: PyRef) {
        swaps.append(Swap(object: keep(object), offset: offset, other: keep(value), expected: .null, isCounted: false))
    }

    /// From inside a step: writes `value` (or NULL) over the pointer at `offset`.
    func write(_ object: PyRef, at offset: Int, _ value: PyRef) {
        let previous = object.reference(at: offset)
        keep(value)
        py_set_word(object, offset, value.isNull ? 0 : value.retained().address)
        if !previous.isNull { kept.append(previous) }  // with the count that the object had
        undoSteps.append {
            py_set_word(object, offset, previous.isNull ? 0 : previous.retained().address)
            if !value.isNull { value.release() }  // the patch has another count
        }
    }

    /// Makes call sites forget what they know of a function, after its swaps.
    func reset(function: PyRef) { resets.append(keep(function)) }

    func setItem(_ dictionary: PyRef, _ key: PyRef, _ value: PyRef, where expected: Expectation = .anything) {
        steps.append(.item(dictionary: keep(dictionary), key: keep(key), value: keep(value), expected: keep(expected)))
    }

    func deleteItem(_ dictionary: PyRef, _ key: PyRef, where expected: Expectation = .anything) {
        steps.append(.item(dictionary: keep(dictionary), key: keep(key), value: .null, expected: keep(expected)))
    }

    func setAttribute(of type: PyRef, _ key: PyRef, _ value: PyRef, where expected: Expectation = .anything) {
        steps.append(.attribute(type: keep(type), key: keep(key), value: keep(value), expected: keep(expected)))
    }

    func deleteAttribute(of type: PyRef, _ key: PyRef, where expected: Expectation = .anything) {
        steps.append(.attribute(type: keep(type), key: keep(key), value: .null, expected: keep(expected)))
    }

    func setBases(of type: PyRef, _ bases: PyRef) { steps.append(.bases(type: keep(type), value: keep(bases))) }

    func setClass(of object: PyRef, _ type: PyRef) { steps.append(.classOf(object: keep(object), type: keep(type))) }

    func clear(_ dictionary: PyRef) { steps.append(.clear(dictionary: keep(dictionary))) }

    func call(_ body: @escaping () throws -> Void) { steps.append(.call(body)) }

    /// Keeps an object alive as long as the patch.
    @discardableResult
    func keep(_ object: PyRef) -> PyRef {
        if !object.isNull { kept.append(object.retained()) }
        return object
    }

    private func keep(_ expected: Expectation) -> Expectation {
        if case .exactly(let object) = expected { keep(object) }
        return expected
    }

    // MARK: Putting in place

    /// Tries what CPython may refuse, and takes it back at once: a refusal is met before anything is touched.
    func rehearse() throws {
        defer {
            for undo in undoSteps.reversed() { undo() }
            undoSteps = []
        }
        for step in steps { if case .bases = step { try perform(step) } }
    }

    /// Writes everything. On an error what was written is taken back.
    func apply() throws {
        do {
            // Bases first: they are what CPython may still refuse.
            for step in steps { if case .bases = step { try perform(step) } }
            exchange()
            for function in resets { PyFunction_SetDefaults(function, function.reference(at: runtime.function.defaults).orNil ?? .none) }
            for step in steps { if case .bases = step { continue } else { try perform(step) } }
            try MemoryShortage.check()
        } catch {
            revert()
            throw error
        }
    }

    /// Takes everything back, in reverse order.
    func revert() {
        for undo in undoSteps.reversed() { undo() }
        undoSteps = []
        if swaps.contains(where: \.isApplied) {
            exchange(back: true)
            for function in resets { PyFunction_SetDefaults(function, function.reference(at: runtime.function.defaults).orNil ?? .none) }
        }
    }

    /// Exchanges each pointer with the value that waits; the counts move with them.
    private func exchange(back: Bool = false) {
        for position in swaps.indices {
            let index = back ? swaps.count - 1 - position : position
            let swap = swaps[index]
            let previous = swap.object.reference(at: swap.offset)
            guard back ? swap.isApplied : swap.expected.isNull || previous == swap.expected else { continue }
            py_set_word(swap.object, swap.offset, swap.other.address)
            swaps[index].other = previous
            swaps[index].isApplied = !back
        }
    }

    private func perform(_ step: Step) throws {
        switch step {
        case .item(let dictionary, let key, let value, let expected):
            let previous = dictionary[item: key]
            guard expected.isMet(by: previous) else { return }
            undoSteps.append(restoringItem(dictionary, key, keepOrNull(previous)))
            if value.isNull {
                if previous != nil { try check(PyDict_DelItem(dictionary, key)) }
            } else {
                try check(PyDict_SetItem(dictionary, key, value))
            }
        case .attribute(let type, let key, let value, let expected):
            let previous = type.classDict[item: key]
            guard expected.isMet(by: previous), previous != nil || !value.isNull else { return }
            try check(py_set_type_attribute(type, key, value))
            let kept = keepOrNull(previous)
            undoSteps.append { insist { py_set_type_attribute(type, key, kept) } }
        case .bases(let type, let value):
            let previous = keep(type.classBases)
            let name = runtime.names.bases
            do { try check(py_set_type_attribute(type, name, value)) } catch {
                throw BasesRefused(name: type.classAttribute(runtime.names.qualifiedName)?.text ?? "?", reason: error.message)
            }
            undoSteps.append { insist { py_set_type_attribute(type, name, previous) } }
        case .classOf(let object, let type):
            let previous = keep(object.type)
            let descriptor = runtime.classDescriptor.ref
            try check(py_descriptor_set(descriptor, object, type))
            undoSteps.append { insist { py_descriptor_set(descriptor, object, previous) } }
        case .clear(let dictionary):
            let copy = try Owned(PyDict_Copy(dictionary)).relinquish()
            kept.append(copy)
            PyDict_Clear(dictionary)
            undoSteps.append { insist { PyDict_Update(dictionary, copy) } }
        case .call(let body):
            try body()
        }
    }

    /// An undo for steps of `.call`.
    func whenUndone(_ body: @escaping () -> Void) { undoSteps.append(body) }

    private func keepOrNull(_ object: PyRef?) -> PyRef { object.map { keep($0) } ?? .null }

    private func restoringItem(_ dictionary: PyRef, _ key: PyRef, _ previous: PyRef) -> () -> Void {
        {
            insist { previous.isNull ? PyDict_DelItem(dictionary, key) : PyDict_SetItem(dictionary, key, previous) }
        }
    }

    /// Lets go of all that the patch holds: of the old code after a commit, of the new after an undo. May run destructors.
    func release() {
        let (swaps, kept) = (swaps, kept)
        (self.swaps, self.kept, resets, steps, undoSteps) = ([], [], [], [], [])
        for swap in swaps where swap.isCounted { swap.other.release() }
        for object in kept { object.release() }
    }
}

/// Bases that CPython does not let a class in use have.
struct BasesRefused: Error {
    var name: String
    var reason: String
}
