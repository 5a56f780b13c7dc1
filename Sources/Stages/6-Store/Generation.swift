package import InstarManifest

/// One complete release on this machine.
package struct Generation: Hashable, Sendable {
    /// Its number in this store; grows, never used twice.
    package var number: UInt64
    package var release: ReleaseIdentity
    /// Nil until a player's machine has shown that it works; then its place in the order of confirmations, counting from 1.
    package var confirmed: UInt64?
    /// Files, symbolic links and empty directories.
    package var files: UInt64
    /// Bytes of content, whether shared with another generation or not.
    package var size: UInt64
    /// Bytes that staging it added to the disk.
    package var written: UInt64

    package init(
        number: UInt64, release: ReleaseIdentity, confirmed: UInt64? = nil, files: UInt64 = 0, size: UInt64 = 0, written: UInt64 = 0
    ) {
        self.number = number
        self.release = release
        self.confirmed = confirmed
        self.files = files
        self.size = size
        self.written = written
    }
}
