import Foundation
import SystemPackage
import TestSupport
import Testing

/// The benchmark checks itself on a made-up game: that it counts rightly, and that a tool which lies is found out.
@Suite struct BenchmarkTests {
    @Test func `the benchmark's own checks pass with the built command`() throws {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let folder = TemporaryFolder()
        let output = folder.path.appending("output")
        let words = [root.appending("Benchmarks/run").string, "--self-test", "--instar", Products.path("instar").string]
        let ending = try ChildProcess.run("python3", words, output: output)
        let text = try String(contentsOfFile: output.string, encoding: .utf8)
        #expect(ending == .exit(0), "\(text)")
        #expect(text.contains("instar updates: its release is right"))
        #expect(text.contains("a result with other bytes is refused"))
    }
}
