import Foundation
import InstarCryptography
package import SystemPackage

/// Everything below a folder: contents, kinds and permissions, by relative path. Two equal ones are the same tree, byte for byte.
package struct TreeSnapshot: Hashable, Sendable, CustomStringConvertible {
    package private(set) var entries: [String: String] = [:]

    /// - Parameter isIncluded: which relative paths count.
    package init(of folder: FilePath, where isIncluded: (String) -> Bool = { _ in true }) throws {
        try add(folder, "", isIncluded)
    }

    private mutating func add(_ folder: FilePath, _ prefix: String, _ isIncluded: (String) -> Bool) throws {
        for name in try folderContents(folder) where isIncluded(prefix + name) {
            let path = folder.appending(name)
            let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
            let mode = String((attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0, radix: 8)
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory:
                entries[prefix + name] = "directory \(mode)"
                try add(path, prefix + name + "/", isIncluded)
            case .typeSymbolicLink:
                entries[prefix + name] = "link to " + (try FileManager.default.destinationOfSymbolicLink(atPath: path.string))
            default:
                let content = try Data(contentsOf: URL(fileURLWithPath: path.string))
                entries[prefix + name] = "file \(mode) \(Digest(of: [UInt8](content)))"
            }
        }
    }

    /// The paths that differ, with both sides.
    package func differences(from other: TreeSnapshot) -> [String] {
        Set(entries.keys).union(other.entries.keys).sorted().compactMap { path in
            entries[path] == other.entries[path] ? nil : "\(path): \(other.entries[path] ?? "-") → \(entries[path] ?? "-")"
        }
    }

    package var description: String { entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n") }
}
