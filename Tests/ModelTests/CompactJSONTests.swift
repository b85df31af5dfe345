// What the reader of plain JSON accepts is JSON, and its canonical form that of the value.

import Testing
import WritModel

@Suite struct CompactJSONTests {
  /// The canonical form; `nil` where the reader leaves the document to another.
  private func canonical(_ text: [UInt8]) -> [UInt8]? {
    text.withUnsafeBufferPointer { bytes -> [UInt8]? in
      var cursor = CompactJSON(bytes)
      var output: [UInt8] = []
      guard cursor.appendCanonical(to: &output), cursor.isAtEnd else { return nil }
      return output
    }
  }

  @Test(arguments: [
    ("{}", "{}"), ("[]", "[]"), ("\"\"", "\"\""), ("true", "true"), ("null", "null"),
    (
      "{\"b\":1,\"a\":[false,{\"z\":\"\",\"y\":-12}]}",
      "{\"a\":[false,{\"y\":-12,\"z\":\"\"}],\"b\":1}"
    ),
    ("{\"a\":1,\"ab\":0,\"B\":999999999999999}", "{\"B\":999999999999999,\"a\":1,\"ab\":0}"),
  ]) func putsMembersInOrder(_ text: String, _ wanted: String) {
    #expect(canonical(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } == wanted)
  }

  @Test(arguments: [
    "", " {}", "{} ", "{ }", "[1, 2]", "{\"a\":1,\"a\":2}", "{\"b\":1,\"a\":2,\"b\":3}", "01", "-0",
    "-",
    "1.0", "1e3", "1000000000000000", "\"\\n\"", "\"ü\"", "\"\u{7f}\"", "\"a", "{\"a\"}",
    "{\"a\":}",
    "{a:1}", "[1,]", "{\"a\":1,}", "tru", "nulls", "[", "{", "]", "\"\t\"",
    String(repeating: "[", count: 17) + String(repeating: "]", count: 17),
  ]) func leavesTheRestToAnother(_ text: String) {
    #expect(canonical(Array(text.utf8)) == nil)
  }

  /// Every way to put another byte in a document, and to leave one out.
  @Test func acceptsNothingElse() throws {
    let text = Array(
      "{\"gate\":\"a.b\",\"arguments\":{\"r\":\"R/1\",\"e\":\"E/2\"},\"facts\":[{\"node\":\"R\",\"n\":-17},true]}"
        .utf8)
    var accepted = 0
    func check(_ changed: [UInt8]) throws {
      guard let found = canonical(changed) else { return }
      accepted += 1
      #expect(try JSONValue(parsing: changed).ownCanonicalBytes() == found)
    }
    for place in text.indices {
      for byte in UInt8(0)...255 {
        var changed = text
        changed[place] = byte
        try check(changed)
      }
      var shorter = text
      shorter.remove(at: place)
      try check(shorter)
    }
    #expect(accepted > 3_000)
  }
}
