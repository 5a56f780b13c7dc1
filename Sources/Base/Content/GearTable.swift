/// The 256 random numbers of the gear hash: SplitMix64 (Steele, Lea, Flood 2014) from a fixed seed.
///
/// They are part of the format of a repository only in so far as another table finds other boundaries, so that
/// nothing would be found again: a test pins them.
enum GearTable {
    static let numbers: [UInt64] = {
        var state: UInt64 = 0x496E_7374_6172_2031  // "Instar 1"
        return (0..<256).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }()
}
