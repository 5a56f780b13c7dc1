#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import InstarDisk
internal import StoreSamples
internal import SystemPackage

// Every operation of the store under every fault at every call.
//
//     instar-store-faults [--operation NAME]… [--fault NAME]… [--every N] [--call N] [--jobs N] [--seed N] | --list
//
// Exit status: 0 nothing was lost, 1 something was, 64 the words were not understood.

func usage(_ message: String) -> Never {
    say("instar-store-faults: \(message)", to: .standardError)
    say(
        "usage: instar-store-faults [--operation NAME]… [--fault NAME]… [--every N] [--call N] [--jobs N] [--seed N] | --list",
        to: .standardError)
    exit(64)
}

func number<Value: FixedWidthInteger>(_ text: String, of option: String) -> Value {
    guard let value = Value(text), value >= (option == "--seed" ? 0 : 1) else { usage("\(option) takes a number, not \(text)") }
    return value
}

func readChoice() -> Choice {
    let operations = Operation.all.map(\.name)
    let faults = Fault.Kind.allCases.map(\.name) + [PowerCuts.name]
    var choice = Choice()
    choice.jobs = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var words = CommandLine.arguments.dropFirst()
    while let option = words.popFirst() {
        if option == "--list" {
            say((operations.map { "--operation '\($0)'" } + faults.map { "--fault '\($0)'" }).joined(separator: "\n"))
            exit(0)
        }
        guard let value = words.popFirst() else { usage("\(option) needs a value") }
        switch option {
        case "--operation":
            guard operations.contains(value) else { usage("no operation \(value); --list names them") }
            choice.operations.insert(value)
        case "--fault":
            guard faults.contains(value) else { usage("no fault \(value); --list names them") }
            choice.faults.insert(value)
        case "--every": choice.every = number(value, of: option)
        case "--call": choice.call = number(value, of: option)
        case "--jobs": choice.jobs = number(value, of: option)
        case "--seed": choice.seed = number(value, of: option)
        default: usage("no option \(option)")
        }
    }
    return choice
}

/// Runs it all in a folder in memory, where there is one: a sync that really waits would take most of the time.
func run(_ choice: Choice) throws -> Bool {
    let parent = try (try? Directory.open("/dev/shm")) ?? Directory.open("/tmp")
    let name = "instar-store-faults-\(getpid())"
    try parent.makeDirectory(name)
    defer { try? parent.removeTree(name) }
    let matrix = try Matrix(choice, in: parent.directory(name))
    say("seed \(choice.seed), \(matrix.rows.count) rows, \(matrix.rows.reduce(0) { $0 + $1.cases.count }) cases, \(choice.jobs) at once")
    var tally = Tally(matrix.rows)
    let isWhole = try Squad(matrix: matrix, jobs: choice.jobs).run { tally.count($0) }
    tally.conclude()
    if !isWhole { say("not all of it was tried: a process ended early") }
    return isWhole && tally.lost == 0
}

do { exit(try run(readChoice()) ? 0 : 1) } catch {
    say("instar-store-faults: \(error)", to: .standardError)
    exit(1)
}
