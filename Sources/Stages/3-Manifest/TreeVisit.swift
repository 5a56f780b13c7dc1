internal import InstarCryptography

extension Manifest {
    /// Visits the tree without joining files that span pages, parents first: for collecting what a release refers to.
    ///
    /// - Parameters:
    ///   - entering: Called for every page below the root; where it answers false, the page is not read.
    ///   - leaf: Called for every leaf that is read: its frames, and the files or parts of files in it.
    package func visit(
        reading source: some PageSource, entering: (PageReference) throws -> Bool, leaf: (Page) throws -> Void
    ) throws {
        var pending: [PageReference] = []
        func enter(_ page: AnyPage) throws {
            switch page {
            case .leaf(let content): try leaf(content.page)
            case .inner(let references): pending += references.reversed()
            }
        }
        try enter(AnyPage(decoding: root, height: nil))
        var visited: UInt64 = 1
        while let reference = pending.popLast() {
            visited += 1
            guard visited <= totals.pages else { throw ManifestError.tooLarge("it has more pages than it claims") }
            if try entering(reference) { try enter(source.load(reference)) }
        }
    }
}
