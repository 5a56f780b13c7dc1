internal import InstarReload
internal import Synchronization

extension LiveUpdater {
    /// Begins no check any more and breaks off the one under way. True once no thread of this updater does anything: only
    /// then a forked child meets no lock that another thread held. Call it until then; `goOn()` ends it.
    package func holdsStill() -> Bool {
        checks.withLock { $0?.hold() }
        let isChecking = state.withLock { state in
            state.isHeld = true
            return state.isChecking
        }
        if isChecking { state.withLock { $0.outing }?.cancel() }
        return !isChecking && checks.withLock { $0?.isAtRest ?? true }
    }

    /// Goes on checking after `holdsStill()`.
    package func goOn() {
        state.withLock { $0.isHeld = false }
        checks.withLock { $0?.resume() }
    }

    /// In a forked child: the engines let go of what was prepared, and the store is left to the parent.
    package func leaveToParent() {
        guard let ready = state.withLock({ $0.ready.take() }) else { return }
        state.withLock { $0.inherited = ready.target }
        ready.prepared.undo()
    }
}
