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
        fileprivate var parts: [[Unicode.Scalar]]

        package init(_ path: String) { parts = path.split(separator: "/").map { Array($0.unicodeScalars) } }

        /// What is called `name` in this folder.
        func appending(_ name: String) -> Path {
            var path = self
            path.parts.append(Array(name.unicodeScalars))
            return path
        }
    }

    /// Whether the pattern matches the whole path.
    package func matches(_ path: Path) -> Bool { Glob.match(parts, 0, path.parts, 0) }

    /// Whether what follows `place` of a pattern matches what follows `position` of a path.
    private static func match(_ pattern: [[Unicode.Scalar]], _ place: Int, _ path: [[Unicode.Scalar]], _ position: Int) -> Bool {
        guard place < pattern.count else { return position == path.count }
        if isAnyParts(pattern[place]) {
            return place + 1 == pattern.count || (position...path.count).contains { match(pattern, place + 1, path, $0) }
        }
        return position < path.count && matchPart(pattern[place], path[position]) && match(pattern, place + 1, path, position + 1)
    }

    private static func isAnyParts(_ part: [Unicode.Scalar]) -> Bool { part.count == 2 && part[0] == "*" && part[1] == "*" }

    /// One part, with backtracking only to the last star: linear in practice, quadratic at worst.
    private static func matchPart(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
        var (place, position) = (0, 0)
        var star: (place: Int, position: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                place += 1
                star = (place, position)
            } else if let next = matchOne(pattern, place, text[position]) {
                (place, position) = (next, position + 1)
            } else if let last = star {
                star = (last.place, last.position + 1)
                (place, position) = (last.place, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }

    /// Where the pattern goes on after what is at `place` matched `character`; nil where it does not.
    private static func matchOne(_ pattern: [Unicode.Scalar], _ place: Int, _ character: Unicode.Scalar) -> Int? {
        guard place < pattern.count else { return nil }
        if pattern[place] == "?" { return place + 1 }
        guard pattern[place] == "[", let end = pattern.dropFirst(place + 2).firstIndex(of: "]") else {
            return pattern[place] == character ? place + 1 : nil
        }
        return isChosen(character, by: pattern[(place + 1)..<end]) ? end + 1 : nil
    }

    private static func isChosen(_ character: Unicode.Scalar, by choice: ArraySlice<Unicode.Scalar>) -> Bool {
        var choice = choice
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
        return isIn != isNegated
    }
}
