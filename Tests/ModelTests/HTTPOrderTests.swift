// Requests as words: what is one, whom it asks, and that values stay where they were put.

import Testing
import WritModel

@Suite struct HTTPOrderTests {
  private func order(_ words: String...) throws(HTTPOrderError) -> HTTPOrder {
    try HTTPOrder(words: ["writ:http"] + words)
  }

  @Test func wordsAreARequest() throws {
    let order = try order(
      "POST", "url", "text:https://a.example:8443/v1/", "value:x/../y", "text:?q=", "value:a&b é",
      "header:X-A", "text:k ", "secret:token", "field:n", "number:1.5", "field:t", "text:a: ",
      "value:\"}", "status:201,204", "answer:json/a")
    #expect(order.origin.description == "https://a.example:8443")
    #expect(order.origin.hostField == "a.example:8443")
    #expect(try order.target() == "/v1/x%2F..%2Fy?q=a%26b%20%C3%A9")
    #expect(try order.bodyText() == #"{"n":1.5,"t":"a: \"}"}"#)
    #expect(order.headers.first?.pieces == [.text("k "), .secret("token")])
    #expect(order.isGood(204) && !order.isGood(200))
    #expect(order.answer == .json(pointer: "/a"))
  }

  /// A value that looks like a part, a secret or a host is a value.
  @Test func valuesAreNothingElse() throws {
    for value in ["secret:token", "header:Host", "url", "https://b.example/", "text:x", "\r\nX: y"]
    {
      let order = try order(
        "PUT", "url", "text:https://a.example/", "value:" + value, "body", "value:" + value)
      #expect(order.origin.host == "a.example" && order.headers.isEmpty)
      #expect(try order.bodyText() == value)
      let target = try order.target()
      #expect(target.utf8.allSatisfy { 0x21...0x7e ~= $0 } && !target.dropFirst().contains("/"))
    }
  }

  @Test(arguments: ["..", ".", "%2e%2e"])
  func segmentsThatLeadElsewhere(segment: String) throws {
    let inText = try order("GET", "url", "text:https://a.example/b/\(segment)/c")
    #expect(throws: HTTPOrderError.self) { try inText.target() }
    let inValue = try order("GET", "url", "text:https://a.example/b/", "value:\(segment)")
    if segment.hasPrefix("%") {
      #expect(try inValue.target() == "/b/%252e%252e")
    } else {
      #expect(throws: HTTPOrderError.self) { try inValue.target() }
    }
  }

  /// What is empty would lead to what stands above it; what stands behind a `;` is not looked at by some.
  @Test func valuesKeepTheirSegments() throws {
    let start = ["DELETE", "url", "text:https://a.example/users/", "value:"]
    for rest in [[], ["text:/keys"], ["text:?all"]] {
      let order = try HTTPOrder(words: ["writ:http"] + start + rest)
      #expect(throws: HTTPOrderError.self) { try order.target() }
    }
    let query = try order("GET", "url", "text:https://a.example/users?name=", "value:")
    #expect(try query.target() == "/users?name=")
    let matrix = try order("GET", "url", "text:https://a.example/a/", "value:..", "text:;x/b")
    #expect(throws: HTTPOrderError.self) { try matrix.target() }
  }

  /// A mark that joins the colon before it makes no other word of it.
  @Test func combiningMarks() throws {
    let order = try order("PUT", "url", "text:https://a.example/", "body", "value:\u{301}x")
    #expect(try order.bodyText() == "\u{301}x")
  }

  @Test func partsAreNotWhole() throws {
    let usual = try order("GET", "url", "text:https://a.example/")
    #expect(usual.isGood(200) && !usual.isGood(206))
    #expect(try order("GET", "url", "text:https://a.example/", "status:206").isGood(206))
  }

  @Test(arguments: [
    ["GET", "url", "text:https://a/%", "value:2f.."],
    ["GET", "url", "text:https://a/%2", "text:f"],
    [], ["GET"], ["GET", "url"], ["TRACE", "url", "text:https://a/"],
    ["GET", "url", "value:https://a/"], ["GET", "url", "text:https://", "value:a", "text:/"],
    ["GET", "url", "text:https://a"], ["GET", "url", "text:https://A/"],
    ["GET", "url", "text:https://a@b/"], ["GET", "url", "text:https://a:0/"],
    ["GET", "url", "text:https://a:080/"], ["GET", "url", "text:https://[::1/"],
    ["GET", "url", "text:https://a/ b"], ["GET", "url", "text:https://a/#b"],
    ["GET", "url", "text:https://a/", "secret:t"], ["GET", "url", "text:https://a/", "number:1"],
    ["GET", "url", "text:https://a/", "body", "text:x"],
    ["POST", "url", "text:https://a/", "body", "secret:t"],
    ["POST", "url", "text:https://a/", "body", "body"],
    ["POST", "url", "text:https://a/", "field:x", "number:1", "text:2"],
    ["GET", "url", "text:https://a/", "header:Content-Length", "text:1"],
    ["GET", "url", "text:https://a/", "header:a b", "text:1"],
    ["GET", "url", "text:https://a/", "header:a", "text:b\r\nc: d"],
    ["GET", "url", "text:https://a/", "header:a", "header:A"],
    ["GET", "url", "text:https://a/", "status:"], ["GET", "url", "text:https://a/", "status:600"],
    ["GET", "url", "text:https://a/", "status:200", "text:x"],
    ["GET", "url", "text:https://a/", "answer:xml"], ["GET", "url", "text:https://a/", "other"],
  ])
  func whatIsNone(words: [String]) {
    #expect(throws: HTTPOrderError.self) { try HTTPOrder(words: ["writ:http"] + words) }
  }

  @Test func origins() {
    for text in ["https://a.example", "http://127.0.0.1:8080", "https://[2001:db8::7]:8443"] {
      #expect(HTTPOrigin(text)?.description == text)
    }
    for text in [
      "https://a.example:443", "https://a.example/", "https://A.example", "a.example", "http://:80",
      "https://a.example?x", "https://*.example", "",
    ] { #expect(HTTPOrigin(text) == nil, "\(text)") }
    #expect(HTTPOrigin("https://a") != HTTPOrigin("http://a"))
    #expect(HTTPOrigin("https://a") != HTTPOrigin("https://a:444"))
  }
}
