#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import InstarDisk
internal import InstarTransfer
internal import SystemPackage

/// What earlier runs learned of the mirrors, kept in the store. Losing it costs a little time, never correctness, so
/// nothing here fails.
struct MirrorMemory: Sendable {
    /// Bytes. Stops a file that somebody grew.
    private static let limit = 64 << 10

    private let file: FilePath

    init(store: FilePath) {
        file = store.appending("mirrors")
    }

    func read() -> MirrorScores {
        guard let bytes = try? DurableFile.read(file, limit: MirrorMemory.limit) else { return MirrorScores() }
        return (try? JSONDecoder().decode(MirrorScores.self, from: Data(bytes))) ?? MirrorScores()
    }

    /// Writes only where a mirror failed, now or before: speeds alone are measured again soon enough.
    func write(_ scores: MirrorScores) {
        guard scores.scores.values.contains(where: { $0.penalty > 0 }), scores != read() else { return }
        guard let data = try? JSONEncoder().encode(scores) else { return }
        try? DurableFile.replace(file, with: [UInt8](data))
    }
}
