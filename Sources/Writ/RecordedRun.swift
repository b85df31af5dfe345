// What a record says of how its decision was made.

import WritCrypto
import WritEvidence
import WritModel

/// A record that cannot be replayed.
public struct ReplayError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// A decision's record, read whole, and the inputs that it names.
struct RecordedRun {
  let engine: EngineName
  let request: Digest
  let asking: Asking
  /// As the record has them: what parameters stand for.
  let arguments: JSONValue?
  let result: JSONValue
  let resultDigest: String
  let fuel: Int64
  let engineVersion: String
  /// Whether engine, language and bytecode are those of today.
  let isOfThisEngine: Bool
  /// What the clauses read; `nil` in a record of an older release.
  let trace: TraceReference?
  /// Stands for the whole decision where the record has an outline only, since its policy read what can be erased.
  let needs: DisclosureDigest?

  init(_ predicate: JSONValue, _ objects: ContentStore) throws {
    guard let replay = predicate["replay"], let result = predicate["result"],
      let resultDigest = replay["result"]?.string, let fuel = replay["fuel"]?.integer,
      let engineVersion = replay["engine"]?.string,
      let now = result["now"]?.string.flatMap({ Instant($0) }),
      let asOf = result["asOf"]?.string.flatMap({ Instant($0) }),
      let isQuestion = result["question"]?.bool
    else { throw ReplayError(description: "the record does not say how it was made") }
    engine = EngineName(
      bundle: try RecordedRun.digest(replay["bundle"]),
      snapshot: try RecordedRun.digest(replay["snapshot"]),
      publishedBundle: try RecordedRun.isCommitted(replay)
        ? RecordedRun.digest(result["bundle"]) : nil)
    needs = replay["needs"]?.string.flatMap { DisclosureDigest($0) }
    request = try RecordedRun.digest(replay["request"])
    let onBehalfOf = (result["onBehalfOf"] ?? []).array?.compactMap(\.string)
    guard let onBehalfOf, onBehalfOf.count == (result["onBehalfOf"]?.array ?? []).count else {
      throw ReplayError(description: "the record does not say whom the decision is for")
    }
    asking = Asking(
      caller: result["caller"]?.string, onBehalfOf: onBehalfOf, now: now.microseconds,
      asOf: asOf.microseconds,
      isQuestion: isQuestion)
    self.resultDigest = resultDigest
    arguments = predicate["arguments"]
    trace = TraceReference(replay["trace"])
    if trace == nil, replay["trace"] != nil {
      throw ReplayError(description: "the record names what its clauses read in no known form")
    }
    self.fuel = fuel
    self.engineVersion = engineVersion
    let versions = [replay["language"]?.string, replay["bytecode"]?.string]
    isOfThisEngine =
      engineVersion == Versions.engine && versions == [Versions.language, Versions.bytecode]
    self.result = try RecordedRun.whole(result, resultDigest, objects)
  }

  /// Whether the inputs are kept in committed form.
  private static func isCommitted(_ replay: JSONValue) throws -> Bool {
    guard let form = replay["form"] else { return false }
    guard form.string == "committed" else {
      throw ReplayError(
        description: "the record's inputs are in a form that this release does not know")
    }
    return true
  }

  static func digest(_ json: JSONValue?) throws -> Digest {
    guard let digest = json?.string.flatMap({ Digest($0) }) else {
      throw ReplayError(description: "the record names no digest of one of its inputs")
    }
    return digest
  }

  /// A result whose reasons were too long for the record lies in the content store.
  private static func whole(
    _ result: JSONValue, _ digest: String, _ objects: ContentStore
  ) throws -> JSONValue {
    if result["reasons"] != nil { return result }
    let whole = try JSONValue(parsing: try objects.get(try self.digest(.string(digest))))
    // What the record itself says must be what the store says.
    for member in result.object ?? [] where whole[member.name] != member.value {
      return result
    }
    return whole
  }
}

// A recorded result against the digest that its record names.
extension RecordedRun {
  /// Whether the result has its digest, perhaps with another time in it.
  func hasItsDigest(now: Int64? = nil, asOf: Int64? = nil) -> Bool {
    let isCanonical = trace.digestsCanonically
    var members =
      (isCanonical ? result : RecordedRun.ordered(result, RecordedRun.resultMembers)).object ?? []
    for (name, time) in [("now", now), ("asOf", asOf)] {
      guard let time, let place = members.firstIndex(where: { $0.name == name }) else { continue }
      members[place] = JSONMember(name, .string(Instant(microseconds: time).description))
    }
    guard let bytes = try? JSONValue.object(members).digested(isCanonical: isCanonical) else {
      return false
    }
    return hasSameBytes(Digest(of: bytes).description, resultDigest)
  }

  private static let resultMembers = [
    "outcome", "indeterminate", "question", "gate", "now", "asOf", "caller", "onBehalfOf", "bundle",
    "snapshot",
    "request", "reasons", "obligations", "approvals", "advised", "waived",
    "waivers",
  ]

  /// The members of what stands in a result, in the order in which it was digested; a record sorts them by name.
  private static func members(of name: String) -> [String] {
    switch name {
    case "waived":
      ["clause", "kind", "message", "subjects", "at", "unknown", "witness", "waiver"]
    case "waiver": ["name", "reason", "granter", "role", "signedAt", "expires"]
    case "waivers": ["name", "clause", "state", "expires"]
    case "reasons": ["clause", "kind", "message", "subjects", "at", "unknown", "witness"]
    case "unknown": ["why", "source", "subject", "field", "observed", "limit"]
    case "obligations": ["clause", "role", "count", "except", "within", "message"]
    case "approvals": ["approver", "role", "signedAt", "expires"]
    default: []
    }
  }

  private static func ordered(_ value: JSONValue, _ names: [String]) -> JSONValue {
    guard let members = value.object else { return value }
    let known = names.compactMap { name in members.first { $0.name == name } }
    let others = members.filter { member in !names.contains(member.name) }
    return .object(
      (known + others).map { member in
        let inner = RecordedRun.members(of: member.name)
        if let elements = member.value.array, !inner.isEmpty {
          return JSONMember(member.name, .array(elements.map { ordered($0, inner) }))
        }
        return JSONMember(member.name, ordered(member.value, inner))
      })
  }
}
