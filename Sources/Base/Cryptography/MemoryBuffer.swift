internal import COpenSSL

/// Owns one OpenSSL memory buffer (BIO), through which keys are read and written as text.
@safe struct MemoryBuffer: ~Copyable {
    let pointer: OpaquePointer

    /// An empty buffer to write into; its memory is wiped when it is freed, since it may hold a private key.
    init() {
        // Only a process without memory fails here, and it has nothing to fall back to.
        guard let pointer = unsafe BIO_new(BIO_s_secmem()) else { preconditionFailure("OpenSSL has no memory for a buffer") }
        unsafe self.pointer = pointer
    }

    /// A buffer to read `bytes` from.
    init(_ bytes: [UInt8]) {
        self.init()
        let written = unsafe BIO_write(pointer, bytes, Int32(clamping: bytes.count))
        precondition(written == bytes.count || bytes.isEmpty, "OpenSSL did not take \(bytes.count) bytes")
    }

    deinit {
        unsafe BIO_free_all(pointer)
    }

    /// Takes everything that was written.
    func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(pointer))
        let count = unsafe BIO_read(pointer, &bytes, Int32(clamping: bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }
}
