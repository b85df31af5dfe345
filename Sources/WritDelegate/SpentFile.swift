// The file of spent permits: lines that are durable one after the other, and what they say.
//
//     <16 hexadecimal digits> <canonical JSON>
//
// The digits are the first eight bytes of the JSON's SHA-256. Lines:
//
//     {"delegate":"<fingerprint>","name":"eu-1","type":"begin"}                 the first one
//     {"checkpoint":{"root":"<base64>","size":30},"decisions":[{"index":900,"origin":"…"}],"fence":900,
//      "type":"forgot"}                                                         the second, or not at all
//     {"action":"checkout.deploy","at":"…","checkpoint":{"root":"<base64>","size":40},
//      "decision":{"index":1042,"origin":"…"},"digest":"sha256:…","fence":7,"id":"…",
//      "idempotent":false,"type":"spent"}                                       before the program
//     {"envelope":{…},"id":"…","type":"result"}                                 after it
//
// Each line is synced before anything else is done. So only the last one can be torn, and what it
// would have said was not acted upon: it is cut off. A bad line with a good one behind it is damage.
//
// `forgot` stands for lines that are no longer there (SpentPermits+Forgetting.swift): no permit with that
// fence or a lower one is taken, nor one for those entries or earlier ones.
import WritCrypto
import WritEvidence
import WritModel

/// A permit that was used, as the file says it.
struct SpentPermit: Hashable, Sendable {
  let id: String
  let action: String
  let digest: Digest
  let fence: Int64
  let isIdempotent: Bool
  let decision: LogPlace
  let at: Instant
  /// Size and root of the log as it was shown.
  let checkpoint: SeenCheckpoint?
}

/// A head of the log that was taken.
struct SeenCheckpoint: Hashable, Sendable {
  let size: UInt64
  let root: Digest
}

/// One line.
enum SpentLine {
  case begin(DelegateIdentity)
  case forgot(ForgottenPermits)
  case spent(SpentPermit)
  case result(id: String, envelope: JSONValue)

  /// The line with its end.
  var bytes: [UInt8] {
    // Texts, whole numbers and truths, each name once: such a value always has a canonical form.
    let body = (try? json.ownCanonicalBytes()) ?? []
    return Array(SpentLine.check(body).utf8) + [0x20] + body + [0x0a]
  }

  private static func check(_ body: [UInt8]) -> String {
    Hex.encode(Digest(of: body).bytes[..<8])
  }

  private var json: JSONValue {
    switch self {
    case .begin(let identity):
      ["delegate": .string(identity.fingerprint), "name": .string(identity.name), "type": "begin"]
    case .forgot(let forgotten): forgotten.json
    case .spent(let permit): permit.json
    case .result(let id, let envelope):
      ["envelope": envelope, "id": .string(id), "type": "result"]
    }
  }

  /// Reads a line without its end; `nil` for anything that `bytes` would not write.
  init?(_ line: ArraySlice<UInt8>) {
    guard line.count > 17, line[line.startIndex + 16] == 0x20 else { return nil }
    let body = Array(line[(line.startIndex + 17)...])
    guard line.prefix(16).elementsEqual(SpentLine.check(body).utf8),
      let value = try? JSONValue(parsing: body)
    else { return nil }
    switch value["type"]?.string {
    case "begin":
      guard let name = value["name"]?.string, let key = value["delegate"]?.string else {
        return nil
      }
      self = .begin(DelegateIdentity(name: name, fingerprint: key))
    case "forgot":
      guard let forgotten = ForgottenPermits(value) else { return nil }
      self = .forgot(forgotten)
    case "spent":
      guard let permit = SpentPermit(value) else { return nil }
      self = .spent(permit)
    case "result":
      guard let id = value["id"]?.string, let envelope = value["envelope"] else { return nil }
      self = .result(id: id, envelope: envelope)
    default: return nil
    }
  }
}

extension SpentPermit {
  init(_ order: AcceptedOrder, at: Instant) {
    id = order.permit.id
    action = order.permit.action
    digest = order.permit.digest
    fence = order.permit.fence
    isIdempotent = order.assignment.isIdempotent
    decision = order.permit.decision
    self.at = at
    checkpoint = order.checkpoint.map { SeenCheckpoint(size: $0.size, root: $0.root) }
  }

  fileprivate var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("action", .string(action)), JSONMember("at", .string(at.description)),
    ]
    if let checkpoint { members.append(JSONMember("checkpoint", checkpoint.json)) }
    members += [
      JSONMember(
        "decision",
        [
          "index": .integer(Int64(clamping: decision.index)), "origin": .string(decision.origin),
        ]),
      JSONMember("digest", .string(digest.description)), JSONMember("fence", .integer(fence)),
      JSONMember("id", .string(id)), JSONMember("idempotent", .bool(isIdempotent)),
      JSONMember("type", "spent"),
    ]
    return .object(members)
  }

  fileprivate init?(_ value: JSONValue) {
    guard let id = value["id"]?.string, let action = value["action"]?.string,
      let digest = value["digest"]?.string.flatMap({ Digest($0) }),
      let fence = value["fence"]?.integer, let isIdempotent = value["idempotent"]?.bool,
      let origin = value["decision"]?["origin"]?.string,
      let index = value["decision"]?["index"]?.integer, index >= 0,
      let at = value["at"]?.string.flatMap({ Instant($0) })
    else { return nil }
    (self.id, self.action, self.digest, self.fence) = (id, action, digest, fence)
    (self.isIdempotent, self.at) = (isIdempotent, at)
    decision = LogPlace(origin: origin, index: UInt64(index))
    guard let seen = value["checkpoint"] else {
      checkpoint = nil
      return
    }
    guard let taken = SeenCheckpoint(seen) else { return nil }
    checkpoint = taken
  }
}

extension SeenCheckpoint {
  fileprivate var json: JSONValue {
    [
      "root": .string(Base64.encode(root.bytes)), "size": .integer(Int64(clamping: size)),
    ]
  }

  fileprivate init?(_ value: JSONValue) {
    guard let size = value["size"]?.integer, size >= 0,
      let root = value["root"]?.string.flatMap(Base64.decode).flatMap({ Digest($0) })
    else { return nil }
    self.init(size: UInt64(size), root: root)
  }
}

/// What is still known of permits that were used and forgotten.
struct ForgottenPermits: Hashable, Sendable {
  /// The highest of their fences; -1 where there are none.
  private(set) var fence: Int64 = -1
  /// The highest entry that one of them named, by the origin of its log.
  private(set) var decisions: [String: UInt64] = [:]
  /// The newest checkpoint that was taken with any permit.
  var checkpoint: SeenCheckpoint?

  /// Whether a permit that names that entry may have been used.
  func mayHold(_ decision: LogPlace) -> Bool {
    decisions[decision.origin].map { decision.index <= $0 } ?? false
  }

  mutating func add(_ permit: SpentPermit) {
    fence = max(fence, permit.fence)
    let origin = permit.decision.origin
    decisions[origin] = max(decisions[origin] ?? 0, permit.decision.index)
  }

  fileprivate var json: JSONValue {
    let places = decisions.sorted { precedesByBytes($0.key, $1.key) }.map { origin, index in
      ["index": .integer(Int64(clamping: index)), "origin": .string(origin)] as JSONValue
    }
    var members: [JSONMember] = []
    if let checkpoint { members.append(JSONMember("checkpoint", checkpoint.json)) }
    members += [
      JSONMember("decisions", .array(places)), JSONMember("fence", .integer(fence)),
      JSONMember("type", "forgot"),
    ]
    return .object(members)
  }

  fileprivate init?(_ value: JSONValue) {
    guard let fence = value["fence"]?.integer, fence >= 0,
      let places = value["decisions"]?.array
    else { return nil }
    self.fence = fence
    for place in places {
      guard let origin = place["origin"]?.string,
        let index = place["index"]?.integer.flatMap({ UInt64(exactly: $0) })
      else { return nil }
      decisions[origin] = index
    }
    guard let seen = value["checkpoint"] else { return }
    guard let taken = SeenCheckpoint(seen) else { return nil }
    checkpoint = taken
  }

  init() {}
}

/// What a file of spent permits says.
struct SpentContents {
  private(set) var identity: DelegateIdentity?
  private(set) var forgotten: ForgottenPermits?
  private(set) var permits: [String: SpentPermit] = [:]
  private(set) var results: [String: Range<Int>] = [:]
  /// Bytes that stand in whole lines; what is behind them was torn.
  private(set) var byteCount = 0

  /// Reads a file; an error is what is damaged, in words.
  init(_ bytes: [UInt8]) throws(SpentDamage) {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      guard end < bytes.count, let line = SpentLine(bytes[start..<end]) else {
        if SpentContents.hasLine(bytes[start...]) {
          throw SpentDamage(reason: "the line at byte \(start) is damaged")
        }
        break
      }
      try take(line, at: start..<end)
      byteCount = end + 1
      start = end + 1
    }
    guard identity != nil else { throw SpentDamage(reason: "it does not begin as it should") }
  }

  /// Whether a whole line stands somewhere in there, even with no line break before it.
  private static func hasLine(_ bytes: ArraySlice<UInt8>) -> Bool {
    for brace in bytes.indices.dropFirst(17) where bytes[brace] == 0x7b && bytes[brace - 1] == 0x20
    {
      let end = bytes[brace...].firstIndex(of: 0x0a) ?? bytes.endIndex
      if end < bytes.endIndex, SpentLine(bytes[brace - 17..<end]) != nil { return true }
    }
    return false
  }

  private mutating func take(_ line: SpentLine, at place: Range<Int>) throws(SpentDamage) {
    switch line {
    case .begin(let identity):
      guard self.identity == nil, place.lowerBound == 0 else {
        throw SpentDamage(reason: "it begins twice")
      }
      self.identity = identity
    case .forgot(let forgotten):
      guard self.forgotten == nil, permits.isEmpty else {
        throw SpentDamage(
          reason: "the line at byte \(place.lowerBound) forgets what stands before it")
      }
      self.forgotten = forgotten
    case .spent(let permit): permits[permit.id] = permit
    case .result(let id, _):
      guard permits[id] != nil else {
        throw SpentDamage(reason: "the line at byte \(place.lowerBound) is a result of no permit")
      }
      results[id] = place
    }
  }
}

/// What is wrong with a file of spent permits.
struct SpentDamage: Error {
  let reason: String
}
