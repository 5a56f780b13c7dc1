internal import InstarDisk

/// Keeps a generation on disk: no collection removes it while any process holds one. It ends with the object or the process.
package final class Lease: Sendable {
    package let generation: UInt64
    private let lock: FileLock

    fileprivate init(generation: UInt64, lock: consuming FileLock) {
        self.generation = generation
        self.lock = lock
    }
}

extension Store {
    /// A lease of a listed generation, for whoever reads its files.
    package func lease(_ number: UInt64) throws(StoreError) -> Lease {
        let leases = try folder(.leases)
        // Under the state's lock no collection can take the generation off the list meanwhile. (A noncopyable value does
        // not leave a closure, hence no `withStateLock`.)
        switch try onDisk({ () throws(DiskError) in
            try FileLock.wait(.exclusive, "state.lock", in: root, milliseconds: StoreLimits.stateWait)
        }) {
        case .busy: throw .stateBusy
        case .acquired(let guarding):
            defer { withExtendedLifetime(guarding) {} }
            guard try state().generation(number) != nil else { throw .state(.noSuchGeneration(number)) }
            return try leaseLocked(number, in: leases)
        }
    }

    /// As `lease`, under the state's lock.
    func leaseLocked(_ number: UInt64, in leases: Directory) throws(StoreError) -> Lease {
        switch try onDisk({ () throws(DiskError) in try FileLock.attempt(.shared, String(number), in: leases) }) {
        case .busy: throw .stateBusy
        case .acquired(let lock): return Lease(generation: number, lock: lock)
        }
    }

    /// True where some process holds a lease. Under the state's lock.
    func isLeased(_ number: UInt64, in leases: Directory) throws(StoreError) -> Bool {
        switch try onDisk({ () throws(DiskError) in try FileLock.attempt(.exclusive, String(number), in: leases) }) {
        case .busy: true
        case .acquired: false
        }
    }
}
