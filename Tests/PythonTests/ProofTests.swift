import Foundation
import SystemPackage
import TestSupport
import Testing

/// A share of what `scripts/python-proofs` runs at length: random programs, and a failure at every call of the engine.
@Suite struct ProofTests {
    /// Other programs than those of other versions, and the same each time.
    private static func seed(_ name: String) -> Int { name.utf8.reduce(7) { ($0 * 31 + Int($1)) % 100_000 } }

    @Test(arguments: HostPython.all) func `random programs behave after an update as after a fresh start`(python: HostPython) throws {
        let (ending, said) = try Self.program(python, "fuzz.py", ["seed=\(Self.seed(python.name))", "rounds=4"])
        #expect(ending == .exit(0), "\(said)")
    }

    @Test(arguments: HostPython.all) func `a body that is compiled alone gives the code, positions included, that the whole source gives`(
        python: HostPython
    ) throws {
        let (ending, said) = try Self.program(python, "bodies.py", ["seed=\(Self.seed(python.name))", "edits=120"])
        #expect(ending == .exit(0), "\(said)")
    }

    /// Runs a script of `Tests/PythonFuzz` in a program that imports the built module.
    private static func program(_ python: HostPython, _ script: String, _ options: [String]) throws -> (
        ending: ChildProcess.Ending, said: String
    ) {
        let folder = TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path.appending("instar.abi3.so").string, withDestinationPath: Products.path("libInstarPythonModule.so").string)
        let output = folder.path.appending("output")
        let ending = try ChildProcess.run(
            python.program, [Products.packageFolder.appending("Tests/PythonFuzz/\(script)").string] + options,
            environment: ["PYTHONPATH": folder.path.string], output: output)
        return (ending, try String(contentsOfFile: output.string, encoding: .utf8))
    }

    @Test(arguments: Python.all, ["", "background=1"])
    func `whichever call of the engine fails, the program is as before or the update complete`(
        python: Python, way: String
    ) throws {
        let (ending, said) = try Self.faultyInterpreter(
            python, "PythonFaults/faults.py", ["every=89", "first=\(1 + Self.seed(python.version + way) % 89)", way])
        #expect(ending == .exit(0), "\(said)")
    }

    @Test(arguments: Python.all) func `an update that was prepared while the program went on meets what is new, in one pass over the heap`(
        python: Python
    ) throws {
        let (ending, said) = try Self.faultyInterpreter(
            python, "PythonFuzz/background.py", ["seed=\(Self.seed(python.version))", "rounds=40"])
        #expect(ending == .exit(0), "\(said)")
    }

    @Test(arguments: Python.all) func `a program and an update that waits lose nothing of each other's`(python: Python) throws {
        let (ending, said) = try Self.faultyInterpreter(python, "PythonFuzz/meanwhile.py", [])
        #expect(ending == .exit(0), "\(said)")
    }

    private static func faultyInterpreter(_ python: Python, _ script: String, _ options: [String]) throws -> (
        ending: ChildProcess.Ending, said: String
    ) {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path.appending("game").string, withIntermediateDirectories: true)
        let output = folder.path.appending("output")
        let ending = try ChildProcess.run(
            Products.path("instar-python-faults").string,
            [python.path, Products.packageFolder.appending("Tests/\(script)").string, folder.path.appending("game").string]
                + options.filter { !$0.isEmpty },
            environment: ["SWIFT_BACKTRACE": "enable=no"], output: output)
        return (ending, try String(contentsOfFile: output.string, encoding: .utf8))
    }
}
