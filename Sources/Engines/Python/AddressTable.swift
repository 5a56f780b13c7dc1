/// A set of objects by address, each with a small number, where the standard library's hashing costs too much.
///
/// Every object of the heap is looked up in it, in a loop that has to keep pace with memory. Open addressing with
/// multiplicative hashing; at most half full.
@safe final class AddressTable {
    private var keys: UnsafeMutablePointer<UInt>
    private var values: UnsafeMutablePointer<Int>
    private var capacity: Int
    private(set) var count = 0

    init(minimumCapacity: Int = 16) {
        var capacity = 32
        while capacity < minimumCapacity * 2 { capacity *= 2 }
        self.capacity = capacity
        unsafe keys = .allocate(capacity: capacity)
        unsafe values = .allocate(capacity: capacity)
        unsafe keys.initialize(repeating: 0, count: capacity)
        unsafe values.initialize(repeating: 0, count: capacity)
    }

    deinit {
        unsafe keys.deallocate()
        unsafe values.deallocate()
    }

    /// The slot of `key`, or the free slot where it would go.
    @inline(__always)
    private func slot(_ key: UInt) -> Int {
        let mask = capacity - 1
        // Objects are 16-byte aligned; the golden ratio's bits spread what is left.
        var slot = Int(truncatingIfNeeded: ((key >> 4) &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while unsafe keys[slot] != 0 && keys[slot] != key { slot = (slot &+ 1) & mask }
        return slot
    }

    @inline(__always)
    func contains(_ key: UInt) -> Bool { unsafe keys[slot(key)] == key }

    @inline(__always)
    subscript(key: UInt) -> Int? {
        let slot = slot(key)
        return unsafe keys[slot] == key ? unsafe values[slot] : nil
    }

    /// Sets the number of `key`, which is never zero.
    func insert(_ key: UInt, _ value: Int) {
        if count * 2 >= capacity { grow() }
        let slot = slot(key)
        if unsafe keys[slot] != key {
            count += 1
            unsafe keys[slot] = key
        }
        unsafe values[slot] = value
    }

    /// Adds `difference` to the number of `key` if it is there.
    @inline(__always)
    func add(_ difference: Int, to key: UInt) {
        let slot = slot(key)
        if unsafe keys[slot] == key { unsafe values[slot] += difference }
    }

    private func grow() {
        let (oldKeys, oldValues, oldCapacity) = unsafe (keys, values, capacity)
        capacity *= 2
        unsafe keys = .allocate(capacity: capacity)
        unsafe values = .allocate(capacity: capacity)
        unsafe keys.initialize(repeating: 0, count: capacity)
        unsafe values.initialize(repeating: 0, count: capacity)
        for index in 0..<oldCapacity where unsafe oldKeys[index] != 0 {
            let slot = slot(unsafe oldKeys[index])
            unsafe keys[slot] = oldKeys[index]
            unsafe values[slot] = oldValues[index]
        }
        unsafe oldKeys.deallocate()
        unsafe oldValues.deallocate()
    }
}
