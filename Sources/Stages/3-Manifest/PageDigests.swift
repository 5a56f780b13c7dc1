package import InstarCryptography

extension Manifest {
    /// The digests of all pages below the root, in an order that only the tree decides: what a store
    /// keeps as long as the release, and what the ordinal numbers of a delta mean.
    ///
    /// - Parameter source: has every page; only inner ones are read.
    package func pageDigests(in source: some PageSource) throws(ManifestError) -> [Digest] {
        guard case .inner(let references) = try AnyPage(decoding: root, height: nil) else { return [] }
        var digests: [Digest] = []
        var pending = references
        while let reference = pending.popLast() {
            digests.append(reference.digest)
            guard digests.count < totals.pages else { throw .tooLarge("it has more pages than it claims") }
            if reference.height > 0, case .inner(let references) = try source.load(reference) { pending += references }
        }
        return digests
    }
}
