import InstarDisk
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An operation of the matrix: what is there before, and what the driver then does.
struct FaultedOperation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: [String]
    let prepare: @Sendable (Store) throws -> Void
    /// What the next run installs; it has to succeed whatever happened before.
    var next = 2
    /// False where the operation changes the state more than once, or goes on after having changed it.
    var isOneChange = true

    static let all: [FaultedOperation] = [
        FaultedOperation(testDescription: "first update", arguments: ["update", "1"], prepare: { _ in }, next: 1),
        FaultedOperation(testDescription: "update", arguments: ["update", "2"], prepare: { try confirmed(1, $0) }),
        FaultedOperation(testDescription: "confirm", arguments: ["confirm"], prepare: { try onTrial($0) }),
        FaultedOperation(testDescription: "launch", arguments: ["launch"], prepare: { try onTrial($0) }),
        FaultedOperation(
            testDescription: "launch that bans", arguments: ["launch"],
            prepare: { store in
                try onTrial(store)
                for _ in 0..<3 { try Driver.run(store.path, ["launch"]) }
            }, next: 3),
        FaultedOperation(testDescription: "quit", arguments: ["quit"], prepare: { try onTrial($0) }, isOneChange: false),
        FaultedOperation(testDescription: "rollback", arguments: ["rollback"], prepare: { try onTrial($0) }),
        FaultedOperation(testDescription: "reject", arguments: ["reject", "2"], prepare: { try onTrial($0) }, next: 3),
        FaultedOperation(
            testDescription: "collect", arguments: ["collect", "2"],
            prepare: { store in for number in [1, 2, 3] { try confirmed(number, store) } }, next: 3,
            isOneChange: false),
    ]

    static func sample(_ number: Int) throws -> SampleRelease {
        try #require(number <= samples.count ? samples[number - 1] : nil)
    }

    /// Made once: a debug build takes its time for the bytes.
    static let samples: [SampleRelease] = (try? [.first(), .second(), .numbered(3)]) ?? []

    private static func confirmed(_ number: Int, _ store: Store) throws {
        try SampleUpdate.install(sample(number), in: store)
        try store.confirm()
    }

    private static func onTrial(_ store: Store) throws {
        try confirmed(1, store)
        try SampleUpdate.install(sample(2), in: store)
    }
}

/// Every operation, killed or failed at every call it makes. `INSTAR_EXHAUSTIVE=1` (scripts/store-faults) takes no call out.
struct FaultMatrixTests {
    static let isExhaustive = getenv("INSTAR_EXHAUSTIVE") != nil

    @Test(arguments: FaultedOperation.all)
    func `I1, I6: killed at every changing call, the store is whole and the next run converges`(_ operation: FaultedOperation) throws {
        try matrix(operation, .kill, reading: false, stride: 1) { _, store, _, _, _ in
            try StoreCheck(store, releases: FaultedOperation.samples).complete()
        }
    }

    @Test(arguments: FaultedOperation.all.prefix(2))
    func `I1: killed in the middle of every write, the store is whole and the next run converges`(_ operation: FaultedOperation) throws {
        try matrix(operation, .torn, reading: false, stride: Self.isExhaustive ? 1 : 6) { _, store, _, _, _ in
            try StoreCheck(store, releases: FaultedOperation.samples).complete()
        }
    }

    @Test(arguments: FaultedOperation.all)
    func `I11: on a disk that is full from any call on, the state stays and the space comes back`(_ operation: FaultedOperation) throws {
        try matrix(operation, .error(.noSpace), reading: false, sticky: true, stride: Self.isExhaustive ? 1 : 4, check: expectUnharmed)
    }

    @Test(arguments: FaultedOperation.all)
    func `I11: on a disk that became read-only at any call, the state stays`(_ operation: FaultedOperation) throws {
        try matrix(operation, .error(.readOnlyFileSystem), reading: false, sticky: true, stride: Self.isExhaustive ? 1 : 8) {
            operation, store, ending, before, text in
            try expectUnharmed(operation, store, ending, before, text, spaceReturns: false)
        }
    }

    @Test(arguments: [Errno.ioError, .permissionDenied, .tooManyOpenFiles, .improperLink, .noSpace], FaultedOperation.all)
    func `I11: with one failed call, whichever, the store stays whole and says what was wrong`(_ code: Errno, _ operation: FaultedOperation)
        throws
    {
        // Without the exhaustive run each error takes its own share of the calls, so that together they meet them all.
        let share = Self.isExhaustive ? 1 : 41
        try matrix(operation, .error(code), reading: true, stride: share, offset: Int(code.rawValue), check: expectUnharmed)
    }

    private typealias Check = (FaultedOperation, FilePath, ChildProcess.Ending, [UInt8]?, String) throws -> Void

    /// Runs the operation once for every call, with the fault there; each time on a new store.
    private func matrix(
        _ operation: FaultedOperation, _ kind: Driver.Fault.Kind, reading: Bool, sticky: Bool = false, stride step: Int, offset: Int = 0,
        check: Check
    ) throws {
        let counting = try TestStore(inMemory: true)
        try operation.prepare(counting.store)
        let calls = try Driver.count(counting.store.path, operation.arguments, reading: reading, in: counting.folder.path)
        #expect(calls > 0)
        var faults = 0
        for call in stride(from: 1 + offset % step, through: calls, by: step) {
            let fault = Driver.Fault(kind: kind, call: call, countsReading: reading, isSticky: sticky)
            do { try one(operation, fault, check) } catch { Issue.record("\(operation.testDescription), \(fault): \(error)") }
            faults += 1
        }
        print("store faults: \(operation.testDescription), \(kind)\(sticky ? " sticky" : ""): \(faults) injected in \(calls) calls")
    }

    private func one(_ operation: FaultedOperation, _ fault: Driver.Fault, _ check: Check) throws {
        let test = try TestStore(inMemory: true)
        try operation.prepare(test.store)
        let state = test.store.path.appending("state")
        let before = try? DurableFile.read(state, limit: 1 << 20)
        let output = test.folder.path.appending("output")
        let ending = try Driver.run(test.store.path, operation.arguments, fault: fault, output: output)
        try check(operation, test.store.path, ending, before, String(decoding: DurableFile.read(output, limit: 1 << 20), as: UTF8.self))
        try StoreCheck(test.store.path, releases: FaultedOperation.samples).converges(to: FaultedOperation.sample(operation.next))
    }

    private func expectUnharmed(
        _ operation: FaultedOperation, _ store: FilePath, _ ending: ChildProcess.Ending, _ before: [UInt8]?, _ text: String
    ) throws {
        try expectUnharmed(operation, store, ending, before, text, spaceReturns: true)
    }

    private func expectUnharmed(
        _ operation: FaultedOperation, _ store: FilePath, _ ending: ChildProcess.Ending, _ before: [UInt8]?, _ text: String,
        spaceReturns: Bool
    ) throws {
        try StoreCheck(store, releases: FaultedOperation.samples).complete()
        switch ending {
        case .exit(0): return
        case .exit(1):
            guard !text.isEmpty else { throw StoreCheck.Broken(description: "I11: it failed without a word") }
            guard !operation.isOneChange || (try? DurableFile.read(store.appending("state"), limit: 1 << 20)) == before else {
                throw StoreCheck.Broken(description: "I11: it failed (\(text)) and yet changed the state")
            }
            let staged = (try? Directory.open(store.appending("staging")).entries())?.filter { $0.name.string.count == 64 } ?? []
            if spaceReturns, !staged.isEmpty {
                throw StoreCheck.Broken(description: "I11: it failed (\(text)) and kept \(staged.map(\.name))")
            }
        default: throw StoreCheck.Broken(description: "it ended with \(ending): \(text)")
        }
    }
}
