// Test support, not installed: runs a script in an interpreter whose engine can be made to fail at any of its calls.
// Usage: instar-python-faults PYTHON SCRIPT DIR [ARGUMENTS…]   (DIR is on the import path)

import CPythonFaults
import InstarPython
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

let words = CommandLine.arguments
var configuration = PythonConfiguration(library: try PythonLibrary.found(named: words[1]))
configuration.arguments = Array(words.dropFirst(4))
configuration.searchPath = [FilePath(words[3])]
let interpreter = try PythonInterpreter(starting: configuration)
interpreter.module.root = FilePath(words[3])
interpreter.module.services = TwoSteps(interpreter.module)
guard PythonLock.held({ instar_python_faults_install() }) == 0 else { exit(70) }
exit(try interpreter.run(script: FilePath(words[2])).code)
