import InstarTransfer
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Bytes that differ everywhere, so that a shifted or repeated piece is noticed. From the system, which is faster than
/// a generator in a debug build.
func sample(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        guard let random = fopen("/dev/urandom", "r") else { return }
        filled = fread(buffer.baseAddress, 1, count, random)
        fclose(random)
    }
}

extension TransferStream {
    /// Reads `count` bytes, or to the end.
    func readBytes(_ count: Int = .max, pieces: Int = 64 * 1024) throws(TransferError) -> [UInt8] {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieces, alignment: 16)
        defer { piece.deallocate() }
        var bytes: [UInt8] = []
        while bytes.count < count {
            let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: piece[..<min(pieces, count - bytes.count)]))
            if got == 0 { break }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<got]))
        }
        return bytes
    }
}

/// Options under which faults show quickly.
func quick(_ change: (inout TransferOptions) -> Void = { _ in }) -> TransferOptions {
    var options = TransferOptions()
    options.firstBackoff = 0.005
    options.stallSeconds = 0.4
    options.connectSeconds = 2
    change(&options)
    return options
}

/// Waits until `condition` holds, for ten seconds at most; answers whether it did.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
        if condition() { return true }
        usleep(5000)
    }
    return condition()
}

/// Monotonic seconds.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
