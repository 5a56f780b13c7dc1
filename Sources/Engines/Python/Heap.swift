internal import CPython

/// The collector's own lists: every object it knows, frozen ones too, without building a list or changing a count.
///
/// Each tracked object follows a two-word head (next, previous) of a ring; one ring for each of three generations and one
/// for frozen objects. The rings' heads lie in one array, found from a fresh object, which is always the youngest's last.
struct Heap {
    /// Address of the head of the youngest generation's ring.
    let youngest: UInt
    /// Address of the flag that a collection is under way.
    private let collecting: UInt
    /// Address of the counts that are kept for each generation: collections come first.
    private let statistics: UInt
    private static let statisticsStride: UInt = 24
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
        statistics = youngest + 4 * Heap.stride + 8
        collecting = statistics + 3 * Heap.statisticsStride
        guard collections == (try Heap.collectionsAsPythonSays()), Heap.word(collecting) & 0xFFFF_FFFF <= 1 else {
            throw PythonUnsupported(reason: "its garbage collector counts in another way")
        }
    }

    private static func collectionsAsPythonSays() throws -> [UInt] {
        let statistics = try Owned(unsafe PyImport_ImportModule("gc")).ref.attribute("get_stats").call()
        return statistics.ref.elements.map { $0[item: "collections"].map { UInt(PyLong_AsLongLong($0)) } ?? UInt.max }
    }

    /// How often each generation was collected, the youngest first.
    var collections: [UInt] { (0..<3).map { Heap.word(statistics + $0 * Heap.statisticsStride) } }

    var isCollecting: Bool { py_half_word(PyRef(address: collecting)) != 0 }

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
    func isYoungest(_ marker: PyRef) -> Bool { forEachObject(after: marker, upTo: youngest) { _ in } }

    // MARK: Rings

    /// Address of the head of the oldest generation's ring.
    var oldest: UInt { youngest + 2 * Heap.stride }
    /// Address of the head of the frozen objects' ring, behind a pointer.
    var frozen: UInt { youngest + 3 * Heap.stride + 8 }
    /// The rings of objects that a full collection has not survived yet.
    var young: [UInt] { [youngest, youngest + Heap.stride] }

    /// Visits every object of all generations and the frozen ones. `visit` must not run Python code.
    func forEachObject(_ visit: (PyRef) -> Void) { for ring in young + [oldest, frozen] { forEachObject(in: ring, visit) } }

    func forEachObject(in ring: UInt, _ visit: (PyRef) -> Void) {
        var head = Heap.word(ring)
        while head != ring {
            visit(PyRef(address: head + Heap.headSize))
            head = Heap.word(head)
        }
    }

    /// Visits what follows `marker` in a ring. False where the marker is in another one: then what was visited means nothing.
    func forEachObject(after marker: PyRef, upTo ring: UInt, _ visit: (PyRef) -> Void) -> Bool {
        let others = (young + [oldest, frozen]).filter { $0 != ring }
        var head = Heap.word(marker.address - Heap.headSize)
        while head != ring {
            if head == others[0] || head == others[1] || head == others[2] { return false }
            visit(PyRef(address: head + Heap.headSize))
            head = Heap.word(head)
        }
        return true
    }

    /// The first object of a ring.
    func first(of ring: UInt) -> PyRef { PyRef(address: Heap.word(ring) + Heap.headSize) }

    func move(_ object: PyRef, toEndOf ring: UInt) { move(object, behind: Heap.previous(ring)) }
    func move(_ object: PyRef, toFrontOf ring: UInt) { move(object, behind: ring) }

    private func move(_ object: PyRef, behind place: UInt) {
        let head = object.address - Heap.headSize
        guard head != place else { return }
        let (next, previous) = (Heap.word(head), Heap.previous(head))
        Heap.link(previous, next)
        let following = Heap.word(place)
        Heap.link(place, head)
        Heap.link(head, following)
    }

    /// The lowest bits of the second word are flags of the collector's.
    private static let flags: UInt = 3
    private static func previous(_ head: UInt) -> UInt { word(head + 8) & ~flags }

    private static func link(_ first: UInt, _ second: UInt) {
        py_set_word(PyRef(address: first), 0, second)
        py_set_word(PyRef(address: second), 8, first | (word(second + 8) & flags))
    }
}

/// An interpreter that the engine cannot work with.
package struct PythonUnsupported: Error, CustomStringConvertible {
    package var reason: String

    package var description: String {
        "this Python cannot be updated while it runs: \(reason); use CPython 3.9 to 3.13 (not the free-threaded build)"
    }
}
