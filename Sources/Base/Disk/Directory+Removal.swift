extension Directory {
    /// Removes `name` and, where it is a directory, everything below it. Symbolic links are removed, never followed.
    /// What is not there any more is no error.
    package func removeTree(_ name: some FileName) throws(DiskError) {
        guard let found = try status(of: name) else { return }
        guard found.kind == .directory else {
            try remove(name)
            return
        }
        try unlock(name, found)
        try directory(name).removeContents()
        try removeDirectory(name)
    }

    /// Removes everything in this directory.
    package func removeContents() throws(DiskError) {
        for entry in try entries() {
            if entry.kind == .directory { try removeTree(entry.name) } else { try remove(entry.name) }
        }
    }

    /// A directory that its owner may not write cannot be emptied: games do set such permissions.
    private func unlock(_ name: some FileName, _ found: FileStatus) throws(DiskError) {
        if found.permissions & 0o700 != 0o700 { try setPermissions(0o700, of: name) }
    }
}
