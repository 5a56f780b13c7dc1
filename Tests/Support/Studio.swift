import Foundation
package import InstarServing
package import SystemPackage

/// A publisher with a repository and a server, and a player with a store: what most tests of the command need.
package struct Studio {
    package let folder = TemporaryFolder()
    package let server: DevelopmentServer

    package init() throws {
        let result = try InstarCommand.run(["init", folder.path.appending("repo").string])
        try result.mustSucceed("init")
        server = try DevelopmentServer(root: folder.path.appending("repo"), port: 0)
    }

    package var repository: FilePath { folder.path.appending("repo") }
    package var store: FilePath { folder.path.appending("store") }
    package var root: FilePath { repository.appending("metadata/root.json") }

    /// Writes a build and publishes it.
    @discardableResult
    package func publish(_ version: String, _ files: [String: String], _ more: String...) throws -> InstarCommand.Result {
        let build = folder.path.appending("build-\(version)")
        for (name, content) in files { try folder.write("build-\(version)/\(name)", Array(content.utf8)) }
        return try publish(version, build: build, more)
    }

    @discardableResult
    package func publish(_ version: String, build: FilePath, _ more: [String] = []) throws -> InstarCommand.Result {
        let result = try InstarCommand.run(["publish", build.string, "--repo", repository.string, "--version", version] + more)
        try result.mustSucceed("publish")
        return result
    }

    package func update(_ more: String..., url: String? = nil) throws -> InstarCommand.Result {
        try InstarCommand.run(["update", "--store", store.string, "--url", url ?? server.url, "--root", root.string] + more)
    }

    /// Updates and expects it to work.
    @discardableResult
    package func updated(_ more: String...) throws -> InstarCommand.Result {
        let result = try InstarCommand.run(["update", "--store", store.string, "--url", server.url, "--root", root.string] + more)
        try result.mustSucceed("update")
        return result
    }

    package func status() throws -> JSONLine { try InstarCommand.run(["status", "--store", store.string]).last }

    /// Another command on the player's store.
    package func onStore(_ command: String, _ more: String...) throws -> InstarCommand.Result {
        try InstarCommand.run([command, "--store", store.string] + more)
    }

    /// The directory of the active generation.
    package func activePath() throws -> String {
        guard let path = try status().object("active")?.string("path") else { throw StudioError("nothing is active") }
        return path
    }

    /// The tree that the game reads now.
    package func activeTree() throws -> [String: String] {
        TreeSnapshot.ignoringPermissions(try TreeSnapshot(of: FilePath(try activePath())))
    }

    package func tree(_ version: String) throws -> [String: String] {
        TreeSnapshot.ignoringPermissions(try TreeSnapshot(of: folder.path.appending("build-\(version)"), where: { $0 != "instar.json" }))
    }
}

extension TreeSnapshot {
    /// Kinds and contents alone: the store takes write permission from what it stages.
    package static func ignoringPermissions(_ tree: TreeSnapshot) -> [String: String] {
        tree.entries.mapValues { $0.split(separator: " ").filter { !($0.count == 3 && $0.allSatisfy(\.isNumber)) }.joined(separator: " ") }
    }
}

/// Lines of text that do not repeat: content that changes only where it is changed.
package func text(lines: Int, seed: Int) -> String {
    (0..<lines).map { line in "line \(line) of \(seed): \((line &* 2_654_435_761 &+ seed &* 40_503) & 0xFFFF_FFFF)" }.joined(
        separator: "\n")
}

/// What kept a studio from doing its part of a test.
package struct StudioError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

extension InstarCommand.Result {
    package func mustSucceed(_ step: String) throws {
        guard status == 0 else { throw StudioError("\(step): \(output)\(errors)") }
    }
}
