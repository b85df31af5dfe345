// A connection against peers that dawdle, pipeline, do not listen or talk nonsense; no clock, no
// socket.
import Foundation
import Testing
import WritTransport

/// A connection with the time that its peer lets pass.
private struct Peer {
  var connection: HTTPConnection
  var now: Int64 = 0
  var asked: [String] = []
  var heard = ""

  init(_ limits: HTTPLimits = HTTPLimits()) {
    connection = HTTPConnection(limits: limits, now: 0)
  }

  mutating func say(_ text: String) {
    var asked = asked
    connection.receive(bytes(text)[...], now: now) { request in
      asked.append(request.target)
      return HTTPResponse(status: 200, text: request.target)
    }
    self.asked = asked
  }

  /// Takes at most so many bytes of what is to be sent.
  mutating func listen(_ count: Int = .max) {
    var left = count
    while left > 0, !connection.unsent.isEmpty {
      let piece = connection.unsent.prefix(left)
      heard += String(decoding: piece, as: UTF8.self)
      left -= piece.count
      var asked = asked
      connection.sent(piece.count, now: now) { request in
        asked.append(request.target)
        return HTTPResponse(status: 200, text: request.target)
      }
      self.asked = asked
    }
  }

  mutating func pass(_ milliseconds: Int64) {
    now += milliseconds
    if connection.deadline <= now { connection.expire(now: now) }
  }
}

private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

@Suite struct HTTPConnectionTests {
  @Test func aPeerThatSendsAByteASecondIsAnsweredOnceAndLeft() {
    var peer = Peer()
    var seconds = 0
    for byte in "GET /" + String(repeating: "a", count: 100) where peer.heard.isEmpty {
      peer.say(String(byte))
      peer.pass(1000)
      peer.listen()
      seconds += 1
    }
    #expect(seconds == 10)
    #expect(peer.heard.hasPrefix("HTTP/1.1 408 "))
    #expect(peer.connection.isLingering)
    peer.say("more")
    #expect(peer.connection.unsent.isEmpty)
    peer.pass(2000)
    #expect(peer.connection.isFinished)
    #expect(peer.asked.isEmpty)
  }

  @Test func anIdlePeerIsLeftWithoutAWord() {
    var peer = Peer()
    peer.pass(29_999)
    #expect(!peer.connection.isFinished)
    peer.pass(1)
    #expect(peer.connection.isFinished)
    #expect(peer.heard.isEmpty)
  }

  @Test func theIdleTimeBeginsAnewBehindEachAnswer() {
    var peer = Peer()
    for _ in 0..<5 {
      peer.pass(29_000)
      peer.say(get("/"))
      peer.listen()
    }
    #expect(peer.asked.count == 5)
    #expect(peer.connection.isIdle)
  }

  @Test func requestsAreAnsweredInOrderAndOneAtATime() {
    var peer = Peer()
    peer.say(get("/1") + get("/2") + get("/3"))
    #expect(peer.asked == ["/1"])
    #expect(!peer.connection.wantsInput)
    peer.listen(10)
    #expect(peer.asked == ["/1"])
    peer.listen()
    #expect(peer.asked == ["/1", "/2", "/3"])
    #expect(peer.heard.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
    #expect(peer.connection.wantsInput)
  }

  @Test func aPeerThatDoesNotListenIsLeft() {
    var peer = Peer()
    peer.say(get("/1") + get("/2"))
    peer.listen(5)
    peer.pass(10_000)
    #expect(peer.connection.isFinished)
    #expect(peer.asked == ["/1"])
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
  ])
  func theLastAnswerSaysSo(_ request: String) {
    var peer = Peer()
    peer.say(request + get("/more"))
    peer.listen()
    #expect(peer.asked == ["/"])
    #expect(peer.heard.contains("\r\nConnection: close\r\n"))
    #expect(peer.connection.isLingering)
    peer.connection.end()
    #expect(peer.connection.isFinished)
  }

  @Test func nonsenseIsAnsweredAndEndsTheConnection() {
    var peer = Peer()
    peer.say(get("/1") + "nonsense\r\n\r\n" + get("/2"))
    peer.listen()
    #expect(peer.asked == ["/1"])
    #expect(peer.heard.contains("HTTP/1.1 400 Bad Request\r\n"))
    #expect(peer.connection.isLingering)
  }

  @Test func aHeadIsAskedForWithoutItsBody() {
    var peer = Peer()
    peer.say("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n")
    peer.listen()
    #expect(peer.heard.contains("Content-Length: 4\r\n"))
    #expect(peer.heard.hasSuffix("\r\n\r\n"))
  }

  @Test func aBodyThatWaitsIsAskedForOnce() {
    var peer = Peer()
    peer.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    peer.listen()
    #expect(peer.heard == "HTTP/1.1 100 Continue\r\n\r\n")
    peer.say("o")
    peer.listen()
    peer.say("k")
    peer.listen()
    #expect(peer.asked == ["/"])
    #expect(peer.heard.components(separatedBy: "100 Continue").count == 2)
    // One that comes with its body is not asked.
    peer.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx")
    peer.listen()
    #expect(peer.heard.components(separatedBy: "100 Continue").count == 2)
    #expect(peer.asked.count == 2)
  }

  @Test func whatIsWorkedOutElsewhereIsAwaitedAndNothingIsReadMeanwhile() {
    var connection = HTTPConnection(limits: HTTPLimits(), now: 0)
    var asked: [String] = []
    let later = { (request: HTTPRequest) -> HTTPResponse? in
      asked.append(request.target)
      return request.target == "/slow" ? nil : HTTPResponse(status: 200, text: request.target)
    }
    connection.receive(bytes(get("/slow") + get("/next"))[...], now: 0, handler: later)
    #expect(connection.isAwaiting && !connection.wantsInput && !connection.isIdle)
    #expect(connection.unsent.isEmpty && asked == ["/slow"])
    #expect(connection.deadline == .max, "an action takes as long as it takes")
    connection.answer(HTTPResponse(status: 200, text: "done"), now: 50_000)
    #expect(!connection.isAwaiting && connection.deadline == 60_000)
    let first = String(decoding: connection.unsent, as: UTF8.self)
    #expect(first.hasSuffix("done"))
    connection.sent(connection.unsent.count, now: 50_000, handler: later)
    #expect(asked == ["/slow", "/next"])
    // Nobody waits any more.
    connection.answer(HTTPResponse(status: 200, text: "twice"), now: 50_000)
    #expect(!String(decoding: connection.unsent, as: UTF8.self).contains("twice"))
  }

  @Test func refusalsAreInTheWordsOfWhoeverServes() {
    var connection = HTTPConnection(limits: HTTPLimits(), now: 0) { error in
      HTTPResponse(status: error.status, text: "no: \(error)")
    }
    connection.receive(bytes("nonsense\r\n\r\n")[...], now: 0) { _ in nil }
    #expect(String(decoding: connection.unsent, as: UTF8.self).contains("\r\n\r\nno: malformed"))
  }
}
