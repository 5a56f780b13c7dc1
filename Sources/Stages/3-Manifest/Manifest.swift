internal import InstarCryptography
internal import SwiftProtobuf

/// The signed description of one release. It holds the root of a tree of pages; the files are in the leaves.
package struct Manifest: Sendable {
    /// The format that this code reads and writes.
    package static let format: UInt32 = 1
    /// Bytes of an encoded manifest; an honest one is under 100 KB. Stops a manifest that exhausts memory.
    package static let maximumBytes = 1 << 20

    /// Version, sequence, and the digest of the bytes this was decoded from.
    package var identity: ReleaseIdentity
    /// What `instar run` starts; nil where the host starts itself.
    package var entry: EntryPoint?
    package var hooks: HookNames
    /// The optional packs; `base` is always there and not listed.
    package var packs: [Pack]
    /// What the host must offer to run this release.
    package var requirements: [HostRequirement]
    package var totals: Totals
    /// The root page, encoded.
    package var root: [UInt8]
    /// Where the differences from earlier releases lie.
    package var deltas: [DeltaReference]
    /// Bytes of a chunk on average, as the publisher cut: whoever cuts other files likewise finds the same chunks in them.
    package var averageChunk: Int

    /// What most releases are cut with.
    package static let standardAverageChunk = 16 << 10

    /// What a launcher starts.
    package enum EntryPoint: Hashable, Sendable {
        /// A Python module, started as `python -m` does.
        case module(String)
        /// A file of the release, started by its path.
        case script(ReleasePath)
    }

    /// The functions that a release's code offers for moving its own data.
    package struct HookNames: Hashable, Sendable {
        package var module: String
        package var type: String

        package init(module: String = "x_reload_module", type: String = "x_reload_class") {
            self.module = module
            self.type = type
        }
    }

    /// A named, optional set of files.
    package struct Pack: Hashable, Sendable {
        package var name: String
        /// For people.
        package var title: String
        package var size: UInt64
        package var files: UInt64

        package init(name: String, title: String = "", size: UInt64 = 0, files: UInt64 = 0) {
            self.name = name
            self.title = title
            self.size = size
            self.files = files
        }
    }

    /// What the whole tree holds; a tree that holds more is refused while it is read.
    package struct Totals: Hashable, Sendable {
        /// Paths of every kind.
        package var files: UInt64
        package var chunks: UInt64
        /// Plain bytes of all files.
        package var size: UInt64
        /// The root included.
        package var pages: UInt64

        package init(files: UInt64 = 0, chunks: UInt64 = 0, size: UInt64 = 0, pages: UInt64 = 0) {
            self.files = files
            self.chunks = chunks
            self.size = size
            self.pages = pages
        }
    }

    /// For the publisher; clients decode.
    package init(
        version: String, sequence: UInt64, entry: EntryPoint?, hooks: HookNames, packs: [Pack], requirements: [HostRequirement],
        totals: Totals, root: [UInt8], averageChunk: Int = standardAverageChunk,
        deltas: [DeltaReference] = []
    ) {
        identity = ReleaseIdentity(version: version, sequence: sequence, digest: .ofNothing)
        self.entry = entry
        self.hooks = hooks
        self.packs = packs
        self.requirements = requirements
        self.totals = totals
        self.root = root
        self.averageChunk = averageChunk
        self.deltas = deltas
        identity.digest = Digest(of: encoded())
    }
}

extension Manifest.Totals {
    /// More than any known game by two orders of magnitude; a manifest that claims more is refused before anything
    /// is fetched, so that it cannot make a client walk or store without end.
    package static let maximum = Manifest.Totals(files: 4_000_000, chunks: 64_000_000, size: 1 << 44, pages: 1 << 17)
}

extension Manifest {
    /// Decodes and checks the bytes of a release manifest. That they are the right ones is the signed metadata's business.
    package init(decoding bytes: [UInt8]) throws(ManifestError) {
        guard bytes.count <= Manifest.maximumBytes else { throw .tooLarge("it has \(bytes.count) bytes") }
        let wire: WireManifest
        do { wire = try WireManifest(serializedBytes: bytes) } catch { throw .damaged("it is no protocol buffer of its schema") }
        guard wire.format == Manifest.format else { throw .unsupportedFormat(wire.format) }
        identity = ReleaseIdentity(version: wire.version, sequence: wire.sequence, digest: Digest(of: bytes))
        entry = try EntryPoint(wire)
        hooks = HookNames(wire)
        packs = wire.packs.map { Pack(name: $0.name, title: $0.title, size: $0.size, files: $0.files) }
        requirements = wire.requires.map { HostRequirement(subject: $0.subject, minimum: $0.minimum, below: $0.below) }
        totals = Totals(files: wire.totals.files, chunks: wire.totals.chunks, size: wire.totals.size, pages: wire.totals.pages)
        root = [UInt8](wire.root)
        averageChunk = wire.averageChunk == 0 ? Manifest.standardAverageChunk : Int(wire.averageChunk)
        guard wire.deltas.count <= DeltaLimits.maximumBases else { throw .tooLarge("it has deltas from \(wire.deltas.count) releases") }
        deltas = try wire.deltas.map { wire throws(ManifestError) in try DeltaReference(wire) }
        try check()
    }

    private func check() throws(ManifestError) {
        guard ReleaseVersion.isValid(identity.version) else { throw .damaged("its version is empty, too long or has odd characters") }
        guard totals.isWithin(.maximum) else {
            throw .tooLarge("it claims \(totals.files) files, \(totals.size) bytes, \(totals.pages) pages")
        }
        guard Set(packs.map(\.name)).count == packs.count, packs.allSatisfy({ Pack.isValid(name: $0.name) && $0.name != "base" }) else {
            throw .damaged("a pack has no proper name, or two have the same")
        }
        guard (1024...1 << 20).contains(averageChunk), averageChunk & (averageChunk - 1) == 0 else {
            throw .damaged("its chunks have an average size of \(averageChunk), which is none")
        }
        guard packs.count <= Pack.maximumCount else { throw .tooLarge("it has \(packs.count) packs") }
    }

    /// The wire form: the same for the same values, always.
    package func encoded() -> [UInt8] {
        var wire = WireManifest()
        wire.format = Manifest.format
        wire.version = identity.version
        wire.sequence = identity.sequence
        switch entry {
        case .module(let name): wire.entryModule = name
        case .script(let path): wire.entryScript = path.description
        case nil: break
        }
        wire.moduleHook = hooks.module == HookNames().module ? "" : hooks.module
        wire.classHook = hooks.type == HookNames().type ? "" : hooks.type
        wire.packs = packs.map { pack in .with { ($0.name, $0.title, $0.size, $0.files) = (pack.name, pack.title, pack.size, pack.files) } }
        wire.requires = requirements.map { each in .with { ($0.subject, $0.minimum, $0.below) = (each.subject, each.minimum, each.below) } }
        wire.totals = .with { ($0.files, $0.chunks, $0.size, $0.pages) = (totals.files, totals.chunks, totals.size, totals.pages) }
        wire.root = root.asData
        wire.averageChunk = averageChunk == Manifest.standardAverageChunk ? 0 : UInt32(averageChunk)
        wire.deltas = deltas.map { $0.wire }
        return wire.bytes
    }
}

extension Manifest.Totals {
    func isWithin(_ other: Self) -> Bool {
        files <= other.files && chunks <= other.chunks && size <= other.size && pages <= other.pages
    }
}

extension Manifest.Pack {
    /// Packs of one release. Stops a list that only costs memory.
    package static let maximumCount = 1024

    /// Letters, digits, `.`, `_` and `-`; at most 64 of them; not beginning with a dot.
    package static func isValid(name: String) -> Bool { ReleaseVersion.isValid(name) && name.utf8.count <= 64 }
}

extension Manifest.EntryPoint {
    init?(_ wire: WireManifest) throws(ManifestError) {
        switch wire.entry {
        case .entryModule(let name): self = .module(name)
        case .entryScript(let path):
            do { self = .script(try ReleasePath(path)) } catch { throw .path(error) }
        case nil: return nil
        }
    }
}

extension Manifest.HookNames {
    init(_ wire: WireManifest) {
        self.init()
        if !wire.moduleHook.isEmpty { module = wire.moduleHook }
        if !wire.classHook.isEmpty { type = wire.classHook }
    }
}

/// What people call a release: it stands in file names and addresses.
package enum ReleaseVersion {
    /// 1 to 128 letters, digits, `.`, `_`, `+` and `-`, not beginning with a dot or a minus sign.
    package static func isValid(_ version: String) -> Bool {
        guard let first = version.utf8.first, version.utf8.count <= 128, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else {
            return false
        }
        return version.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
