package import InstarDisk
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import SystemPackage

/// Asks the operating system about processes and about itself. Linux tells in files below `/proc`.
package enum Machine {
    /// The present boot and its kills for memory.
    package static func state() throws(DiskError) -> MachineState {
        MachineState(boot: try text("/proc/sys/kernel/random/boot_id") ?? "", memoryKills: try memoryKills())
    }

    /// Which process has this id now; nil where none has.
    package static func process(_ id: Int32, boot: String) throws(DiskError) -> ProcessIdentity? {
        guard let status = try text(FilePath("/proc/\(id)/stat")), let started = startTime(in: status) else { return nil }
        return ProcessIdentity(id: id, started: started, boot: boot)
    }

    /// The calling process.
    package static func currentProcess(boot: String) throws(DiskError) -> ProcessIdentity {
        try process(getpid(), boot: boot) ?? ProcessIdentity(id: getpid(), started: 0, boot: boot)
    }

    /// True while exactly this process runs. One that has ended but was not waited for does not run. Where the system cannot be
    /// asked (this process may have no descriptor left), it is taken to run: a later launch judges it.
    package static func isRunning(_ process: ProcessIdentity) -> Bool {
        do { return try Machine.process(process.id, boot: process.boot) == process } catch { return true }
    }

    /// Seconds since 1970.
    package static func time() -> Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }

    /// Field 22 of `/proc/<id>/stat` (proc(5)); the name in field 2 may hold spaces and brackets. Nil for a zombie.
    static func startTime(in status: String) -> UInt64? {
        guard let end = status.lastIndex(of: ")") else { return nil }
        let fields = status[status.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    private static func memoryKills() throws(DiskError) -> UInt64 {
        let line: Substring?
        do { line = try text("/proc/vmstat")?.split(separator: "\n").first { $0.hasPrefix("oom_kill ") } } catch {
            // A sandbox may keep the whole machine's figures to itself.
            if error.code == .permissionDenied { return 0 }
            throw error
        }
        return line.flatMap { UInt64($0.dropFirst("oom_kill ".count)) } ?? 0
    }

    /// The text of a file of the kernel's; nil where there is none.
    private static func text(_ path: FilePath) throws(DiskError) -> String? {
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path, limit: 1 << 20) } catch {
            if [.noSuchFileOrDirectory, .noSuchProcess].contains(error.code) { return nil }
            throw error
        }
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") } ?? -1
        return String(decoding: bytes[...end], as: UTF8.self)
    }
}
