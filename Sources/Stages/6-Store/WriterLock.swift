internal import InstarDisk
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Permission to stage, adopt, repair and collect. There is one at a time for a store, over all processes; it ends with
/// the value or with the process, however that dies.
package struct WriterLock: ~Copyable, Sendable {
    private let lock: FileLock

    init(_ lock: consuming FileLock) {
        self.lock = lock
    }
}

/// What asking for the writer's lock came to.
package enum LockOutcome: ~Copyable {
    case acquired(WriterLock)
    /// Another process, or another part of this one, has it. Its id, where it is known.
    case busy(holder: Int32?)
}

extension Store {
    /// Asks for the writer's lock. Whoever gets it first finishes or undoes what the last writer left.
    package func lock() throws(StoreError) -> LockOutcome {
        try inspect(file: "lock")
        switch try waitForLock() {
        case .busy: return .busy(holder: holder())
        case .acquired(let lock):
            // The text is for people; a disk without room for it may still have room for a rollback.
            try? lock.write("\(getpid())\n")
            let writer = WriterLock(lock)
            try recover(writer)
            return .acquired(writer)
        }
    }

    /// What the lock says behind the process id while it is held for a moment of preparing only (`prepare`).
    static let preparing = "preparing"

    private func waitForLock() throws(StoreError) -> FileLock.Outcome {
        switch try wait(milliseconds: StoreLimits.lockWait) {
        case .acquired(let lock): return .acquired(lock)
        case .busy: return lockText()?.hasSuffix(Self.preparing + "\n") == true ? try wait(milliseconds: StoreLimits.preparingWait) : .busy
        }
    }

    private func wait(milliseconds: Int) throws(StoreError) -> FileLock.Outcome {
        try onDisk { () throws(DiskError) in try FileLock.wait(.exclusive, "lock", in: root, milliseconds: milliseconds) }
    }

    private func lockText() -> String? { try? root.contents(of: "lock", limit: 64).map { String(decoding: $0, as: UTF8.self) } }

    /// Reads who holds the lock. The holder writes that right after it has the lock, so an empty or outdated text is
    /// read again a few times.
    private func holder() -> Int32? {
        for _ in 0..<20 {
            if let text = lockText(), let id = Int32(text.prefix { $0.isNumber }), (try? Machine.process(id, boot: "")) != nil { return id }
            usleep(1000)
        }
        return nil
    }
}
