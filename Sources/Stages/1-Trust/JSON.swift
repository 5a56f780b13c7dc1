/// A value of the JSON that trust reads and signs: integers are its only numbers.
package enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case string(ByteText)
    case array([JSON])
    case object(JSONObject)
}

/// The members of an object in the order of their keys' bytes, which is the canonical order; no key twice.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Member: Hashable, Sendable {
        package var key: ByteText
        package var value: JSON
    }

    package private(set) var members: [Member]

    /// Sorts the members; nil if two have the same key.
    init?(_ members: [Member]) {
        var sorted = members
        // What canonical writers wrote is in order already.
        if !zip(members, members.dropFirst()).allSatisfy({ $0.key < $1.key }) {
            sorted.sort { $0.key < $1.key }
            guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.key != $1.key }) else { return nil }
        }
        self.members = sorted
    }

    /// Where a literal names a key twice, the last value counts.
    package init(dictionaryLiteral elements: (ByteText, JSON)...) {
        members = []
        for (key, value) in elements { self[key] = value }
    }

    package init() {
        members = []
    }

    /// The value of a member; setting nil removes it.
    package subscript(key: ByteText) -> JSON? {
        get {
            let index = firstIndex(notBefore: key)
            return index < members.count && members[index].key == key ? members[index].value : nil
        }
        set {
            let index = firstIndex(notBefore: key)
            let exists = index < members.count && members[index].key == key
            switch (newValue, exists) {
            case (let value?, true): members[index].value = value
            case (let value?, false): members.insert(Member(key: key, value: value), at: index)
            case (nil, true): members.remove(at: index)
            case (nil, false): break
            }
        }
    }

    private func firstIndex(notBefore key: ByteText) -> Int {
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(ByteText(value)) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (ByteText, JSON)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }

    /// Text as a value.
    package init(_ text: String) { self = .string(ByteText(text)) }
}
