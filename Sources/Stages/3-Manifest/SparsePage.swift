package import InstarCryptography
internal import SwiftProtobuf

/// A page of files in which the digests of some chunks are zeros.
///
/// Digests do not compress. On a release that changes many small files they are most of what its pages cost, though whoever has
/// the content of these chunks, by a delta, can work them out. Nothing in a sparse page is verified until it is filled in and
/// its own digest compared.
package struct SparsePage: Hashable, Sendable {
    package private(set) var bytes: [UInt8]
    /// Where the digests of its chunks stand, one after the other.
    private let column: Range<Int>

    /// - Parameter bytes: the page, whole or sparse; nil for a page of pages, and for one without chunks.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= PageLimits.maximumBytes, let page = try? WirePage(serializedBytes: bytes), case .leaf(let leaf) = page.content
        else { return nil }
        let digests = [UInt8](leaf.chunks.digests)
        guard !digests.isEmpty, digests.count.isMultiple(of: Digest.byteCount), let begin = bytes.lastIndex(ofColumn: digests) else {
            return nil
        }
        self.bytes = bytes
        column = begin..<begin + digests.count
    }

    /// The digests of its chunks, zeros included.
    package var digests: [Digest] {
        unsafe bytes.withUnsafeBytes { bytes in
            stride(from: column.lowerBound, to: column.upperBound, by: Digest.byteCount).map { unsafe Digest(loading: bytes, at: $0) }
        }
    }

    /// How many digests are left out.
    package var missing: Int { digests.count { $0 == .missing } }

    /// Leaves out the digests for which `isKnown` answers true; it is asked in the order of the chunks.
    package mutating func leaveOut(where isKnown: (Digest) -> Bool) {
        for (index, digest) in digests.enumerated() where isKnown(digest) { put(.missing, at: index) }
    }

    /// Fills in the digests that are left out, in the order of the chunks, and takes them off `found`. False where there are
    /// too few.
    package mutating func fill(from found: inout ArraySlice<Digest>) -> Bool {
        for (index, digest) in digests.enumerated() where digest == .missing {
            guard let next = found.popFirst() else { return false }
            put(next, at: index)
        }
        return true
    }

    private mutating func put(_ digest: Digest, at index: Int) {
        let begin = column.lowerBound + index * Digest.byteCount
        unsafe bytes.withUnsafeMutableBytes { unsafe digest.store(into: $0, at: begin) }
    }
}

extension Digest {
    /// What stands for a digest that is left out. No content is known that has it, and none will be found.
    package static let missing = Digest(hexadecimal: String(repeating: "0", count: 64)) ?? .ofNothing
}

extension [UInt8] {
    /// Where the digests of chunks stand in an encoded page: behind all other columns, so that of places that look alike it is the last.
    fileprivate func lastIndex(ofColumn digests: [UInt8]) -> Int? {
        let field = Self.fieldHead(ofCount: digests.count) + digests
        guard field.count <= count else { return nil }
        return (0...count - field.count).last { self[$0] == field[0] && self[$0..<$0 + field.count].elementsEqual(field) }
            .map { $0 + field.count - digests.count }
    }

    /// What stands before the bytes of the first field of a message, in Protocol Buffers' encoding: its number and kind, and its length.
    private static func fieldHead(ofCount count: Int) -> [UInt8] {
        var head: [UInt8] = [1 << 3 | 2]
        var rest = count
        while rest >= 0x80 {
            head.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return head + [UInt8(rest)]
    }
}

/// The pages of a release of which some are sparse: for finding out which chunks those name, and for nothing else.
package struct SparsePages<Source: PageSource>: PageSource {
    private let whole: Source
    private let sparse: [Digest: SparsePage]

    /// - Parameter sparse: by the digest that each will have once it is filled in.
    package init(_ sparse: [Digest: SparsePage], beside whole: Source) {
        (self.sparse, self.whole) = (sparse, whole)
    }

    package func page(_ digest: Digest) throws -> [UInt8]? { try sparse[digest]?.bytes ?? whole.page(digest) }

    package func isPage(_ bytes: [UInt8], _ digest: Digest) -> Bool { sparse[digest] != nil || Digest(of: bytes) == digest }
}

extension Manifest {
    /// The leaf pages of this release that are not among `known`, in path order.
    ///
    /// - Parameter source: has the inner pages that are not among `known`.
    package func leaves(otherThan known: Set<Digest>, reading source: some PageSource) throws(ManifestError) -> [PageReference] {
        guard case .inner(let references) = try AnyPage(decoding: root, height: nil) else { return [] }
        var leaves: [PageReference] = []
        var pending = Array(references.reversed())
        var visited: UInt64 = 1
        while let reference = pending.popLast() {
            guard !known.contains(reference.digest) else { continue }
            visited += 1
            guard visited <= totals.pages else { throw .tooLarge("it has more pages than it claims") }
            guard reference.height > 0 else {
                leaves.append(reference)
                continue
            }
            if case .inner(let references) = try source.load(reference) { pending += references.reversed() }
        }
        return leaves
    }
}
