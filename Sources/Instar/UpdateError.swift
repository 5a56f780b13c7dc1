/// Why an update, a launch or a repair did not happen. Whatever it is, the store still names the last good version.
public struct UpdateError: Error, Sendable, CustomStringConvertible {
    /// What a caller decides by. The first group says that the repository is wrong, the second that the way to it is
    /// broken, the third that this machine cannot.
    public enum Kind: String, Sendable, CaseIterable {
        /// A signature, a threshold, a digest or a version of the signed metadata is not what it must be.
        case untrusted
        /// The signed metadata is older than its own expiry allows; the installed game still starts.
        case expired
        /// The repository offers something older than this client has already seen.
        case rolledBack
        /// Metadata, a manifest, a bundle or a chunk is truncated or altered.
        case damaged
        /// A release contains a path that no client may create.
        case unsafePath
        /// The release needs a newer host, or a feature that this client does not have.
        case incompatible
        /// The release failed on this machine before and is not tried again.
        case banned

        /// No server answers, by any mirror.
        case noServer
        /// A server answers, but not as HTTP or the release's own sizes demand.
        case protocolViolation

        /// The disk is full, or an update would exceed the ceiling that was set.
        case diskFull
        /// A call of the file system failed.
        case disk
        /// Another process writes this store.
        case busy
        /// The store is not one: planted links, another owner, damage that cannot be repaired.
        case unsafeStore
        /// Nothing is installed and nothing was shipped with the app.
        case nothingInstalled
        /// The caller asked for something that does not exist, such as a generation that was collected.
        case invalidRequest
        /// The new code could not be put into the running game; the old code goes on.
        case reloadFailed
        /// The caller cancelled.
        case cancelled
    }

    public var kind: Kind
    /// What was wrong, where, and what to do.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
