// The strict reader: what it keeps, what it refuses, and where it says that the mistake is.
import Testing
import WritModel

private func read(_ text: String) throws(JSONError) -> JSONValue {
  try JSONValue(parsing: Array(text.utf8))
}

@Suite struct JSONTests {
  @Test func membersKeepTheirOrder() throws {
    let value = try read(#"{"b":1,"a":[true,null,"x"]}"#)
    #expect(value == ["b": 1, "a": [true, nil, "x"]])
    #expect(value.compact == #"{"b":1,"a":[true,null,"x"]}"#)
  }

  @Test func prettyHasALineAMember() {
    let value: JSONValue = ["b": 1, "a": [true, []], "c": [:]]
    #expect(
      value.pretty == """
        {
          "b": 1,
          "a": [
            true,
            []
          ],
          "c": {}
        }
        """)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "{'a':1}", "01", "+1",
    "1.", ".5", "1e", "-", "--1", "0x1", "NaN", "Infinity", "tru", "nul", "[1]]", "1 2", "\"a",
    "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\n\"", "\"\u{1}\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\u0000\"", "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"\\u0061\":1}", "\u{feff}1", "//\n1", "[1,/**/2]", "\u{a0}1",
  ])
  func refused(_ text: String) {
    #expect(throws: JSONError.self) { try read(text) }
  }

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xe2, 0x80, 0x22],
      [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x00, 0x22], [0x22, 0x5c, 0x6e, 0xff, 0x22],
    ] as [[UInt8]])
  func noUTF8(_ bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
  }

  @Test func theMistakeHasAPlace() throws {
    let error = try #require(throws: JSONError.self) { try read("{\n  \"a\": 1,\n  \"b\": tru\n}") }
    #expect(error.offset == 19)
    #expect(error.line == 3)
    #expect(error.column == 8)
    #expect(error.description == "line 3, column 8: expected `true`")
  }

  @Test func aRepeatedNameIsFoundAmongMany() throws {
    let members = (0..<100).map { "\"n\($0)\":0" } + ["\"n42\":1"]
    let text = "{" + members.joined(separator: ",") + "}"
    let error = try #require(throws: JSONError.self) { try read(text) }
    #expect(error.expectation == "the name `n42` stands here twice")
    #expect(error.offset == text.utf8.count - 8)
  }

  @Test func canonicallyEquivalentNamesAreDifferent() throws {
    let value = try read("{\"\u{212a}\":1,\"K\":2,\"\u{e9}\":3,\"e\u{301}\":4}")
    #expect(value["K"]?.integer == 2)
    #expect(value["\u{212a}"]?.integer == 1)
    #expect(value["e\u{301}"]?.integer == 4)
    #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try read(nested(64))
    #expect(throws: JSONError.self) { try read(nested(65)) }
    #expect(throws: JSONError.self) { try read(String(repeating: "[", count: 1_000_000)) }
    #expect(throws: JSONError.self) { try read(String(repeating: "{\"a\":", count: 100_000)) }
  }

  @Test func sizeIsLimited() {
    let limits = JSONLimits(depth: 2, byteCount: 4)
    #expect(throws: Never.self) { try JSONValue(parsing: Array("1234".utf8), limits: limits) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array("12345".utf8), limits: limits) }
  }

  @Test func escapesAndSurrogatePairs() throws {
    #expect(try read(#""\"\\\/\b\f\n\r\tA\u00e9😀""#).string == "\"\\/\u{8}\u{c}\n\r\tAé😀")
  }

  @Test(
    arguments: [
      ("1.50", 150, -2), ("-0", 0, 0), ("1e3", 1, 3), ("-12.5E-1", -125, -2), ("0.0000001", 1, -7),
      ("9223372036854775807", .max, 0), ("-9223372036854775808", .min, 0),
    ] as [(String, Int64, Int)])
  func decimals(_ text: String, _ mantissa: Int64, _ exponent: Int) throws {
    let number = try #require(try read(text).number)
    #expect(number.decimal == JSONDecimal(mantissa: mantissa, exponent: exponent))
    #expect(number.text == text)
  }

  @Test(arguments: [
    "9223372036854775808", "-9223372036854775809", "1e1000001", "99999999999999999999.5",
  ])
  func tooManyDigitsForADecimal(_ text: String) throws {
    let number = try #require(try read(text).number)
    #expect(number.decimal == nil)
    #expect(number.text == text)
  }

  @Test func wholeNumbers() {
    #expect(JSONNumber("4.0")?.integer == 4)
    #expect(JSONNumber("1e3")?.integer == 1000)
    #expect(JSONNumber("0e999999")?.integer == 0)
    #expect(JSONNumber("4.5")?.integer == nil)
    #expect(JSONNumber("1e19")?.integer == nil)
    #expect(JSONNumber("1 ") == nil)
  }

  @Test func anyOneByteChangeIsReadOrRefused() {
    let text = Array(#"{"a":[1.5e3,"é\ud83d\ude00",true,null],"b":{"c":-0}}"#.utf8)
    var accepted = 0
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        guard let value = try? JSONValue(parsing: changed) else { continue }
        accepted += 1
        #expect((try? JSONValue(parsing: Array(value.compact.utf8))) == value)
      }
    }
    #expect(accepted > 100)
  }
}
