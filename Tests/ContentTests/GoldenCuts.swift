/// What cutting gave when the format was fixed. Another result means that no repository finds its content again.
enum GoldenCuts {
    static let noiseDigest = "511812fbe241b0a0"
    /// Made by an independent implementation in Python.
    /// Sizes of the pieces of 60,000 bytes of noise at an average of 4096.
    static let noise: [UInt32] = [6500, 4499, 4935, 4887, 4259, 4445, 4934, 1891, 5224, 5047, 4108, 5051, 4195, 25]
}
