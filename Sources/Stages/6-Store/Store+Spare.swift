internal import InstarDisk
internal import InstarThreads

// The tree of a collected generation, kept as `staging/spare` to begin the next one with. It holds nothing but second names
// of files that other generations have, so it takes no more space than its folders; and since most files of the next release
// are in it already, staging that costs one look at each of them, where making a tree anew costs a link as well.
extension Store {
    static let spare = "spare"

    /// Makes the spare tree, if there is one, the beginning of `making`. What is in it is looked at like what an interrupted
    /// staging left: nothing of it is trusted, and what is not the release's is swept out.
    func takeSpare(into making: Directory) throws(StoreError) -> Bool {
        let staging = try folder(.staging)
        return try onDisk { () throws(DiskError) in
            guard try staging.status(of: Self.spare)?.kind == .directory else { return false }
            try staging.rename(Self.spare, to: "tree", in: making)
            return true
        }
    }

    /// Takes the tree of a generation that is not listed any more off `generations`: kept as the spare one in place of the last,
    /// or deleted where nobody can tell which of its files others have.
    func retire(_ number: UInt64) throws(StoreError) {
        let (generations, staging) = (try folder(.generations), try folder(.staging))
        guard try onDisk({ () throws(DiskError) in try generations.status(of: String(number))?.kind }) == .directory,
            let inventory = try inventoryUnlessDamaged(number), try dropOwnFiles(of: number, inventory)
        else {
            // The tree to spare may hold second names of files that nobody else has any more.
            try trash(Self.spare, of: staging)
            return try trash(String(number), of: generations)
        }
        try trash(Self.spare, of: staging)
        try onDisk { () throws(DiskError) in
            try generations.rename(String(number), to: Self.spare, in: staging)
            // Gone for good before anything that follows: what was renamed between two folders may else be back after a power cut.
            try generations.sync()
            try staging.sync()
        }
    }

    /// Removes those files of a generation, and others beside them, that no listed one shares; false where it is not known which these are.
    private func dropOwnFiles(of number: UInt64, _ inventory: Inventory) throws(StoreError) -> Bool {
        var shared: Set<UInt64> = []
        for other in try state().generations {
            guard let inventory = try inventoryUnlessDamaged(other.number) else { return false }
            for index in 0..<inventory.count { shared.insert(inventory.facts(index).inode) }
        }
        let generations = try folder(.generations)
        let tree = TreeFolders(try onDisk { () throws(DiskError) in try generations.directory(String(number)) }, creating: false)
        // What is not the release's was rescued, or is of no worth (compiled Python).
        try tree.sweep(keeping: inventory, isComplete: false, width: Workers.processorCount)
        try onDisk { () throws(DiskError) in
            var cursor = FolderCursor(tree)
            for index in 0..<inventory.count where inventory.facts(index).isFile && !shared.contains(inventory.facts(index).inode) {
                // What somebody removed or replaced on the way is not there to be removed.
                guard let (folder, name) = try? cursor.place(of: inventory.path(index)) else { continue }
                try folder.removeTree(name)
            }
        }
        return true
    }
}
