// What is said about rules that people are held to and agents are not.

import WritText

extension Diagnostic {
  /// `require covered: caller.kind == agent or …`
  static func spared(
    _ names: [String], isWhole: Bool, told: SourceRange?, at range: SourceRange
  ) -> Diagnostic {
    let verb =
      switch (isWhole, names.count) {
      case (true, 1): "binds people only: agents are spared it"
      case (true, _): "bind people only: agents are spared them"
      case (false, 1): "asks less of an agent than of a person"
      case (false, _): "ask less of an agent than of a person"
      }
    return Diagnostic(.sparesAgents, "\(listed(names)) \(verb)", at: range).telling(told)
  }

  /// `approve by role lead when caller.kind == person`
  static func sparedStep(
    _ what: String, told: SourceRange?, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(.sparesAgents, "\(what): agents are spared it", at: range).telling(told)
  }

  /// A gate that only agents pass, and a stricter one that only people do.
  static func wayForAgents(
    _ way: String, beside usual: String, _ missing: [String], usual place: SourceRange,
    at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .sparesAgents,
      "`\(way)` is a way for agents alone, past what `\(usual)` asks of people: "
        + "\(listed(missing))", at: range
    ).noting("people pass here", at: place)
  }

  private func telling(_ told: SourceRange?) -> Diagnostic {
    told.map { noting("here it asks what the caller is", at: $0) } ?? self
  }
}

/// "`a`, `b` and `c`"
private func listed(_ names: [String]) -> String {
  let quoted = names.map { "`\($0)`" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
  return quoted.dropLast().joined(separator: ", ") + " and " + last
}
