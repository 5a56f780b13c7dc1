internal import CPlatform
internal import SystemPackage

extension File {
    /// Makes this empty file share the blocks of `source` (Btrfs, XFS, APFS); answers false where the file system or
    /// the pair of files cannot.
    package func clone(_ source: File) throws(DiskError) -> Bool {
        do { try systemCall("clone", path) { instar_clone(source.descriptor, descriptor) } } catch {
            // Another device, no such call, not on this file system, not these files: all mean copying.
            let cannot: Set<Errno> = [
                .notSupported, .improperLink, .invalidArgument, .noFunction, .inappropriateIOCTLForDevice, .notPermitted,
            ]
            if cannot.contains(error.code) { return false }
            throw error
        }
        return true
    }
}
