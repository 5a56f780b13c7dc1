/// Memory of a fixed size that is allocated once and used for frame after frame.
@safe struct ByteBuffer: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        unsafe bytes = .allocate(byteCount: max(1, count), alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
    }
}
