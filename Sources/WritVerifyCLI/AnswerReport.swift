// A verified answer to a question, for people and for programs: what was asked, every record, whether the
// claim is so, and why nothing was left out.
import WritEvidence
import WritModel

/// A verified answer, ready to be shown.
struct AnswerReport {
  private let answer: VerifiedAnswer
  private let claim: Claim?
  private let result: ClaimResult?

  /// What a verified proof shows of a claim, if there is one.
  init(_ answer: VerifiedAnswer, claim: Claim?) {
    self.answer = answer
    self.claim = claim
    result = claim.map { answer.result(of: $0) }
  }

  /// Whether what is claimed is so; true where nothing is claimed.
  var holds: Bool { if case .fails = result { false } else { true } }
}

// For people.
extension AnswerReport {
  /// Paragraphs: verdict and question, records, claim, completeness, log.
  var text: String {
    let parts = [head, records, disclosed, claimLines, whole, log]
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private var head: [String] {
    let verdict =
      switch result {
      case .holds: "VERIFIED, and the claim holds"
      case .fails where result?.isUnshown == true:
        "VERIFIED, and whether the claim holds CANNOT BE SHOWN"
      case .fails: "VERIFIED, and the claim FAILS"
      case nil: "VERIFIED"
      }
    let question = answer.question
    var lines = [
      verdict, "", "question  which records are there about \(printable(question.subject)),",
      "          logged from \(question.from) to before \(question.to)?",
    ]
    if let claim {
      lines.append(
        "claim     what \(printable(claim.gate)) allowed passed \(printable(claim.clause))")
    }
    return lines
  }

  private var records: [String] {
    guard !answer.records.isEmpty else { return ["answer    none"] }
    let count = answer.records.count == 1 ? "1 record" : "\(answer.records.count) records"
    return ["answer    \(count)"] + answer.records.flatMap(lines)
  }

  /// A record: its line, then what it is about, then why.
  private func lines(_ found: FoundRecord) -> [String] {
    let record = found.record
    let time = record.logged.map { Instant(microseconds: $0).description } ?? "-"
    let outcome = (record.outcome ?? record.predicate["kind"]?.string ?? record.type).uppercased()
    var parts = ["\(found.index)", time, outcome, record.gate ?? ""]
    if record.isQuestion { parts.append("(a question, no permit)") }
    if let caller = record.caller { parts.append("asked by \(caller)") }
    var lines = ["", "  entry " + parts.filter { !$0.isEmpty }.joined(separator: "  ")]
    for subject in record.statement?.subjects ?? [] {
      let digest = subject.digests.map { "\($0.algorithm):\($0.value)" }.joined(separator: " ")
      lines.append("    about   \(subject.name ?? "-")  \(digest)")
    }
    lines += Report.arguments(of: record.predicate).map { "    with    \($0)" }
    if !record.onBehalfOf.isEmpty {
      lines.append(
        "    for     \(record.onBehalfOf.joined(separator: ", then ")), by a token of theirs")
    }
    if let glass = record.breakGlass {
      lines.append("    broke the glass, \(Report.line(of: glass, opening: answer.disclosures))")
    }
    if record.isUnsigned { lines.append("    unsigned who acts did not sign") }
    lines += record.words { Report.value(of: $0, in: answer.disclosures) }
      .map { "    told    \($0)" }
    for reason in record.result?["reasons"]?.array ?? [] {
      lines.append("    because \(Report.line(of: reason))")
    }
    for finding in record.result?["waived"]?.array ?? [] {
      lines.append("    waived  \(Report.line(ofWaived: finding))")
    }
    for owed in record.result?["obligations"]?.array ?? [] {
      lines.append("    needs   \(Report.line(of: owed))")
    }
    for approval in record.result?["approvals"]?.array ?? [] {
      lines.append("    approved \(Report.line(ofApproval: approval))")
    }
    if let claim { lines += read(found, claim) }
    return lines.map { printable(Report.opened($0, by: answer.disclosures)) }
  }

  /// What is shown of what the records hold by digest.
  private var disclosed: [String] {
    answer.disclosures.map { "disclosed " + printable(Report.line(of: $0)) }
  }

  /// What the claimed clause of a decision read.
  private func read(_ found: FoundRecord, _ claim: Claim) -> [String] {
    guard found.record.gate == claim.gate, let trace = answer.trace(of: found.record),
      let clause = trace.clauses.first(where: { $0["clause"]?.string == claim.clause })
    else { return [] }
    let facts = clause["facts"]?.array ?? []
    let outcome = clause["outcome"]?.string ?? "-"
    let count = facts.count == 1 ? "1 fact" : "\(facts.count) facts"
    // Nothing was looked at: what was asked about alone may have kept the clause from applying.
    let doubt = facts.isEmpty ? ": see with what it was asked whether it applied" : ""
    return ["    \(claim.clause) \(outcome), on \(count)\(doubt)"]
      + facts.map { "      \(line(ofFact: $0))" }
  }

  private func line(ofFact fact: JSONValue) -> String {
    let name = [fact["fact"]?.string, fact["member"]?.string].compactMap { $0 }.joined(
      separator: " ")
    let vouchers = (fact["vouched"]?.array ?? []).map { voucher in
      "\(voucher["source"]?.string ?? "-"), \(voucher["at"]?.string ?? "never")"
    }
    let value = "\(name) = \(fact["value"]?.string ?? "-")"
    return vouchers.isEmpty ? value : "\(value)  (by \(vouchers.joined(separator: "; ")))"
  }

  private var claimLines: [String] {
    guard let claim, let result else { return [] }
    var lines =
      switch result {
      case .holds(let indexes):
        [
          "the claim holds: the clause passed in \(entries(indexes)), and nothing else was allowed by "
            + claim.gate
        ]
      case .fails(let failures): failures.map { "the claim fails: \(explanation(of: $0))" }
      }
    let others = answer.allowed(besides: claim)
    if !others.isEmpty {
      lines.append("the claim says nothing of what other gates allowed:")
      lines += others.map { "  \($0.gate) in \(entries($0.indexes))" }
    }
    return lines.map { printable($0) }
  }

  private func explanation(of failure: ClaimFailure) -> String {
    switch failure {
    case .nothingAllowed([]): noDecision
    case .nothingAllowed(let indexes): "the gate allowed nothing in \(entries(indexes))"
    case .noTrace(let index): "the proof does not show what entry \(index) read"
    case .noClause(let index): "in entry \(index) the gate had no such clause"
    case .otherOutcome(let index, let outcome): "in entry \(index) the clause \(outcome)"
    }
  }

  /// What there is in place of a decision of the claimed gate.
  private var noDecision: String {
    let questions = answer.records.filter { hasSameBytes($0.record.gate ?? "", claim?.gate ?? "") }
    guard questions.isEmpty else {
      return
        "the gate was only asked questions, in \(entries(questions.map(\.index))), and an answer permits nothing"
    }
    return "there is no decision of that gate"
      + (answer.gates.isEmpty
        ? "" : ", there are some of " + answer.gates.prefix(10).joined(separator: ", "))
  }

  private func entries(_ indexes: [UInt64]) -> String {
    (indexes.count == 1 ? "entry " : "entries ") + indexes.map(String.init).joined(separator: ", ")
  }

  private var whole: [String] {
    let leaf = answer.indexLeaf
    let behind = answer.checkpoint.size - leaf - 1
    var lines = [
      "nothing was left out: entry \(leaf) fixes the newest entry of every subject before it;",
      behind == 0
        ? "  no entry came after it;" : "  the \(behind) after it are all in the proof;",
    ]
    if answer.history.isEmpty {
      lines.append("  the subject is not among them.")
    } else {
      let way = answer.history.map(String.init).joined(separator: ", ")
      let end = answer.isFollowedToStart ? "its first entry" : "one logged before the span"
      lines.append("  from there each entry names the one before it: \(way), \(end).")
    }
    return lines
  }

  private var log: [String] {
    let checkpoint = answer.checkpoint
    var lines = ["log       \(checkpoint.origin), \(checkpoint.size) entries"]
    lines.append("          root \(Base64.encode(checkpoint.root.bytes))")
    if let asOf = answer.asOf {
      lines.append("as of     \(asOf), the newest entry in the proof")
      if asOf.microseconds < answer.question.to.microseconds {
        lines.append(
          "          The span ends later: what was logged since, a newer proof must show.")
      }
    } else {
      lines.append("as of     no time: no entry in the proof says when it was logged")
    }
    return lines
      + answer.signatures.map { signature in
        let time = signature.time.map { ", at \(Report.shown($0))" } ?? ""
        return "signed by \(signature.key.name), key \(signature.key.id)\(time)"
      }
  }
}

// For programs.
extension AnswerReport {
  /// One JSON document.
  var json: JSONValue {
    let question = answer.question
    var members: [JSONMember] = [
      JSONMember("verified", true), JSONMember("origin", .string(answer.checkpoint.origin)),
      JSONMember("size", number(answer.checkpoint.size)),
      JSONMember("asOf", answer.asOf.map { .string($0.description) } ?? .null),
      JSONMember("root", .string(Base64.encode(answer.checkpoint.root.bytes))),
      JSONMember("signedBy", .array(answer.signatures.map { .string("\($0.key)") })),
      JSONMember(
        "question",
        [
          "subject": .string(question.subject), "from": .string(question.from.description),
          "to": .string(question.to.description),
        ]),
      JSONMember("indexLeaf", number(answer.indexLeaf)),
      JSONMember("history", .array(answer.history.map(number))),
      JSONMember("toStart", .bool(answer.isFollowedToStart)),
      JSONMember("records", .array(answer.records.map(json))),
    ]
    if !answer.disclosures.isEmpty {
      members.append(JSONMember("disclosed", .array(answer.disclosures.map(Report.json))))
    }
    if let claim, let result {
      members += [
        JSONMember("claim", .string(claim.description)), JSONMember("holds", .bool(holds)),
      ]
      if case .fails(let failures) = result {
        members.append(
          JSONMember("failures", .array(failures.map { .string(explanation(of: $0)) })))
      }
      let others = answer.allowed(besides: claim).map { other -> JSONValue in
        ["gate": .string(other.gate), "entries": .array(other.indexes.map(number))]
      }
      members.append(JSONMember("allowedByOtherGates", .array(others)))
    }
    return .object(members)
  }

  /// A record, and what its clauses read, where the proof shows it.
  private func json(_ found: FoundRecord) -> JSONValue {
    var members = [
      JSONMember("index", number(found.index)),
      JSONMember("statement", found.record.statement?.json ?? .null),
    ]
    if let trace = answer.trace(of: found.record) {
      members.append(JSONMember("trace", .array(trace.clauses)))
    }
    return .object(members)
  }

  /// Numbers beyond 2^53 - 1 are strings, since not every reader keeps them.
  private func number(_ value: UInt64) -> JSONValue {
    value < 1 << 53 ? .integer(Int64(value)) : .string(String(value))
  }
}
