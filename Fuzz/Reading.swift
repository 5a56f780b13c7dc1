import InstarCryptography
import InstarManifest

/// All that a client does with the pages of a manifest.
enum Reading {
    static func walk(_ manifest: Manifest) {
        let none: [Digest: [UInt8]] = [:]
        _ = try? manifest.missingPages(in: none)
        if var cursor = try? manifest.pages(from: none) {
            while let page = try? cursor.next() { check(page) }
        }
        if var changes = try? Comparison(from: nil, to: manifest, pages: none) {
            while let change = try? changes.next() { _ = change.path }
        }
    }

    /// What readers of a page take for granted.
    private static func check(_ page: Page) {
        for file in page.files {
            precondition(file.chunks.reduce(0) { $0 + UInt64($1.size) } == file.size)
            for chunk in file.chunks where !chunk.isHole {
                precondition(Int(chunk.frame) < page.frames.count)
                precondition(UInt64(chunk.start) + UInt64(chunk.size) <= UInt64(page.frames[Int(chunk.frame)].plainSize))
            }
        }
    }
}
