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
  public let gate: String
  public let outcome: Outcome
  public let isIndeterminate: Bool
  public let isQuestion: Bool
  /// As text.
  public let now: [UInt8]
  public let asOf: [UInt8]
  /// `Kind/id`.
  public let caller: String?
  /// `sha256:` and hex.
  public let bundle: String
  public let snapshot: String
  public let request: String

  public init(
    gate: String, outcome: Outcome, isIndeterminate: Bool, isQuestion: Bool, now: [UInt8],
    asOf: [UInt8], caller: String?, bundle: String, snapshot: String, request: String
  ) {
    self.gate = gate
    self.outcome = outcome
    self.isIndeterminate = isIndeterminate
    self.isQuestion = isQuestion
    self.now = now
    self.asOf = asOf
    self.caller = caller
    self.bundle = bundle
    self.snapshot = snapshot
    self.request = request
  }

  /// Appends what `Decision.json.compact` is, the bytes that a record's result digest is over, around lists in that form.
  public func appendCompact(to bytes: inout [UInt8], _ lists: WrittenLists) {
    append("{\"outcome\":", outcome.rawValue, to: &bytes)
    appendText(isIndeterminate ? ",\"indeterminate\":true" : ",\"indeterminate\":false", to: &bytes)
    appendText(isQuestion ? ",\"question\":true" : ",\"question\":false", to: &bytes)
    append(",\"gate\":", gate, to: &bytes)
    appendTime(",\"now\":\"", now, to: &bytes)
    appendTime(",\"asOf\":\"", asOf, to: &bytes)
    append(",\"caller\":", caller, to: &bytes)
    append(",\"bundle\":", bundle, to: &bytes)
    append(",\"snapshot\":", snapshot, to: &bytes)
    append(",\"request\":", request, to: &bytes)
    appendList(",\"reasons\":[", lists.reasons, to: &bytes)
    appendList(",\"obligations\":[", lists.obligations, to: &bytes)
    appendList(",\"approvals\":[", lists.approvals, to: &bytes)
    appendText(",\"advised\":[],\"waived\":[]}", to: &bytes)
  }

  /// Appends the canonical form of `Decision.json`, as it stands in a record, around lists in that form.
  public func appendCanonical(to bytes: inout [UInt8], _ lists: WrittenLists) {
    appendList("{\"advised\":[],\"approvals\":[", lists.approvals, to: &bytes)
    appendTime(",\"asOf\":\"", asOf, to: &bytes)
    append(",\"bundle\":", bundle, to: &bytes)
    append(",\"caller\":", caller, to: &bytes)
    append(",\"gate\":", gate, to: &bytes)
    appendText(isIndeterminate ? ",\"indeterminate\":true" : ",\"indeterminate\":false", to: &bytes)
    appendTime(",\"now\":\"", now, to: &bytes)
    appendList(",\"obligations\":[", lists.obligations, to: &bytes)
    append(",\"outcome\":", outcome.rawValue, to: &bytes)
    appendText(isQuestion ? ",\"question\":true" : ",\"question\":false", to: &bytes)
    appendList(",\"reasons\":[", lists.reasons, to: &bytes)
    append(",\"request\":", request, to: &bytes)
    append(",\"snapshot\":", snapshot, to: &bytes)
    appendText(",\"waived\":[]}", to: &bytes)
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

/// Appends a member that is a time, which has nothing to escape.
private func appendTime(_ name: StaticString, _ time: [UInt8], to bytes: inout [UInt8]) {
  appendText(name, to: &bytes)
  bytes.append(contentsOf: time)
  bytes.append(UInt8(ascii: "\""))
}

/// Appends a member that is an array of what is written already.
private func appendList(_ name: StaticString, _ items: [UInt8], to bytes: inout [UInt8]) {
  appendText(name, to: &bytes)
  bytes.append(contentsOf: items)
  bytes.append(UInt8(ascii: "]"))
}
