/// Compresses frames as far as it pays: what a quick look finds to be compressed already (pictures, sounds, archives) is
/// not tried again with a slow level, which would take most of the time and gain next to nothing.
package struct ThriftyEncoder: ~Copyable {
    private var quick: FrameEncoder
    private var thorough: FrameEncoder
    private let looksFirst: Bool

    /// The level of the quick look.
    private static let quickLevel = 3
    /// Up to this level a look costs more than it saves.
    private static let fastLevel = 6

    /// - Parameter level: zstd's compression level, 1 to 19, for what can be compressed.
    package init(level: Int) throws(FrameError) {
        let quick = try FrameEncoder(level: ThriftyEncoder.quickLevel)
        thorough = try FrameEncoder(level: level)
        self.quick = quick
        looksFirst = level > ThriftyEncoder.fastLevel
    }

    /// Compresses `plain` into one frame.
    package mutating func encode(_ plain: [UInt8]) throws(FrameError) -> [UInt8] {
        if looksFirst {
            let frame = try quick.encode(plain)
            // Less than a fiftieth is gained.
            if frame.count > plain.count - plain.count / 50 { return frame }
        }
        return try thorough.encode(plain)
    }
}
