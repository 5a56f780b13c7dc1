/// The 256 random numbers of the gear hash, from a fixed seed.
///
/// They are part of the format of a repository only in so far as another table finds other boundaries, so that
/// nothing would be found again: a test pins them.
enum GearTable {
    static let numbers: [UInt64] = {
        var random = SplitMix64(seed: 0x496E_7374_6172_2031)  // "Instar 1"
        return (0..<256).map { _ in random.next() }
    }()
}
