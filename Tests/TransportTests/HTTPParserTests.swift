// Bytes to requests and answers: every split, every limit, and everything that must be refused.
import Testing
import WritTesting
import WritTransport

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// All requests in those bytes, given in pieces; then the error, if it comes to one.
func parse(
  _ pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()
) -> (requests: [HTTPRequest], error: HTTPError?, isInside: Bool) {
  var parser = HTTPRequestParser(limits: limits)
  var requests: [HTTPRequest] = []
  for piece in pieces {
    parser.append(piece)
    do throws(HTTPError) {
      while let request = try parser.next() { requests.append(request) }
    } catch {
      return (requests, error, parser.isInsideRequest)
    }
  }
  return (requests, nil, parser.isInsideRequest)
}

func parse(_ text: String) -> (requests: [HTTPRequest], error: HTTPError?, isInside: Bool) {
  parse([bytes(text)[...]])
}

/// Three requests, one behind the other.
let pipelined =
  "POST /add HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Y:  \t v w \t\r\n\r\nhel\r\n"
  + "GET /b?c=d HTTP/1.1\r\nhOsT: [::1]:80\r\nConnection: Foo, close \r\n\r\n"
  + "PUT / HTTP/1.0\r\n\r\n"

@Suite struct HTTPParserTests {
  @Test func threeRequestsBehindEachOther() throws {
    let (requests, error, isInside) = parse(pipelined)
    #expect(error == nil)
    #expect(!isInside)
    try #require(requests.count == 3)
    #expect(requests[0].method == "POST")
    #expect(requests[0].target == "/add")
    #expect(requests[0].body == bytes("hel\r\n"))
    #expect(requests[0].fields.value(of: "x-y") == "v w")
    #expect(requests[0].keepsConnection)
    #expect(requests[1].target == "/b?c=d")
    #expect(!requests[1].keepsConnection)
    #expect(!requests[2].keepsConnection)
  }

  @Test func everySplitSaysTheSame() {
    let all = bytes(pipelined)
    let whole = parse([all[...]]).requests
    for cut in all.indices {
      #expect(parse([all[..<cut], all[cut...]]).requests == whole, "\(cut)")
    }
    #expect(parse(all.indices.map { all[$0...$0] }).requests == whole)
    for cut in all.indices.dropFirst() {
      let (_, error, _) = parse([all[..<cut]])
      #expect(error == nil, "\(cut)")
    }
  }

  /// A first line of any length about the limit, a CRLF or a bare line feed behind it, whole or byte by byte.
  @Test func limitsDoNotDependOnThePieces() {
    var limits = HTTPLimits()
    limits.startLineByteCount = 40
    limits.headByteCount = 60
    let line = "GET /" + String(repeating: "a", count: 60)
    for count in 16...60 {
      for end in [
        " HTTP/1.1\r\nHost: a\r\n\r\n", " HTTP/1.1\nHost: a\r\n\r\n", "\r", "\n", "\r\r\n",
      ] {
        let all = bytes(line.prefix(count) + end)
        let whole = parse([all[...]], limits: limits)
        let single = parse(all.indices.map { all[$0...$0] }, limits: limits)
        #expect(whole.requests == single.requests && whole.error == single.error, "\(count) \(end)")
        #expect(end.utf8.count < 20 || (whole.error == nil) == (count <= 31 && end.contains("1\r")))
      }
    }
  }

  @Test(arguments: [
    // Start lines.
    ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\r\nHost: a\r\n\r\n", 400), (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /# HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/1.12\r\nHost: a\r\n\r\n", 505), ("GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    // Fields.
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nx\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX\u{e9}: a\r\n\r\n", 400),
    // Lengths: whatever two readers could take for different messages.
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: identity\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n\r\n", 417),
  ])
  func refused(_ text: String, _ status: Int) {
    let (requests, error, _) = parse(text)
    #expect(requests.isEmpty)
    #expect(error?.status == status, "\(text)")
  }

  @Test func nothingIsReadBehindAnError() {
    var parser = HTTPRequestParser(limits: HTTPLimits())
    parser.append(bytes("nonsense\r\n\r\n")[...])
    #expect(throws: HTTPError.self) { try parser.next() }
    parser.append(bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")[...])
    #expect(throws: HTTPError.self) { try parser.next() }
  }

  @Test func limitsHoldToTheByte() {
    var limits = HTTPLimits()
    limits.startLineByteCount = 100
    limits.headByteCount = 300
    limits.fieldCount = 5
    limits.bodyByteCount = 10
    func status(_ text: String) -> Int? { parse([bytes(text)[...]], limits: limits).error?.status }
    func request(path: Int) -> String {
      "GET /" + String(repeating: "a", count: path - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n"
    }
    #expect(status(request(path: 100 - 13)) == nil)
    #expect(status(request(path: 101 - 13)) == 414)
    // Refused without the end of the line, too.
    #expect(status(String(repeating: "a", count: 102)) == 414)
    func head(_ count: Int) -> String {
      let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
      return start + String(repeating: "b", count: count - start.utf8.count - 4) + "\r\n\r\n"
    }
    #expect(status(head(300)) == nil)
    #expect(status(head(301)) == 431)
    #expect(status(String(head(400).prefix(350))) == 431)
    func fields(_ count: Int) -> String {
      "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: count - 1) + "\r\n"
    }
    #expect(status(fields(5)) == nil)
    #expect(status(fields(6)) == 431)
    #expect(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789") == nil)
    #expect(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n") == 413)
  }

  @Test func anyBytesEndInRequestsOrAnError() {
    var random = SplitMix64(seed: 7)
    let start = bytes(pipelined)
    for _ in 0..<20_000 {
      var changed = start
      for _ in 0..<1 + random.below(3) {
        let place = random.below(changed.count)
        switch random.below(3) {
        case 0: changed[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: changed.remove(at: place)
        default: changed.insert(random.pick([0x0a, 0x0d, 0x20, 0x3a]) ?? 0, at: place)
        }
      }
      let cut = random.below(changed.count)
      let split = parse([changed[..<cut], changed[cut...]])
      let whole = parse([changed[...]])
      #expect(split.requests == whole.requests)
      #expect(split.error == whole.error)
    }
  }

  @Test func answers() throws {
    var parser = HTTPResponseParser(limits: HTTPLimits())
    let answer = HTTPResponse(status: 409, fields: [HTTPField("A", "b")], body: bytes("3\n"))
    for byte in answer.bytes(keepsConnection: false) {
      #expect(try parser.next() == nil)
      parser.append([byte])
    }
    let read = try #require(try parser.next())
    #expect(read.status == 409)
    #expect(read.body == bytes("3\n"))
    #expect(read.fields.value(of: "a") == "b")
    for bad in [
      "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 99 x\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1\r\n\r\n", "200 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
      var parser = HTTPResponseParser(limits: HTTPLimits())
      parser.append(bytes(bad)[...])
      #expect(throws: HTTPError.self, "\(bad)") { try parser.next() }
    }
  }
}
