// A decision as the bytes of its JSON, written straight: in the order of `json`, and canonically.

/// Appends text that is JSON as it stands.
public func appendText(_ text: StaticString, to bytes: inout [UInt8]) {
  text.withUTF8Buffer { bytes.append(contentsOf: $0) }
}

/// Appends an array of strings.
public func appendJSONStrings(_ texts: [String], to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "["))
  for (index, text) in texts.enumerated() {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    appendJSONString(text, to: &bytes)
  }
  bytes.append(UInt8(ascii: "]"))
}

/// The lists of a decision, written already: `{…},{…}`.
public struct WrittenLists: Sendable {
  public var reasons: [UInt8] = []
  public var obligations: [UInt8] = []
  public var approvals: [UInt8] = []

  /// Nothing in any of them.
  public init() {}

  /// Takes out what is in them; their memory is used again.
  public mutating func clear() {
    reasons.removeAll(keepingCapacity: true)
    obligations.removeAll(keepingCapacity: true)
    approvals.removeAll(keepingCapacity: true)
  }
}

/// A decision but for its lists: what is written around them.
public struct DecisionFrame {
  /// Of what many decisions share.
  public var names: DecisionNames
  public let outcome: Outcome
  public let isIndeterminate: Bool
  public let isQuestion: Bool
  /// As text.
  public let now: [UInt8]
  public let asOf: [UInt8]

  public init(
    names: DecisionNames, outcome: Outcome, isIndeterminate: Bool, isQuestion: Bool, now: [UInt8],
    asOf: [UInt8]
  ) {
    self.names = names
    self.outcome = outcome
    self.isIndeterminate = isIndeterminate
    self.isQuestion = isQuestion
    self.now = now
    self.asOf = asOf
  }

  /// Appends what `Decision.json.compact` is, the bytes that a record's result digest is over, around lists in that form; where in it the
  /// times are.
  public func appendCompact(to bytes: inout [UInt8], _ lists: WrittenLists) -> TimePlaces {
    appendText("{\"outcome\":", to: &bytes)
    appendText(outcome.json, to: &bytes)
    appendText(isIndeterminate ? ",\"indeterminate\":true" : ",\"indeterminate\":false", to: &bytes)
    appendText(isQuestion ? ",\"question\":true" : ",\"question\":false", to: &bytes)
    append(",\"gate\":", names.gate, to: &bytes)
    append(",\"now\":\"", now, to: &bytes)
    let nowEnd = bytes.count
    append("\",\"asOf\":\"", asOf, to: &bytes)
    let asOfEnd = bytes.count
    bytes.append(UInt8(ascii: "\""))
    if let caller = names.caller { append(",\"caller\":", caller, to: &bytes) }
    append(",\"bundle\":", names.bundle, to: &bytes)
    append(",\"snapshot\":", names.snapshot, to: &bytes)
    append(",\"request\":", names.request, to: &bytes)
    append(",\"reasons\":[", lists.reasons, to: &bytes)
    append("],\"obligations\":[", lists.obligations, to: &bytes)
    append("],\"approvals\":[", lists.approvals, to: &bytes)
    appendText("],\"advised\":[],\"waived\":[]}", to: &bytes)
    return places(nowEnd: nowEnd, asOfEnd: asOfEnd)
  }

  /// Appends the canonical form of `Decision.json`, as it stands in a record, around lists in that form; where in it the times are.
  public func appendCanonical(to bytes: inout [UInt8], _ lists: WrittenLists) -> TimePlaces {
    append("{\"advised\":[],\"approvals\":[", lists.approvals, to: &bytes)
    append("],\"asOf\":\"", asOf, to: &bytes)
    let asOfEnd = bytes.count
    append("\",\"bundle\":", names.bundle, to: &bytes)
    if let caller = names.caller { append(",\"caller\":", caller, to: &bytes) }
    append(",\"gate\":", names.gate, to: &bytes)
    appendText(isIndeterminate ? ",\"indeterminate\":true" : ",\"indeterminate\":false", to: &bytes)
    append(",\"now\":\"", now, to: &bytes)
    let nowEnd = bytes.count
    append("\",\"obligations\":[", lists.obligations, to: &bytes)
    appendText("],\"outcome\":", to: &bytes)
    appendText(outcome.json, to: &bytes)
    appendText(isQuestion ? ",\"question\":true" : ",\"question\":false", to: &bytes)
    append(",\"reasons\":[", lists.reasons, to: &bytes)
    append("],\"request\":", names.request, to: &bytes)
    append(",\"snapshot\":", names.snapshot, to: &bytes)
    appendText(",\"waived\":[]}", to: &bytes)
    return places(nowEnd: nowEnd, asOfEnd: asOfEnd)
  }

  private func places(nowEnd: Int, asOfEnd: Int) -> TimePlaces {
    TimePlaces(now: nowEnd - now.count..<nowEnd, asOf: asOfEnd - asOf.count..<asOfEnd)
  }
}

/// Where in the text of a decision its times are.
public struct TimePlaces: Sendable {
  public let now: Range<Int>
  public let asOf: Range<Int>
}

/// By what a decision goes, each as a JSON string.
public struct DecisionNames: Sendable {
  public let gate: [UInt8]
  public let bundle: [UInt8]
  public let snapshot: [UInt8]
  public let request: [UInt8]
  /// `nil` where nobody was named.
  public let caller: [UInt8]?

  public init(
    gate: [UInt8], bundle: [UInt8], snapshot: [UInt8], request: [UInt8], caller: [UInt8]?
  ) {
    self.gate = gate
    self.bundle = bundle
    self.snapshot = snapshot
    self.request = request
    self.caller = caller
  }
}

/// A text as a JSON string.
public func jsonString(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count + 2)
  appendJSONString(text, to: &bytes)
  return bytes
}

extension Outcome {
  fileprivate var json: StaticString {
    switch self {
    case .deny: "\"deny\""
    case .hold: "\"hold\""
    case .allow: "\"allow\""
    }
  }
}

extension Reason {
  /// Appends `json.compact`.
  public func appendCompact(to bytes: inout [UInt8]) {
    append("{\"clause\":", clause, to: &bytes)
    append(",\"kind\":", isDeny ? "deny" : "require", to: &bytes)
    append(",\"message\":", message, to: &bytes)
    append(",\"subjects\":", subjects, to: &bytes)
    append(",\"at\":", position, to: &bytes)
    if let unknown {
      appendText(",\"unknown\":", to: &bytes)
      unknown.json.appendCompact(to: &bytes)
    }
    if !witness.isEmpty { append(",\"witness\":", witness, to: &bytes) }
    bytes.append(UInt8(ascii: "}"))
  }

  /// Appends the canonical form of `json`.
  public func appendCanonical(to bytes: inout [UInt8]) {
    append("{\"at\":", position, to: &bytes)
    append(",\"clause\":", clause, to: &bytes)
    append(",\"kind\":", isDeny ? "deny" : "require", to: &bytes)
    append(",\"message\":", message, to: &bytes)
    append(",\"subjects\":", subjects, to: &bytes)
    if let unknown {
      appendText(",\"unknown\":", to: &bytes)
      unknown.appendCanonical(to: &bytes)
    }
    if !witness.isEmpty { append(",\"witness\":", witness, to: &bytes) }
    bytes.append(UInt8(ascii: "}"))
  }
}

extension UnknownFact {
  /// Appends the canonical form of `json`.
  public func appendCanonical(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    let limit = limit.map { Duration(microseconds: $0).iso8601 }
    let observed = observed.map { Instant(microseconds: $0).description }
    let members: [(name: StaticString, text: String?)] = [
      ("\"field\":", field), ("\"limit\":", limit), ("\"observed\":", observed),
      ("\"source\":", source), ("\"subject\":", subject),
    ]
    for member in members where member.text != nil {
      append(member.name, member.text, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    append("\"why\":", why, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension Obligation {
  /// Appends `json.compact`.
  public func appendCompact(to bytes: inout [UInt8]) {
    append("{\"clause\":", clause, to: &bytes)
    append(",\"role\":", role, to: &bytes)
    appendText(",\"count\":", to: &bytes)
    bytes.append(contentsOf: String(count).utf8)
    append(",\"except\":", except, to: &bytes)
    append(",\"within\":", within.map { Duration(microseconds: $0).iso8601 }, to: &bytes)
    append(",\"message\":", message, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  /// Appends the canonical form of `json`.
  public func appendCanonical(to bytes: inout [UInt8]) {
    append("{\"clause\":", clause, to: &bytes)
    appendText(",\"count\":", to: &bytes)
    bytes.append(contentsOf: String(count).utf8)
    append(",\"except\":", except, to: &bytes)
    append(",\"message\":", message, to: &bytes)
    append(",\"role\":", role, to: &bytes)
    append(",\"within\":", within.map { Duration(microseconds: $0).iso8601 }, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension CountedApproval {
  /// Appends `json.compact`.
  public func appendCompact(to bytes: inout [UInt8]) { json.appendCompact(to: &bytes) }

  /// Appends the canonical form of `json`.
  public func appendCanonical(to bytes: inout [UInt8]) {
    append("{\"approver\":", approver, to: &bytes)
    append(",\"expires\":", Instant(microseconds: expires).description, to: &bytes)
    append(",\"role\":", role, to: &bytes)
    append(",\"signedAt\":", Instant(microseconds: signedAt).description, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

/// Appends a member that is a string, its name as it stands in JSON; nothing for `nil`.
private func append(_ name: StaticString, _ value: String?, to bytes: inout [UInt8]) {
  guard let value else { return }
  appendText(name, to: &bytes)
  appendJSONString(value, to: &bytes)
}

private func append(_ name: StaticString, _ values: [String], to bytes: inout [UInt8]) {
  appendText(name, to: &bytes)
  appendJSONStrings(values, to: &bytes)
}

/// Appends a text, and what is written already.
private func append(_ text: StaticString, _ written: [UInt8], to bytes: inout [UInt8]) {
  appendText(text, to: &bytes)
  bytes.append(contentsOf: written)
}
