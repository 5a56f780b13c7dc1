import InstarDisk
import SystemPackage
import TestSupport
import Testing

struct DirectoryTests {
    private let folder = TemporaryFolder()

    private func root() throws -> Directory { try Directory.open(folder.path) }

    @Test func `replacing a file shows the old bytes or the new, and leaves nothing beside it`() throws {
        let root = try root()
        try root.replace("state", with: [1, 2, 3])
        try root.replace("state", with: [4])
        #expect(try root.contents(of: "state", limit: 10) == [4])
        #expect(try root.entries().map(\.name.string) == ["state"])
    }

    @Test func `a replacement that fails leaves the old bytes and nothing else`() throws {
        let root = try root()
        try root.makeDirectory("state")
        try root.directory("state").makeDirectory("full")
        #expect(throws: DiskError.self) { try root.replace("state", with: [1]) }
        #expect(try root.entries().map(\.name.string) == ["state"])
    }

    @Test func `no call follows a symbolic link`() throws {
        let root = try root()
        try root.makeDirectory("real")
        try folder.write("real/file", [1])
        try root.makeSymbolicLink("folder", to: "real")
        try root.makeSymbolicLink("file", to: "real/file")
        #expect(throws: DiskError.self) { _ = try root.directory("folder") }
        #expect(throws: DiskError.self) { _ = try root.file("file") }
        #expect(throws: DiskError.self) { _ = try root.file("file", .readWrite) }
        #expect(throws: DiskError.self) { _ = try root.directory(creating: "folder") }
        #expect(throws: DiskError.self) { _ = try Directory.open(folder.path.appending("folder")) }
        #expect(try root.status(of: "file")?.kind == .symbolicLink)
        try root.removeTree("folder")
        #expect(try root.directory("real").contents(of: "file", limit: 9) == [1])
        #expect(try root.readSymbolicLink("file") == "real/file")
    }

    @Test func `a file larger than the limit is not read`() throws {
        try folder.write("large", [UInt8](repeating: 0, count: 11))
        #expect(throws: DiskError("read", folder.path.appending("large"), .fileTooLarge)) { try root().contents(of: "large", limit: 10) }
        #expect(try root().contents(of: "absent", limit: 10) == nil)
    }

    @Test func `a pipe is no file, and opening it does not block`() throws {
        #expect(try ChildProcess.run("mkfifo", [folder.path.appending("pipe").string]) == .exit(0))
        #expect(throws: DiskError.self) { _ = try root().file("pipe") }
    }

    @Test func `removing a tree takes names of any bytes and folders without permissions`() throws {
        let root = try root()
        let deep = try root.directory(creating: "tree").directory(creating: "a").directory(creating: "b")
        _ = try deep.write([1], toNew: "file", permissions: 0o400)
        try deep.makeSymbolicLink("link", to: "/")
        let odd = try #require(
            [0x62, 0xFF, 0x0A, 0].map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
                FilePath.Component(platformString: $0.baseAddress!)
            })
        _ = try deep.write([1], toNew: odd, permissions: 0o600)
        try root.directory("tree").setPermissions(0, of: "a")
        try root.removeTree("tree")
        try root.removeTree("tree")
        #expect(try root.entries().isEmpty)
    }

    @Test func `an error says what was tried, where, and what to do`() throws {
        let error = #expect(throws: DiskError.self) { _ = try root().directory("absent") }
        #expect(error?.description == "cannot open the folder \(folder.path)/absent: No such file or directory")
        #expect(DiskError("write", "/x", .noSpace).description.hasSuffix("free some disk space and try again"))
    }

    @Test func `reading and writing name their offset`() throws {
        let file = try root().file("file", .create(permissions: 0o600))
        try file.write([4, 5, 6], at: 3)
        try file.write([1, 2, 3], at: 0)
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(try file.read(into: &bytes, at: 1) == 5)
        #expect(bytes.prefix(5) == [2, 3, 4, 5, 6])
        try file.truncate(to: 4096 * 100)
        let status = try file.status()
        #expect(status.size == 409_600 && status.allocated < 100_000)
        #expect(throws: DiskError.self) { _ = try root().file("file", .create(permissions: 0o600)) }
    }

    @Test func `a lock excludes, is shared by readers, and goes with its holder`() throws {
        let root = try root()
        func isFree(_ mode: FileLock.Mode) throws -> Bool {
            switch try FileLock.attempt(mode, "lock", in: root) {
            case .acquired: true
            case .busy: false
            }
        }
        switch try FileLock.attempt(.shared, "lock", in: root) {
        case .busy: Issue.record("nobody has it")
        case .acquired(let lock):
            #expect(try isFree(.shared))
            #expect(try !isFree(.exclusive))
            withExtendedLifetime(lock) {}
        }
        switch try FileLock.wait(.exclusive, "lock", in: root, milliseconds: 1000) {
        case .busy: Issue.record("nobody has it any more")
        case .acquired(let lock):
            try lock.write("12345\n")
            try lock.write("7\n")
            #expect(try root.contents(of: "lock", limit: 10) == Array("7\n".utf8))
            #expect(try !isFree(.shared))
        }
    }

    @Test func `a lock of a killed process is free`() throws {
        let path = folder.path.appending("lock")
        let root = try root()
        try folder.write("lock", [])
        let holder = try ChildProcess("flock", ["--no-fork", path.string, "sleep", "60"])
        func isFree() throws -> Bool {
            switch try FileLock.attempt(.exclusive, "lock", in: root) {
            case .acquired: true
            case .busy: false
            }
        }
        while try isFree() {}
        holder.signal(9)
        holder.wait()
        #expect(try isFree())
    }

    @Test func `a clone or its refusal never leaves wrong content`() throws {
        let root = try root()
        try folder.write("source", [1, 2, 3])
        let copy = try root.file("copy", .create(permissions: 0o600))
        let isCloned = try copy.clone(root.file("source"))
        #expect(try root.contents(of: "copy", limit: 10) == (isCloned ? [1, 2, 3] : []))
        #expect(try root.space().available > 0)
    }
}
