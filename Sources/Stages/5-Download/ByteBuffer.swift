/// Memory that is allocated once, or when more is needed, and used for frame after frame.
@safe struct ByteBuffer: ~Copyable {
    private(set) var bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        unsafe bytes = .allocate(byteCount: max(1, count), alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
    }

    /// Makes room for `count` bytes; what was there is lost where there was less.
    mutating func grow(to count: Int) {
        guard unsafe bytes.count < count else { return }
        unsafe bytes.deallocate()
        unsafe bytes = .allocate(byteCount: count, alignment: 16)
    }

    /// The first bytes, of which there must be so many.
    func first(_ count: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
    }
}
