package import InstarTrust

/// Where metadata comes from: the one thing that trust asks of the network. Calls block, so they are made on
/// threads of their own; a conformance keeps its connection between them.
package protocol MetadataSource {
    /// Fetches one file below the address of the metadata. `name` is encoded for a URL already, has no `/`, and
    /// is appended as it is. Reading stops with an answer of `tooLarge` as soon as more than `limit` bytes came.
    func fetch(_ name: String, limit: Int) -> MetadataAnswer

    /// What time the server said it was in its last answer, if it did. It is a hint from a stranger: it decides
    /// nothing, and only words the message when something seems expired.
    var serverTime: UTCTime? { get }
}

extension MetadataSource {
    package var serverTime: UTCTime? { nil }
}

/// What became of a request.
package enum MetadataAnswer: Sendable {
    case bytes([UInt8])
    /// The server has no such file: 404, or 403 as object stores say it. Any other refusal is a `failure`, since
    /// whoever can make a server fail must not be able to hide a new root.
    case missing
    /// More than the limit arrived.
    case tooLarge
    /// The way is broken; the text says how.
    case failure(String)
}
