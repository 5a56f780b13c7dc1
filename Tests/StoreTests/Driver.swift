import InstarDisk
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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
        /// True where reading calls count too.
        var countsReading = false
        /// True where every later call fails too.
        var isSticky = false

        var description: String { "\(kind)\(isSticky ? " from" : " at") call \(call)\(countsReading ? " of all" : "")" }

        var environment: [String: String] {
            let name =
                switch kind {
                case .kill: "kill"
                case .torn: "torn"
                case .error(let code): "\(code.rawValue)"
                }
            var variables = ["INSTAR_FAULT": name, "INSTAR_FAULT_AT": "\(call)", "INSTAR_FAULT_CLASS": countsReading ? "all" : "writes"]
            if isSticky { variables["INSTAR_FAULT_STICKY"] = "1" }
            return variables
        }
    }

    /// The folder of the built products: this test program lies in it.
    static let products: FilePath = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return FilePath(String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)).removingLastComponent()
    }()

    static func start(_ store: FilePath, _ operation: [String], _ environment: [String: String] = [:], output: FilePath? = nil) throws
        -> ChildProcess
    {
        let variables =
            environment.isEmpty ? [:] : environment.merging(["LD_PRELOAD": products.appending("libInstarFaults.so").string]) { $1 }
        return try ChildProcess(
            products.appending("instar-store").string, [store.string] + operation, environment: variables, output: output, errors: output)
    }

    @discardableResult
    static func run(_ store: FilePath, _ operation: [String], fault: Fault? = nil, output: FilePath? = nil) throws -> ChildProcess.Ending {
        try start(store, operation, fault?.environment ?? [:], output: output).wait()
    }

    /// How many calls the operation makes when nothing befalls it.
    static func count(_ store: FilePath, _ operation: [String], reading: Bool, in folder: FilePath) throws -> Int {
        let file = folder.appending("count")
        let environment = ["INSTAR_FAULT_COUNT": file.string, "INSTAR_FAULT_CLASS": reading ? "all" : "writes"]
        _ = try start(store, operation, environment).wait()
        let text = String(decoding: try DurableFile.read(file, limit: 100), as: UTF8.self)
        return Int(text.prefix { $0.isNumber }) ?? 0
    }
}
