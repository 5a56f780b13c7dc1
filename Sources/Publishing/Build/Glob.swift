/// A pattern for paths of a build: `*` any characters of one part, `?` one of them, `[abc]` and `[a-z]` a choice,
/// `**` any number of whole parts. A pattern without a slash matches at any depth, as in .gitignore.
package struct Glob: Hashable, Sendable {
    private let parts: [[Unicode.Scalar]]

    package init(_ pattern: String) {
        var parts = pattern.split(separator: "/", omittingEmptySubsequences: true).map { Array($0.unicodeScalars) }
        if parts.count == 1, !pattern.hasPrefix("/"), parts[0] != Array("**".unicodeScalars) {
            parts.insert(Array("**".unicodeScalars), at: 0)
        }
        // `folder/` means everything below it.
        if pattern.hasSuffix("/") { parts.append(Array("**".unicodeScalars)) }
        self.parts = parts
    }

    /// A path taken apart, once for all the patterns that it is held against.
    package struct Path {
        fileprivate let parts: [[Unicode.Scalar]]

        package init(_ path: String) { parts = path.split(separator: "/").map { Array($0.unicodeScalars) } }
    }

    /// Whether the pattern matches the whole path.
    package func matches(_ path: Path) -> Bool { Glob.match(parts[...], path.parts[...]) }

    private static func match(_ pattern: ArraySlice<[Unicode.Scalar]>, _ path: ArraySlice<[Unicode.Scalar]>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == ["*", "*"] {
            let rest = pattern.dropFirst()
            if rest.isEmpty { return true }
            return (path.startIndex...path.endIndex).contains { match(rest, path[$0...]) }
        }
        guard let part = path.first, matchPart(first[...], part[...]) else { return false }
        return match(pattern.dropFirst(), path.dropFirst())
    }

    /// One part, with backtracking only to the last star: linear in practice, quadratic at worst.
    private static func matchPart(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        var pattern = pattern, text = text
        var star: (pattern: ArraySlice<Unicode.Scalar>, text: ArraySlice<Unicode.Scalar>)?
        while let character = text.first {
            if pattern.first == "*" {
                pattern = pattern.dropFirst()
                star = (pattern, text)
            } else if let rest = matchOne(pattern, character) {
                pattern = rest
                text = text.dropFirst()
            } else if let last = star {
                star = (last.pattern, last.text.dropFirst())
                (pattern, text) = (last.pattern, last.text.dropFirst())
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == "*" }
    }

    /// What is left of the pattern after its first element matched `character`; nil where it does not.
    private static func matchOne(_ pattern: ArraySlice<Unicode.Scalar>, _ character: Unicode.Scalar) -> ArraySlice<Unicode.Scalar>? {
        guard let first = pattern.first else { return nil }
        if first == "?" { return pattern.dropFirst() }
        guard first == "[", let end = pattern.dropFirst(2).firstIndex(of: "]") else {
            return first == character ? pattern.dropFirst() : nil
        }
        var choice = pattern[(pattern.startIndex + 1)..<end]
        let isNegated = choice.first == "!"
        if isNegated { choice = choice.dropFirst() }
        var isIn = false
        while let low = choice.popFirst() {
            if choice.first == "-", choice.count > 1 {
                choice = choice.dropFirst()
                let high = choice.removeFirst()
                isIn = isIn || (low.value <= character.value && character.value <= high.value)
            } else {
                isIn = isIn || low == character
            }
        }
        return isIn != isNegated ? pattern[(end + 1)...] : nil
    }
}
