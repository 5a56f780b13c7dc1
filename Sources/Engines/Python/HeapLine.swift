internal import CPython

/// A line drawn through the heap by a pass over it: later it tells which objects are new, and which of those that the pass
/// found are still there, with no look at any other.
///
/// What the pass found is moved to the end of the oldest generation's ring, behind a border, and stays there as long as it
/// lives; its age is all that changes for it. New objects join the youngest ring. Collections of the young append what
/// survives to the end of an older ring, so it is never in front of the border. Only a full collection, and freezing, put the
/// oldest ring in another order: that is seen, and then the line says nothing.
struct HeapLine {
    private let heap: Heap
    /// Older than all that executing the new code made, in the youngest ring.
    private let youngest: Held
    /// The first in the oldest ring: where it is no longer that, the rings were joined.
    private let front: Held
    /// In the oldest ring: what comes after it was found, or is new.
    private let border: Held
    /// The same in the ring of frozen objects, where any of them were found.
    private let frozenBorder: Held
    private var hasFrozen = false
    private var collections: [UInt] = []

    /// - Parameter marker: an object in the youngest ring; what follows it is looked at in any case.
    init(after marker: Held, heap: Heap) throws {
        (self.heap, youngest) = (heap, marker)
        func object() throws -> Held { Held(stealing: try Owned(PyList_New(0)).relinquish()) }
        (front, border, frozenBorder) = (try object(), try object(), try object())
    }

    /// Draws the line, in one go with the pass that found `found`: no Python code may run in between.
    ///
    /// - Parameter frozen: what was found among the frozen objects.
    mutating func draw(found: [PyRef], frozen: [PyRef]) {
        guard heap.isYoungest(youngest.ref), !heap.isCollecting else { return }
        heap.move(front.ref, toFrontOf: heap.oldest)
        heap.move(border.ref, toEndOf: heap.oldest)
        for object in found { heap.move(object, toEndOf: heap.oldest) }
        hasFrozen = !frozen.isEmpty
        if hasFrozen {
            heap.move(frozenBorder.ref, toEndOf: heap.frozen)
            for object in frozen { heap.move(object, toEndOf: heap.frozen) }
        }
        collections = heap.collections
    }

    /// Visits whatever is behind the line. `visit` must not run Python code.
    ///
    /// - Returns: whether that is all: false where the heap was put in another order.
    func forEachObject(_ visit: (PyRef) -> Void) -> Bool {
        guard !collections.isEmpty, !heap.isCollecting, heap.first(of: heap.oldest) == front.ref else { return false }
        let now = heap.collections
        guard now[2] == collections[2] else { return false }
        guard heap.forEachObject(after: border.ref, upTo: heap.oldest, visit),
            !hasFrozen || heap.forEachObject(after: frozenBorder.ref, upTo: heap.frozen, visit)
        else { return false }
        if now == collections { return heap.forEachObject(after: youngest.ref, upTo: heap.youngest, visit) }
        // The young were collected meanwhile: all that are young now are few.
        for ring in heap.young { heap.forEachObject(in: ring, visit) }
        return true
    }
}
