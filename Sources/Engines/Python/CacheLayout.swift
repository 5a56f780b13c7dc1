internal import CPython

/// Where `functools.lru_cache` keeps its entries: a dictionary, and a ring of links whose head is the wrapper itself.
struct CacheLayout {
    fileprivate static let previous = 16
    fileprivate static let next = 24
    fileprivate static let entries = 72
    fileprivate static let hits = 80
    fileprivate static let misses = 104

    /// Nil where this interpreter keeps it in another way, as a wrapper with two entries tells.
    init?() {
        guard let functools = try? Owned(unsafe PyImport_ImportModule("functools")), let wrapper = try? CacheLayout.probe(functools.ref)
        else { return nil }
        let entries = wrapper.ref.reference(at: CacheLayout.entries)
        let last = wrapper.ref.reference(at: CacheLayout.previous)
        guard Int(py_word(wrapper.ref.type, py_type_basicsize)) > CacheLayout.misses, entries.isExactDict, PyDict_Size(entries) == 2,
            entries.items.map(\.value).contains(last), last.reference(at: CacheLayout.next) == wrapper.ref,
            py_word(wrapper.ref, CacheLayout.hits) == 1, py_word(wrapper.ref, CacheLayout.misses) == 2
        else { return nil }
    }

    /// A cache that answered three calls, one of them twice.
    private static func probe(_ functools: PyRef) throws -> Held {
        let size = try Owned(PyLong_FromLongLong(8))
        let wrapper = Held(stealing: try functools.attribute("lru_cache").call(size.ref).call(py_PyLong_Type()).relinquish())
        for value in [1, 2, 2] {
            let argument = try Owned(PyLong_FromLongLong(Int64(value)))
            _ = try wrapper.ref.call(argument.ref)
        }
        return wrapper
    }
}

/// What a cache held before an update emptied it. Given back, or let go of with this value. Expects the interpreter's lock,
/// and the wrapper to live.
final class DisplacedCache {
    private let wrapper: PyRef
    private let fields: [(offset: Int, word: UInt)]
    private var isDisplaced = true

    /// Empties the cache of `wrapper`.
    ///
    /// - Parameter fresh: an empty dictionary.
    init(of wrapper: PyRef, fresh: PyRef) {
        self.wrapper = wrapper
        let offsets = [CacheLayout.previous, CacheLayout.next, CacheLayout.entries, CacheLayout.hits, CacheLayout.misses]
        fields = offsets.map { ($0, py_word(wrapper, $0)) }
        py_set_word(wrapper, CacheLayout.previous, wrapper.address)
        py_set_word(wrapper, CacheLayout.next, wrapper.address)
        py_set_word(wrapper, CacheLayout.entries, fresh.retained().address)
        py_set_word(wrapper, CacheLayout.hits, 0)
        py_set_word(wrapper, CacheLayout.misses, 0)
    }

    /// - Parameter clear: the wrapper's `cache_clear`.
    func restore(clear: PyRef) {
        if (try? clear.call()) == nil { PyErr_Clear() }
        let current = wrapper.reference(at: CacheLayout.entries)
        for field in fields { py_set_word(wrapper, field.offset, field.word) }
        isDisplaced = false
        current.release()
    }

    deinit {
        guard isDisplaced else { return }
        // Each link is counted by the ring and by the dictionary.
        var link = PyRef(address: fields[1].word)
        while link != wrapper {
            let next = link.reference(at: CacheLayout.next)
            link.release()
            link = next
        }
        PyRef(address: fields[2].word).release()
    }
}
