import Foundation
import InstarContent
import SystemPackage
import TestSupport
import Testing

struct TarDirectoryTests {
    private static let names = ["a/empty", "a/one.txt", String(repeating: "deep/", count: 30) + "two.txt", "three.bin"]

    /// An archive that Debian's tar made of files of 0, 1000, 2000, … bytes.
    private func archive(_ format: String) throws -> [UInt8] {
        let folder = TemporaryFolder()
        for (index, name) in Self.names.enumerated() { try folder.write(name, [UInt8](repeating: 7, count: index * 1000)) }
        let out = folder.path.appending("game.pak").string
        try #expect(ChildProcess.run("tar", ["--format=\(format)", "-C", folder.path.string, "-cf", out] + Self.names) == .exit(0))
        return try Array(Data(contentsOf: URL(fileURLWithPath: out)))
    }

    private func members(_ bytes: [UInt8]) throws -> [TarDirectory.Member]? {
        try TarDirectory(size: UInt64(bytes.count)) { buffer, offset in
            let wanted = bytes.dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: wanted)
            return wanted.count
        }?.members
    }

    @Test(arguments: ["gnu", "posix", "ustar"])
    func `members have their names, long ones too, and lie one behind the other`(format: String) throws {
        let bytes = try archive(format)
        let members = try #require(try members(bytes))
        #expect(members.map { String(decoding: $0.name, as: UTF8.self) } == Self.names)
        #expect(members.first?.header == 0)
        for (member, next) in zip(members, members.dropFirst()) {
            #expect(member.header < next.header && next.header % 512 == 0)
        }
        let last = try #require(members.last)
        #expect(bytes[Int(last.header)...].starts(with: Array("three.bin".utf8)) || format == "posix")
    }

    @Test func `an archive that is cut off has the members before the cut`() throws {
        let bytes = try archive("ustar")
        let whole = try #require(try members(bytes))
        let cut = Array(bytes[..<Int(whole[2].header + 600)])
        #expect(try members(cut)?.map(\.header) == whole[..<2].map(\.header))
    }

    @Test func `a member that claims more bytes than the file has is left out`() throws {
        var bytes = try archive("ustar")
        let begin = Int(try #require(try members(bytes))[1].header)
        let size = Array("77777777777".utf8)
        bytes.replaceSubrange(begin + 124..<begin + 135, with: size)
        let field = begin + 148..<begin + 156
        bytes.replaceSubrange(field, with: [UInt8](repeating: 32, count: 8))
        let sum = String(bytes[begin..<begin + 512].reduce(0) { $0 + Int($1) }, radix: 8)
        bytes.replaceSubrange(field.prefix(sum.utf8.count + 1), with: Array(sum.utf8) + [0])
        #expect(try members(bytes)?.count == 1)
    }

    @Test func `what is no archive has no members`() throws {
        #expect(try members([]) == nil)
        #expect(try members(noise(4096, seed: 1)) == nil)
        #expect(try members([UInt8](repeating: 0, count: 4096)) == nil)
    }
}
