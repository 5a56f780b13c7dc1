internal import InstarCryptography

extension Manifest {
    /// The pages of this release that `source` lacks and that can be named by now, in path order.
    ///
    /// Pages name pages: fetch these into `source` and ask again, until nothing is missing. A tree has at most
    /// `PageLimits.maximumHeight` levels, so that many rounds suffice.
    package func missingPages(in source: some PageSource) throws(ManifestError) -> [PageReference] {
        guard case .inner(let references) = try AnyPage(decoding: root, height: nil) else { return [] }
        var missing: [PageReference] = []
        var pending = Array(references.reversed())
        var visited: UInt64 = 1
        while let reference = pending.popLast() {
            visited += 1
            guard visited <= totals.pages else { throw .tooLarge("it has more pages than it claims") }
            guard try source.has(reference) else {
                missing.append(reference)
                continue
            }
            if reference.height > 0, case .inner(let references) = try source.load(reference) { pending += references.reversed() }
        }
        return missing
    }
}

extension PageSource {
    fileprivate func has(_ reference: PageReference) throws(ManifestError) -> Bool {
        do { return try hasPage(reference.digest) } catch { throw .unreadablePage(reference.digest, error) }
    }
}
