internal import InstarStore
internal import InstarThreads

/// What became of a store whose state was lost.
public struct RecoveryOutcome: Sendable, Hashable {
    /// A generation that could not be listed again.
    public struct Refused: Sendable, Hashable {
        public var generation: UInt64
        public var reason: String
    }

    /// False where the state was readable and nothing was done.
    public var wasNeeded: Bool
    /// Releases that are whole, byte for byte; none of them counts as proven any more.
    public var listed: [Release]
    public var refused: [Refused]
}

extension Updater {
    /// Writes a lost or damaged state anew from the generations on the disk, each read and verified byte for byte. Needs no
    /// network. Does nothing where the state is readable.
    ///
    /// What only the state knew is gone: which releases were proven, and which were banned. So the newest whole release is
    /// active on trial, and one that crashes is given up as any other.
    public func recover() async throws(UpdateError) -> RecoveryOutcome {
        do {
            let store = store
            return try await Workers.run(name: "instar-recover") { () throws -> RecoveryOutcome in
                switch try store.rebuildState() {
                case .busy: throw UpdateError(.busy, "another process is writing the store \(store.path): try again when it is done")
                case .notNeeded: return RecoveryOutcome(wasNeeded: false, listed: [], refused: [])
                case .rebuilt(let report):
                    return RecoveryOutcome(
                        wasNeeded: true, listed: report.listed.map { Release($0.release) },
                        refused: report.refused.map { RecoveryOutcome.Refused(generation: $0.generation, reason: $0.reason) })
                }
            }
        } catch { throw UpdateError(error) }
    }
}
