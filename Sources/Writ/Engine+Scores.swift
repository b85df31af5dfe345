// Scorecards: of one subject, or of every node of the parameter's kinds.

public import WritModel
public import WritVM

/// A scorecard for one subject.
public struct SubjectScore: Sendable {
  /// `Kind/id`, or nothing for a scorecard without a node parameter.
  public let subject: String
  public let result: ScoreResult
}

/// A scorecard of every subject, scored and told one by one. For one thread at a time.
public final class AllScores {
  public let table: ScoreTable
  private let machine: Machine
  private let scorecard: Int
  private let asOf: Int64

  init(_ table: ScoreTable, _ machine: Machine, scorecard: Int, asOf: Int64) {
    self.table = table
    self.machine = machine
    self.scorecard = scorecard
    self.asOf = asOf
  }

  /// Subjects, in the order of their kinds and numbers.
  public var count: Int { table.count }

  /// The score of the subject at a place, from 0, without the reasons for what is unknown.
  public func brief(_ index: Int) -> SubjectScore {
    SubjectScore(
      subject: machine.reference(to: table.node(index)),
      result: machine.result(table, index))
  }

  /// The same with reasons: a subject of which something is unknown is scored once more, by itself.
  public func full(_ index: Int) -> SubjectScore {
    let brief = brief(index)
    guard brief.result.checks.contains(where: { $0.outcome == .unknown }),
      let result = machine.score(
        scorecard: scorecard, arguments: [Slot(exact: table.node(index))], asOf: asOf)
    else { return brief }
    return SubjectScore(subject: brief.subject, result: result)
  }
}

extension Engine {
  /// The scorecard for one subject, or for every node of its parameter's kinds, in order.
  public func score(
    _ name: String, subject: String?, _ asking: Asking
  ) throws(RequestError) -> [SubjectScore] {
    guard let subject else {
      let all = try scores(name, asking)
      return (0..<all.count).map(all.full)
    }
    let (index, kinds) = try scorecard(name)
    let machine = try machine(asking)
    let node = try node(subject, what: "the subject")
    guard kinds.contains(node.kind), let number = machine.node(kind: node.kind, id: node.id) else {
      throw RequestError("no such subject in the graph: `\(subject)`")
    }
    let result = machine.score(
      scorecard: index, arguments: [Slot(exact: number)], asOf: asking.asOf)
    guard let result else { throw looksAtTooMuch(index, machine.reference(to: number)) }
    return [SubjectScore(subject: machine.reference(to: number), result: result)]
  }

  /// The scorecard for every node of its parameter's kinds: blocks of them at once where its checks allow it, the same answers
  /// as one by one.
  ///
  /// - Parameters:
  ///   - workerCount: At least 1.
  ///   - workers: Calls a body for each worker, on threads if it likes.
  public func scores(
    _ name: String, _ asking: Asking, workerCount: Int = 1,
    workers: Workers = { count, body in (0..<count).forEach(body) }
  ) throws(RequestError) -> AllScores {
    let (index, kinds) = try scorecard(name)
    let machines = try machines(max(1, workerCount), asking)
    let (table, exhausted) = BatchScorer(machines, scorecard: index, kinds: kinds).run(workers)
    if let exhausted { throw looksAtTooMuch(index, machines[0].reference(to: exhausted)) }
    return AllScores(table, machines[0], scorecard: index, asOf: asking.asOf)
  }

  /// A scorecard of one node by its name, and the kinds of that node.
  private func scorecard(_ name: String) throws(RequestError) -> (index: Int, kinds: [Int]) {
    let index = try index(of: name, in: program.scorecards.map(\.name), what: "scorecard")
    let scorecard = program.scorecards[index]
    guard scorecard.parameters.count == 1, case .node(let kinds) = scorecard.parameters[0].type
    else {
      throw RequestError(
        "scorecard `\(scorecard.name)` does not take one node: it can only be used by gates")
    }
    return (index, kinds)
  }

  private func looksAtTooMuch(_ scorecard: Int, _ subject: String) -> RequestError {
    RequestError(
      "scorecard `\(program.scorecards[scorecard].name)` looks at too much for `\(subject)`")
  }
}
