import InstarDisk
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport

/// Runs one operation on a store in a process of its own, under the fault library.
enum Driver {
    /// What befalls the process.
    struct Fault: Hashable, Sendable, CustomStringConvertible {
        enum Kind: Hashable, Sendable {
            case kill, torn
            case error(Errno)
        }

        var kind: Kind
        /// The number of the call, from 1.
        var call: Int

        var description: String { "\(kind) at call \(call)" }

        var environment: [String: String] {
            let name =
                switch kind {
                case .kill: "kill"
                case .torn: "torn"
                case .error(let code): "\(code.rawValue)"
                }
            return ["INSTAR_FAULT": name, "INSTAR_FAULT_AT": "\(call)"]
        }
    }

    static func start(_ store: FilePath, _ operation: [String], _ environment: [String: String] = [:], output: FilePath? = nil) throws
        -> ChildProcess
    {
        let variables =
            environment.isEmpty ? [:] : environment.merging(["LD_PRELOAD": Products.path("libInstarFaults.so").string]) { $1 }
        return try ChildProcess(
            Products.path("instar-store").string, [store.string] + operation, environment: variables, output: output, errors: output)
    }

    @discardableResult
    static func run(_ store: FilePath, _ operation: [String], fault: Fault? = nil, output: FilePath? = nil) throws -> ChildProcess.Ending {
        try start(store, operation, fault?.environment ?? [:], output: output).wait()
    }
}
