internal import InstarStore
internal import InstarThreads

/// What preparing the next update came to.
public enum PreparationOutcome: Sendable, Hashable {
    /// So many files of the active release are in place for the next one.
    case prepared(files: UInt64)
    /// Another process works on the store, or the task was cancelled. What is done is of use all the same.
    case interrupted
    /// Nothing is installed, or this file system has no hard links.
    case useless
}

extension Updater {
    /// Does in idle time a part of what the next update would do: links the active release's files into the tree that the next
    /// one is staged in. Worth its while for releases of many files; it takes room for their names only.
    ///
    /// Holds the store for a few milliseconds at a time, so that every other process gets it when it wants it, and ends where
    /// that happens. Cancelling the task ends it, too. Calling it again goes on.
    public func prepareNextUpdate() async throws(UpdateError) -> PreparationOutcome {
        let store = store
        let isCancelled = CancellationFlag()
        do {
            return try await withTaskCancellationHandler {
                try await Workers.run(name: "instar-prepare") { () throws -> PreparationOutcome in
                    switch try store.prepare(isCancelled: { isCancelled.isSet }) {
                    case .prepared(let files): .prepared(files: UInt64(files))
                    case .interrupted: .interrupted
                    case .useless: .useless
                    }
                }
            } onCancel: {
                isCancelled.set()
            }
        } catch { throw UpdateError(error) }
    }
}
