import InstarCryptography
import InstarManifest
import InstarStore
import Testing

struct InventoryTests {
    private let release = ReleaseIdentity(version: "1.0 ü", sequence: 7, digest: Digest(of: [1]))

    private func records() -> [FileRecord] {
        ["a", "a/b", "a.txt", "a/b/c", "b", "zebra/é", "", "long/\(String(repeating: "x", count: 900))"].enumerated().map { index, path in
            let kinds: [FileEntry.Kind] = [
                .file(isExecutable: false), .file(isExecutable: true), .symbolicLink(target: "b"), .emptyDirectory,
            ]
            return FileRecord(
                path: path, kind: kinds[index % 4], size: UInt64(index), digest: Digest(of: [UInt8(index)]), modified: -Int64(index),
                inode: .max)
        }
    }

    @Test func `every record is found by its path, and no other path is`() throws {
        let pages = [Digest(of: [2]), Digest(of: [3])]
        let inventory = try Inventory(bytes: Inventory.encode(release: release, pages: pages, records: records().shuffled()))
        #expect(inventory.release == release && inventory.pages == pages && inventory.count == records().count)
        for record in records() { #expect(inventory.record(of: record.path) == record) }
        for path in ["A", "a/", "a/b/", "zebra", "zz", "a/b/cc", "0"] { #expect(inventory.record(of: path) == nil, "\(path)") }
    }

    @Test func `an inventory with any byte changed or cut off is refused`() throws {
        let bytes = Inventory.encode(release: release, pages: [], records: Array(records().prefix(3)))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x80
            #expect(throws: StoreError.self, "byte \(index)") { _ = try Inventory(bytes: changed) }
            #expect(throws: StoreError.self, "cut at \(index)") { _ = try Inventory(bytes: Array(bytes[..<index])) }
        }
    }
}
