// Scorecards and queries: answers that decide nothing.

import WritBytecode
public import WritModel
public import WritVM

/// A scorecard for one subject.
public struct SubjectScore: Sendable {
  /// `Kind/id`, or nothing for a scorecard without a node parameter.
  public let subject: String
  public let result: ScoreResult
}

extension Engine {
  /// The scorecard for one subject, or for every node of its parameter's kinds, in order.
  public func score(
    _ name: String, subject: String?, _ asking: Asking
  ) throws(RequestError) -> [SubjectScore] {
    let index = try index(of: name, in: program.scorecards.map(\.name), what: "scorecard")
    let scorecard = program.scorecards[index]
    guard scorecard.parameters.count == 1, case .node(let kinds) = scorecard.parameters[0].type
    else {
      throw RequestError(
        "scorecard `\(scorecard.name)` does not take one node: it can only be used by gates")
    }
    let machine = try machine(asking)
    var numbers: [Int64] = []
    if let subject {
      let node = try node(subject, what: "the subject")
      guard kinds.contains(node.kind), let number = machine.node(kind: node.kind, id: node.id)
      else {
        throw RequestError("no such subject in the graph: `\(subject)`")
      }
      numbers = [number]
    } else {
      numbers = kinds.flatMap { Array(machine.nodes(ofKind: $0)) }
    }
    var scores: [SubjectScore] = []
    for number in numbers {
      let subject = machine.reference(to: number)
      let result = machine.score(
        scorecard: index, arguments: [Slot(exact: number)], asOf: asking.asOf)
      guard let result else {
        throw RequestError("scorecard `\(scorecard.name)` looks at too much for `\(subject)`")
      }
      scores.append(SubjectScore(subject: subject, result: result))
    }
    return scores
  }

  /// The answer to a query, and the machine that can print its values.
  public func query(
    _ name: String, arguments given: [JSONMember], isStrict: Bool, _ asking: Asking
  ) throws(RequestError) -> (result: QueryResult, machine: Machine) {
    let index = try index(of: name, in: program.queries.map(\.name), what: "query")
    let query = program.queries[index]
    let machine = try machine(asking)
    let arguments = try arguments(query.parameters, given, "query `\(query.name)`", machine)
    let result = machine.query(index, arguments: arguments, asOf: asking.asOf, isStrict: isStrict)
    guard let result else {
      throw RequestError("query `\(query.name)` looks at more than its limit allows")
    }
    return (result, machine)
  }
}
