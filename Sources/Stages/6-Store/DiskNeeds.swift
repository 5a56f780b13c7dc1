internal import InstarDisk
package import InstarPlan

/// What staging a release takes from the disk, known before anything is written.
package struct DiskNeeds: Hashable, Sendable {
    /// Bytes that files, names and the inventory will take.
    package var bytes: UInt64
    /// File entries (inodes).
    package var entries: UInt64
    /// Bytes that the disk has for this user.
    package var available: UInt64
    /// Entries that the disk has left; nil where it makes them as needed.
    package var availableEntries: UInt64?
    /// Throws where the disk has not enough.
    package func check() throws(StoreError) {
        if bytes > available { throw .noSpace(needed: bytes, available: available) }
        if let left = availableEntries, entries > left { throw .noFileEntries(needed: entries, available: left) }
    }
}

extension Store {
    /// What staging `files`, and linking `linked` others, takes. Sizes that no release has are refused here.
    package func needs(files: [PlannedFile], linking linked: UInt64) throws(StoreError) -> DiskNeeds {
        guard UInt64(files.count) <= StoreLimits.files, linked <= StoreLimits.files else {
            throw .tooLarge("it has more than \(StoreLimits.files) files")
        }
        let space = try onDisk { () throws(DiskError) in try root.space() }
        var bytes: UInt64 = 0
        for file in files {
            guard file.size <= StoreLimits.bytes, bytes <= StoreLimits.bytes else {
                throw .tooLarge("it claims more than \(StoreLimits.bytes) bytes")
            }
            bytes += (file.size + space.blockSize - 1) / space.blockSize * space.blockSize
        }
        // A name takes up to about 300 bytes in its folder and 200 in the inventory; a folder takes a block, at most one a file.
        let names = UInt64(files.count) + linked
        return DiskNeeds(
            bytes: bytes + names * 500 + space.blockSize * 16, entries: UInt64(files.count) + 16, available: space.available,
            availableEntries: space.availableFiles)
    }

    /// Throws where it will not do: more than the disk has, or than the store may take in all.
    func check(_ needs: DiskNeeds, ceiling: UInt64?) throws(StoreError) {
        try needs.check()
        guard let ceiling else { return }
        // What collected generations shared with those that are left is still there, so it is counted by file.
        let stored = try usage().total
        if stored + needs.bytes > ceiling { throw .overCeiling(needed: stored + needs.bytes, ceiling: ceiling) }
    }
}
