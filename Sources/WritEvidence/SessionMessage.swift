// What a delegate and a control plane say to each other: JSON Lines over one stream.
//
//     delegate                                           control plane
//     {"type":"hello","checkpoint":40,"fence":7,"key":"<fingerprint>","name":"eu-1","nonce":"…"}
//                                                        {"type":"challenge","nonce":"…",
//                                                         "signature":"…"}
//     {"type":"proof","signature":"…"}
//                                                        {"type":"assignment","order":{…}}
//     {"type":"accepted","permit":"…"}  or  {"type":"refused","code":"expired","reason":"…"}
//     {"type":"output","bytes":"…","permit":"…","stream":"output"}
//     {"type":"heartbeat"}                               {"type":"continue"}  or  {"type":"stop"}
//     {"type":"result","envelope":{…}}
//                                                        {"type":"recorded","permit":"…"}
//
// Each side signs both nonces and the delegate's name, each under words of its own, which are the
// beginning of nothing else that is ever signed. A line has at most `Limits.sessionLineByteCount`
// bytes, before both sides are known at most 4096.
public import WritModel

/// What both sides sign to show who they are.
public struct SessionProof: Hashable, Sendable {
  /// What the delegate is called.
  public let name: String
  /// 32 bytes that the delegate drew.
  public let delegateNonce: [UInt8]
  /// 32 bytes that the control plane drew.
  public let controlNonce: [UInt8]

  /// Bytes in a nonce.
  public static let nonceByteCount = 32

  /// A meeting of two, by what each of them drew.
  public init(name: String, delegateNonce: [UInt8], controlNonce: [UInt8]) {
    self.name = name
    self.delegateNonce = delegateNonce
    self.controlNonce = controlNonce
  }

  /// What the permit key signs.
  public var controlBytes: [UInt8] { bytes("writ-session-v1 control") }

  /// What the delegate's key signs.
  public var delegateBytes: [UInt8] { bytes("writ-session-v1 delegate") }

  private func bytes(_ head: String) -> [UInt8] {
    // Nonces in base64 and a name in front of the end: no two meetings have the same text.
    let lines = [head, Base64.encode(delegateNonce), Base64.encode(controlNonce), name]
    return Array(lines.joined(separator: "\n").utf8)
  }
}

/// Which of its two streams a program wrote to.
public enum OutputStream: String, Hashable, Sendable, CaseIterable {
  case output
  case errors
}

/// What a delegate says.
public enum DelegateMessage: Hashable, Sendable {
  /// Who it is, the entries of the newest checkpoint it has seen, and its highest fence.
  case hello(identity: DelegateIdentity, nonce: [UInt8], checkpoint: UInt64, fence: Int64)
  /// That it has its key.
  case proof(signature: [UInt8])
  /// It begins.
  case accepted(permit: String)
  /// It does not do what it was told: one word for programs, and a sentence.
  case refused(code: String, reason: String)
  /// What the program wrote, at most `Limits.outputChunkByteCount` bytes, without secrets.
  case output(permit: String, stream: OutputStream, bytes: [UInt8])
  /// It lives.
  case heartbeat
  /// What became of it, signed.
  case result(envelope: JSONValue)
}

/// What a control plane says.
public enum ControlMessage: Hashable, Sendable {
  /// That it has the permit key, and what the delegate must sign.
  case challenge(nonce: [UInt8], signature: [UInt8])
  /// What is to be done.
  case assignment(WorkOrder)
  /// The lease holds: go on.
  case proceed
  /// Stop what runs.
  case stop
  /// The result is in the log.
  case recorded(permit: String)
}

/// Why a line is no message; says what was expected.
public struct SessionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case, no full stop.
  public let description: String

  /// What was expected, in words.
  public init(_ description: String) { self.description = description }
}

extension DelegateMessage {
  /// The line with its end.
  public var line: [UInt8] { WritEvidence.line(json) }

  private var json: JSONValue {
    switch self {
    case .hello(let identity, let nonce, let checkpoint, let fence):
      [
        "type": "hello", "checkpoint": .integer(Int64(clamping: checkpoint)),
        "fence": .integer(fence), "key": .string(identity.fingerprint),
        "name": .string(identity.name), "nonce": .string(Base64.encode(nonce)),
      ]
    case .proof(let signature):
      ["type": "proof", "signature": .string(Base64.encode(signature))]
    case .accepted(let permit): ["type": "accepted", "permit": .string(permit)]
    case .refused(let code, let reason):
      ["type": "refused", "code": .string(code), "reason": .string(reason)]
    case .output(let permit, let stream, let bytes):
      [
        "type": "output", "bytes": .string(Base64.encode(bytes)), "permit": .string(permit),
        "stream": .string(stream.rawValue),
      ]
    case .heartbeat: ["type": "heartbeat"]
    case .result(let envelope): ["type": "result", "envelope": envelope]
    }
  }

  /// Reads a line without its end.
  public init(_ line: [UInt8]) throws(SessionError) {
    let value = try document(line)
    switch value["type"]?.string {
    case "hello":
      guard let name = value["name"]?.string, let key = value["key"]?.string,
        1...Limits.nameByteCount ~= name.utf8.count,
        let nonce = bytes(value["nonce"], count: SessionProof.nonceByteCount),
        let checkpoint = value["checkpoint"]?.integer, checkpoint >= 0,
        let fence = value["fence"]?.integer, fence >= 0
      else { throw SessionError("expected checkpoint, fence, key, name and nonce of a hello") }
      self = .hello(
        identity: DelegateIdentity(name: name, fingerprint: key), nonce: nonce,
        checkpoint: UInt64(checkpoint), fence: fence)
    case "proof":
      guard let signature = bytes(value["signature"], count: 64) else {
        throw SessionError("expected the signature of a proof")
      }
      self = .proof(signature: signature)
    case "accepted": self = .accepted(permit: try permitID(value))
    case "refused":
      guard let code = value["code"]?.string, let reason = value["reason"]?.string else {
        throw SessionError("expected code and reason of a refusal")
      }
      self = .refused(code: code, reason: reason)
    case "output":
      guard let stream = value["stream"]?.string.flatMap(OutputStream.init(rawValue:)),
        let bytes = value["bytes"]?.string.flatMap(Base64.decode),
        bytes.count <= Limits.outputChunkByteCount
      else { throw SessionError("expected stream and bytes of output") }
      self = .output(permit: try permitID(value), stream: stream, bytes: bytes)
    case "heartbeat": self = .heartbeat
    case "result":
      guard let envelope = value["envelope"] else {
        throw SessionError("expected the envelope of a result")
      }
      self = .result(envelope: envelope)
    default: throw SessionError("expected a message of a delegate")
    }
  }
}

extension ControlMessage {
  /// The line with its end.
  public var line: [UInt8] { WritEvidence.line(json) }

  private var json: JSONValue {
    switch self {
    case .challenge(let nonce, let signature):
      [
        "type": "challenge", "nonce": .string(Base64.encode(nonce)),
        "signature": .string(Base64.encode(signature)),
      ]
    case .assignment(let order): ["type": "assignment", "order": order.json]
    case .proceed: ["type": "continue"]
    case .stop: ["type": "stop"]
    case .recorded(let permit): ["type": "recorded", "permit": .string(permit)]
    }
  }

  /// Reads a line without its end.
  public init(_ line: [UInt8]) throws(SessionError) {
    let value = try document(line)
    switch value["type"]?.string {
    case "challenge":
      guard let nonce = bytes(value["nonce"], count: SessionProof.nonceByteCount),
        let signature = bytes(value["signature"], count: 64)
      else { throw SessionError("expected nonce and signature of a challenge") }
      self = .challenge(nonce: nonce, signature: signature)
    case "assignment":
      guard let order = value["order"] else { throw SessionError("expected `order`") }
      do throws(WorkOrderError) {
        self = .assignment(try WorkOrder(order))
      } catch {
        throw SessionError("the work order is none: \(error)")
      }
    case "continue": self = .proceed
    case "stop": self = .stop
    case "recorded": self = .recorded(permit: try permitID(value))
    default: throw SessionError("expected a message of a control plane")
    }
  }
}

private func line(_ json: JSONValue) -> [UInt8] {
  var bytes: [UInt8] = []
  json.appendCompact(to: &bytes)
  return bytes + [0x0a]
}

private func document(_ line: [UInt8]) throws(SessionError) -> JSONValue {
  let limits = JSONLimits(depth: 32, byteCount: Limits.sessionLineByteCount)
  do throws(JSONError) {
    return try JSONValue(parsing: line, limits: limits)
  } catch {
    throw SessionError("no JSON: \(error)")
  }
}

private func bytes(_ value: JSONValue?, count: Int) -> [UInt8]? {
  value?.string.flatMap(Base64.decode).flatMap { $0.count == count ? $0 : nil }
}

private func permitID(_ value: JSONValue) throws(SessionError) -> String {
  guard let permit = value["permit"]?.string, isClaimID(permit) else {
    throw SessionError("expected the number of a permit")
  }
  return permit
}

/// Bytes as they come in, taken out again as lines.
public struct SessionLines: Sendable {
  private var rest: [UInt8] = []
  /// What stands before it holds no line feed.
  private var scanned = 0
  /// The longest line that is taken, without its end.
  public var limit = 4096

  /// Nothing has come yet.
  public init() {}

  /// Takes what has come.
  public mutating func append(_ bytes: [UInt8]) { rest += bytes }

  /// The next whole line without its end; an error where one is longer than is taken.
  public mutating func next() throws(SessionError) -> [UInt8]? {
    while scanned < rest.count && rest[scanned] != 0x0a { scanned += 1 }
    guard scanned <= limit else { throw SessionError("a line of more than \(limit) bytes") }
    guard scanned < rest.count else { return nil }
    let line = Array(rest[..<scanned])
    rest.removeFirst(scanned + 1)
    scanned = 0
    return line
  }
}
