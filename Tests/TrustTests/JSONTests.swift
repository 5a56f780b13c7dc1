import InstarTrust
import Testing

@Suite struct JSONParserTests {
    func parse(_ text: String) throws -> JSON { try JSONParser.parse(Array(text.utf8)) }

    @Test func `every kind of value is read`() throws {
        let value = try parse(#" { "a" : [ 1 , -2 , true , false , null , "x" ] , "b" : {} } "#)
        #expect(value == ["a": [1, -2, true, false, .null, "x"], "b": [:]])
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, "1.0", "1e3", "1E3", "01", "-", "+1", "--1", "NaN", "Infinity", "[1,]", "{,}", #"{"a"}"#,
        #"{"a":}"#, "{1:2}", "[1 2]", "1 2", "", " ", "tru", "nul", "\u{FEFF}1", "'a'", #""\x""#, #""\u12""#, #""\ud800""#, #""\udc00""#,
        #""\ud800\u0041""#, "\"a\nb\"", "\"\u{1}\"", "\"a", "[", "{", #"{"a":1"#, "9223372036854775808", "-9223372036854775809", "// a\n1",
    ]) func `what is no strict JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test(
        arguments: [
            [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
    }

    @Test func `keys that only look alike are two keys`() throws {
        // é as one scalar and as two: equal for Swift's String, different for a signature.
        let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        guard case .object(let object) = value else { Issue.record("no object"); return }
        #expect(object.members.count == 2)
        #expect(object[ByteText("\u{E9}")] == 1)
    }

    @Test func `escapes become what they stand for`() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000""#) == JSON("\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}\u{0}"))
    }

    @Test func `the extreme integers are read`() throws {
        #expect(try parse("[9223372036854775807,-9223372036854775808,-0]") == [.integer(.max), .integer(.min), 0])
    }

    @Test func `depth is bounded`() throws {
        let deep = JSONParser.maximumDepth
        #expect(throws: Never.self) { try parse(String(repeating: "[", count: deep) + String(repeating: "]", count: deep)) }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: deep + 1) + String(repeating: "]", count: deep + 1)) }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func `size is bounded`() {
        #expect(throws: JSONError.self) { try JSONParser.parse([UInt8](repeating: 0x20, count: JSONParser.maximumByteCount + 1)) }
    }

    @Test func `the error says where`() {
        let error = #expect(throws: JSONError.self) { try parse("[123.5]") }
        #expect(error?.description == "signed metadata has integers only (at byte 4)")
    }
}

@Suite struct CanonicalJSONTests {
    @Test(arguments: [
        (#"{"b":1,"a":[true,null,"x"]}"#, #"{"a":[true,null,"x"],"b":1}"#),
        (#""\u00e9\/\"\\""#, "\"\u{E9}/\\\"\\\\\""),
        (#""\n\u0000\u007f""#, "\"\n\u{0}\u{7F}\""),
        (#"{"\ue000":1,"\ud83d\ude00":2}"#, "{\"\u{E000}\":1,\"\u{1F600}\":2}"),
        ("-0", "0"),
        (" [ ] ", "[]"),
    ]) func `values are written as OLPC says`(text: String, expected: String) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).canonical == Array(expected.utf8))
    }

    @Test func `what is published can be parsed again and has the same canonical form`() throws {
        let value: JSON = ["z": ["\u{0}\u{1F}\"\\\u{E9}": [1, -1, .null, false]], "a": "\n"]
        #expect(try JSONParser.parse(value.document) == value)
        #expect(try JSONParser.parse(value.document).canonical == value.canonical)
    }

    @Test func `members can be set and removed`() {
        var object: JSONObject = ["b": 2, "a": 1]
        object["c"] = 3
        object["a"] = nil
        object["b"] = 4
        object["missing"] = nil
        #expect(object == ["b": 4, "c": 3])
    }
}
