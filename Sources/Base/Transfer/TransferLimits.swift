/// The bounds of a transfer. Each says what it stops.
package enum TransferLimits {
    /// Bytes of one stream that wait for the consumer. When it is full the socket is not read any further, so a
    /// slow disk slows the server and memory does not grow.
    package static let bufferBytes = 256 * 1024
    /// Header bytes of one answer. Stops a server that sends header fields for ever.
    package static let headBytes = 64 * 1024
    /// Body bytes of an error answer that are read so that the connection can be used again; longer ones are cut.
    package static let discardedBytes = 64 * 1024
    /// Bytes read in vain to reach a range where the server ignores ranges.
    package static let skippedBytes: UInt64 = 4 << 20
    /// Redirects that one attempt follows. Stops loops.
    package static let redirects = 5
    /// Bytes a second, below which an attempt counts as stalled. Stops a server that drips bytes to hold the client.
    package static let minimumSpeed: UInt64 = 500
    /// Seconds over which `minimumSpeed` is measured; time in which the client itself paused does not count.
    package static let stallSeconds = 15.0
    /// Seconds over which the speed of a request is measured where another mirror could take its place.
    package static let slowSeconds = 2.0
    /// The share of another mirror's known speed below which a request is moved there. Well below a half: the speed of one
    /// stream depends on how many share the line.
    package static let slowShare = 0.25
    /// Bytes a second of one request, below which a mirror of which nothing is known is worth a try.
    package static let curiousSpeed = 64.0 * 1024
    /// How much a mirror's score falls for each request that left it for its slowness.
    package static let slowPenalty = 0.5
    /// Seconds until a connection must be there, name resolution and handshake included.
    package static let connectSeconds = 10.0
    /// The longest wait that a `Retry-After` can impose, in seconds. Stops a server that sends a client to sleep.
    package static let retryAfterSeconds = 60.0
    /// Failures in a row, without progress between them, after which a request gives up.
    package static let failuresInARow = 6
    /// Bytes after which an attempt counts as progress. A server that hands out one byte a connection makes none.
    package static let progressBytes: UInt64 = 16 * 1024
    /// Seconds for which one HTTP/2 stream whose consumer does not read may hold up the others, the most and the least.
    /// After that its request is ended, and sent again for the rest once there is room.
    package static let longestHold = 0.5
    package static let shortestHold = 0.02
    /// How often one mirror may deliver wrong bytes within one stream before it is no longer asked.
    package static let rejectionsPerMirror = 2
    /// The first wait before the same mirror is asked again, in seconds; doubled each time.
    package static let firstBackoff = 0.25
    /// The longest wait between two attempts, in seconds.
    package static let longestBackoff = 15.0
    /// Seconds of a pause after which connections are closed in place of only not being read.
    package static let pauseGrace = 0.5
    /// The shortest time between two progress events, in seconds.
    package static let progressInterval = 0.1
}
