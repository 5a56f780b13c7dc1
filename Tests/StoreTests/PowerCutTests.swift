import InstarDisk
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// The power goes after every change of every operation, and what was not synced is lost in part or whole.
struct PowerCutTests {
    /// Choices of what is lost, a cut: everything pending, nothing, and this many drawn by chance.
    private static let draws = FaultMatrixTests.isExhaustive ? 12 : 1

    @Test(arguments: FaultedOperation.all)
    func `I1, I3, I6: whatever a power cut loses, the store is whole and the next run converges`(_ operation: FaultedOperation) throws {
        let test = try TestStore(inMemory: true)
        try operation.prepare(test.store)
        var model = try DiskModel(test.store.path)
        let log = test.folder.path.appending("log")
        #expect(try Driver.start(test.store.path, operation.arguments, ["INSTAR_FAULT_RECORD": log.string]).wait() == .exit(0))
        model.record(String(decoding: try DurableFile.read(log, limit: 1 << 26), as: UTF8.self))
        #expect(model.count > 2)

        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        var cuts = 0
        var seen: Set<[Int]> = []
        for end in 0...model.count {
            let pending = model.pending(at: end)
            var losses: [Set<Int>] =
                [[], Set(pending)] + (0..<Self.draws).map { _ in Set(pending.filter { _ in Bool.random(using: &random) }) }
            if FaultMatrixTests.isExhaustive { losses += pending.flatMap { [[$0], Set(pending).subtracting([$0])] } }
            for lost in losses {
                // The same changes kept are the same disk.
                guard seen.insert((0..<end).filter { !lost.contains($0) }).inserted else { continue }
                do { try cut(model, end, lost, operation) } catch {
                    Issue.record(
                        "\(operation.testDescription), seed \(seed), cut after \(end) of \(model.count) changes, lost \(lost.sorted()): \(error)"
                    )
                }
                cuts += 1
            }
        }
        print("power cuts: \(operation.testDescription): \(cuts) disks from \(model.count) changes, seed \(seed)")
    }

    private func cut(_ model: DiskModel, _ end: Int, _ lost: Set<Int>, _ operation: FaultedOperation) throws {
        let memory = MemoryFolder()
        let folder = TemporaryFolder()
        let path = (memory?.path ?? folder.path).appending("store")
        let parent = try Directory.open(path.removingLastComponent())
        try model.write(at: end, losing: lost, to: parent.directory(creating: "store"))
        let check = StoreCheck(path, releases: FaultedOperation.samples)
        try check.complete()
        try check.converges(to: FaultedOperation.sample(operation.next))
    }
}
