// `instar-tuf`: drives the trust client for independent conformance suites. It is not installed.
//
// It ends with 0 or 1 and nothing else; even a defect that traps is reported as a failure.

CrashGuard.install()
do {
    try Tool(Arguments(CommandLine.arguments.dropFirst())).run()
} catch {
    CrashGuard.fail("instar-tuf: \(error)")
}
