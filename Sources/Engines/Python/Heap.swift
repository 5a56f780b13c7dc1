internal import CPython

/// The collector's own lists: every object it knows, frozen ones too, without building a list or changing a count.
///
/// Each tracked object follows a two-word head (next, previous) of a ring; one ring for each of three generations and one
/// for frozen objects. The rings' heads lie in one array, found from a fresh object, which is always the youngest's last.
struct Heap {
    /// Address of the head of the youngest generation's ring.
    private let youngest: UInt
    /// Address of the flag that a collection is under way.
    private let collecting: UInt
    /// From an object's head to the object.
    private static let headSize: UInt = 16
    /// From one generation's head to the next: two words, a threshold and a count.
    private static let stride: UInt = 24

    /// Probes the collector; throws where its lists do not look as in CPython 3.9 to 3.13.
    init() throws {
        let fresh = try Owned(PyList_New(0))
        let youngest = Heap.word(fresh.ref.address - Heap.headSize)
        // After the three generations comes a pointer to the first: proof that this is the array.
        guard Heap.word(youngest + 3 * Heap.stride) == youngest else {
            throw PythonUnsupported(reason: "its garbage collector keeps objects in another way")
        }
        self.youngest = youngest
        // Behind the frozen ring come three counts for each generation, then the flag.
        let statistics = youngest + 4 * Heap.stride + 8
        collecting = statistics + 3 * 24
        guard Heap.word(statistics) == (try Heap.collections()), Heap.word(collecting) & 0xFFFF_FFFF <= 1 else {
            throw PythonUnsupported(reason: "its garbage collector counts in another way")
        }
    }

    /// How often the youngest generation was collected, as Python says.
    private static func collections() throws -> UInt {
        let statistics = try Owned(unsafe PyImport_ImportModule("gc")).ref.attribute("get_stats").call()
        let youngest = statistics.ref.elements.first?[item: "collections"]
        return youngest.map { UInt(PyLong_AsLongLong($0)) } ?? UInt.max
    }

    /// Runs `body` while the collector takes itself to be at work, and so does nothing, even where `body` asks it to.
    func withoutCollections<Result>(_ body: () throws -> Result) rethrows -> Result {
        let flag = PyRef(address: collecting)
        let before = py_half_word(flag)
        py_set_half_word(flag, 1)
        defer { py_set_half_word(flag, before) }
        return try body()
    }

    @inline(__always)
    private static func word(_ address: UInt) -> UInt { py_word(PyRef(address: address), 0) }

    /// Whether `marker` is still in the youngest generation: nothing was collected since it was made.
    func isYoungest(_ marker: PyRef) -> Bool {
        var head = Heap.word(marker.address - Heap.headSize)
        while head != youngest {
            if head == youngest + Heap.stride || head == youngest + 2 * Heap.stride || head == frozen { return false }
            head = Heap.word(head)
        }
        return true
    }

    /// Visits every object that was made after `marker`, while that is in the youngest generation.
    func forEachObject(after marker: PyRef, _ visit: (PyRef) -> Void) {
        var head = Heap.word(marker.address - Heap.headSize)
        while head != youngest {
            visit(PyRef(address: head + Heap.headSize))
            head = Heap.word(head)
        }
    }

    /// Address of the head of the frozen objects' ring, behind a pointer.
    private var frozen: UInt { youngest + 3 * Heap.stride + 8 }

    /// Visits every object of all generations and the frozen ones. `visit` must not run Python code.
    func forEachObject(_ visit: (PyRef) -> Void) {
        for ring in [youngest, youngest + Heap.stride, youngest + 2 * Heap.stride, frozen] {
            var head = Heap.word(ring)
            while head != ring {
                visit(PyRef(address: head + Heap.headSize))
                head = Heap.word(head)
            }
        }
    }
}

/// An interpreter that the engine cannot work with.
package struct PythonUnsupported: Error, CustomStringConvertible {
    package var reason: String

    package var description: String {
        "this Python cannot be updated while it runs: \(reason); use CPython 3.9 to 3.13 (not the free-threaded build)"
    }
}
