import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct ReadmeTests {
    @Test func `the Swift example of the README is the one that this test compiled`() throws {
        let source = try text("Tests/InstarTests/ReadmeExample.swift").components(separatedBy: "// README\n")
        let example = try #require(source.count == 3 ? source[1] : nil)
        #expect(try text("README.md").contains("```swift\n\(example)```"))
    }

    @Test func `the README names only pages and scripts that exist`() throws {
        let readme = try text("README.md")
        let links = readme.matches(of: /\]\(([^)#:]+)\)/).map { String($0.output.1) }
        #expect(links.count >= 6)
        for link in links { #expect(FileManager.default.fileExists(atPath: Products.packageFolder.appending(link).string), "\(link)") }
        for script in ["scripts/demo", "scripts/test"] {
            #expect(readme.contains("    \(script) "))
            #expect(FileManager.default.isExecutableFile(atPath: Products.packageFolder.appending(script).string))
        }
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: Products.packageFolder.appending(path).string, encoding: .utf8)
    }
}
