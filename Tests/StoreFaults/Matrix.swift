internal import InstarDisk
internal import InstarManifest
internal import InstarStore
internal import StoreSamples
internal import SystemPackage

/// What is to be tried.
struct Choice {
    /// Names of operations; empty: all.
    var operations: Set<String> = []
    /// Names of faults, `power cut` among them; empty: all.
    var faults: Set<String> = []
    /// One call of so many.
    var every = 1
    /// Only this call.
    var call: Int?
    var jobs = 1
    var seed = UInt64.random(in: .min ... .max)

    func includes(_ fault: String) -> Bool { faults.isEmpty || faults.contains(fault) }
}

/// Everything that is to be tried, worked out before any of it is.
struct Matrix {
    enum Case {
        case fault(Fault)
        case cut(PowerCuts.Disk)
    }

    /// One operation under one kind of fault.
    struct Row {
        let operation: Operation
        let title: String
        /// The states that may be found.
        let outlines: [String]
        let cases: [Case]
        let cuts: PowerCuts?
        /// Out of how many, where not every one is taken.
        let possible: Int
    }

    let rows: [Row]
    private let scratch: Directory

    init(_ choice: Choice, in scratch: Directory) throws {
        self.scratch = scratch
        var rows: [Row] = []
        for operation in Operation.all where choice.operations.isEmpty || choice.operations.contains(operation.name) {
            let outlines = try Attempt.outlines(of: operation, in: scratch)
            for kind in Fault.Kind.allCases where choice.includes(kind.name) {
                let calls = try Self.count(operation, kind, in: scratch)
                let chosen = (1...max(1, calls)).filter { $0 <= calls && choice.takes($0, of: kind.name) }
                rows.append(
                    Row(
                        operation: operation, title: kind.name, outlines: outlines, cases: chosen.map { .fault(Fault(kind, call: $0)) },
                        cuts: nil, possible: calls))
            }
            guard choice.includes(PowerCuts.name) else { continue }
            let cuts = try PowerCuts(operation, in: scratch, seed: choice.seed)
            let chosen = cuts.disks.indices.filter { choice.takes($0 + 1, of: PowerCuts.name) }
            rows.append(
                Row(
                    operation: operation, title: PowerCuts.name, outlines: outlines, cases: chosen.map { .cut(cuts.disks[$0]) }, cuts: cuts,
                    possible: cuts.disks.count))
        }
        self.rows = rows
    }

    /// How many calls there are to befall where nothing does. None: the operation has no such call.
    private static func count(_ operation: Operation, _ kind: Fault.Kind, in scratch: Directory) throws -> Int {
        let attempt = try Attempt(operation, in: scratch)
        let outcome = try attempt.run(Fault(kind, call: 0))
        guard outcome.ending == .exit(0) else {
            throw StoreCheck.Broken(description: "\(operation.name) fails though nothing is wrong: \(outcome.message)")
        }
        return outcome.calls
    }

    /// Tries one case; throws what promise it broke.
    func run(_ row: Row, _ wanted: Case) throws {
        switch wanted {
        case .fault(let fault):
            let attempt = try Attempt(row.operation, in: scratch)
            let before = attempt.before()
            let outcome = try attempt.run(fault)
            if fault.kind != .kill && fault.kind != .torn {
                try attempt.expectUnharmed(outcome, fault.kind, before: before)
            } else if outcome.ending != .signal(9) {
                throw StoreCheck.Broken(description: "it was not killed: \(outcome)")
            }
            // What says that it succeeded has done all of it, or (a launch) nothing.
            var outlines = outcome.ending == .exit(0) ? [row.outlines[0], row.outlines[row.outlines.count - 1]] : row.outlines
            // Where the system cannot be asked about a process, a later launch judges its start.
            if row.operation.judgesStarts, fault.kind.error != nil, let state = before.state {
                let process = ProcessIdentity(id: 0, started: 0, boot: "")
                let start = Start(process: process, time: 0, memoryKills: 0)
                outlines.append(Attempt.outline(try StoreState(encoded: state).beginning(start)))
            }
            try attempt.expectWhole(outlines)
        case .cut(let disk): try row.cuts?.run(disk, row.outlines, in: scratch)
        }
    }
}

extension Choice {
    /// With `every`, each kind of fault takes its own share of the calls, so that together they meet them all.
    fileprivate func takes(_ call: Int, of fault: String) -> Bool {
        if let only = self.call { return call == only }
        return (call + fault.utf8.reduce(0) { $0 + Int($1) }) % every == 0
    }
}
