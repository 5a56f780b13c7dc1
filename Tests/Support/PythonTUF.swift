import InstarDisk
import Synchronization
package import SystemPackage

/// The reference implementation, python-tuf, in a virtual environment that is made from PyPI on first use and
/// kept in the build folder.
package enum PythonTUF {
    /// The versions that the tests were written against.
    private static let packages = ["tuf==7.0.1", "securesystemslib[crypto]==1.6.0"]

    /// The environment's interpreter; nil where PyPI cannot be reached. Made once a process.
    package static let interpreter: FilePath? = {
        let folder = Products.packageFolder.appending(".build/python-tuf")
        let python = folder.appending("bin/python")
        let log = TemporaryFolder()
        let output = log.path.appending("output")
        func run(_ program: String, _ arguments: [String]) -> Bool {
            (try? ChildProcess.run(program, arguments, output: output)) == .exit(0)
        }
        if run(python.string, ["-c", "import tuf.ngclient, cryptography"]) { return python }
        guard run("python3", ["-m", "venv", "--clear", folder.string]) else { return nil }
        guard run(python.string, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages) else { return nil }
        return python
    }()

    /// Whether the reference implementation can be had; tests that need it say so when they are skipped.
    package static var isAvailable: Bool { interpreter != nil }

    /// Runs a script of this package; answers how it ended and all that it printed.
    package static func run(_ script: FilePath, _ arguments: [String]) throws -> (ending: ChildProcess.Ending, output: String) {
        let folder = TemporaryFolder()
        let output = folder.path.appending("output")
        let environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        let ending = try ChildProcess.run(interpreter!.string, [script.string] + arguments, environment: environment, output: output)
        return (ending, String(decoding: try DurableFile.read(output, limit: 1 << 22), as: UTF8.self))
    }
}
