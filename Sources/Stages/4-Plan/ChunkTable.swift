internal import InstarCryptography

/// Finds the first of many pieces that has a digest. It keeps the number of each piece and nothing else, four to eight bytes a
/// chunk, so the pieces themselves have to be handed in, always the same ones in the same places.
struct ChunkTable: Sendable {
    /// Number plus one of the piece at each slot; 0 where there is none. Its count is a power of two.
    private var slots: [UInt32] = [UInt32](repeating: 0, count: 1024)
    private var count = 0

    init() {}

    /// The number of the first piece that was entered with this digest.
    func find(_ digest: Digest, in pieces: [Piece]) -> Int? {
        let found = slots[slot(of: digest, in: pieces)]
        return found == 0 ? nil : Int(found) - 1
    }

    /// Enters the piece with this number; false where its digest is there already.
    mutating func enter(_ number: Int, of pieces: [Piece]) -> Bool {
        if (count + 1) * 3 > slots.count * 2 { grow(pieces) }
        let slot = slot(of: pieces[number].digest, in: pieces)
        guard slots[slot] == 0 else { return false }
        slots[slot] = UInt32(number + 1)
        count += 1
        return true
    }

    /// Where a digest is, or belongs. Digests are evenly distributed by themselves; whoever makes them collide made chunks to
    /// match, and gets a slower plan.
    private func slot(of digest: Digest, in pieces: [Piece]) -> Int {
        var slot = Int(truncatingIfNeeded: digest.prefix) & (slots.count - 1)
        while slots[slot] != 0, pieces[Int(slots[slot]) - 1].digest != digest { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private mutating func grow(_ pieces: [Piece]) {
        let old = slots
        slots = [UInt32](repeating: 0, count: old.count * 2)
        for number in old where number != 0 { slots[slot(of: pieces[Int(number) - 1].digest, in: pieces)] = number }
    }
}
