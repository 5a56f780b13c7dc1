import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// A publisher with a repository and a server, and a player with a store: what most tests of the command need.
struct Studio {
    let folder = TemporaryFolder()
    let server: DevelopmentServer

    init() throws {
        let result = try InstarCommand.run(["init", folder.path.appending("repo").string])
        try #require(result.status == 0, "init: \(result.output)\(result.errors)")
        server = try DevelopmentServer(root: folder.path.appending("repo"), port: 0)
    }

    var repository: FilePath { folder.path.appending("repo") }
    var store: FilePath { folder.path.appending("store") }
    var root: FilePath { repository.appending("metadata/root.json") }

    /// Writes a build and publishes it.
    @discardableResult
    func publish(_ version: String, _ files: [String: String], _ more: String...) throws -> InstarCommand.Result {
        let build = folder.path.appending("build-\(version)")
        for (name, content) in files { try folder.write("build-\(version)/\(name)", Array(content.utf8)) }
        return try publish(version, build: build, more)
    }

    @discardableResult
    func publish(_ version: String, build: FilePath, _ more: [String] = []) throws -> InstarCommand.Result {
        let result = try InstarCommand.run(["publish", build.string, "--repo", repository.string, "--version", version] + more)
        try #require(result.status == 0, "publish: \(result.output)\(result.errors)")
        return result
    }

    func update(_ more: String..., url: String? = nil) throws -> InstarCommand.Result {
        try InstarCommand.run(["update", "--store", store.string, "--url", url ?? server.url, "--root", root.string] + more)
    }

    /// Updates and expects it to work.
    @discardableResult
    func updated(_ more: String...) throws -> InstarCommand.Result {
        let result = try InstarCommand.run(["update", "--store", store.string, "--url", server.url, "--root", root.string] + more)
        try #require(result.status == 0, "update: \(result.output)\(result.errors)")
        return result
    }

    func status() throws -> JSONLine { try InstarCommand.run(["status", "--store", store.string]).last }

    /// Another command on the player's store.
    func onStore(_ command: String, _ more: String...) throws -> InstarCommand.Result {
        try InstarCommand.run([command, "--store", store.string] + more)
    }

    /// The tree that the game reads now.
    func activeTree() throws -> [String: String] {
        TreeSnapshot.ignoringPermissions(try TreeSnapshot(of: FilePath(try #require(try status().object("active")?.string("path")))))
    }

    func tree(_ version: String) throws -> [String: String] {
        TreeSnapshot.ignoringPermissions(try TreeSnapshot(of: folder.path.appending("build-\(version)"), where: { $0 != "instar.json" }))
    }
}

extension TreeSnapshot {
    /// Kinds and contents alone: the store takes write permission from what it stages.
    static func ignoringPermissions(_ tree: TreeSnapshot) -> [String: String] {
        tree.entries.mapValues { $0.split(separator: " ").filter { !($0.count == 3 && $0.allSatisfy(\.isNumber)) }.joined(separator: " ") }
    }
}

/// Lines of text that do not repeat: content that changes only where it is changed.
func text(lines: Int, seed: Int) -> String {
    (0..<lines).map { line in "line \(line) of \(seed): \((line &* 2_654_435_761 &+ seed &* 40_503) & 0xFFFF_FFFF)" }.joined(
        separator: "\n")
}
