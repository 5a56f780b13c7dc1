import InstarManifest
import Testing

struct ChannelDocumentTests {
    private let document = ChannelDocument(
        channel: "stable", release: .init(target: "releases/1.0-3.manifest", version: "1.0", sequence: 3),
        rollout: .init(share: 0.25, salt: "salt"), isHalted: true, requirements: [HostRequirement(subject: "python", minimum: "3.9")])

    @Test func `a document survives encoding, and the bytes are always the same`() throws {
        #expect(try ChannelDocument(decoding: document.encoded(), of: "stable") == document)
        #expect(document.encoded() == document.encoded())
    }

    @Test func `the document of another channel is refused`() {
        #expect(throws: ChannelError.wrongChannel(expected: "beta", found: "stable")) {
            try ChannelDocument(decoding: document.encoded(), of: "beta")
        }
    }

    @Test(arguments: ["", "[]", "{}", "null", "{\"format\": 1}"])
    func `what is no document is refused`(text: String) {
        #expect(throws: ChannelError.self) { try ChannelDocument(decoding: Array(text.utf8), of: "stable") }
    }

    @Test func `random damage never traps`() {
        var generator = SystemRandomNumberGenerator()
        let bytes = document.encoded()
        for _ in 0..<1000 {
            var damaged = bytes
            damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            _ = try? ChannelDocument(decoding: damaged, of: "stable")
        }
    }

    @Test func `a rollout takes about its share, and a larger share includes a smaller one`() {
        let installations = (0..<4000).map { "installation-\($0)" }
        func chosen(_ share: Double) -> Set<String> {
            let rollout = ChannelDocument.Rollout(share: share, salt: "releases/1.0-3.manifest")
            return Set(installations.filter { rollout.includes(installation: $0) })
        }
        #expect(chosen(0).isEmpty)
        #expect(chosen(1).count == 4000)
        #expect((800...1200).contains(chosen(0.25).count))
        #expect(chosen(0.25).isSubset(of: chosen(0.5)))
        #expect(chosen(0.5) != Set(installations.filter { ChannelDocument.Rollout(share: 0.5, salt: "other").includes(installation: $0) }))
    }

    @Test(arguments: [
        ("3.9", "3.9", "", true), ("3.10", "3.9", "", true), ("3.8.17", "3.9", "", false), ("3.14", "3.9", "3.14", false),
        ("3.13.2", "3.9", "3.14", true),
        ("3.9", "3.9.0", "", true), ("2.0-beta", "1", "", true),
    ])
    func `requirements compare versions part by part`(version: String, minimum: String, below: String, isMet: Bool) {
        let requirement = HostRequirement(subject: "python", minimum: minimum, below: below)
        #expect(requirement.isMet(by: ["python": version]) == isMet)
        #expect(!requirement.isMet(by: [:]), "a host that does not know the subject does not meet it")
    }
}
