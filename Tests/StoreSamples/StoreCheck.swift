package import InstarStore
package import SystemPackage
internal import InstarDisk
internal import InstarManifest

/// What must hold of a store whatever happened to it; the numbers are those of `docs/store.md`.
package struct StoreCheck {
    private let path: FilePath
    private let releases: [SampleRelease]
    private let tolerated: Set<String>

    /// - Parameter tolerated: paths that were damaged on purpose.
    package init(_ path: FilePath, releases: [SampleRelease], tolerating tolerated: Set<String> = []) {
        self.path = path
        self.releases = releases
        self.tolerated = tolerated
    }

    /// A promise that does not hold.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// I1: the state can be read, and every generation that it lists is complete and right. Answers the state.
    @discardableResult
    package func complete() throws -> StoreState {
        let store = try Store.open(at: path)
        let state = try store.state()
        guard state.isConsistent else { throw Broken(description: "I1: the state contradicts itself") }
        for generation in state.generations {
            guard let release = releases.first(where: { $0.identity == generation.release }) else {
                throw Broken(description: "I1: the state lists \(generation.release), which was never installed")
            }
            let damages = try store.verify(generation.number, against: release.entries, width: 1).damages
                .filter { !tolerated.contains($0.path) }
            guard damages.isEmpty else { throw Broken(description: "I1: generation \(generation.number): \(damages)") }
            try describes(try store.inventory(of: generation.number), release)
        }
        return state
    }

    /// The inventory has every path of the release, as the release has it.
    private func describes(_ inventory: Inventory, _ release: SampleRelease) throws {
        let isRight = release.entries.allSatisfy { entry in
            guard let record = inventory.record(of: entry.path.description) else { return false }
            return record.kind == entry.kind && record.size == entry.size && record.digest == entry.digest
        }
        guard isRight, inventory.count == release.entries.count, inventory.release == release.identity else {
            throw Broken(description: "I1: the inventory of \(release.identity) is of something else")
        }
    }

    /// I6: after a writer's run, nothing is on disk but what the state lists.
    package func clean() throws {
        let store = try Store.open(at: path)
        switch try store.lock() {
        case .busy: throw Broken(description: "I10: the lock of a dead process is still held")
        case .acquired(let lock):
            _ = try store.collect(keeping: 2, holding: lock)
            let root = try Directory.open(path)
            let numbers = try store.state().generations.map { String($0.number) }
            try expect(root, "generations", numbers.flatMap { [$0, $0 + ".inventory"] })
            try expect(root, "leases", numbers)
            try expect(root, "staging", try root.directory("staging").status(of: "spare") == nil ? [] : ["spare"])
            let rescued = try root.status(of: "rescued") == nil ? [] : ["rescued"]
            try expect(root, ".", ["generations", "leases", "lock", "manifests", "pages", "staging", "state", "state.lock"] + rescued)
        }
    }

    /// The next run gets where the one before did not: `release` is active and right, and nothing is left over.
    package func converges(to release: SampleRelease) throws {
        let store = try Store.open(at: path)
        let generation = try SampleUpdate.install(release, in: store)
        try store.confirm()
        guard try complete().active == generation.number else { throw Broken(description: "the next run did not activate its release") }
        guard try store.manifests.content(release.identity.digest) == release.manifest,
            try store.pages.content(release.pageDigest) == release.page
        else { throw Broken(description: "the active generation's manifest or page is lost") }
        try clean()
    }

    private func expect(_ root: Directory, _ folder: String, _ names: [String]) throws {
        let found = try root.directory(folder).entries().map(\.name.string).sorted()
        // A folder that nothing has needed yet need not be there.
        let missing = Set(names).subtracting(found).subtracting(folder == "leases" ? names : ["leases", "manifests", "pages"])
        let surplus = Set(found).subtracting(names)
        guard surplus.isEmpty, missing.isEmpty else {
            throw Broken(description: "I6: \(folder) has \(surplus) too many and \(missing) too few")
        }
    }
}
