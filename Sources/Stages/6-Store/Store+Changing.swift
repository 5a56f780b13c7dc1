internal import InstarDisk

extension Store {
    /// Replaces the state by what `transition` makes of it, durably, and answers the new one.
    ///
    /// Only one process does so at a time, for milliseconds; no other lock is needed for it. After an error the state on
    /// disk is what it was.
    @discardableResult
    func change(
        waiting milliseconds: Int = StoreLimits.stateWait, _ transition: (StoreState) throws(StoreError) -> StoreState
    ) throws(StoreError) -> StoreState {
        try withStateLock(waiting: milliseconds) { () throws(StoreError) in try changeLocked(transition) }
    }

    /// As `change`, where the caller holds the state's lock already.
    @discardableResult
    func changeLocked(_ transition: (StoreState) throws(StoreError) -> StoreState) throws(StoreError) -> StoreState {
        let bytes = try stateBytes()
        let old = try bytes.map { bytes throws(StoreError) in try StoreState(encoded: bytes) } ?? StoreState()
        let new = try transition(old)
        guard new != old else { return old }
        let encoded = try new.encoded()
        do { try root.replace("state", with: encoded) } catch {
            restoreState(bytes, unlessStillNot: encoded)
            throw .disk(error)
        }
        return new
    }

    /// Runs `body` while no other process changes the state.
    func withStateLock<Result>(
        waiting milliseconds: Int = StoreLimits.stateWait, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try inspect(file: "state.lock")
        switch try onDisk({ () throws(DiskError) in try FileLock.wait(.exclusive, "state.lock", in: root, milliseconds: milliseconds) }) {
        case .busy: throw .stateBusy
        case .acquired(let lock):
            defer { withExtendedLifetime(lock) {} }
            return try body()
        }
    }

    /// The rename may have happened although the sync after it failed: then the caller is told of an error, so the old
    /// state has to be there again. On a disk that fails at everything this fails too, and either state is a whole one.
    private func restoreState(_ old: [UInt8]?, unlessStillNot new: [UInt8]) {
        guard (try? root.contents(of: "state", limit: StoreLimits.stateBytes)) == new else { return }
        if let old { try? root.replace("state", with: old) } else { _ = try? root.remove("state") }
    }
}
