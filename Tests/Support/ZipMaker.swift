import Foundation
package import SystemPackage

/// Makes zip archives with the tools that games are packed with, and with some that no zlib follows.
package enum ZipMaker: Hashable, Sendable, CustomStringConvertible {
    /// Python's zipfile, which deflates with zlib.
    case python(level: Int)
    /// Info-ZIP, which has a deflater of its own.
    case infoZip(level: Int)
    /// Deflate streams with the fixed codes alone.
    case fixedCodes
    /// Deflate streams that compress nothing.
    case storedBlocks
    /// Members that are not deflated.
    case stored

    package var description: String {
        switch self {
        case .python(let level): "Python level \(level)"
        case .infoZip(let level): "Info-ZIP level \(level)"
        case .fixedCodes: "fixedCodes"
        case .storedBlocks: "storedBlocks"
        case .stored: "stored"
        }
    }

    private static let script = """
        import sys, zipfile, zlib
        how, out, *names = sys.argv[1:]
        level = int(how) if how.isdigit() else 6
        special = {"fixedCodes": (9, zlib.DEFLATED, -15, 8, zlib.Z_FIXED), "storedBlocks": (0, zlib.DEFLATED, -15)}.get(how)
        if special: zipfile._get_compressor = lambda *_: zlib.compressobj(*special)
        method = zipfile.ZIP_STORED if how == "stored" else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(out, "w", method, compresslevel=level) as archive:
            for name in names:
                info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
                info.compress_type = method
                archive.writestr(info, open(name, "rb").read(), compresslevel=level)
        """

    /// Writes an archive with these members in this order.
    package func write(_ members: [(name: String, content: [UInt8])], to path: FilePath) throws {
        let folder = TemporaryFolder()
        for member in members { try folder.write("members/\(member.name)", member.content) }
        let names = members.map(\.name)
        let command =
            switch self {
            case .python(let level): ["python3", "-c", ZipMaker.script, "\(level)", path.string] + names
            case .infoZip(let level): ["zip", "-q", "-X", "-\(level)", path.string] + names
            default: ["python3", "-c", ZipMaker.script, "\(self)", path.string] + names
            }
        try? FileManager.default.removeItem(atPath: path.string)
        try FileManager.default.createDirectory(atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
        let ending = try ChildProcess("sh", ["-c", "cd \"$0\" && exec \"$@\"", folder.path.appending("members").string] + command).wait()
        guard ending == .exit(0) else { throw StudioError("\(command[0]) did not make \(path)") }
    }
}

/// Text that compresses as program texts do, in which version after version changes a little.
package func script(_ bytes: Int, seed: UInt64, version: Int = 1) -> [UInt8] {
    var state = seed &* 2_654_435_761 &+ 99
    var text: [UInt8] = []
    text.reserveCapacity(bytes + 100)
    var line = 0
    while text.count < bytes {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let number = state >> 33
        text += Array("  set_\(number % 50)(value: \(number % 100_003), at: \(number % 71)) // \(String(number, radix: 36))\n".utf8)
        line += 1
        if version > 1, line % 97 == 0 { text += Array("  changed(in: \(version), line: \(line))\n".utf8) }
    }
    return text
}
