// A cause as a fact that was not known, and in words.

import WritBytecode
import WritModel

/// Says what a cause means on the graph that it was met on.
struct CauseText {
  let machine: Machine
  let formatter: ValueFormatter
  /// Microseconds since the epoch.
  let asOf: Int64

  func fact(_ cause: Cause) -> UnknownFact? {
    let schema = machine.program.schema
    switch cause.code {
    case .none: return nil
    case .absentOperand: return fact("absent", subject: nil, field: nil)
    case .unvouchedNode, .unvouchedKind: return unvouched(cause)
    case .missingField:
      let kind = schema.kinds[cause.first]
      return fact("missing", subject: subject(cause), field: kind.fields[cause.second].name)
    case .missingEdgeField:
      let edge = schema.edges[cause.first]
      return fact("missing", subject: nil, field: "\(edge.name).\(edge.fields[cause.second].name)")
    case .missingEdge:
      return fact("missing", subject: subject(cause), field: schema.edges[cause.first].name)
    case .noNode: return fact("noNode", subject: schema.kinds[cause.first].name, field: nil)
    case .overflow: return fact("overflow", subject: nil, field: nil)
    case .divisionByZero: return fact("divisionByZero", subject: nil, field: nil)
    case .fuel: return fact("fuel", subject: nil, field: nil)
    case .noCheck:
      return fact("noCheck", subject: machine.program.scorecards[cause.first].name, field: nil)
    }
  }

  private func fact(_ why: String, subject: String?, field: String?) -> UnknownFact {
    UnknownFact(
      why: why, source: nil, subject: subject, field: field, observed: nil, limit: nil)
  }

  private func subject(_ cause: Cause) -> String? {
    cause.node < 0 ? nil : formatter.reference(to: Int64(cause.node))
  }

  private func unvouched(_ cause: Cause) -> UnknownFact {
    let schema = machine.program.schema
    let source = schema.sources[cause.first]
    let observed = machine.graph.lastSpoke(cause.first, cause.second, cause.node)
    return UnknownFact(
      why: observed == nil ? "silent" : "stale", source: source.name,
      subject: subject(cause) ?? schema.kinds[cause.second].name, field: nil,
      observed: observed, limit: source.freshMicroseconds)
  }

  /// A phrase for a message: lower case, no full stop.
  func text(_ cause: Cause) -> String { text(of: fact(cause)) }

  /// The same of what a cause is already known to mean.
  func text(of fact: UnknownFact?) -> String {
    guard let fact else { return "something is not known" }
    let subject = fact.subject ?? "it"
    switch fact.why {
    case "stale": return stale(fact, subject)
    case "silent": return "\(fact.source ?? "its source") has never spoken of \(subject)"
    case "missing": return "\(subject) has no \(fact.field ?? "value")"
    case "noNode": return "a \(subject) that is named is not in the graph"
    case "overflow": return "a number is too large"
    case "divisionByZero": return "a division by zero"
    case "absent": return "a value that is needed is absent"
    case "fuel": return "the clause looked at more than its limit allows"
    default: return "no check of \(subject) applies"
    }
  }

  private func stale(_ fact: UnknownFact, _ subject: String) -> String {
    let age = fact.observed.map { asOf.subtractingReportingOverflow($0).partialValue } ?? 0
    let limit = fact.limit.map { ", limit \(Duration(microseconds: $0))" } ?? ""
    return "\(fact.source ?? "its source") last spoke of \(subject) \(shortAge(age)) ago\(limit)"
  }

  /// The two largest units of an age, as `3d 8h`.
  private func shortAge(_ microseconds: Int64) -> String {
    var rest = max(0, microseconds) / 1_000_000
    guard let first = ageUnits.firstIndex(where: { rest >= $0.seconds }) else { return "0s" }
    var parts: [String] = []
    for unit in ageUnits[first...].prefix(2) where rest >= unit.seconds {
      parts.append("\(rest / unit.seconds)\(unit.name)")
      rest %= unit.seconds
    }
    return parts.joined(separator: " ")
  }
}

private let ageUnits: [(name: String, seconds: Int64)] = [
  ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
]

/// The least unit in which an age is told, in microseconds: ages that are the same in it, and not less than this one's largest, read the same.
func shortAgeUnit(of microseconds: Int64) -> Int64 {
  let seconds = microseconds / 1_000_000
  let first = ageUnits.firstIndex { seconds >= $0.seconds } ?? ageUnits.count - 1
  return ageUnits[min(first + 1, ageUnits.count - 1)].seconds * 1_000_000
}
