// HTTP from both sides: requests, answers, and a connection's whole life.

import WritTransport

/// After a byte that chooses: requests in pieces of chosen sizes, an answer, or a connection whose peer talks, listens and
/// dawdles as the bytes say.
@Sendable func fuzzHTTP(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let choice = feed.byte() % 3
  var limits = HTTPLimits()
  limits.startLineByteCount = 200
  limits.headByteCount = 500
  limits.fieldCount = 8
  limits.bodyByteCount = 300
  switch choice {
  case 0: try checkRequests(Array(feed.rest), limits)
  case 1: try checkAnswer(Array(feed.rest), limits)
  default: try checkConnection(&feed, limits)
  }
}

/// What requests there are, and how it ends, does not depend on the pieces.
private func checkRequests(_ bytes: [UInt8], _ limits: HTTPLimits) throws {
  let whole = read([bytes[...]], limits)
  let single = read(bytes.indices.map { bytes[$0...$0] }, limits)
  try hold(whole.requests == single.requests, "pieces make other requests")
  try hold(whole.error == single.error, "pieces end otherwise")
  for request in whole.requests {
    try hold(request.target.utf8.first == 0x2f, "a target is no path")
    try hold(request.body.count <= limits.bodyByteCount, "a body is too long")
    try hold(request.fields.count <= limits.fieldCount, "there are too many fields")
    try hold(
      request.fields.value(of: "transfer-encoding") == nil, "a transfer coding was let through")
  }
}

private func read(
  _ pieces: [ArraySlice<UInt8>], _ limits: HTTPLimits
) -> (requests: [HTTPRequest], error: HTTPError?) {
  var parser = HTTPRequestParser(limits: limits)
  var requests: [HTTPRequest] = []
  for piece in pieces {
    parser.append(piece)
    do throws(HTTPError) {
      while let request = try parser.next() { requests.append(request) }
    } catch {
      return (requests, error)
    }
  }
  return (requests, nil)
}

private func checkAnswer(_ bytes: [UInt8], _ limits: HTTPLimits) throws {
  var parser = HTTPResponseParser(limits: limits)
  parser.append(bytes[...])
  try checkForeignAnswer(bytes, limits)
  let answer = accepted { () throws(HTTPError) in try parser.next() }
  guard let answer = answer ?? nil else { return }
  try hold(200...599 ~= answer.status, "a status is none")
  try hold(answer.body.count <= limits.bodyByteCount, "a body is too long")
}

/// What a server of others answers does not depend on the pieces either.
private func checkForeignAnswer(_ bytes: [UInt8], _ limits: HTTPLimits) throws {
  let whole = foreignAnswer([bytes[...]], limits)
  let single = foreignAnswer(bytes.indices.map { bytes[$0...$0] }, limits)
  try hold(whole == single, "pieces make another answer")
  guard case .success(let answer?) = whole else { return }
  try hold(200...599 ~= answer.status, "a status is none")
  try hold(answer.body.count <= limits.bodyByteCount, "a body is too long")
}

private func foreignAnswer(
  _ pieces: [ArraySlice<UInt8>], _ limits: HTTPLimits
) -> Result<HTTPResponse?, HTTPError> {
  var parser = HTTPAnswerParser(to: "GET", limits: limits)
  for piece in pieces {
    parser.append(piece)
    do throws(HTTPError) {
      if let answer = try parser.next() { return .success(answer) }
    } catch {
      return .failure(error)
    }
  }
  return .success(nil)
}

/// Whatever the peer does, memory stays bounded and time ends the connection.
private func checkConnection(_ feed: inout ByteFeed, _ limits: HTTPLimits) throws {
  var now: Int64 = 0
  var connection = HTTPConnection(limits: limits, now: now)
  let handler = { (request: HTTPRequest) in
    HTTPResponse(status: 200, body: request.body)
  }
  while !feed.isEmpty, !connection.isFinished {
    let act = feed.byte()
    switch act % 4 {
    case 0 where connection.wantsInput:
      let count = min(Int(act) * 4, feed.rest.count)
      connection.receive(feed.rest.prefix(count), now: now, handler: handler)
      for _ in 0..<count { _ = feed.byte() }
    case 1:
      let count = min(Int(act), connection.unsent.count)
      if count > 0 { connection.sent(count, now: now, handler: handler) }
    case 2: now += Int64(act) * 50
    default: break
    }
    if connection.deadline <= now { connection.expire(now: now) }
    try hold(connection.unsent.count < 4096, "answers pile up")
  }
  for _ in 0..<8 where !connection.isFinished {
    now = max(now, connection.deadline)
    connection.expire(now: now)
  }
  try hold(connection.isFinished, "a connection outlives its deadlines")
}
