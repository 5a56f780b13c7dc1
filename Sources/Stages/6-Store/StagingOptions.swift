package import SystemPackage

/// How a release is staged.
package struct StagingOptions: Hashable, Sendable {
    /// The generation whose unchanged files are linked.
    package var base: UInt64?
    /// The directory shipped with the app, a source of content only.
    package var shipped: FilePath?
    /// Bytes that the whole store may take; nil for what the disk has.
    package var ceiling: UInt64?
    /// Takes the space of each file when it is created, so that a full disk shows before its content is fetched.
    package var reservesSpace = false
    /// Bytes after which the disk is asked to keep what was written so far.
    package var syncStep: UInt64 = 32 << 20
    /// Threads that link and hash at once; nil for as many as there are processors.
    package var width: Int?

    package init(base: UInt64? = nil, shipped: FilePath? = nil, ceiling: UInt64? = nil) {
        self.base = base
        self.shipped = shipped
        self.ceiling = ceiling
    }
}
