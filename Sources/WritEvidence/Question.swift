// What an auditor asks of a log, and what is claimed of the answer.
public import WritModel

/// Which records there are about a subject in a span of time.
public struct Question: Hashable, Sendable {
  /// As records name it: `Service/checkout`.
  public let subject: String
  /// The first moment that counts.
  public let from: Instant
  /// The first moment that no longer counts.
  public let to: Instant

  /// `nil` unless there is a subject and the span does not end before it begins.
  public init?(subject: String, from: Instant, to: Instant) {
    guard !subject.isEmpty, from <= to else { return nil }
    self.subject = subject
    self.from = from
    self.to = to
  }

  /// Equal to the byte.
  public static func == (left: Question, right: Question) -> Bool {
    hasSameBytes(left.subject, right.subject) && left.from == right.from && left.to == right.to
  }

  /// Whether a moment counts; microseconds since the epoch.
  func covers(_ logged: Int64) -> Bool { from.microseconds <= logged && logged < to.microseconds }

  var json: JSONValue {
    [
      "from": .string(from.description), "subject": .string(subject),
      "to": .string(to.description),
    ]
  }

  init?(_ value: JSONValue) {
    guard let subject = value["subject"]?.string,
      let from = value["from"]?.string.flatMap({ Instant($0) }),
      let to = value["to"]?.string.flatMap({ Instant($0) })
    else { return nil }
    self.init(subject: subject, from: from, to: to)
  }
}

/// That decisions which allowed rest on a clause: `checkout.release.ship.securityTested`.
public struct Claim: Hashable, Sendable, CustomStringConvertible {
  /// The gate, by its full name in a proof.
  public let gate: String
  /// The clause of it.
  public let clause: String

  /// A clause of a gate.
  public init(gate: String, clause: String) {
    self.gate = gate
    self.clause = clause
  }

  /// Reads `gate.clause`, parted at the last dot.
  public init?(_ text: String) {
    guard let dot = text.lastIndex(of: "."), dot > text.startIndex,
      text.index(after: dot) < text.endIndex
    else { return nil }
    self.init(gate: String(text[..<dot]), clause: String(text[text.index(after: dot)...]))
  }

  /// `gate.clause`
  public var description: String { "\(gate).\(clause)" }

  /// Equal to the byte.
  public static func == (left: Claim, right: Claim) -> Bool {
    hasSameBytes(left.description, right.description)
  }
}
