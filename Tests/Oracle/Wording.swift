// What the oracle answers, as results say it: in the members of a decision and in words.

public import WritModel
public import WritSemantics
public import WritText

/// Names a cause of the oracle as docs/file-formats.md has it, and says it as messages do.
public struct Wording: Sendable {
  private let program: TypedProgram
  /// Microseconds since the epoch.
  private let asOf: Int64

  public init(_ program: TypedProgram, asOf: Int64) {
    self.program = program
    self.asOf = asOf
  }

  private var schema: Schema { program.schema }

  /// `Kind/id`.
  public func text(_ name: NodeName) -> String { "\(schema.kinds[name.kind].name)/\(name.id)" }

  /// The cause as the member `unknown`.
  public func fact(_ cause: Cause) -> UnknownFact {
    switch cause {
    case .silent(let source, let about): unvouched("silent", source, about, spokeAt: nil)
    case .stale(let source, let about, let spokeAt):
      unvouched("stale", source, about, spokeAt: spokeAt)
    case .missingField(let node, let field): plain("missing", subject: text(node), field: field)
    case .missingEdgeField(let edge, _, _, let field):
      plain("missing", field: "\(schema.edges[edge].name).\(field)")
    case .missingEdge(let node, let edge): plain("missing", subject: text(node), field: edge)
    case .noNode(let node): plain("noNode", subject: schema.kinds[node.kind].name)
    case .overflow: plain("overflow")
    case .divisionByZero: plain("divisionByZero")
    case .fuel: plain("fuel")
    case .noCheck(let scorecard, let file):
      plain("noCheck", subject: qualified(scorecard, file))
    case .absent: plain("absent")
    }
  }

  /// The full name of a declaration: a module that has a name stands in front.
  private func qualified(_ name: String, _ file: Int) -> String {
    let module = program.modules.first { $0.file == file }?.name ?? ""
    return module.isEmpty ? name : "\(module).\(name)"
  }

  private func plain(_ why: String, subject: String? = nil, field: String? = nil) -> UnknownFact {
    UnknownFact(
      why: why, source: nil, subject: subject, field: field, observed: nil, limit: nil)
  }

  private func unvouched(
    _ why: String, _ source: Int, _ subject: Subject, spokeAt: Int64?
  ) -> UnknownFact {
    let name =
      switch subject {
      case .node(let node): text(node)
      case .kind(let kind): schema.kinds[kind].name
      }
    return UnknownFact(
      why: why, source: schema.sources[source].name, subject: name, field: nil,
      observed: spokeAt, limit: schema.sources[source].freshMicroseconds)
  }

  /// A phrase, lower case, without a full stop.
  public func text(_ fact: UnknownFact) -> String {
    let source = fact.source ?? ""
    let subject = fact.subject ?? "it"
    switch fact.why {
    case "silent": return "\(source) has never spoken of \(subject)"
    case "stale":
      let age = short(asOf - (fact.observed ?? asOf))
      let limit = fact.limit.map { ", limit \(Duration(microseconds: $0))" } ?? ""
      return "\(source) last spoke of \(subject) \(age) ago\(limit)"
    case "missing": return "\(subject) has no \(fact.field ?? "value")"
    case "noNode": return "a \(subject) that is named is not in the graph"
    case "overflow": return "a number is too large"
    case "divisionByZero": return "a division by zero"
    case "absent": return "a value that is needed is absent"
    case "noCheck": return "no check of \(subject) applies"
    default: return "the clause looked at more than its limit allows"
    }
  }

  /// Days, hours, minutes and seconds: the largest that is not 0 and, if it is not 0, the next.
  private func short(_ microseconds: Int64) -> String {
    let seconds = microseconds / 1_000_000
    let parts = [
      (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
    return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
      .joined(separator: " ")
  }
}

/// Of one clause so many findings are told, and how many more there are.
private let toldCount = 100

extension Wording {
  /// The member `reasons`; `position` is `path:line:column` of a clause.
  public func reasons(
    _ decision: OracleDecision, _ gate: TypedGate, position: (SourceRange) -> String
  ) -> [Reason] {
    gate.clauses.flatMap { clause in
      let findings = decision.findings.filter { $0.clause == clause.name }
      let place = position(clause.range)
      // Those that are waived were told one by one as well.
      let toldCount = toldCount - decision.waived.count { $0.clause == clause.name }
      var reasons = findings.prefix(toldCount).map { reason($0, clause, place) }
      if findings.count > toldCount {
        reasons.append(
          Reason(
            clause: clause.name, isDeny: clause.kind == .deny,
            message: "and \(findings.count - toldCount) more of the same", subjects: [],
            position: place, unknown: nil, witness: []))
      }
      return reasons
    }
  }

  /// The findings of the member `waived`.
  public func waived(
    _ decision: OracleDecision, _ gate: TypedGate, position: (SourceRange) -> String
  ) -> [Reason] {
    gate.clauses.flatMap { clause in
      decision.waived.filter { $0.clause == clause.name }
        .map { reason($0, clause, position(clause.range)) }
    }
  }

  /// The member `obligations`.
  public func obligations(_ decision: OracleDecision) -> [Obligation] {
    decision.obligations.flatMap { owed in
      owed.missing.map { term in
        Obligation(
          clause: owed.clause, role: term.role, count: term.count,
          except: term.except.map(text), within: term.withinMicroseconds,
          message: owed.message)
      }
    }
  }

  private func reason(
    _ finding: OracleFinding, _ clause: TypedClause, _ position: String
  ) -> Reason {
    let unknown = finding.cause.map(fact)
    var subjects = finding.subjects.map(text)
    // What no node is bound for is at least about something.
    if subjects.isEmpty, let subject = unknown?.subject { subjects = [subject] }
    return Reason(
      clause: clause.name, isDeny: clause.kind == .deny,
      message: message(finding, clause, unknown), subjects: subjects, position: position,
      unknown: unknown, witness: finding.witness.map(text))
  }

  private func message(
    _ finding: OracleFinding, _ clause: TypedClause, _ unknown: UnknownFact?
  ) -> String {
    let plain = "`\(clause.name)` " + (clause.kind == .deny ? "applies" : "does not hold")
    let message = clause.message.isEmpty ? plain : finding.message
    guard let unknown else { return message }
    let why = "unknown: \(text(unknown))"
    return finding.isOpenRange ? why : "\(message) (\(why))"
  }
}
