#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
package import InstarManifest

/// What a publisher says of a build that the files do not show: `instar.json` in the build, or `--config`.
/// JSON5; the schema is Manifests/instar.schema.json.
package struct PublishConfiguration: Hashable, Sendable {
    package var entry: Manifest.EntryPoint?
    package var hooks = Manifest.HookNames()
    /// The first rule that matches a file says which module it is.
    package var modules: [ModuleRule] = [ModuleRule(files: [Glob("**/*.py")], engine: "python")]
    /// The first pack that matches a file has it; files in none are in `base`.
    package var packs: [PackRule] = []
    package var exclude: [Glob] = []
    package var requirements: [HostRequirement] = []

    /// The name of the configuration in a build; itself never published.
    package static let fileName = "instar.json"
    /// Never published: what tools leave behind.
    package static let alwaysExcluded = [Glob("/\(fileName)"), Glob("**/__pycache__/**"), Glob("/.git/**")]

    /// Which files are modules of which engine.
    package struct ModuleRule: Hashable, Sendable {
        package var files: [Glob]
        package var engine: String
        /// The folder from which module names count, without a slash at its end; empty for the build itself.
        package var root: String
        package var needsRestart: Bool

        package init(files: [Glob], engine: String, root: String = "", needsRestart: Bool = false) {
            self.files = files
            self.engine = engine
            self.root = root
            self.needsRestart = needsRestart
        }
    }

    /// Which files are in an optional pack.
    package struct PackRule: Hashable, Sendable {
        package var name: String
        package var title: String
        package var files: [Glob]

        package init(name: String, title: String = "", files: [Glob]) {
            self.name = name
            self.title = title
            self.files = files
        }
    }

    package init() {}
}

extension PublishConfiguration {
    private struct Wire: Decodable {
        struct Entry: Decodable {
            var module: String?
            var script: String?
        }
        struct Hooks: Decodable {
            var module: String?
            var `class`: String?
        }
        struct Module: Decodable {
            var files: [String]
            var engine: String?
            var root: String?
            var restart: Bool?
        }
        struct Pack: Decodable {
            var title: String?
            var files: [String]
        }
        var entry: Entry?
        var hooks: Hooks?
        var modules: [Module]?
        var packs: [String: Pack]?
        var exclude: [String]?
        var requires: [String: HostRequirement.Bounds]?
    }

    /// Decodes a configuration. `name` is for messages.
    package init(decoding bytes: [UInt8], name: String) throws(PublishError) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        let wire: Wire
        do { wire = try decoder.decode(Wire.self, from: Data(bytes)) } catch { throw .configuration(name, Self.explain(error)) }
        entry = try Self.entry(wire.entry, name)
        hooks = Manifest.HookNames(module: wire.hooks?.module ?? hooks.module, type: wire.hooks?.class ?? hooks.type)
        if let rules = wire.modules {
            modules = rules.map { rule in
                ModuleRule(
                    files: rule.files.map { Glob($0) }, engine: rule.engine ?? "python",
                    root: rule.root.map { $0.split(separator: "/").joined(separator: "/") } ?? "", needsRestart: rule.restart ?? false)
            }
        }
        for (pack, rule) in (wire.packs ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard Manifest.Pack.isValid(name: pack), pack != FileEntry.basePack else {
                throw .configuration(name, "\"\(pack)\" cannot be the name of a pack")
            }
            packs.append(PackRule(name: pack, title: rule.title ?? "", files: rule.files.map { Glob($0) }))
        }
        exclude = (wire.exclude ?? []).map { Glob($0) }
        requirements = HostRequirement.list(wire.requires ?? [:])
    }

    private static func entry(_ entry: Wire.Entry?, _ name: String) throws(PublishError) -> Manifest.EntryPoint? {
        switch (entry?.module, entry?.script) {
        case (nil, nil): return nil
        case (let module?, nil): return .module(module)
        case (nil, let script?):
            do { return .script(try ReleasePath(script)) } catch { throw .path(error) }
        default: throw .configuration(name, "\"entry\" has a module and a script; it is one of them")
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
        default: return "\(error)"
        }
    }
}
