// Answers of servers of others: with a length, in chunks, behind interim ones; in whatever pieces they come.

import Testing
import WritTransport

@Suite struct HTTPAnswerTests {
  private static var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.bodyByteCount = 20
    limits.headByteCount = 200
    limits.startLineByteCount = 80
    return limits
  }

  private func read(_ text: String, to method: String = "GET", by size: Int) throws(HTTPError)
    -> HTTPResponse?
  {
    var parser = HTTPAnswerParser(to: method, limits: HTTPAnswerTests.limits)
    let all = bytes(text)
    for start in stride(from: 0, to: all.count, by: size) {
      parser.append(all[start..<min(start + size, all.count)])
      if let response = try parser.next() { return response }
    }
    return nil
  }

  @Test(arguments: [1, 2, 7, 10_000])
  func bodies(size: Int) throws {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    for (text, method, body) in [
      ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "GET", "abc"),
      ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "GET", "abc"),
      (chunked + "2\r\nab\r\n1;x=\"y\"\r\nc\r\n0\r\nA: b\r\n\r\n", "GET", "abc"),
      (chunked + "00003 ; x\r\nabc\r\n0\r\n\r\n", "POST", "abc"),
      (
        chunked + "14\r\n" + String(repeating: "x", count: 20) + "\r\n0\r\n\r\n", "GET",
        String(repeating: "x", count: 20)
      ),
      (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 None\r\n\r\n",
        "PUT", ""
      ),
      ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD", ""),
    ] {
      let response = try #require(try read(text, to: method, by: size), "\(text)")
      #expect(response.body == bytes(body), "\(text)")
    }
  }

  @Test(arguments: [1, 3, 10_000])
  func whatIsNone(size: Int) {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for text in [
      "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 600 x\r\n\r\n",
      "HTTP/1.1\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nabc",
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      chunked + "-1\r\n", chunked + "+1\r\na\r\n", chunked + "0x1\r\na\r\n", chunked + "\r\n",
      chunked + "1 1\r\n",
      chunked + "15\r\n", chunked + "ffffffffff\r\n", chunked + "1\r\nab\r\n0\r\n\r\n",
      chunked + "a\r\n0123456789\r\nb\r\n01234567890\r\n0\r\n\r\n",
      "HTTP/1.1 200 " + String(repeating: "x", count: 100),
      String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20),
      chunked + "0\r\n" + String(repeating: "A: bcdefghijk\r\n", count: 20),
    ] {
      #expect(throws: HTTPError.self, "\(text)") { try read(text, by: size) }
    }
  }
}
