// What a record says, in sentences: for whoever reads a log, and for whoever verifies a proof and has nothing else.
//
// An evidence page says the same in the browser (EvidencePage+View.swift); whoever changes a sentence here changes it there.
public import WritModel

extension LoggedRecord {
  /// What the record says beside its subjects, a sentence each: of a decision what it lets be done and takes back, of any other what
  /// came of it, who said so, and why. Tokens of names stand as they are.
  ///
  /// - Parameter open: The value that a digest stands for; `nil` of what is not shown.
  public func words(opening open: (DisclosureDigest) -> JSONValue?) -> [String] {
    let words = RecordWords(predicate)
    let why = predicate["envelope"]?.string.flatMap { DisclosureDigest($0) }.flatMap(open)
      .flatMap(RecordWords.reason)
    return words.sentences(type) + words.takenBack(takenBack)
      + (runPlace.map { [RecordWords.sentence(of: $0)] } ?? [])
      + (why.map { ["because: \($0)"] } ?? [])
  }

  /// Whether somebody wanted something that was not taken: an intent, or what a delegate was told to do.
  public var isRefused: Bool {
    switch type {
    case PredicateType.intentGiven: predicate["taken"]?.bool == false
    case PredicateType.actionResult: predicate["outcome"]?.string == "refused"
    default: false
    }
  }

  /// Why it was not taken; `nil` where nothing was refused, or no reason is on record.
  public var refusal: String? { isRefused ? predicate["reason"]?.string : nil }

  /// What an allowed action is called, and of what kind it is: `shop.deploy (deploy, production)`; `nil` where nothing is let be done.
  public var deedText: String? {
    guard let deed = predicate["deed"], let action = deed["action"]?.string else { return nil }
    let kinds =
      [deed["kind"]?.string, deed["effect"]?.string].compactMap { $0 } + impacts(of: deed)
    return kinds.isEmpty ? action : "\(action) (\(kinds.joined(separator: ", ")))"
  }
}

/// What a deed may harm, in words, if it says anything.
private func impacts(of deed: JSONValue) -> [String] {
  let names = (deed["impacts"]?.array ?? []).compactMap(\.string)
  return names.isEmpty ? [] : ["impact " + names.joined(separator: ", ")]
}

/// The sentences of one predicate.
private struct RecordWords {
  private let predicate: JSONValue

  init(_ predicate: JSONValue) { self.predicate = predicate }

  /// Why somebody said what they signed, in the envelope that a record holds by its digest.
  static func reason(in value: JSONValue) -> String? {
    guard let envelope = try? Envelope(value),
      let statement = try? Statement(parsing: envelope.payload)
    else { return nil }
    return statement.predicate["reason"]?.string ?? statement.predicate["note"]?.string
  }

  static func sentence(of place: RunPlace) -> String {
    "in run \(place.id), step \(place.step)"
      + (place.round > 1 ? ", round \(place.round)" : "")
      + (place.attempt > 1 ? ", attempt \(place.attempt)" : "")
  }

  /// A member as a text; `-` where there is none.
  private func text(_ name: String) -> String {
    guard let value = predicate[name] else { return "-" }
    return value.string ?? value.compact
  }

  func sentences(_ type: String) -> [String] {
    switch type {
    case PredicateType.decision: return deed
    case PredicateType.approvalGiven:
      return [
        "yes by \(text("approver")) as \(text("role")) until \(text("expires"))",
        "to \(text("gate")), signed at \(text("signedAt"))",
      ]
    case PredicateType.rejectionGiven:
      return [
        "no by \(text("rejecter")) as \(text("role"))",
        "to \(text("gate")), signed at \(text("signedAt"))",
      ]
    case PredicateType.unlockGiven:
      return [
        "unlocked by \(text("unlocker")), role \(text("role")), forgives up to entry \(text("through"))",
        "\(text("action")) of \(text("artifact")), signed at \(text("signedAt"))",
      ]
    case PredicateType.tokenRevoked:
      return [
        "takes back block \(text("block")) of a token, and what was narrowed from it",
        "said by \(revoker), signed at \(text("signedAt"))",
      ]
    case PredicateType.waiverGiven:
      return [
        "\(text("waiver")) granted by \(text("granter")) as \(text("role")) until \(text("expires"))",
        "for \(text("clause")) of \(text("gate")), signed at \(text("signedAt"))",
      ]
    case PredicateType.overrideGiven:
      return [
        "\(text("overrider")) answers as \(text("role")) for acting against entry \(text("decision"))",
        "\(text("gate")) said \(text("outcome")), until \(text("expires"))",
      ]
    case PredicateType.breakGlassReviewed:
      return [
        "found \(text("verdict")) by \(text("reviewer")) as \(text("role"))",
        "\(text("action")), which entry \(text("decision")) let be done",
      ]
    case PredicateType.intentGiven: return intent
    case PredicateType.permitIssued:
      return [
        "permit for \(text("delegate")) until \(text("expires")), by the decision in entry \(text("decision"))"
      ] + labels.map { "which is labelled \($0), as the action asks" }
    case PredicateType.actionResult: return result
    case PredicateType.runBegun: return begun
    case PredicateType.runCancelled: return cancelled
    case PredicateType.runEnded: return ended
    case PredicateType.index:
      return ["fixes the newest entry of \(text("subjects")) subjects before entry \(text("size"))"]
    case PredicateType.config: return ["the clock was right at \(text("clock"))"]
    case PredicateType.erase:
      let count = predicate["digests"]?.array?.count ?? 0
      return ["\(count) values can no longer be opened: \(text("ground"))"]
    default: return others
    }
  }

  /// Who takes a token back: somebody in a role, its issuer, or a hand that nobody knows by name.
  private var revoker: String {
    guard predicate["revoker"] != nil else { return "a hand that handed it on" }
    return text("revoker")
      + (predicate["role"] == nil ? ", who issued it" : " as \(text("role"))")
  }

  private var deed: [String] {
    guard let deed = predicate["deed"], let action = deed["action"]?.string else { return [] }
    let kinds = [deed["kind"]?.string ?? "-", deed["effect"]?.string ?? "-"] + impacts(of: deed)
    return [
      "lets \(action) be done: \(kinds.joined(separator: ", "))"
    ] + labels.map { "by a delegate labelled \($0) only" }
  }

  /// Those of the delegate, where the action asks for any.
  private var labels: [String] {
    predicate["labels"].flatMap { DelegateLabel.labels($0) }.map { [$0.joined(separator: ", ")] }
      ?? []
  }

  private var intent: [String] {
    let wish = "\(text("caller")) wants \(text("action"))"
    return predicate["taken"]?.bool == true
      ? ["\(wish), and signed that"] : [wish, "refused: \(text("reason"))"]
  }

  private var result: [String] {
    let basis = "by the decision in entry \(text("decision"))"
    if text("outcome") == "refused" {
      return ["refused: \(text("reason"))", "by \(text("delegate")), \(basis)"]
    }
    let exit = predicate["exit"] == nil ? "" : ", exit \(text("exit"))"
    return ["\(text("outcome"))\(exit)", "done by \(text("delegate")), \(basis)"]
  }

  private var begun: [String] {
    var lines = ["begins \(text("pipeline")) as run \(text("run")), for \(text("caller"))"]
    if predicate["confinement"] != nil {
      lines.append("programs were kept from keys: \(text("confinement"))")
    }
    return lines
  }

  private var cancelled: [String] {
    [
      "run \(text("run")) was told to stop at \(text("at")): \(text("mode"))",
      predicate["canceller"] != nil
        ? "by \(text("canceller")), who signed it" : "by \(text("words")), \(text("how"))",
    ]
  }

  private var ended: [String] {
    var lines = [
      "run \(text("run")), begun in entry \(text("begun")), ended: \(text("result"))",
      "attempts handed out: \(text("attempts"))",
    ]
    if predicate["rollback"] != nil { lines.append("rollback: \(text("rollback"))") }
    if predicate["effectUnknown"]?.bool == true {
      lines.append("in doubt: something may have been done of which nobody knows")
    }
    if predicate["needsPerson"]?.bool == true { lines.append("a person must look at it") }
    return lines
  }

  /// What a decision takes back, or what the end of a run says should have been.
  func takenBack(_ list: [TakenBack]) -> [String] {
    let verb = predicate["begun"] == nil ? "takes back" : "was not taken back:"
    return list.map { one in
      "\(verb) \(one.version.action) of \(one.version.artifact), which entry \(one.deed) let be done"
        + (one.run.map { " in run \($0)" } ?? "")
    }
  }

  /// Of any other kind, or of somebody else's, what its plain members say.
  private var others: [String] {
    let names = [
      "act", "vkey", "validFrom", "validTo", "next", "scope", "policy", "language", "engine",
      "outcome",
      "exit", "result", "rollback", "reason", "delegate", "decision", "pipeline", "attempts",
      "verdict", "reviewer",
    ]
    return names.compactMap { name in
      guard let value = predicate[name], value.object == nil, value.array == nil else { return nil }
      return "\(name) \(text(name))"
    }
  }
}
