/// A shell pattern of a delegation (§4.5): `*` and `?` as in file names, `[abc]`, `[a-z]` and `[!a]` for one
/// character of a set. Nothing matches a `/` but a `/`, so `a/*` is not `a/b/c`.
package struct PathPattern: Hashable, Sendable {
    private let parts: [[Unicode.Scalar]]

    package init(_ pattern: ByteText) {
        parts = PathPattern.parts(of: pattern)
    }

    /// Whether the pattern covers a path. It takes time in proportion to the product of both lengths at most;
    /// backtracking over several stars would let a pattern cost years.
    package func matches(_ path: ByteText) -> Bool {
        let names = PathPattern.parts(of: path)
        return names.count == parts.count && zip(parts, names).allSatisfy { PathPattern.matches($0, $1) }
    }

    private static func parts(of text: ByteText) -> [[Unicode.Scalar]] {
        Array(text.description.unicodeScalars).split(separator: "/", omittingEmptySubsequences: false).map { Array($0) }
    }

    private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
        var (position, index) = (0, 0)
        // Only the last star needs to be tried again: whatever an earlier one could take, this one can too.
        var retry: (position: Int, index: Int)?
        while index < name.count {
            if position < pattern.count, pattern[position] == "*" {
                retry = (position + 1, index)
                position += 1
            } else if position < pattern.count, let next = matchOne(pattern, position, name[index]) {
                (position, index) = (next, index + 1)
            } else if let last = retry {
                retry = (last.position, last.index + 1)
                (position, index) = (last.position, last.index + 1)
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "*" }
    }

    /// Matches one character; returns the position behind what matched it, nil if it does not match.
    private static func matchOne(_ pattern: [Unicode.Scalar], _ position: Int, _ character: Unicode.Scalar) -> Int? {
        switch pattern[position] {
        case "?": return position + 1
        case "[":
            guard let set = CharacterSetPattern(pattern, at: position) else { return character == "[" ? position + 1 : nil }
            return set.contains(character) ? set.end : nil
        case let expected: return expected == character ? position + 1 : nil
        }
    }
}

/// `[…]` in a pattern. A bracket that is never closed stands for itself; `]` in first place does too.
private struct CharacterSetPattern {
    private var ranges: [ClosedRange<UInt32>] = []
    private var isNegated = false
    /// The position behind the closing bracket.
    private(set) var end: Int

    init?(_ pattern: [Unicode.Scalar], at start: Int) {
        var first = start + 1
        if first < pattern.count, pattern[first] == "!" {
            isNegated = true
            first += 1
        }
        let search = first < pattern.count && pattern[first] == "]" ? first + 1 : first
        guard search <= pattern.count, let close = pattern[search...].firstIndex(of: "]") else { return nil }
        end = close + 1
        var index = first
        while index < close {
            let low = pattern[index].value
            if index + 2 < close, pattern[index + 1] == "-" {
                // A range that runs backwards holds nothing.
                if low <= pattern[index + 2].value { ranges.append(low...pattern[index + 2].value) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
    }

    func contains(_ character: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(character.value) } != isNegated
    }
}
