// Scorecards beside one another: over the versions of a graph, and under another bundle or graph.

import Writ
import WritGraph
import WritModel
import WritVM

/// Every change of a subject's score or level over the versions of the graph, each version as it
/// was when it was made.
func scoreOverVersions(_ name: String, _ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let folder = HistoryFolder(of: try invocation.required("--graph"))
  let history = try folder.read()
  let current = try folder.version(of: try loadSnapshot(folder.snapshotPath), in: history)
  var scores = ScoreHistory()
  var before: (snapshot: Snapshot, version: GraphHistory.Version)?
  for version in history.versions.prefix(through: current.number) {
    let snapshot =
      if let before {
        try folder.snapshot(
          of: version, in: history, from: before.snapshot, at: before.version)
      } else {
        try folder.snapshot(of: version, in: history)
      }
    before = (snapshot, version)
    let asking = Asking(
      caller: nil, now: try invocation.instant("--now") ?? version.at,
      asOf: try invocation.instant("--as-of") ?? version.at, isQuestion: true)
    let engine = Engine(bundle: bundle, snapshot: snapshot)
    scores.add(try briefScores(name, engine, asking, invocation.value("--subject")), version)
  }
  if let subject = invocation.value("--subject"), scores.changes.isEmpty {
    throw .badInput("no version has the subject `\(subject)`")
  }
  return report(scores.changes, invocation)
}

/// The scores of all subjects, or of one where it is there.
private func briefScores(
  _ name: String, _ engine: Engine, _ asking: Asking, _ subject: String?
) throws(Failure) -> [SubjectScore] {
  try withEngine { () throws(RequestError) in
    let all = try engine.scores(
      name, asking, workerCount: min(processorCount, mostWorkers), workers: onThreads)
    let scores = (0..<all.count).map(all.brief)
    return subject.map { wanted in scores.filter { $0.subject == wanted } } ?? scores
  }
}

/// Which subject was scored otherwise than in the version before.
private struct ScoreHistory {
  struct Change {
    let version: GraphHistory.Version
    let subject: String
    /// `nil` where the subject is gone.
    let score: SubjectScore?
  }

  private(set) var changes: [Change] = []
  private var last: [String: SubjectScore] = [:]

  mutating func add(_ scores: [SubjectScore], _ version: GraphHistory.Version) {
    var now: [String: SubjectScore] = [:]
    for score in scores {
      now[score.subject] = score
      if let before = last[score.subject], before.isLike(score) { continue }
      changes.append(Change(version: version, subject: score.subject, score: score))
    }
    for subject in last.keys.sorted() where now[subject] == nil {
      changes.append(Change(version: version, subject: subject, score: nil))
    }
    last = now
  }
}

private func report(_ changes: [ScoreHistory.Change], _ invocation: Invocation) -> Report {
  var report = Report()
  if invocation.wantsJSON {
    for change in changes { report.print(json(change).compact) }
    return report
  }
  // By subject, in the order in which they were first met, and each by version.
  var places: [String: Int] = [:]
  for change in changes where places[change.subject] == nil {
    places[change.subject] = places.count
  }
  let ordered = changes.enumerated().sorted {
    (places[$0.element.subject] ?? 0, $0.offset) < (places[$1.element.subject] ?? 0, $1.offset)
  }.map(\.element)
  let rows = ordered.map { change in
    [
      change.subject, "\(change.version.number)",
      change.version.since, change.score?.levelText ?? "gone",
      change.score?.scoreText ?? "", change.score?.failing ?? "",
    ]
  }
  let header = ["subject", "version", "since", "level", "score", "not passed"]
  for line in aligned(rows, header: header) { report.print(line) }
  return report
}

private func json(_ change: ScoreHistory.Change) -> JSONValue {
  [
    "version": .integer(Int64(change.version.number)),
    "at": .string(Instant(microseconds: change.version.at).description),
    "snapshot": .string(change.version.root.description), "subject": .string(change.subject),
    "score": change.score?.scoreJSON ?? .null, "level": change.score?.levelJSON ?? .null,
    "notPassed": .array((change.score?.notPassed ?? []).map { .string($0) }),
  ]
}

/// Who would be at another level under another bundle, or in another graph.
func compareScores(_ name: String, _ invocation: Invocation) throws(Failure) -> Report {
  let engine = try loadEngine(invocation)
  let bundle = try invocation.value("--against").map { path throws(Failure) in
    try loadBundle(path).bundle
  }
  let snapshot = try invocation.value("--against-graph").map(loadSnapshot)
  let other = Engine(bundle: bundle ?? engine.bundle, snapshot: snapshot ?? engine.snapshot)
  let asking = try invocation.questionTimes()
  let subject = invocation.value("--subject")
  let (old, new) = (
    try briefScores(name, engine, asking, subject), try briefScores(name, other, asking, subject)
  )
  if let subject, old.isEmpty, new.isEmpty {
    throw .badInput("no such subject in the graph: `\(subject)`")
  }
  return report(ScoreComparison(old, new), invocation)
}

/// Two scorings of the same subjects.
private struct ScoreComparison {
  struct Move {
    let subject: String
    let old: SubjectScore?
    let new: SubjectScore?

    /// Checks that come out otherwise, or that only one side has.
    var checks: [(name: String, old: CheckOutcome?, new: CheckOutcome?)] {
      let (before, after) = (old?.result.checks ?? [], new?.result.checks ?? [])
      let names =
        before.map(\.name)
        + after.map(\.name).filter { name in !before.contains { $0.name == name } }
      return names.compactMap { name in
        let one = before.first { $0.name == name }?.outcome
        let other = after.first { $0.name == name }?.outcome
        return one == other ? nil : (name, one, other)
      }
    }
  }

  /// Subjects whose level differs, or that only one side has.
  private(set) var moves: [Move] = []
  /// Subjects of either side.
  private(set) var subjectCount = 0
  /// Subjects of the same level and another score.
  private(set) var otherScoreCount = 0

  init(_ old: [SubjectScore], _ new: [SubjectScore]) {
    var rest: [String: SubjectScore] = [:]
    for score in new { rest[score.subject] = score }
    var pairs = old.map {
      Move(subject: $0.subject, old: $0, new: rest.removeValue(forKey: $0.subject))
    }
    for score in new where rest[score.subject] != nil {
      pairs.append(Move(subject: score.subject, old: nil, new: score))
    }
    subjectCount = pairs.count
    for pair in pairs {
      if pair.old?.levelText != pair.new?.levelText {
        moves.append(pair)
      } else if pair.old?.scoreText != pair.new?.scoreText {
        otherScoreCount += 1
      }
    }
  }
}

private func report(_ comparison: ScoreComparison, _ invocation: Invocation) -> Report {
  var report = Report()
  if invocation.wantsJSON {
    for move in comparison.moves { report.print(json(move).compact) }
    return report
  }
  let rows = comparison.moves.map { move in
    [
      move.subject, "\(move.old?.levelText ?? "-") -> \(move.new?.levelText ?? "-")",
      "\(move.old?.scoreText ?? "-") -> \(move.new?.scoreText ?? "-")",
      move.checks.map { "\($0.name) \(word($0.old)) -> \(word($0.new))" }.joined(separator: ", "),
    ]
  }
  if !rows.isEmpty {
    for line in aligned(rows, header: ["subject", "level", "score", "checks"]) {
      report.print(line)
    }
  }
  let rest =
    comparison.otherScoreCount > 0
    ? ", \(grouped(comparison.otherScoreCount)) more the score only" : ""
  report.print(
    "\(grouped(rows.count)) of \(counted(comparison.subjectCount, "subject")) would change level\(rest)"
  )
  return report
}

private func word(_ outcome: CheckOutcome?) -> String { outcome?.rawValue ?? "-" }

private func json(_ move: ScoreComparison.Move) -> JSONValue {
  func side(_ score: SubjectScore?) -> JSONValue {
    guard let score else { return .null }
    return ["level": score.levelJSON, "score": score.scoreJSON]
  }
  let checks = move.checks.map { check -> JSONValue in
    [
      "check": .string(check.name), "from": check.old.map { .string($0.rawValue) } ?? .null,
      "to": check.new.map { .string($0.rawValue) } ?? .null,
    ]
  }
  return [
    "subject": .string(move.subject), "from": side(move.old), "to": side(move.new),
    "checks": .array(checks),
  ]
}

extension SubjectScore {
  /// Whether people would be told the same of both.
  fileprivate func isLike(_ other: SubjectScore) -> Bool {
    levelText == other.levelText && scoreText == other.scoreText && failing == other.failing
  }
}
