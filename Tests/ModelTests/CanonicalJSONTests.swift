// RFC 8785, held to its published vectors.
import Glibc
import Testing
import WritModel

/// The bytes of a file below `corpus/`.
func corpusFile(_ name: String) throws -> [UInt8] {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let file = try #require(fopen("/\(root)/corpus/\(name)", "rb"))
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

@Suite struct CanonicalJSONTests {
  @Test func publishedVectors() throws {
    let file = try JSONValue(parsing: corpusFile("evidence/vectors/jcs/jcs.json"))
    let cases = try #require(file["cases"]?.array)
    #expect(cases.count == 6)
    for item in cases {
      let input = try #require(Base64.decode(item["input_base64"]?.string ?? "?"))
      let output = try JSONValue(parsing: input).canonicalBytes()
      #expect(Hex.encode(output) == item["output_hex"]?.string, "\(item["name"]?.string ?? "")")
    }
  }

  /// RFC 8785, appendix B, and the edges of each layout of ECMAScript.
  @Test(arguments: [
    ("-0", "0"), ("0.0", "0"), ("5e-324", "5e-324"), ("-5e-324", "-5e-324"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"), ("9007199254740992", "9007199254740992"),
    ("9007199254740993", "9007199254740992"), ("295147905179352830000", "295147905179352830000"),
    ("9.999999999999997e22", "9.999999999999997e+22"), ("1e23", "1e+23"),
    ("1.0000000000000001e23", "1.0000000000000001e+23"),
    ("999999999999999700000", "999999999999999700000"),
    ("999999999999999900000", "999999999999999900000"), ("1e21", "1e+21"),
    ("1e20", "100000000000000000000"),
    ("0.000001", "0.000001"), ("0.0000001", "1e-7"),
    ("9.999999999999997e-7", "9.999999999999997e-7"),
    ("333333333.3333332", "333333333.3333332"), ("333333333.33333325", "333333333.33333325"),
    ("0.1e1", "1"), ("100", "100"), ("1e2", "100"), ("4.50", "4.5"),
    ("1424953923781206.2", "1424953923781206.2"),
    ("-0.0000033333333333333333", "-0.0000033333333333333333"),
  ])
  func numbers(_ text: String, _ canonical: String) throws {
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(String(decoding: try value.canonicalBytes(), as: UTF8.self) == canonical)
  }

  @Test func namesSortByUTF16() throws {
    let value: JSONValue = [
      "\u{ffff}": 1, "\u{1f600}": 2, "\u{e000}": 3, "\u{d7ff}": 4, "a": 5, "": 6,
    ]
    #expect(
      String(decoding: try value.canonicalBytes(), as: UTF8.self)
        == "{\"\":6,\"a\":5,\"\u{d7ff}\":4,\"\u{1f600}\":2,\"\u{e000}\":3,\"\u{ffff}\":1}")
  }

  @Test func whatHasNoCanonicalForm() throws {
    #expect(throws: CanonicalJSONError.repeatedName("a")) {
      try JSONValue.object([JSONMember("a", 1), JSONMember("a", 2)]).canonicalBytes()
    }
    #expect(throws: CanonicalJSONError.numberOutOfRange("1e999")) {
      try JSONValue(parsing: Array("1e999".utf8)).canonicalBytes()
    }
  }

  @Test(arguments: [
    "1.5", "-9223372036854775808", "9007199254740992", "-9007199254740992", "1e3", "-0",
  ])
  func ownDocumentsHoldSafeIntegersOnly(_ text: String) throws {
    let value = try JSONValue(parsing: Array("[\(text)]".utf8))
    #expect(throws: CanonicalJSONError.notSafeInteger(text)) { try value.ownCanonicalBytes() }
  }

  @Test func canonicalFormIsAFixedPoint() throws {
    let value: JSONValue = ["z": [1, "é\n\u{7f}", ["b": nil, "a": -9_007_199_254_740_991]]]
    let bytes = try value.ownCanonicalBytes()
    #expect(try JSONValue(parsing: bytes).ownCanonicalBytes() == bytes)
  }
}
