import Foundation
import Testing

/// The interpreters that are installed here: each engine test runs on all of them.
struct Python: Sendable, CustomTestStringConvertible {
    var version: String
    /// What `--python` is given.
    var path: String

    var testDescription: String { version }

    static let all: [Python] = {
        var found: [String: Python] = [:]
        let versions = NSHomeDirectory() + "/.pyenv/versions"
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []).sorted() {
            let minor = name.split(separator: ".").prefix(2).joined(separator: ".")
            guard ["3.9", "3.10", "3.11", "3.12", "3.13"].contains(minor) else { continue }
            let library = "\(versions)/\(name)/lib/libpython\(minor).so.1.0"
            if FileManager.default.fileExists(atPath: library) { found[minor] = Python(version: minor, path: library) }
        }
        let debian = "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0"
        if found["3.11"] == nil, FileManager.default.fileExists(atPath: debian) { found["3.11"] = Python(version: "3.11", path: debian) }
        return found.values.sorted { $0.version.count == $1.version.count ? $0.version < $1.version : $0.version.count < $1.version.count }
    }()

    /// One of them, for what does not depend on the version.
    static let any = all.first { $0.version == "3.11" } ?? all.first ?? Python(version: "none", path: "/nonexistent")
}
