import InstarContent
import InstarCryptography
import InstarManifest
import Testing

struct SparsePageTests {
    /// Small files, a large one that spans pages, and in the second release other content of every third.
    private func release(_ version: Int, into pages: inout ManifestFixture.Pages) throws -> Manifest {
        var files = try (0..<900).map { number in
            try ManifestFixture.file("units/\(number).png", seed: number.isMultiple(of: 3) ? "\(version)" : "")
        }
        files.append(try ManifestFixture.file("world.pak", seed: "\(version)", chunkCount: 1500))
        return try ManifestFixture.manifest(of: files, into: &pages, sequence: UInt64(version))
    }

    private func changed(from old: Manifest, to new: Manifest, in pages: some PageSource) throws -> ChangedChunks {
        var changed = ChangedChunks()
        var changes = try Comparison(from: old, to: new, pages: pages)
        while let change = try changes.next() { changed.append(change) }
        return changed
    }

    private func sparsePage(_ reference: PageReference, in pages: ManifestFixture.Pages) throws -> SparsePage {
        let bytes = try #require(pages.page(reference.digest))
        return try #require(SparsePage(bytes))
    }

    @Test func `digests that are left out and filled in again give the very same pages`() throws {
        var pages = ManifestFixture.Pages()
        let old = try release(1, into: &pages), new = try release(2, into: &pages)
        let whole = try changed(from: old, to: new, in: pages)
        let leaves = try new.leaves(otherThan: Set(try old.pageDigests(in: pages)), reading: pages)
        #expect(leaves.count > 3)
        for share in 1...4 {
            let left = Set(whole.new.chunks.enumerated().filter { $0.offset.isMultiple(of: share) }.map(\.element.digest))
            var sparse: [SparsePage] = []
            for leaf in leaves {
                var page = try sparsePage(leaf, in: pages)
                page.leaveOut(where: left.contains)
                sparse.append(page)
            }
            #expect(sparse.reduce(0) { $0 + $1.missing } == left.count)
            // The comparison comes upon the same chunks in the same order, but for the digests that are left out.
            let source = SparsePages(Dictionary(uniqueKeysWithValues: zip(leaves.map(\.digest), sparse)), beside: pages)
            let seen = try changed(from: old, to: new, in: source)
            #expect(seen.old.chunks == whole.old.chunks)
            #expect(seen.new.chunks.map(\.size) == whole.new.chunks.map(\.size))
            #expect(zip(seen.new.chunks, whole.new.chunks).allSatisfy { $0.digest == (left.contains($1.digest) ? .missing : $1.digest) })
            var digests = zip(seen.new.chunks, whole.new.chunks).filter { $0.0.digest == .missing }.map(\.1.digest)[...]
            for (page, leaf) in zip(sparse, leaves) {
                var page = page
                // As it comes from the network.
                var received = try #require(SparsePage(page.bytes))
                let isFilled = page.fill(from: &digests)
                #expect(isFilled && Digest(of: page.bytes) == leaf.digest)
                var none: ArraySlice<Digest> = []
                let isComplete = received.missing == 0
                let needsNone = received.fill(from: &none)
                #expect(needsNone == isComplete, "too few digests")
            }
            #expect(digests.isEmpty)
        }
    }

    @Test func `only pages of files that have chunks can be sparse`() throws {
        var pages = ManifestFixture.Pages()
        let manifest = try release(1, into: &pages)
        #expect(SparsePage(manifest.root) == nil, "a page of pages")
        let empty = try ManifestFixture.manifest(of: [FileEntry.empty("nothing")], into: &pages)
        #expect(SparsePage(empty.root) == nil)
        #expect(SparsePage([]) == nil)
        #expect(SparsePage([UInt8](repeating: 7, count: 100_000)) == nil)
        #expect(SparsePage([UInt8](repeating: 0, count: PageLimits.maximumBytes + 1)) == nil)
    }

    @Test func `a sparse page that another page's digests fill is not the page that the tree names`() throws {
        var pages = ManifestFixture.Pages()
        let manifest = try release(1, into: &pages)
        let leaf = try #require(try manifest.leaves(otherThan: [], reading: pages).first)
        var page = try sparsePage(leaf, in: pages)
        page.leaveOut { _ in true }
        var wrong = (0..<page.missing).map { Digest(of: [UInt8(truncatingIfNeeded: $0)]) }[...]
        let isFilled = page.fill(from: &wrong)
        #expect(isFilled)
        #expect(Digest(of: page.bytes) != leaf.digest)
        // Through the verifying source it is refused.
        var tampered = pages
        tampered.pages[leaf.digest] = page.bytes
        #expect(throws: ManifestError.self) { _ = try ManifestFixture.files(of: manifest, from: tampered) }
    }

    @Test func `an index names the compressed frames of all its parts, or of none`() throws {
        let frame = Frame(bundle: Digest(of: [1]), offset: 16, compressedSize: 500, plainSize: 5000)
        let part = DeltaIndex.Part(frame: frame, chunks: [0..<7], prefix: [])
        for count in 0...3 {
            let index = DeltaIndex(parts: [part, part], frameDigests: (0..<count).map { Digest(of: [UInt8($0)]) })
            if count == 0 || count == 2 {
                #expect(try DeltaIndex(decoding: index.encoded()) == index)
            } else {
                #expect(throws: ManifestError.self) { _ = try DeltaIndex(decoding: index.encoded()) }
            }
        }
    }
}

extension FileEntry {
    fileprivate static func empty(_ path: String) throws -> FileEntry {
        FileEntry(path: try ReleasePath(path), kind: .file(isExecutable: false), size: 0, digest: .ofNothing, chunks: [])
    }
}
