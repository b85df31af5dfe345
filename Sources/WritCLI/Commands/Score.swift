// `writ score`: a scorecard of one node, or of all.

import Writ
import WritGraph
import WritModel
import WritVM

extension Command {
  static let score = Command(
    name: "score", summary: "show a scorecard, and which checks fail",
    operands: [.one("SCORECARD", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph, .optional("--subject", "NODE", "of one node, with its checks"),
      .now, .asOf,
      .flag("--history", "every change over the versions of the graph"),
      .optional("--against", "BUNDLE", "who would be at another level under that bundle"),
      .optional("--against-graph", "SNAPSHOT", "the same in that graph"),
      .flag("--csv", "comma-separated values"),
    ],
    details: [
      "Scores and levels that rest on something unknown are shown as a range.",
      "Over versions each is taken as it was when it was made, unless `--now` and `--as-of` say otherwise.",
      "  writ score --bundle b --graph g readiness --subject Service/checkout",
      "  writ score --bundle b --graph g readiness --against stricter.bundle",
    ],
    run: runScore)
}

/// Scores one node with its checks, or all nodes of the kind, a line each.
private func runScore(_ invocation: Invocation) throws(Failure) -> Report {
  let name = try invocation.operand(0)
  let compares = invocation.has("--against") || invocation.has("--against-graph")
  if compares || invocation.has("--history") {
    guard !(compares && invocation.has("--history")), !invocation.has("--csv") else {
      throw .usage(
        "`--history`, `--against` and `--csv` do not go together", remedy: "ask one after the other"
      )
    }
    return compares
      ? try compareScores(name, invocation) : try scoreOverVersions(name, invocation)
  }
  let engine = try loadEngine(invocation)
  let asking = try invocation.questionTimes()
  if let subject = invocation.value("--subject") {
    let scores = try withEngine { () throws(RequestError) in
      try engine.score(name, subject: subject, asking)
    }
    return report(scores, invocation, asOf: asking.asOf)
  }
  let scores = try withEngine { () throws(RequestError) in
    try engine.scores(
      name, asking, workerCount: min(processorCount, mostWorkers), workers: onThreads)
  }
  return report(scores, invocation)
}

/// More threads than that have nothing left to do on the largest graphs.
let mostWorkers = 32

private func report(
  _ scores: [SubjectScore], _ invocation: Invocation, asOf: Int64
) -> Report {
  var report = Report()
  if invocation.wantsJSON {
    for score in scores { report.print(score.json.compact) }
  } else if invocation.has("--csv") {
    report.output = csv(scores)
  } else {
    for score in scores { report.output += detail(score, asOf: asOf, invocation.terminal) }
  }
  return report
}

/// Of all subjects. Only what tells reasons asks for them.
private func report(_ scores: AllScores, _ invocation: Invocation) -> Report {
  var report = Report()
  let places = 0..<scores.count
  if invocation.wantsJSON {
    for place in places { report.print(scores.full(place).json.compact) }
  } else if invocation.has("--csv") {
    report.output = csv(places.lazy.map(scores.full))
  } else {
    let rows = places.map { place in
      let score = scores.brief(place)
      return [score.subject, score.levelText, score.scoreText, score.failing]
    }
    for line in aligned(rows, header: ["subject", "level", "score", "not passed"]) {
      report.print(line)
    }
  }
  return report
}

/// A line a check, so that a spreadsheet can group as it likes.
private func csv(_ scores: some Sequence<SubjectScore>) -> String {
  var text = csvLine(["subject", "level", "score", "check", "outcome", "reason"])
  for score in scores {
    for check in score.result.checks {
      text += csvLine([
        score.subject, score.levelText, score.scoreText, check.name, check.outcome.rawValue,
        check.reason ?? "",
      ])
    }
  }
  return text
}

/// One node: its level and score, then its checks, and why one is not known.
private func detail(_ score: SubjectScore, asOf: Int64, _ terminal: Terminal) -> String {
  var lines = [
    "\(terminal.paint(printable(score.subject), .strong))  \(score.levelText), \(score.scoreText)"
  ]
  let rows = score.result.checks.map { check in
    [check.outcome.word, check.name, String(check.weight), check.title ?? ""]
  }
  for (line, check) in zip(aligned(rows), score.result.checks) {
    let word = check.outcome.word
    lines.append("  " + terminal.paint(word, check.outcome.tone) + line.dropFirst(word.count))
    if let unknown = check.unknown {
      lines.append("    " + terminal.paint("why ", .quiet) + described(unknown, asOf: asOf))
    } else if let reason = check.reason {
      lines.append("    " + terminal.paint("why ", .quiet) + printable(reason))
    }
  }
  return lines.map { $0 + "\n" }.joined()
}

extension CheckOutcome {
  /// As it stands in front of a check; what fails is seen without colours too.
  fileprivate var word: String {
    switch self {
    case .pass: "pass"
    case .fail: "FAIL"
    case .unknown: "unknown"
    case .notApplicable: "n/a"
    }
  }

  fileprivate var tone: Tone {
    switch self {
    case .pass: .good
    case .fail: .bad
    case .unknown: .waiting
    case .notApplicable: .quiet
    }
  }
}

extension SubjectScore {
  /// The level, or the lowest and the highest that it may be.
  var levelText: String {
    let level = result.level
    return level.lower == level.upper ? level.lower : "\(level.lower)..\(level.upper)"
  }

  /// The score, or the range that it lies in.
  var scoreText: String {
    guard let score = result.score else { return "unknown" }
    let lower = Decimal(millionths: score.lower).description
    return score.lower == score.upper
      ? lower : "\(lower)..\(Decimal(millionths: score.upper).description)"
  }

  /// Names of the checks that fail or are unknown.
  var failing: String {
    result.checks.compactMap { check in
      switch check.outcome {
      case .fail: check.name
      case .unknown: check.name + "?"
      case .pass, .notApplicable: nil
      }
    }.joined(separator: " ")
  }

  /// The same for programs: names alone.
  var notPassed: [String] {
    result.checks.filter { $0.outcome == .fail || $0.outcome == .unknown }.map(\.name)
  }

  /// The lowest and the highest score, or null.
  var scoreJSON: JSONValue {
    guard let score = result.score else { return .null }
    return .array(
      [score.lower, score.upper].map { .string(Decimal(millionths: $0).description) })
  }

  /// The lowest and the highest level.
  var levelJSON: JSONValue {
    .array([.string(result.level.lower), .string(result.level.upper)])
  }

  /// Score and level as pairs, lowest and highest: equal where everything is known.
  var json: JSONValue {
    [
      "subject": .string(subject), "score": scoreJSON, "level": levelJSON,
      "checks": .array(result.checks.map(\.json)),
    ]
  }
}

extension CheckResult {
  var json: JSONValue {
    var members = [
      JSONMember("check", .string(name)), JSONMember("weight", .integer(weight)),
      JSONMember("outcome", .string(outcome.rawValue)),
    ]
    if let title { members.append(JSONMember("title", .string(title))) }
    if let reason { members.append(JSONMember("reason", .string(reason))) }
    if let unknown { members.append(JSONMember("unknown", unknown.json)) }
    return .object(members)
  }
}
