// What a verified entry records, for people and for programs.
import WritEvidence
import WritModel

/// A verified entry, ready to be shown.
struct Report {
  private let verified: VerifiedEntry
  /// The statement in the entry; other logs' entries hold other things.
  private let statement: Statement?

  init(_ verified: VerifiedEntry) {
    self.verified = verified
    statement = try? Statement(parsing: verified.entry)
  }

  /// One JSON document.
  var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("verified", true),
      JSONMember("origin", .string(verified.checkpoint.origin)),
      JSONMember("index", number(verified.index)),
      JSONMember("size", number(verified.checkpoint.size)),
      JSONMember("root", .string(Base64.encode(verified.checkpoint.root.bytes))),
      JSONMember("signedBy", .array(verified.signatures.map { .string("\($0.key)") })),
    ]
    let cosignatures = verified.signatures.compactMap { signature -> JSONValue? in
      signature.time.map {
        ["key": .string("\(signature.key)"), "time": .string(Report.shown($0))]
      }
    }
    if !cosignatures.isEmpty { members.append(JSONMember("cosignatures", .array(cosignatures))) }
    if !verified.disclosures.isEmpty {
      members.append(JSONMember("disclosed", .array(verified.disclosures.map(Report.json))))
    }
    if statement != nil, let entry = try? JSONValue(parsing: verified.entry) {
      members.append(JSONMember("statement", entry))
    } else {
      members.append(JSONMember("entry", .string(Base64.encode(verified.entry))))
    }
    return .object(members)
  }

  /// Digest, name and value.
  static func json(_ disclosure: Disclosure) -> JSONValue {
    [
      "digest": .string(disclosure.digest.description), "name": .string(disclosure.name),
      "value": disclosure.value,
    ]
  }

  /// Numbers beyond 2^53 - 1 are strings, since not every reader keeps them.
  private func number(_ value: UInt64) -> JSONValue {
    value < 1 << 53 ? .integer(Int64(value)) : .string(String(value))
  }

  /// POSIX seconds as a time; beyond the year 9999 as the number.
  static func shown(_ time: UInt64) -> String {
    time < 253_402_300_800
      ? Instant(microseconds: Int64(time) * 1_000_000).description : String(time)
  }

  /// A line for each thing to know.
  var text: String {
    let checkpoint = verified.checkpoint
    var lines = [
      ("verified", "entry \(verified.index) of \(checkpoint.origin)"),
      ("log", "\(checkpoint.size) entries, root \(Base64.encode(checkpoint.root.bytes))"),
    ]
    lines += verified.signatures.map { signature in
      let time = signature.time.map { ", at \(Report.shown($0))" } ?? ""
      return ("signed by", "\(signature.key.name), key \(signature.key.id)\(time)")
    }
    if let statement {
      lines += Report.lines(of: statement, opening: verified.disclosures)
    } else {
      lines.append(("entry", "\(verified.entry.count) bytes that are no statement"))
    }
    lines = lines.map { ($0.0, Report.opened($0.1, by: verified.disclosures)) }
    lines += verified.disclosures.map { ("disclosed", Report.line(of: $0)) }
    return Report.text(lines)
  }

  /// Labels and values in two columns.
  static func text(_ lines: [(String, String)]) -> String {
    lines.map { label, value in
      label + String(repeating: " ", count: 11 - label.count) + printable(value) + "\n"
    }.joined()
  }

  /// What a statement says, a line for each thing to know.
  static func lines(
    of statement: Statement, opening disclosures: [Disclosure] = []
  ) -> [(String, String)] {
    var lines = [("record", statement.predicateType)]
    lines += statement.subjects.map { subject in
      let digests = subject.digests.map { "\($0.algorithm):\($0.value)" }.joined(separator: " ")
      return ("subject", (subject.name.map { $0 + " " } ?? "") + digests)
    }
    // A decision stands in the predicate itself, or whole in its `result`.
    let predicate = statement.predicate
    let decision = predicate["result"]?.object == nil ? predicate : predicate["result"] ?? predicate
    func add(_ label: String, _ candidates: JSONValue?...) {
      guard let text = candidates.lazy.compactMap({ $0?.string }).first else { return }
      lines.append((label, text))
    }
    add("kind", predicate["kind"])
    add("gate", decision["gate"], predicate["gate"])
    lines += arguments(of: predicate).map { ("with", $0) }
    add("result", predicate["verificationResult"])
    add("resource", predicate["resourceUri"])
    add("policy", predicate["policy"]?["uri"])
    add("verifier", predicate["verifier"]?["id"])
    add("outcome", decision["outcome"], predicate["outcome"], predicate["result"])
    if decision["question"]?.bool == true { lines.append(("question", "asked, never a permit")) }
    add("time", predicate["logged"], decision["now"], predicate["timeVerified"], predicate["time"])
    add("caller", decision["caller"], predicate["caller"])
    lines += LoggedRecord(statement).onBehalfOf.map { ("onBehalfOf", $0) }
    if predicate["unsigned"]?.bool == true { lines.append(("unsigned", "who acts did not sign")) }
    if let glass = predicate["breakGlass"].flatMap({ BreakGlassMark($0) }) {
      lines.append(("breakglass", line(of: glass, opening: disclosures)))
    }
    lines += LoggedRecord(statement).words { digest in value(of: digest, in: disclosures) }
      .map { ("told", $0) }
    let reasons = decision["reasons"] ?? predicate["reasons"] ?? []
    lines += (reasons.array ?? []).map { ("reason", line(of: $0)) }
    lines += (decision["waived"]?.array ?? []).map { ("waived", line(ofWaived: $0)) }
    let obligations = decision["obligations"] ?? predicate["obligations"] ?? []
    lines += (obligations.array ?? []).map { ("needed", line(of: $0)) }
    lines += (decision["approvals"]?.array ?? []).map { ("approved", line(ofApproval: $0)) }
    return lines
  }

  /// What the gate of a decision was asked about: `env = Environment/eu`.
  static func arguments(of predicate: JSONValue) -> [String] {
    (predicate["arguments"]?.object ?? []).map { argument in
      "\(argument.name) = \(argument.value.string ?? argument.value.compact)"
    }
  }

  /// That the usual way was left: who looks at it afterwards, until when, and why it was left, where that is shown.
  static func line(of glass: BreakGlassMark, opening disclosures: [Disclosure]) -> String {
    let due = glass.due.map { " until \($0)" } ?? "; nothing was let be done"
    let reason = glass.reason.map { reason in
      let text = disclosures.first { $0.digest == reason }?.value.string
      return ", because: " + (text ?? reason.token)
    }
    return "reviewed by role \(glass.role)\(due)" + (reason ?? "")
  }

  /// A finding that did not count: as a reason, and by which waiver, granted by whom, until when.
  static func line(ofWaived finding: JSONValue) -> String {
    let waiver = finding["waiver"]
    let parts = [
      waiver?["name"]?.string.map { "waived by \($0)" },
      waiver?["granter"]?.string.map { "granted by \($0)" },
      waiver?["expires"]?.string.map { "until \($0)" },
    ]
    return ([line(of: finding)] + parts.compactMap { $0 }).joined(separator: ", ")
  }

  /// What a digest stands for, where that is shown.
  static func value(of digest: DisclosureDigest, in disclosures: [Disclosure]) -> JSONValue? {
    disclosures.first { $0.digest == digest }?.value
  }

  /// A line with names in place of the digests that stand for them, where these are shown.
  static func opened(_ line: String, by disclosures: [Disclosure]) -> String {
    guard !disclosures.isEmpty else { return line }
    return DisclosureDigest.replace(in: line) { value(of: $0, in: disclosures)?.string }
  }

  /// What stands for it in the records, and what it is.
  static func line(of disclosure: Disclosure) -> String {
    let value = disclosure.value.string ?? disclosure.value.compact
    return "\(disclosure.digest.token) is \(disclosure.name) \(value)"
  }

  /// Who gave it, in which role, when.
  static func line(ofApproval approval: JSONValue) -> String {
    let role = approval["role"]?.string.map { "role \($0)" }
    let time = approval["signedAt"]?.string.map { "at \($0)" }
    let parts = [approval["approver"]?.string.map { "by \($0)" }, role, time].compactMap { $0 }
    return parts.isEmpty ? approval.compact : parts.joined(separator: ", ")
  }

  /// A reason or an obligation in one line: its clause, what it says, where it stands.
  static func line(of value: JSONValue) -> String {
    if let text = value.string { return text }
    let clause = value["clause"]?.string ?? value["code"]?.string
    let kind = value["kind"]?.string.map { "(\($0))" } ?? value["role"]?.string.map { "(\($0))" }
    let message = value["message"]?.string
    let place = value["at"]?.string.map { "[\($0)]" }
    let parts = [clause, kind, message, place].compactMap { $0 }
    return parts.isEmpty ? value.compact : parts.joined(separator: " ")
  }
}

/// A text without what could move a terminal's cursor or change the direction of reading.
func printable(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{fffd}"
        default: scalar
        }
      }))
}
