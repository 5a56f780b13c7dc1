import InstarDisk
import InstarManifest
import InstarPlan
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

struct StagingTests {
    @Test func `a first release is staged, adopted and active on trial`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let generation = try test.install(release)
        let state = try test.store.state()
        #expect(state.active == generation.number)
        #expect(state.trial != nil)
        #expect(state.generations.map(\.release) == [release.identity])
        try test.expectIntact(generation, release)
        #expect(try test.names(in: "staging") == [])
    }

    @Test func `unchanged files of the next release are the same files`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        let release = try secondRelease()
        let second = try test.install(release)
        try test.expectIntact(second, release)
        try test.expectIntact(first, firstRelease())
        for path in ["empty", "data/same.bin", "bin/tool"] {
            let inodes = try [first, second].map { try inode(of: path, in: $0, test.store) }
            #expect(inodes[0] == inodes[1], "\(path)")
        }
        #expect(try inode(of: "main.py", in: first, test.store) != inode(of: "main.py", in: second, test.store))
    }

    @Test func `chunks that the old file has are copied, the others fetched`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        let release = try secondRelease()
        var work = SampleUpdate.Work()
        try test.writing { lock in
            _ = try SampleUpdate.stage(release, in: test.store, work: &work, holding: lock)
        }
        // Of big.bin's five chunks one changed; kind/inner and tree are looked for at their own paths only.
        #expect(work.copied == 4)
        #expect(work.fetched == 6)
        #expect(work.linked == 5)
    }

    @Test func `an interrupted staging goes on from what is there and right`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        var work = SampleUpdate.Work()
        try test.writing { lock in
            _ = try SampleUpdate.stage(release, in: test.store, stoppingAfter: 5, work: &work, holding: lock)
        }
        #expect(work.fetched == 5)
        // One of the five is damaged meanwhile.
        let file = test.store.path.appending("staging/\(release.identity.digest)/tree/data/big.bin")
        try overwrite(file, at: 10_000, with: [1, 2, 3])
        let generation = try SampleUpdate.install(release, in: test.store, work: &work)
        #expect(work.held == 4)
        try test.expectIntact(generation, release)
    }

    @Test func `I8: a file that was changed in place is not linked into the next release`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try overwrite(test.store.path(of: first.number).appending("data/same.bin"), at: 7, with: [0xAA, 0xBB])
        let release = try secondRelease()
        let second = try test.install(release)
        try test.expectIntact(second, release)
        #expect(try test.store.verify(first.number).damages == [Damage(path: "data/same.bin", kind: .damaged)])
    }

    @Test func `a file that was only touched is hashed and linked`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        let path = test.store.path(of: first.number).appending("data/same.bin")
        let bytes = try DurableFile.read(path, limit: 1 << 20)
        try overwrite(path, at: 0, with: Array(bytes[..<4]))
        let second = try test.install(secondRelease())
        #expect(try inode(of: "data/same.bin", in: first, test.store) == inode(of: "data/same.bin", in: second, test.store))
    }

    @Test func `I7: a hard link to outside in place of a file is copied, never linked on`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        let release = try secondRelease()
        let outside = try test.folder.write("outside", release.bytes(of: "data/same.bin"))
        let tree = try Directory.open(test.store.path(of: first.number)).directory("data")
        try tree.remove("same.bin")
        try Directory.open(test.folder.path).link("outside", as: "same.bin", in: tree)
        let second = try test.install(release)
        try test.expectIntact(second, release)
        try overwrite(outside, at: 0, with: [9, 9, 9])
        try test.expectIntact(second, release)
    }

    @Test func `sealing refuses a release that is not completely there`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        try test.writing { lock in
            let staging = try test.store.stage(release.identity, holding: lock)
            #expect(throws: StoreError.self) { _ = try staging.seal(totals: release.totals, pages: []) }
        }
        #expect(try test.store.state() == StoreState())
    }

    @Test func `wrong bytes in a file of several chunks are found when it is finished`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let entry = try #require(release["data/big.bin"])
        try test.writing { lock in
            let staging = try test.store.stage(release.identity, holding: lock)
            let file = try staging.add([
                .init(path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: false)
            ])
            try staging.write(content(9, 45_000), file: file, offset: 0)
            #expect(throws: StoreError.wrongContent(entry.path)) { try staging.finish(file) }
            #expect(throws: StoreError.wrongContent(entry.path)) { try staging.write([1, 2], file: file, offset: 44_999) }
        }
    }

    @Test func `a file that lacks a verified piece, or has one twice in place of another, is found when it is finished`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let entry = try #require(release["data/big.bin"])
        let pieces = try verifiedPieces(of: entry)
        try #require(pieces.count >= 3)
        for order in [Array(1..<pieces.count), [1, 1] + Array(2..<pieces.count), Array(pieces.indices)] {
            try test.writing { lock in
                let staging = try test.store.stage(release.identity, holding: lock)
                _ = try staging.add([
                    .init(
                        path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: false,
                        ledger: ChunkLedger(of: entry.chunks))
                ])
                let bytes = release.bytes(of: entry.path.description)
                for piece in order.map({ pieces[$0] }) {
                    let own = bytes[Int(piece.fileOffset)..<Int(piece.fileOffset) + Int(piece.size)]
                    try Array(own).withUnsafeBytes { try staging.write(piece, $0) }
                }
                if order == Array(pieces.indices) {
                    try staging.finish(0)
                } else {
                    #expect(throws: StoreError.wrongContent(entry.path)) { try staging.finish(0) }
                }
                staging.discard()
            }
        }
    }

    @Test func `what an interrupted staging left of a file is hashed as a whole though every other piece was verified`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let entry = try #require(release["data/big.bin"])
        let bytes = release.bytes(of: entry.path.description)
        let file = PlannedFile(
            path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: false,
            ledger: ChunkLedger(of: entry.chunks))
        try test.writing { lock in
            // Killed before anything of it was verified.
            let first = try test.store.stage(release.identity, holding: lock)
            _ = try first.add([file])
            try first.write(content(9, 45_000), file: 0, offset: 0)
        }
        try test.writing { lock in
            let second = try test.store.stage(release.identity, holding: lock)
            _ = try second.add([file])
            for piece in try verifiedPieces(of: entry).dropLast() {
                #expect(try !second.holds(piece))
                let own = bytes[Int(piece.fileOffset)..<Int(piece.fileOffset) + Int(piece.size)]
                try Array(own).withUnsafeBytes { try second.write(piece, $0) }
            }
            #expect(throws: StoreError.wrongContent(entry.path)) { try second.finish(0) }
        }
    }

    /// The pieces of a file as a download brings them.
    private func verifiedPieces(of entry: FileEntry) throws -> [Piece] {
        var offset: UInt64 = 0
        return entry.chunks.map { chunk in
            defer { offset += UInt64(chunk.size) }
            return Piece(digest: chunk.digest, size: chunk.size, start: 0, file: 0, fileOffset: offset)
        }
    }

    @Test func `zeros take no space`() throws {
        let test = try TestStore()
        let release = try SampleRelease(
            "sparse", ["hole": .file([UInt8](repeating: 0, count: 3_000_000)), "one": .file([UInt8](repeating: 0, count: 9000))])
        let generation = try test.install(release)
        try test.expectIntact(generation, release)
        let tree = try Directory.open(test.store.path(of: generation.number))
        let hole = try status(of: tree.path.appending("hole"))
        #expect(hole.allocated < 100_000)
        #expect(hole.size == 3_000_000)
    }

    @Test func `I7: a symbolic link planted in the staging folder is not followed`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        var work = SampleUpdate.Work()
        try test.writing { lock in _ = try SampleUpdate.stage(release, in: test.store, stoppingAfter: 0, work: &work, holding: lock) }
        let tree = try Directory.open(test.store.path.appending("staging/\(release.identity.digest)/tree"))
        let victim = test.folder.path.appending("victim")
        try Directory.open(test.folder.path).makeDirectory("victim")
        try tree.removeTree("data")
        try tree.makeSymbolicLink("data", to: victim.string)
        let generation = try test.install(release)
        try test.expectIntact(generation, release)
        #expect(try Directory.open(victim).entries().isEmpty)
    }

    @Test func `symbolic links that lead out of the release are refused`() throws {
        for target in ["/etc/passwd", "../../x", "../..", "data/../../../x", ""] {
            let test = try TestStore()
            let release = try SampleRelease("link", ["a/link": .link(target)])
            #expect(throws: StoreError.self, "\(target)") { try test.install(release) }
            #expect(try test.store.state() == StoreState())
        }
        for target in ["../x", "b", "./b/../c", "../a/link2"] {
            let test = try TestStore()
            let release = try SampleRelease("link", ["a/link": .link(target)])
            try test.expectIntact(test.install(release), release)
        }
    }

    @Test func `needs are known before anything is written, and a ceiling holds`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        var options = StagingOptions()
        options.ceiling = 10_000
        #expect(throws: StoreError.self) { try SampleUpdate.install(release, in: test.store, options: options) }
        #expect(try test.names(in: "generations") == [])
        let huge = try #require(release["main.py"])
        let claim = UInt64(1) << 60
        #expect(throws: StoreError.self) {
            try test.store.needs(
                files: [.init(path: huge.path, kind: huge.kind, size: claim, digest: huge.digest, isSingleChunk: false)], linking: 0)
        }
        let needs = try test.store.needs(
            files: [.init(path: huge.path, kind: huge.kind, size: 1 << 49, digest: huge.digest, isSingleChunk: false)], linking: 0)
        #expect(throws: StoreError.noSpace(needed: needs.bytes, available: needs.available)) { try needs.check() }
    }

    private func inode(of path: String, in generation: Generation, _ store: Store) throws -> UInt64 {
        try status(of: store.path(of: generation.number).appending(path)).inode
    }
}

/// Writes into an existing file, whatever its permissions.
func overwrite(_ path: FilePath, at offset: UInt64, with bytes: [UInt8]) throws {
    let folder = try Directory.open(path.removingLastComponent())
    let name = try #require(path.lastComponent)
    let permissions = try status(of: path).permissions
    try folder.setPermissions(0o644, of: name)
    try folder.file(name, .readWrite).write(bytes, at: offset)
    try folder.setPermissions(permissions, of: name)
}
