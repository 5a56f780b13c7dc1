import InstarCryptography
import InstarDisk
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

@Suite struct TrustRootChangeTests {
    let shop = Workshop()

    func roots() throws -> [String] { try folderContents(shop.repository.appending("metadata")).filter { $0.hasSuffix(".root.json") } }

    /// A client's view: the newest root, walked to from the first.
    func newestRoot() throws -> Root {
        var root = try TrustedRoot(pinned: shop.metadata("1.root.json"))
        while let next = try? shop.metadata("\(root.root.version + 1).root.json") { root = try root.successor(next) }
        return root.root
    }

    func isPublished(_ outcome: RootOutcome) -> Bool { if case .published = outcome { true } else { false } }

    @Test(arguments: ["root", "targets", "snapshot", "timestamp"]) func `each role's key can be rotated and the repository stays whole`(
        role: String
    ) throws {
        var trust = try shop.create()
        let before = try newestRoot().keys(of: ByteText(role)).keyIDs
        let (outcome, new) = try trust.rotate(ByteText(role), now: shop.now)
        #expect(isPublished(outcome))
        #expect(try newestRoot().keys(of: ByteText(role)).keyIDs == new)
        #expect(new != before)
        try trust.publish(adding: [shop.file("a")], removing: [], now: shop.now)
        _ = consume trust
        #expect(try shop.open().targets().count == 1)
    }

    @Test func `two holders sign one after another`() throws {
        var trust = try shop.create()
        // The second holder's key, made elsewhere.
        let holder = KeyFolder(shop.folder.path.appending("second"))
        try holder.create()
        let second = try holder.generate(for: "root", passphrase: nil)
        #expect(
            isPublished(
                try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.add(second.description, to: "root") }))
        // Raising the threshold needs both keys, and only one is here.
        let raised = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.setThreshold(2, of: "root") }
        guard case .staged(3, let needs) = raised else { Issue.record("\(raised)"); return }
        #expect(needs.map(\.role) == ["root after the change"] && needs.map(\.keyIDs) == [[second.keyID]])
        #expect(try newestRoot().version == 2)
        _ = consume trust

        var other = try RepositoryTrust(opening: shop.repository, keys: holder)
        #expect(isPublished(try other.signStagedRoot(now: shop.now)))
        #expect(try newestRoot().version == 3 && newestRoot().keys(of: "root").threshold == 2)
        #expect(try folderContents(shop.repository.appending("metadata/staged")).isEmpty)
        #expect(throws: TrustPublishingError.self) { _ = try other.signStagedRoot(now: shop.now) }
    }

    @Test func `one holder signing twice is one holder`() throws {
        var trust = try shop.create()
        let holder = KeyFolder(shop.folder.path.appending("second"))
        try holder.create()
        let second = try holder.generate(for: "root", passphrase: nil)
        _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in
            try root.add(second.description, to: "root")
            try root.setThreshold(2, of: "root")
        }
        for _ in 0..<3 { #expect(!isPublished(try trust.signStagedRoot(now: shop.now))) }
        #expect(try roots() == ["1.root.json"])
    }

    @Test func `a role keeps as many keys as must sign`() throws {
        var trust = try shop.create()
        let key = "\(try newestRoot().keys(of: "timestamp").keyIDs[0])"
        #expect(throws: TrustPublishingError.self) {
            _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.remove(key, from: "timestamp") }
        }
        #expect(throws: TrustPublishingError.self) {
            _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.setThreshold(2, of: "timestamp") }
        }
        #expect(throws: TrustPublishingError.self) {
            _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.setThreshold(0, of: "timestamp") }
        }
        #expect(try roots() == ["1.root.json"])
    }

    @Test func `a key that is removed signs no longer`() throws {
        var trust = try shop.create()
        let key = try trust.keys.generate(for: "timestamp", passphrase: nil)
        let old = try newestRoot().keys(of: "timestamp").keyIDs[0]
        _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.add(key.description, to: "timestamp") }
        _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in try root.remove("\(old)", from: "timestamp") }
        #expect(try newestRoot().keys(of: "timestamp").keyIDs == [key.keyID])
        #expect(try newestRoot().roles.values.allSatisfy { !$0.keyIDs.contains(old) })
        try trust.publish(adding: [], removing: [], now: shop.now)
    }

    @Test func `a lost online key is replaced without it`() throws {
        _ = try shop.create()
        for name in try folderContents(shop.keyPath)
        where !name.hasPrefix("root-") && !name.hasPrefix("targets-") && !name.hasPrefix("snapshot-") {
            try removeFile(shop.keyPath.appending(name))
        }
        var trust = try shop.open()
        #expect(throws: TrustPublishingError.self) { try trust.publish(adding: [], removing: [], now: shop.now) }
        #expect(isPublished(try trust.rotate("timestamp", now: shop.now).outcome))
        try trust.publish(adding: [shop.file("a")], removing: [], now: shop.now)
        #expect(try trust.targets().count == 1)
    }

    @Test func `without the root key nothing can be rotated`() throws {
        _ = try shop.create()
        for name in try folderContents(shop.keyPath) where name.hasPrefix("root-") { try removeFile(shop.keyPath.appending(name)) }
        var trust = try shop.open()
        #expect(!isPublished(try trust.rotate("timestamp", now: shop.now).outcome))
        #expect(try roots() == ["1.root.json"])
        try trust.publish(adding: [shop.file("a")], removing: [], now: shop.now)
    }

    @Test func `what a kill interrupted is finished by the next command`() throws {
        var trust = try shop.create()
        let lost = try folderContents(shop.keyPath).filter { $0.hasPrefix("timestamp-") }
        for name in lost { try removeFile(shop.keyPath.appending(name)) }
        _ = try trust.rotate("timestamp", now: shop.now)
        _ = consume trust
        // As if the process had died after the timestamp and before the root.
        let metadata = shop.repository.appending("metadata")
        try shop.folder.write("repo/metadata/staged/root.json", shop.metadata("2.root.json"))
        try removeFile(metadata.appending("2.root.json"))
        try DurableFile.replace(metadata.appending("root.json"), with: shop.metadata("1.root.json"))
        let opened = try shop.open()
        #expect(opened.published.root.root.version == 2)
        #expect(try roots() == ["1.root.json", "2.root.json"])
    }

    @Test func `encrypted keys need their passphrase and nothing else asks for it`() throws {
        let secret = Array("long enough".utf8)
        _ = try RepositoryTrust.create(at: shop.repository, keys: shop.keys, passphrase: secret, now: shop.now)
        for name in try folderContents(shop.keyPath) {
            let text = String(decoding: try DurableFile.read(shop.keyPath.appending(name), limit: 4096), as: UTF8.self)
            #expect(text.contains("ENCRYPTED"))
        }
        var closed = try shop.open()
        let error = #expect(throws: TrustPublishingError.self) { try closed.publish(adding: [], removing: [], now: shop.now) }
        #expect(error?.description.contains("passphrase") == true)
        #expect(try closed.status().allSatisfy { $0.keys.allSatisfy(\.isHere) })
        _ = consume closed
        var open = try RepositoryTrust(opening: shop.repository, keys: KeyFolder(shop.keyPath) { _ in secret })
        try open.publish(adding: [shop.file("a")], removing: [], now: shop.now)
    }

    @Test func `renewal signs what is due`() throws {
        var trust = try shop.create()
        #expect(try trust.renew(now: shop.now) == ["timestamp"])
        #expect(try trust.renew(now: shop.now.advanced(days: 60)) == ["snapshot", "timestamp"])
        #expect(try trust.renew(now: shop.now.advanced(days: 200)) == ["targets", "snapshot", "timestamp"])
        let status = try trust.status()
        #expect(status.map(\.role) == ["root", "targets", "snapshot", "timestamp"])
        #expect(status.map { $0.isDue(at: shop.now.advanced(days: 300)) } == [true, false, true, true])
    }

    @Test func `lifetimes stay from one signature to the next`() throws {
        var trust = try shop.create()
        try trust.setLifetime(3, of: .timestamp, now: shop.now)
        try trust.publish(adding: [], removing: [], now: shop.now)
        #expect(try trust.status()[3].expires == shop.now.advanced(days: 3))
        #expect(throws: TrustPublishingError.self) { try trust.setLifetime(0, of: .timestamp, now: shop.now) }
        #expect(throws: TrustPublishingError.self) { try trust.setLifetime(100_000, of: .targets, now: shop.now) }
    }

    @Test func `unknown fields of a root survive a change`() throws {
        var trust = try shop.create()
        _ = try trust.changeRoot(now: shop.now) { root throws(TrustPublishingError) in root.draft.signed["x-note"] = "kept" }
        _ = try trust.rotate("snapshot", now: shop.now)
        let newest = try SignedMetadata(parsing: shop.metadata("3.root.json"), as: .root, role: "root")
        #expect(newest.signed["x-note"] == "kept")
    }
}
