internal import InstarDisk
internal import InstarManifest
internal import InstarStore
internal import StoreSamples
internal import SystemPackage

/// The power goes after every change of an operation, and what was not synced is lost in part or whole.
struct PowerCuts {
    static let name = "power cut"

    /// What a cut after `end` changes leaves.
    struct Disk {
        let end: Int
        let lost: Set<Int>
    }

    let disks: [Disk]
    private let model: DiskModel
    private let operation: Operation

    /// Subsets drawn by chance, a cut.
    private static let draws = 4
    /// Changes that are lost, or kept, each alone, a cut; where more are pending, spread over them.
    private static let singles = 12

    /// Records the operation once and works out the disks: for each prefix of its changes with nothing, everything, each single
    /// change and all but each single change of what was not synced lost, and some subsets drawn by chance.
    init(_ operation: Operation, in scratch: Directory, seed: UInt64) throws {
        self.operation = operation
        let attempt = try Attempt(operation, in: scratch)
        var model = try DiskModel(attempt.store)
        let log = try scratch.file("record", .create(permissions: 0o600))
        let record = try FileDescriptor.open(log.path, .writeOnly, options: [.append, .closeOnExec])
        defer { try? record.close() }
        let outcome = try attempt.run(record: record)
        let text = try scratch.contents(of: "record", limit: 1 << 26) ?? []
        try scratch.remove("record")
        guard outcome.ending == .exit(0) else { throw StoreCheck.Broken(description: "\(operation.name): \(outcome.message)") }
        model.record(String(decoding: text, as: UTF8.self))
        self.model = model
        disks = Self.disks(model, seed: seed)
    }

    private static func disks(_ model: DiskModel, seed: UInt64) -> [Disk] {
        var random = SeededGenerator(seed: seed)
        var seen: Set<[Int]> = []
        var disks: [Disk] = []
        for end in 0...model.count {
            let pending = model.pending(at: end)
            let all = Set(pending)
            var losses: [Set<Int>] = [[], all]
            losses += (0..<draws).map { _ in all.filter { _ in Bool.random(using: &random) } }
            let step = max(1, (pending.count + singles - 1) / singles)
            let first = pending.isEmpty ? 0 : Int.random(in: 0..<step, using: &random)
            for index in stride(from: first, to: pending.count, by: step) {
                losses += [[pending[index]], all.subtracting([pending[index]])]
            }
            // The same changes kept are the same disk.
            for lost in losses where seen.insert((0..<end).filter { !lost.contains($0) }).inserted {
                disks.append(Disk(end: end, lost: lost))
            }
        }
        return disks
    }

    /// Writes the disk and asks of it what is asked after a kill. What an operation has said to be done is on it.
    func run(_ disk: Disk, _ outlines: [String], in scratch: Directory) throws {
        let attempt = try Attempt(operation, in: scratch, isPrepared: false)
        let parent = try Directory.open(attempt.store.removingLastComponent())
        try model.write(at: disk.end, losing: disk.lost, to: parent.directory(creating: "store"))
        try attempt.expectWhole(disk.end == model.count ? outlines.suffix(1) : outlines)
    }
}
