// A decision as a person reads it: the outcome, why, and what can be done about it.

import Writ
import WritGraph
import WritModel
import WritVM

/// Writes a decision for people.
///
///     DENY  checkout.ship
///       deny criticalCVE: CVE-2026-12345 is open in zipkit@3.1.0, which fraud uses
///         of   Service/fraud, Library/zipkit@3.1.0
///         by   checkout → payments → fraud
///         at   checkout.writ:101:3
struct DecisionText {
  private let run: DecisionRun
  private let engine: Engine
  private let invocation: Invocation
  private let terminal: Terminal

  /// The invocation says how the command was typed, so that the next one can be shown.
  init(_ run: DecisionRun, _ engine: Engine, _ invocation: Invocation) {
    self.run = run
    self.engine = engine
    self.invocation = invocation
    terminal = invocation.terminal
  }

  private var decision: Decision { run.decision }

  /// All lines: the outcome, reasons, what is awaited, and with `--explain` what the answer rests
  /// on.
  var whole: String {
    var lines = [headline]
    for reason in decision.reasons { lines += self.lines(reason) }
    for waived in decision.waived { lines += self.lines(waived) }
    for obligation in decision.obligations { lines += self.lines(obligation) }
    for approval in decision.approvals { lines.append(line(approval)) }
    lines += idleWaivers
    if invocation.has("--explain") { lines += explanation }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The outcome and the gate, and what keeps it from being a plain answer.
  private var headline: String {
    let word = terminal.paint(decision.outcome.rawValue.uppercased(), decision.outcome.tone)
    var line = "\(word)  \(printable(decision.gate))"
    var remarks: [String] = []
    if decision.isIndeterminate { remarks.append("because something is not known") }
    if decision.isQuestion {
      let now = Instant(microseconds: decision.now)
      let asOf = Instant(microseconds: decision.asOf)
      remarks.append("a question of \(now), no permit")
      // Freshness goes by the clock unless somebody said otherwise.
      let isClock = (currentTime() - decision.asOf).magnitude < 60_000_000
      if !isClock { remarks.append("with what was known at \(asOf)") }
    }
    if !remarks.isEmpty { line += terminal.paint("  (\(remarks.joined(separator: "; ")))", .quiet) }
    return line
  }

  /// A reason: its clause and message, what it is about, how it was reached, and where it stands.
  private func lines(_ reason: Reason) -> [String] {
    let kind = terminal.paint(reason.isDeny ? "deny" : "require", .bad)
    let clause = terminal.paint(printable(reason.clause), .strong)
    var lines = ["  \(kind) \(clause): \(printable(message(of: reason)))"]
    func add(_ label: String, _ text: String) {
      lines.append("    " + terminal.paint(label, .quiet) + " \(printable(text))")
    }
    if !reason.subjects.isEmpty { add("of  ", reason.subjects.joined(separator: ", ")) }
    if reason.witness.count > 1 {
      add("by  ", reason.witness.map(identifier).joined(separator: " → "))
    }
    if let unknown = reason.unknown { add("why ", described(unknown, asOf: decision.asOf)) }
    add("at  ", reason.position)
    return lines
  }

  /// A finding that does not count: what it is, who says so, why, and until when.
  private func lines(_ waived: WaivedFinding) -> [String] {
    let (finding, waiver) = (waived.finding, waived.waiver)
    let word = terminal.paint("waived", .waiting)
    let clause = terminal.paint(printable(finding.clause), .strong)
    var lines = ["  \(word) \(clause): \(printable(finding.message))"]
    func add(_ label: String, _ text: String) {
      lines.append("    " + terminal.paint(label, .quiet) + " \(printable(text))")
    }
    if !finding.subjects.isEmpty { add("of  ", finding.subjects.joined(separator: ", ")) }
    add(
      "by  ",
      "\(waiver.waiver), granted by \(waiver.granter), role \(waiver.role), until "
        + "\(Instant(microseconds: waiver.expires))")
    add("why ", waiver.reason)
    add("at  ", finding.position)
    return lines
  }

  /// Waivers of the gate that spare nothing here.
  private var idleWaivers: [String] {
    decision.waivers.compactMap { waiver in
      let why: String
      switch waiver.state {
      case .applied: return nil
      case .unmatched: why = "no certain finding is about what it names"
      case .ungranted: why = "nobody has granted it"
      case .expired: why = "it is over, or its grants are"
      case .refused: why = "it was granted by somebody who may not"
      }
      let word = terminal.paint("waiver", .quiet)
      return
        "  \(word) \(printable(waiver.waiver)) of \(printable(waiver.clause)) spares nothing: \(why)"
    }
  }

  /// The message without what the line `why` says better.
  private func message(of reason: Reason) -> String {
    guard reason.unknown != nil else { return reason.message }
    let text = Array(reason.message.utf8)
    if text.starts(with: "unknown: ".utf8) { return "something is not known" }
    let mark = Array(" (unknown: ".utf8)
    let place = text.indices.last { text[$0...].starts(with: mark) }
    return place.map { String(decoding: text[..<$0], as: UTF8.self) } ?? reason.message
  }

  /// What is owed, who can still give it, and how.
  private func lines(_ obligation: Obligation) -> [String] {
    let count = obligation.count == 1 ? "an approval" : "\(obligation.count) approvals"
    var text = "\(count) by role \(obligation.role)"
    if let within = obligation.within { text += ", at most \(Duration(microseconds: within)) old" }
    if !obligation.except.isEmpty {
      text += ", not by \(obligation.except.joined(separator: ", "))"
    }
    let clause = terminal.paint(printable(obligation.clause), .strong)
    var lines = ["  \(terminal.paint("await", .waiting)) \(clause): \(printable(text))"]
    if let message = obligation.message { lines.append("    \(printable(message))") }
    // While something else fails, an approval would not help yet.
    guard decision.outcome == .hold else { return lines }
    if let no = run.saidNo { return lines + self.lines(no, obligation) }
    let able = engine.bundle.registry.keys(function: .approver).filter { key in
      guard let node = key.node, key.roles.containsBytes(of: obligation.role) else { return false }
      return !obligation.except.containsBytes(of: node)
        && decision.caller.map { hasSameBytes($0, node) } != true
        && !decision.approvals.contains {
          hasSameBytes($0.approver, node) && hasSameBytes($0.role, obligation.role)
        }
    }
    if able.isEmpty {
      let others = decision.approvals.isEmpty ? "in" : "else in"
      lines.append("    nobody \(others) the bundle's registry can give it")
    }
    if decision.approvals.contains(where: { hasSameBytes($0.role, obligation.role) }) {
      lines.append("    an approval in this role is there; a clause counts each person once")
    }
    for key in able.prefix(5) {
      let node = printable(key.node ?? key.name)
      // What is signed today does not count at another time.
      lines.append("    " + terminal.paint("\(node) can give it\(isNow ? ":" : "")", .quiet))
      if isNow { lines.append("      \(command(obligation, node))") }
    }
    if able.count > 5 { lines.append("    and \(able.count - 5) more can") }
    return lines
  }

  /// Nobody's yes helps while a no stands, but a later one of whoever said it.
  private func lines(_ no: SaidNo, _ obligation: Obligation) -> [String] {
    let word = terminal.paint("refused", .bad)
    let node = printable(no.person)
    var lines = ["    \(word): \(printable(no.words)); no approval counts while that stands"]
    lines.append(
      "    " + terminal.paint("\(node) can take it back by a later yes\(isNow ? ":" : "")", .quiet))
    if isNow { lines.append("      \(command(obligation, node))") }
    return lines
  }

  /// A yes that was counted.
  private func line(_ approval: CountedApproval) -> String {
    let word = terminal.paint("approved", .good)
    let (end, age) = engine.bundle.program.program.end(
      ofApprovalTo: decision.gate, in: approval.role, signedAt: approval.signedAt,
      expires: approval.expires)
    let until = Instant(microseconds: end)
    let words =
      age.map { "counts until \(until), as the gate takes one for \(Duration(microseconds: $0))" }
      ?? "signed to be good until \(until)"
    return "  \(word) by \(printable(approval.approver)), role \(approval.role); \(words)"
  }

  /// Asked of this hour, so that what is done now can help.
  private var isNow: Bool { (currentTime() - decision.now).magnitude < 3_600_000_000 }

  /// What that person would type.
  private func command(_ obligation: Obligation, _ node: String) -> String {
    let bundle = invocation.value("--bundle") ?? "BUNDLE"
    let request = invocation.value("--request") ?? "REQUEST"
    let file = request == "-" ? "REQUEST" : request
    // What an action does can depend on it.
    let isAction = invocation.command.name != "decide"
    let graph = isAction ? "--graph \(quoted(invocation.value("--graph") ?? "GRAPH")) " : ""
    return "writ approve --bundle \(quoted(bundle)) --request \(quoted(file)) \(graph)"
      + "--role \(quoted(obligation.role)) --as \(quoted(node)) --key KEY -o \(quoted(file))"
  }

  /// Digests, cost, and for each source how old its last word is.
  private var explanation: [String] {
    let snapshot = engine.snapshot
    var lines = ["", "  bundle   \(decision.bundle)", "  snapshot \(decision.snapshot)"]
    lines += [
      "  request  \(decision.request)", "  now      \(Instant(microseconds: decision.now))",
    ]
    lines.append("  cost     \(run.fuel) fuel, \(run.steps) steps")
    let rows = snapshot.schema.sources.indices.map { index -> [String] in
      let source = snapshot.schema.sources[index]
      let last = snapshot.sourceLines.filter { $0.source == index && $0.at <= decision.asOf }
        .map(\.at).max()
      let isLater = last == nil && snapshot.sourceLines.contains { $0.source == index }
      let silence = isLater ? "speaks of the future" : "never spoke"
      let age = last.map { shownAge(decision.asOf - $0) + " ago" } ?? silence
      let limit = source.freshMicroseconds
      let isStale = limit.map { decision.asOf - (last ?? .min / 2) > $0 } ?? (last == nil)
      let bound = limit.map { "good for \(Duration(microseconds: $0))" } ?? "good for ever"
      return [source.name, age, bound, isStale ? "stale" : "fresh"]
    }
    return lines + ["  sources"] + aligned(rows).map { "    " + $0 } + facts
  }

  /// A table for each clause: what it read, and how old the sources' words on it are.
  private var facts: [String] {
    run.trace.flatMap { clause -> [String] in
      let name = terminal.paint(printable(clause.clause), .strong)
      let count = clause.facts.count == 1 ? "1 fact" : "\(clause.facts.count) facts"
      let rows = clause.facts.map { fact in
        [
          fact.subject, fact.member ?? "", "= \(fact.unknown == nil ? fact.value : doubted(fact))",
          fact.vouchers.map(vouched).joined(separator: ", "),
        ]
      }
      return ["", "  \(name) \(clause.outcome.rawValue), on \(count)"]
        + aligned(rows).map { "    " + $0 }
    }
  }

  /// The value, as far as it is known, and why it is not known.
  private func doubted(_ fact: TracedFact) -> String {
    let why = fact.unknown.map { described($0, asOf: decision.asOf) } ?? ""
    return fact.value == "unknown" ? "unknown: \(why)" : "\(fact.value), perhaps: \(why)"
  }

  private func vouched(_ voucher: Voucher) -> String {
    let age = voucher.at.map { shownAge(decision.asOf - $0) + " ago" } ?? "never"
    return "\(voucher.source) \(age)"
  }
}

/// `checkout` of `Service/checkout`.
func identifier(_ reference: String) -> String {
  reference.halves(at: UInt8(ascii: "/"))?.behind ?? reference
}

/// A word as a shell takes it.
func quoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "/.-_=:@+,".utf8.contains(byte)
      }
    }
  if isPlain { return word }
  let parts = word.split(separator: "'", omittingEmptySubsequences: false)
  return "'" + parts.joined(separator: "'\\''") + "'"
}
