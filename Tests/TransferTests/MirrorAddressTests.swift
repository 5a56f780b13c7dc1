import InstarTransfer
import Testing

@Suite struct MirrorAddressTests {
    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "file:///etc", "https://", "http://a b/", "https://example.com/?q",
        "https://example.com/#f",
    ])
    func `what is no base address is refused`(text: String) {
        let error = #expect(throws: TransferError.self) { try MirrorAddress(text) }
        #expect(error?.kind == .invalidAddress)
    }

    @Test func `no mirror at all is refused`() {
        let error = #expect(throws: TransferError.self) { try Transfer(mirrors: []) }
        #expect(error?.kind == .invalidAddress)
    }

    @Test func `a user name and a password are never shown`() throws {
        let address = try MirrorAddress("https://user:pass@example.com/game")
        #expect(address.shown == "https://example.com/game/")
        #expect(address.shownURL("a/b") == "https://example.com/game/a/b")
        let error = #expect(throws: TransferError.self) { try MirrorAddress("ftp://user:secret@example.com") }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `bytes that an address cannot hold are escaped`() throws {
        let address = try MirrorAddress("https://example.com")
        #expect(address.shownURL("targets/ä b%?#.json") == "https://example.com/targets/%C3%A4%20b%25%3F%23.json")
        #expect(address.shownURL("bundles/0a/0a.bundle") == "https://example.com/bundles/0a/0a.bundle")
    }

    @Test(arguments: ["", "/a", "a//b", "../a", "a/../b", "a/.", "a\\b", "a\nb", "a/"])
    func `a path that leaves the base or is no path is refused`(path: String) throws {
        #expect(!MirrorAddress.isRelative(path))
        let transfer = try Transfer(mirrors: ["http://127.0.0.1:1"])
        let error = #expect(throws: TransferError.self) { try transfer.get(path, limit: 1) }
        #expect(error?.kind == .invalidAddress)
    }
}
