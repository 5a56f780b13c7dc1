import Foundation
import Testing

/// Each file in `Cases` is a game that changes its own source while it runs, and asserts what the contract says.
@Suite struct CaseTests {
    static let cases: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".py") }.sorted()
    }()

    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")

    @Test func `there are cases and interpreters to run them on`() {
        #expect(Self.cases.count > 20)
        #expect(!Python.all.isEmpty)
    }

    @Test(arguments: cases, Python.all) func `a game that is updated while it runs`(file: String, python: Python) throws {
        let script = try String(contentsOf: Self.directory.appendingPathComponent(file), encoding: .utf8)
        try expectReload([:], script, on: python)
    }
}
