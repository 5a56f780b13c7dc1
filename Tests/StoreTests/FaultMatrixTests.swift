import InstarDisk
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Every operation of the store under every kind of fault, by the program that `scripts/store-faults` runs to the end. Here each
/// kind takes its own share of the calls; killing leaves none out.
struct FaultMatrixTests {
    static let isExhaustive = getenv("INSTAR_EXHAUSTIVE") != nil

    @Test func `I1, I6: killed at every changing call, the store is whole and the next run converges`() throws {
        try matrix(["kill"], every: 1)
    }

    @Test func `I1: killed in the middle of a write, the store is whole and the next run converges`() throws {
        try matrix(["torn"], every: 3)
    }

    @Test(arguments: ["ENOSPC from", "EDQUOT from", "EROFS from", "EMFILE from", "EIO from"])
    func `I11: where a disk fails from any call on, the state stays and the space comes back`(_ fault: String) throws {
        try matrix([fault], every: 29)
    }

    @Test(arguments: ["ENOSPC", "EIO", "EACCES", "EMFILE", "EXDEV"])
    func `I11: with one failed call, whichever, the store stays whole and says what was wrong`(_ fault: String) throws {
        try matrix([fault], every: 61)
    }

    @Test func `a call that a signal interrupts, or that does half, is no failure`() throws {
        try matrix(["EINTR", "short"], every: 61)
    }

    @Test func `I1, I3, I6: whatever a power cut loses, the store is whole and the next run converges`() throws {
        try matrix(["power cut"], every: 97)
    }

    private func matrix(_ faults: [String], every: Int) throws {
        let folder = TemporaryFolder()
        let output = folder.path.appending("output")
        let ending = try ChildProcess.run(
            Products.path("instar-store-faults").string, faults.flatMap { ["--fault", $0] } + ["--every", "\(every)", "--jobs", "1"],
            output: output)
        let text = String(decoding: try DurableFile.read(output, limit: 1 << 24), as: UTF8.self)
        #expect(ending == .exit(0), "\(text.split(separator: "\n").filter { !$0.contains("losses: 0") }.joined(separator: "\n"))")
        #expect(text.contains(", losses: 0\n"), "\(text)")
    }
}
