/// Where the steps of one update are announced, and where they hear that nobody waits for them any more.
struct UpdateSteps: Sendable {
    let observer: @Sendable (UpdateEvent) -> Void
    let cancellation = CancellationFlag()

    /// Says that a step begins; throws where nobody waits for it any more. (Cancelling ends the streams that are open; between
    /// two of them there are none.)
    func begin(_ step: UpdateStep) throws {
        observer(.began(step))
        try cancellation.check()
    }
}
