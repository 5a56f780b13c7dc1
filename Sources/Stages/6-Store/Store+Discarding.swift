internal import InstarDisk

extension Store {
    /// Removes releases in the making, and manifests and pages that no generation came from: what an update leaves that
    /// turned out to be of no use.
    package func discardUnfinished(holding lock: borrowing WriterLock) throws(StoreError) {
        let staging = try folder(.staging)
        try onDisk { () throws(DiskError) in for entry in try staging.entries() { try staging.removeTree(entry.name) } }
        try collectObjects(try state())
    }
}
