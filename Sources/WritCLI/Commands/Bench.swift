// `writ bench`: what decisions and scores cost, of one's own policy over one's own graph.

import Writ
import WritGraph
import WritModel

extension Command {
  static let bench = Command(
    name: "bench", summary: "time a policy over a graph: decisions or scores a second",
    operands: [.perhaps("SCORECARD", "score every subject; without one, --batch is needed")],
    options: [
      .bundle, .publisher, .graph,
      .optional("--batch", "FILE", "requests to decide, one a line, or -"),
      .optional("--caller", "NODE", "who asks"), .now, .asOf,
      .optional("--rounds", "NUMBER", "rounds that are timed, each for a tenth of a second: 9"),
    ],
    details: [
      "One thread, by its processor time: median, lowest and highest of the rounds. All is asked in",
      "several ways before and after; where answers differ nothing is told but that.",
      "Exits 65 if a line cannot be decided.",
      "  writ bench --bundle b --graph g --batch requests.jsonl",
      "  writ bench --bundle b --graph g readiness",
    ],
    run: runBench)
}

/// Times a scorecard, or the requests of a file.
private func runBench(_ invocation: Invocation) throws(Failure) -> Report {
  let scorecard = invocation.operands.first
  guard (scorecard == nil) == invocation.has("--batch") else {
    throw .usage(
      scorecard == nil
        ? "`writ bench` needs a scorecard, or `--batch FILE` with requests"
        : "a scorecard is scored for all subjects, `--batch` is for gates; leave one out")
  }
  let rounds = try invocation.number("--rounds") ?? 9
  guard 1...1000 ~= rounds else {
    throw .usage("`--rounds \(rounds)` is not from 1 to 1000")
  }
  let engine = try loadEngine(invocation)
  let asking = try benchTimes(invocation)
  var report = Report()
  if let scorecard {
    let bench = try ScoreBench(scorecard, engine, asking)
    try tell(bench, Int(rounds), invocation, &report)
  } else {
    guard !engine.bundle.readsDeeds else {
      throw .badInput(
        "the policy reads what was done (`\(Request.deedKind)`), which only a log knows",
        remedy: "time a bundle whose gates do not")
    }
    let path = try invocation.required("--batch")
    let lines = try readFile(path, limit: Limits.batchBytes)
    let bench = try DecisionBench(
      lines, shownName(path), engine, asking, mayNameTime: !invocation.has("--now"))
    try tell(bench, Int(rounds), invocation, &report)
  }
  return report
}

/// Who asks, and when: one time for all that say none, so that they are asked the same in every round.
private func benchTimes(_ invocation: Invocation) throws(Failure) -> Asking {
  let times = try invocation.questionTimes()
  return Asking(
    caller: invocation.value("--caller"), now: times.now, asOf: times.asOf, isQuestion: true)
}

/// Something that can be timed in several ways.
protocol Bench {
  /// `request` or `subject`.
  var unit: String { get }
  /// Units of one pass.
  var count: Int { get }
  /// What was answered, how often.
  var answers: [(name: String, count: Int)] { get }
  /// The ways, in words.
  var ways: [String] { get }
  /// Goes through all units once in one of the ways.
  func pass(_ way: Int) throws(Failure)
  /// Asks once more, and fails where anything is answered otherwise than at first.
  func compare() throws(Failure)
}

private func tell(
  _ bench: some Bench, _ rounds: Int, _ invocation: Invocation, _ report: inout Report
) throws(Failure) {
  var times = [[Double]](repeating: [], count: bench.ways.count)
  // All ways in every round, so that a busy machine is busy for all of them.
  for round in 0...rounds {
    invocation.errorTerminal.showProgress("round \(round) of \(rounds)…")
    for way in bench.ways.indices {
      let time = try nanoseconds(bench, way)
      // The first is there to warm up.
      if round > 0 { times[way].append(time) }
    }
  }
  try bench.compare()
  invocation.errorTerminal.showProgress("")
  let figures = zip(bench.ways, times).map { BenchFigure(way: $0, $1) }
  if invocation.wantsJSON {
    report.output = json(bench, rounds, figures).pretty + "\n"
    return
  }
  let told = bench.answers.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
  report.print("\(counted(bench.count, bench.unit)), the same answers in every pass: \(told)")
  let rows = figures.map { figure in
    [
      figure.way, String(figure.median), "\(figure.least) to \(figure.most)",
      String(figure.perSecond),
    ]
  }
  for line in aligned(rows, header: ["", "ns a \(bench.unit)", "of the rounds", "a second"]) {
    report.print(line)
  }
}

/// Nanoseconds a unit: passes for a tenth of a second, and one at least.
private func nanoseconds(_ bench: some Bench, _ way: Int) throws(Failure) -> Double {
  let start = threadTime()
  var passes = 0
  var end = start
  repeat {
    try bench.pass(way)
    passes += 1
    end = threadTime()
  } while end - start < 100_000_000
  return Double(end - start) / Double(passes * max(1, bench.count))
}

private func json(_ bench: some Bench, _ rounds: Int, _ figures: [BenchFigure]) -> JSONValue {
  let answers = bench.answers.map { JSONMember($0.name, .integer(Int64($0.count))) }
  let ways = figures.map { figure -> JSONValue in
    [
      "way": .string(figure.way), "nanoseconds": .integer(figure.median),
      "least": .integer(figure.least), "most": .integer(figure.most),
      "perSecond": .integer(figure.perSecond),
    ]
  }
  return [
    "unit": .string(bench.unit), "count": .integer(Int64(bench.count)),
    "answers": .object(answers), "rounds": .integer(Int64(rounds)), "ways": .array(ways),
  ]
}

/// Nanoseconds a unit of one way, over the rounds.
private struct BenchFigure {
  let way: String
  let median: Int64
  let least: Int64
  let most: Int64
  let perSecond: Int64

  init(way: String, _ times: [Double]) {
    let sorted = times.sorted()
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    self.way = way
    median = Int64(middle.rounded())
    least = Int64((sorted.first ?? 0).rounded())
    most = Int64((sorted.last ?? 0).rounded())
    perSecond = middle > 0 ? Int64(1e9 / middle) : 0
  }
}
