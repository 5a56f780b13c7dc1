internal import InstarPython
internal import Synchronization

/// Warnings of a launch, kept until the interpreter can show them.
final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}
