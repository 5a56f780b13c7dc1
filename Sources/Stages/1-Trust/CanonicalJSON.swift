extension JSON {
    /// Canonical JSON as OLPC defined it and The Update Framework signs it: no space, keys in byte order, only
    /// `"` and `\` escaped, so that control characters stay literal. It is what signatures are over; because of
    /// those control characters it is not always JSON.
    package var canonical: [UInt8] {
        var writer = Writer(escapesControls: false)
        writer.write(self)
        return writer.output
    }

    /// The same form with control characters escaped, so that every JSON parser reads it: what is published.
    package var document: [UInt8] {
        var writer = Writer(escapesControls: true)
        writer.write(self)
        return writer.output
    }

    private struct Writer {
        let escapesControls: Bool
        var output: [UInt8] = []

        mutating func write(_ value: JSON) {
            switch value {
            case .null: output += "null".utf8
            case .boolean(let value): output += (value ? "true" : "false").utf8
            case .integer(let value): output += String(value).utf8
            case .string(let text): write(text)
            case .array(let elements): write(elements)
            case .object(let object): write(object)
            }
        }

        private mutating func write(_ elements: [JSON]) {
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(element)
            }
            output.append(UInt8(ascii: "]"))
        }

        private mutating func write(_ object: JSONObject) {
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(member.key)
                output.append(UInt8(ascii: ":"))
                write(member.value)
            }
            output.append(UInt8(ascii: "}"))
        }

        private mutating func write(_ text: ByteText) {
            output.append(UInt8(ascii: "\""))
            for byte in text.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    output += [UInt8(ascii: "\\"), byte]
                } else if escapesControls && byte < 0x20 {
                    output += "\\u00\(byte < 0x10 ? "0" : "1")".utf8
                    output.append(Array("0123456789abcdef".utf8)[Int(byte & 15)])
                } else {
                    output.append(byte)
                }
            }
            output.append(UInt8(ascii: "\""))
        }
    }
}
