package import InstarManifest

/// A file of a local tree that is offered as a source, part by part.
package struct LocalOffer: Sendable {
    var generation: UInt64?
    var path: ReleasePath
    var offset: UInt64 = 0
    /// Set once it is used.
    var source: UInt32?
    var isRefused = false

    package init(generation: UInt64?, path: ReleasePath) {
        self.generation = generation
        self.path = path
    }
}
