internal import InstarCryptography

/// A cut through a page tree: references, in path order, that together cover what is not yet known to be equal.
struct TreeFront {
    private(set) var references: [PageReference]
    /// A release of one page has it in its manifest and needs no source.
    private let root: [UInt8]?
    private let maximumPages: UInt64
    private var pagesRead: UInt64 = 1

    init(root: [UInt8], maximumPages: UInt64) throws(ManifestError) {
        self.maximumPages = maximumPages
        switch try AnyPage(decoding: root, height: nil) {
        case .leaf: (self.root, references) = (root, [])
        case .inner(let references): (self.root, self.references) = (nil, references)
        }
    }

    var height: Int { references.reduce(0) { max($0, $1.height) } }

    /// Replaces the references of `height` by the pages that they list.
    mutating func expand(height: Int, reading source: some PageSource) throws(ManifestError) {
        var expanded: [PageReference] = []
        for reference in references {
            guard reference.height == height else {
                expanded.append(reference)
                continue
            }
            pagesRead += 1
            guard pagesRead <= maximumPages else { throw .tooLarge("it has more pages than it claims") }
            guard case .inner(let children) = try source.load(reference) else { continue }
            expanded += children
        }
        references = expanded
    }

    /// Runs of pages that share files only among themselves: a page and those that continue its last file.
    var groups: [[PageReference]] {
        var groups: [[PageReference]] = []
        for reference in references {
            if reference.continues, !groups.isEmpty { groups[groups.count - 1].append(reference) } else { groups.append([reference]) }
        }
        return groups
    }

    mutating func keep(_ isKept: ([Digest]) -> Bool) {
        references = groups.filter { isKept($0.map(\.digest)) }.flatMap { $0 }
    }

    /// The leaves that are left, once everything above them is expanded.
    func leaves<Source: PageSource>(from source: Source) throws(ManifestError) -> LeafSequence<Source> {
        if let root { return try LeafSequence(root: root, source: source, maximumPages: maximumPages) }
        return LeafSequence(references: references, source: source)
    }
}

/// Two trees that are compared.
struct TreePair {
    var left: TreeFront
    var right: TreeFront

    /// Leaves in both fronts only the leaf references that the other does not have.
    ///
    /// A page has the same digest only with the same content, so a group that stands in both fronts holds the same
    /// files in both, wherever it stands, and its removal takes away equal files from both sides.
    mutating func removeCommonPages(reading source: some PageSource) throws(ManifestError) {
        removeCommonGroups()
        while max(left.height, right.height) > 0 {
            let height = max(left.height, right.height)
            try left.expand(height: height, reading: source)
            try right.expand(height: height, reading: source)
            removeCommonGroups()
        }
    }

    private mutating func removeCommonGroups() {
        let inLeft = Set(left.groups.map { $0.map(\.digest) })
        let inRight = Set(right.groups.map { $0.map(\.digest) })
        left.keep { !inRight.contains($0) }
        right.keep { !inLeft.contains($0) }
    }
}
