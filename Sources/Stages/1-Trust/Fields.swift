/// Reads the members of an object that metadata must have, and says which one is missing or wrong. Members
/// that nobody asks for are no concern: unknown fields are allowed everywhere.
struct Fields {
    let object: JSONObject
    /// The role, for messages.
    let subject: ByteText
    /// Where the object stands in the role, for messages.
    let place: String

    init(_ value: JSON?, of subject: ByteText, at place: String) throws(TrustError) {
        guard case .object(let object)? = value else { throw TrustError(.malformed, subject, "\(place) is no object") }
        (self.object, self.subject, self.place) = (object, subject, place)
    }

    func error(_ name: ByteText, _ problem: String) -> TrustError {
        TrustError(.malformed, subject, "\(place).\(name.printable) \(problem)")
    }

    func string(_ name: ByteText) throws(TrustError) -> ByteText {
        guard case .string(let text)? = object[name] else { throw error(name, "is no string") }
        return text
    }

    /// An integer in a range; the ranges keep every later sum and comparison far from overflow.
    func integer(_ name: ByteText, in range: ClosedRange<Int64>) throws(TrustError) -> Int64 {
        guard case .integer(let value)? = object[name] else { throw error(name, "is no integer") }
        guard range.contains(value) else { throw error(name, "is \(value), which is not from \(range.lowerBound) to \(range.upperBound)") }
        return value
    }

    func boolean(_ name: ByteText) throws(TrustError) -> Bool {
        guard case .boolean(let value)? = object[name] else { throw error(name, "is neither true nor false") }
        return value
    }

    func array(_ name: ByteText) throws(TrustError) -> [JSON] {
        guard case .array(let elements)? = object[name] else { throw error(name, "is no array") }
        return elements
    }

    func strings(_ name: ByteText) throws(TrustError) -> [ByteText] {
        var texts: [ByteText] = []
        for element in try array(name) {
            guard case .string(let text) = element else { throw error(name, "holds something that is no string") }
            texts.append(text)
        }
        return texts
    }

    func fields(_ name: ByteText) throws(TrustError) -> Fields {
        try Fields(object[name], of: subject, at: "\(place).\(name.printable)")
    }

    func has(_ name: ByteText) -> Bool { object[name] != nil }
}
