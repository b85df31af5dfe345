// Addresses and URLs: what is read, and what is not.
import Testing
import WritTransport

@Suite struct EndpointTests {
  @Test(arguments: [
    "127.0.0.1:0", "localhost:65535", "[::1]:80", "a-b.c_d:1", "unix:/run/writ.sock", "unix:a",
  ])
  func readAndWritten(_ text: String) {
    #expect(Endpoint(text)?.description == text)
  }

  @Test(arguments: [
    "", ":80", "a", "a:", "a:080", "a:65536", "a:-1", "a:+1", "a b:1", "::1:80", "[a-b]:1", "[]:1",
    "http://a:1", "unix:", "a/b:1",
  ])
  func refused(_ text: String) { #expect(Endpoint(text) == nil) }

  @Test func aSocketsPathHasItsLength() {
    #expect(Endpoint("unix:" + String(repeating: "a", count: 107)) != nil)
    #expect(Endpoint("unix:" + String(repeating: "a", count: 108)) == nil)
  }

  @Test func urls() throws {
    let url = try HTTPURL("http://log.example:8080/a/b/")
    #expect(url.endpoint == .tcp(host: "log.example", port: 8080))
    #expect(url.host == "log.example:8080")
    #expect(url.path == "/a/b")
    #expect(url.appending("tile/0/000").path == "/a/b/tile/0/000")
    #expect(url.description == "http://log.example:8080/a/b")
    let root = try HTTPURL("HTTP://[::1]")
    #expect(root.endpoint == .tcp(host: "::1", port: 80))
    #expect(root.appending("checkpoint").path == "/checkpoint")
  }

  @Test(arguments: [
    "log.example", "http://", "http://a:0/", "http://a b/", "http://u@a/", "http://a/?q",
    "http://a/#f",
    "http://a/\u{e9}", "http://a:x/",
  ])
  func noURL(_ text: String) { #expect(throws: URLError.malformed) { try HTTPURL(text) } }

  @Test(arguments: ["https://a/", "ftp://a/", "://a"])
  func otherSchemes(_ text: String) { #expect(throws: URLError.scheme) { try HTTPURL(text) } }
}

@Suite struct StopSignalTests {
  @Test func aSignalIsTakenOnce() throws {
    let signal = try StopSignal.manual()
    #expect(!signal.take())
    signal.raise()
    #expect(signal.wait(milliseconds: 0) && signal.take())
    #expect(!signal.take() && !signal.wait(milliseconds: 0))
  }
}

@Suite struct LoopbackTests {
  @Test func isThisMachineByItsNameOrNumberAlone() {
    for host in ["localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1"] {
      #expect(Endpoint.isLoopback(host: host), "\(host)")
    }
    for host in [
      "", "127.1", "127.0.0.1.example", "127.0.0.01", "127.0.0.256", "localhost.example", "::2",
      "0.0.0.0", "128.0.0.1", "127.0.0.", "127.0.0.1.",
    ] {
      #expect(!Endpoint.isLoopback(host: host), "\(host)")
    }
  }
}
