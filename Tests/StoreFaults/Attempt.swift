internal import CFaults
internal import InstarDisk
internal import InstarManifest
internal import InstarStore
internal import StoreSamples
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One store in a folder of its own, prepared for one operation; removed with the value.
final class Attempt {
    let operation: Operation
    let store: FilePath
    private let folder: Directory
    private let name: String

    init(_ operation: Operation, in folder: Directory, isPrepared: Bool = true) throws {
        self.operation = operation
        self.folder = folder
        name = "\(UInt64.random(in: .min ... .max))"
        try folder.makeDirectory(name)
        store = folder.path.appending(name).appending("store")
        if isPrepared { try operation.prepare(try Store.open(at: store)) }
    }

    deinit { try? folder.removeTree(name) }

    /// Does the operation in another process, or its first steps.
    func run(_ fault: Fault? = nil, record: FileDescriptor? = nil, steps: Int = .max) throws -> Isolated.Outcome {
        try Isolated.run(fault, refusingLinks: operation.refusesLinks, record: record) {
            let store = try Store.open(at: store)
            for step in operation.steps.prefix(steps) { try step(store) }
        }
    }

    /// What the state is before, and after each step, where nothing goes wrong.
    static func outlines(of operation: Operation, in folder: Directory) throws -> [String] {
        try (0...operation.steps.count).map { steps in
            let attempt = try Attempt(operation, in: folder)
            if steps > 0 { _ = try attempt.run(steps: steps) }
            return outline(try Store.open(at: attempt.store).state())
        }
    }

    /// I1, I6, I7: the store is whole, in one of the legal states, and the next run gets where this one was going.
    func expectWhole(_ outlines: [String]) throws {
        let check = operation.check(store)
        let found = Self.outline(try check.complete())
        guard outlines.contains(found) else { throw StoreCheck.Broken(description: "the state is \(found), none of \(outlines)") }
        try operation.promise?(try Store.open(at: store))
        try operation.mend?(try Store.open(at: store))
        try StoreCheck(store, releases: Operation.samples, tolerating: operation.mend == nil ? operation.damaged : [])
            .converges(to: Operation.sample(operation.next))
        try operation.promise?(try Store.open(at: store))
        guard try folder.directory(name).entries().map(\.name.string) == ["store"] else {
            throw StoreCheck.Broken(description: "I7: something beside the store")
        }
    }

    /// What is there before the operation.
    struct Before {
        let state: [UInt8]?
        let staged: Set<String>
    }

    func before() -> Before { Before(state: stateBytes(), staged: stagedNames()) }

    /// Releases in the making.
    private func stagedNames() -> Set<String> {
        let entries = (try? Directory.open(store.appending("staging")).entries()) ?? []
        return Set(entries.map(\.name.string).filter { $0.count == 64 })
    }

    private func stateBytes() -> [UInt8]? { try? DurableFile.read(store.appending("state"), limit: 1 << 20) }

    /// I11: where the operation failed it says why, the state is what it was, and the space that it took is given back.
    func expectUnharmed(_ outcome: Isolated.Outcome, _ kind: Fault.Kind, before: Before) throws {
        switch outcome.ending {
        case .exit(0): return
        case .exit where kind.isNoFailure: throw StoreCheck.Broken(description: "it failed for no reason: \(outcome.message)")
        case .exit:
            guard [store.string, "/proc/", "`instar"].contains(where: outcome.message.contains) else {
                throw StoreCheck.Broken(description: "I11: a message without a path or a remedy: \(outcome.message)")
            }
            // Where a disk fails at the last sync of a change, and then at taking the change back, nobody can take it back.
            let isStuck = kind.isSticky && outcome.message.hasPrefix("cannot sync \(store.string):")
            if operation.isOneChange, !isStuck, stateBytes() != before.state {
                throw StoreCheck.Broken(description: "I11: it failed (\(outcome.message)) and yet changed the state")
            }
            let staged = stagedNames().subtracting(before.staged)
            if kind.givesSpaceBack, !staged.isEmpty {
                throw StoreCheck.Broken(description: "I11: it failed (\(outcome.message)) and kept \(staged)")
            }
        case .signal: throw StoreCheck.Broken(description: "it ended with \(outcome.ending): \(outcome.message)")
        }
    }

    /// What of a state does not depend on times, sizes and processes.
    static func outline(_ state: StoreState) -> String {
        let generations = state.generations.map { "\($0.number):\($0.release.version)\($0.confirmed == nil ? "" : "*")" }
        let trial = state.trial.map { "\($0.crashes) crashes, \($0.starts.count) starts" } ?? "none"
        return
            "[\(generations.joined(separator: " ")) active \(state.active ?? 0) pending \(state.pending ?? 0) trial \(trial) banned \(state.bans.map(\.version)) next \(state.next)]"
    }
}
