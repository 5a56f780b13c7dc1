internal import SwiftProtobuf
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension WirePaths {
    /// Paths in order, each as what it shares with the one before and the rest.
    init(_ paths: [ReleasePath]) {
        var previous: [UInt8] = []
        var text: [UInt8] = []
        for path in paths {
            let bytes = Array(path.description.utf8)
            let common = zip(previous, bytes).prefix { $0 == $1 }.count
            shared.append(UInt32(common))
            rest.append(UInt32(bytes.count - common))
            text += bytes[common...]
            previous = bytes
        }
        self.text = Data(text)
    }

    /// The paths, each checked by the rules for release paths.
    func decoded() throws(ManifestError) -> [ReleasePath] {
        try requireCount(rest.count, shared.count, "path lengths")
        let text = [UInt8](self.text)
        var paths: [ReleasePath] = []
        paths.reserveCapacity(shared.count)
        var current: [UInt8] = []
        var position = 0
        for (shared, rest) in zip(shared, rest) {
            guard shared <= current.count, Int(rest) <= text.count - position, Int(shared) + Int(rest) <= ReleasePath.maximumBytes else {
                throw .damaged("a path is longer than its page")
            }
            current.removeSubrange(Int(shared)...)
            current += text[position..<position + Int(rest)]
            position += Int(rest)
            paths.append(try ReleasePath(validating: current))
        }
        guard position == text.count else { throw .damaged("a page has text after its last path") }
        return paths
    }
}

extension ReleasePath {
    init(validating bytes: [UInt8]) throws(ManifestError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .path(PathError(path: String(decoding: bytes, as: UTF8.self), reason: .notText))
        }
        do { self = try ReleasePath(text) } catch { throw .path(error) }
    }
}
