internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

// What a game, a mod or a player put into a generation is not Instar's to delete.
extension Store {
    /// Moves every file of a generation's tree that staging did not put there, or that was changed since, below
    /// `rescued/<n>/`; answers their paths. Compiled Python that an interpreter left (`__pycache__`) is not worth keeping.
    func rescue(_ number: UInt64) throws(StoreError) -> [String] {
        let generations = try folder(.generations)
        guard let there = try onDisk({ () throws(DiskError) in try generations.status(of: String(number)) }) else { return [] }
        guard there.kind == .directory, let inventory = try inventoryUnlessDamaged(number) else {
            // Nobody can tell what is whose: all of it stays.
            let rescued = try folder(.rescued)
            return try onDisk { () throws(DiskError) in
                try settle()
                try generations.rename(String(number), to: "\(number).\(UInt32.random(in: .min ... .max))", in: rescued)
                try settle()
                return ["."]
            }
        }
        let tree = try onDisk { () throws(DiskError) in try generations.directory(String(number)) }
        let foreign = try onDisk { () throws(DiskError) in try tree.foreign("", inventory) }
        if foreign.isEmpty { return [] }
        let rescued = try folder(.rescued)
        return try onDisk { () throws(DiskError) in
            let target = TreeFolders(try rescued.directory(creating: String(number)), creating: true)
            let source = TreeFolders(tree, creating: false)
            // The new folders last before anything is in them, and the moves before the tree is deleted: after a power cut a
            // file could else be in neither place.
            for path in foreign { _ = try target.place(of: path) }
            try settle()
            for path in foreign {
                let (from, name) = try source.place(of: path)
                let (folder, newName) = try target.place(of: path)
                try folder.removeTree(newName)
                try from.rename(name, to: newName, in: folder)
            }
            try settle()
            return foreign
        }
    }

    /// Makes everything last that was changed so far.
    private func settle() throws(DiskError) {
        if try !root.syncFileSystem() { try root.syncTree() }
    }
}

extension Directory {
    /// Paths below that the inventory does not know, or knows with another size, time or inode.
    fileprivate func foreign(_ prefix: String, _ inventory: Inventory) throws(DiskError) -> [String] {
        var found: [String] = []
        for entry in try entries() {
            let path = prefix + entry.name.string
            if entry.kind == .directory {
                if path.hasSuffix("__pycache__"), inventory.index(of: path) == nil { continue }
                found += try directory(entry.name).foreign(path + "/", inventory)
            } else if try !isOurs(entry, inventory.index(of: path).map(inventory.facts)) {
                found.append(path)
            }
        }
        return found
    }

    private func isOurs(_ entry: DirectoryEntry, _ known: RecordFacts?) throws(DiskError) -> Bool {
        guard let known else { return false }
        guard known.isFile else { return known.isLink && entry.kind == .symbolicLink }
        guard let status = try status(of: entry.name), !known.matches(status) else { return true }
        // Another time or inode may come from a backup that was put back: then the content is still ours.
        guard status.kind == .file, status.size == known.size else { return false }
        return try file(entry.name).digest() == known.digest
    }
}
