/// A strict parser of JSON (RFC 8259), the only one that trust uses, both to verify and to read: two parsers
/// that read one text differently would let a signature stand for something else.
///
/// Refused: duplicate keys (compared as bytes, after escapes), numbers that are no integers or need more than
/// 64 bits, a byte-order mark, invalid UTF-8, unpaired surrogates, text after the value, more depth or size
/// than the limits.
package struct JSONParser {
    /// How deep values may be nested: a text of a million brackets must not overflow the stack. Real metadata
    /// needs seven levels.
    package static let maximumDepth = 64
    /// How long any text may be, in bytes: the largest role's limit.
    package static let maximumByteCount = MetadataLimit.targets

    private let bytes: [UInt8]
    private var position = 0

    /// The value of a whole text.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        guard bytes.count <= maximumByteCount else {
            throw JSONError(offset: maximumByteCount, reason: "the text is longer than \(maximumByteCount) bytes")
        }
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("text after the value") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < JSONParser.maximumDepth else { throw error("values nested deeper than \(JSONParser.maximumDepth) levels") }
        skipSpace()
        guard let byte = peek else { throw error("the text ends where a value should be") }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error("no value begins with this byte")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        let start = position
        position += 1
        var members: [JSONObject.Member] = []
        skipSpace()
        if take("}") { return .object(JSONObject()) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a key must be a string") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw error("a colon must follow a key") }
            members.append(.init(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { break }
            guard take(",") else { throw error("a comma or a closing brace must follow a member") }
        }
        guard let object = JSONObject(members) else { throw JSONError(offset: start, reason: "an object has a key twice") }
        return .object(object)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("a comma or a closing bracket must follow an element") }
        }
    }

    private mutating func integer() throws(JSONError) -> Int64 {
        let start = position
        _ = take("-")
        let digits = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > digits else { throw error("a number needs a digit") }
        guard position == digits + 1 || bytes[digits] != UInt8(ascii: "0") else { throw error("a number must not begin with a zero") }
        if let byte = peek, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") {
            throw error("signed metadata has integers only")
        }
        guard let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw error("a number needs more than 64 bits")
        }
        return value
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for byte in text.description.utf8 {
            guard peek == byte else { throw error("no value begins like this") }
            position += 1
        }
        return value
    }

    private mutating func string() throws(JSONError) -> ByteText {
        position += 1
        var text: [UInt8] = []
        while true {
            let start = position
            while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
            text += bytes[start..<position]
            switch peek {
            case UInt8(ascii: "\""):
                position += 1
                guard UTF8Validation.isValid(text) else { throw error("a string is not valid UTF-8") }
                return ByteText(validUTF8: text)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case nil: throw error("the text ends inside a string")
            default: throw error("a control character must be escaped")
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        position += 1
        guard let byte = peek else { throw error("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(String(Character(try scalar())).utf8)
        default: throw error("there is no such escape")
        }
    }

    /// The scalar of one `\uXXXX`, or of two that are a surrogate pair.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let high = try codeUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, take("\\"), take("u") else { throw error("an escaped surrogate has no partner") }
        let low = try codeUnit()
        guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) else {
            throw error("an escaped surrogate has no partner")
        }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }
}

/// Why a text is not the JSON that trust reads, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte at which the parser stopped.
    package var offset: Int
    package var reason: String

    package var description: String { "\(reason) (at byte \(offset))" }
}
