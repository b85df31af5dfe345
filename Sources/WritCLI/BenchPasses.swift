// What `writ bench` times: requests that are decided, subjects that are scored.

import Writ
import WritCrypto
import WritModel

/// Requests, one a line, decided by a thread that has been asked them before.
final class DecisionBench: Bench {
  let unit = "request"
  let ways = [
    "decided, read before", "read, the verdict alone", "read, verdicts by blocks",
    "read and decided", "read, decided and written",
  ]
  private let engine: Engine
  private let decider: Decider
  private let asking: Asking
  /// A request that names a time is asked of that one.
  private let mayNameTime: Bool
  private let lines: [[UInt8]]
  /// The same one behind the other, and where each of them is.
  private let text: [UInt8]
  private let places: [Range<Int>]
  private let prepared: [PreparedRequest]
  /// The SHA-256 of each answer, as it was at first.
  private let expected: [Digest]
  private var counts: [Outcome: Int] = [:]
  /// Bytes of answers, so that none of them is written for nobody.
  private var written = 0

  var count: Int { lines.count }

  var answers: [(name: String, count: Int)] {
    [Outcome.allow, .hold, .deny].map { ("\($0)", counts[$0] ?? 0) }
  }

  /// Reads all requests, decides each by an engine that remembers nothing and by the one that is timed, and compares.
  init(
    _ bytes: [UInt8], _ name: String, _ engine: Engine, _ asking: Asking, mayNameTime: Bool
  ) throws(Failure) {
    self.engine = engine
    self.asking = asking
    self.mayNameTime = mayNameTime
    decider = Decider(try withEngine { () throws(RequestError) in try PreparedEngine(engine) })
    var (lines, prepared, digests): ([[UInt8]], [PreparedRequest], [Digest]) = ([], [], [])
    for (place, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) {
      let line = Array(line)
      do {
        let request = try decider.prepare(line)
        let time = Self.asking(asking, request, mayNameTime)
        let anew = try engine.decide(try Request(try JSONValue(parsing: line)), time)
        let run = try decider.decide(request, time)
        let verdict = try Self.verdict(decider, line, asking, mayNameTime)
        guard Self.answer(run) == Self.answer(anew), Self.isSame(verdict, run, decider) else {
          throw differs(place + 1)
        }
        digests.append(Digest(of: Self.answer(run)))
        prepared.append(request)
        lines.append(line)
        counts[run.decision.outcome, default: 0] += 1
      } catch let error as Failure {
        throw error
      } catch let error as JSONError {
        throw .badInput("\(name):\(place + 1):\(error.column): \(error.expectation)")
      } catch {
        throw .badInput("\(name):\(place + 1): \(error)")
      }
    }
    guard !lines.isEmpty else { throw .badInput("\(name) has no request") }
    self.lines = lines
    self.prepared = prepared
    text = lines.flatMap { $0 }
    var end = 0
    places = lines.map { line in
      end += line.count
      return end - line.count..<end
    }
    expected = digests
  }

  func pass(_ way: Int) throws(Failure) {
    try withEngine { () throws(RequestError) in
      switch way {
      case 0:
        for request in prepared {
          _ = try decider.decide(request, Self.asking(asking, request, mayNameTime))
        }
      case 1: for line in lines { _ = try Self.verdict(decider, line, asking, mayNameTime) }
      case 2: for verdict in verdicts() { _ = try Self.read(verdict) }
      case 3: for line in lines { _ = try run(line) }
      default: for line in lines { written &+= try answer(line).count }
      }
    }
  }

  /// As a batch is asked in short.
  private func verdicts() -> [Result<NamedVerdict, any Error>] {
    text.withUnsafeBufferPointer { text in
      decider.verdicts(
        on: places.map { UnsafeBufferPointer(rebasing: text[$0]) }, asking,
        mayNameTime: mayNameTime)
    }
  }

  /// Every request was read before.
  private static func read(
    _ verdict: Result<NamedVerdict, any Error>
  ) throws(RequestError) -> NamedVerdict {
    do { return try verdict.get() } catch { throw RequestError("\(error)") }
  }

  func compare() throws(Failure) {
    let together = verdicts()
    for (place, line) in lines.enumerated() {
      let isSame = try withEngine { () throws(RequestError) in
        let request = prepared[place]
        let run = try run(line)
        let again = try decider.decide(request, Self.asking(asking, request, mayNameTime))
        let verdict = try Self.verdict(decider, line, asking, mayNameTime)
        let inBlock = try Self.read(together[place])
        let written = Digest(of: try answer(line))
        return Self.isSame(verdict, run, decider) && Self.isSame(inBlock, run, decider)
          && written == expected[place]
          && [run, again].allSatisfy { Digest(of: Self.answer($0)) == expected[place] }
      }
      guard isSame else { throw differs(place + 1) }
    }
  }

  private func run(_ line: [UInt8]) throws(RequestError) -> DecisionRun {
    do {
      let request = try decider.prepare(line)
      return try decider.decide(request, Self.asking(asking, request, mayNameTime))
    } catch {
      // It was read before.
      throw RequestError("\(error)")
    }
  }

  /// The bytes of a decision that is written straight, as a batch writes it.
  private func answer(_ line: [UInt8]) throws(RequestError) -> [UInt8] {
    do {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(1_024)
      let request = try decider.prepare(line)
      _ = try decider.write(request, Self.asking(asking, request, mayNameTime), to: &bytes)
      return bytes
    } catch {
      // It was read before.
      throw RequestError("\(error)")
    }
  }

  /// Outcome and clauses alone.
  private static func verdict(
    _ decider: Decider, _ line: [UInt8], _ asking: Asking, _ mayNameTime: Bool
  ) throws(RequestError) -> NamedVerdict {
    do {
      return try line.withUnsafeBufferPointer {
        try decider.verdict(on: $0, asking, mayNameTime: mayNameTime)
      }
    } catch {
      // It was read before.
      throw RequestError("\(error)")
    }
  }

  /// Whether a verdict tells the outcome and the clauses of a decision.
  private static func isSame(
    _ verdict: NamedVerdict, _ run: DecisionRun, _ decider: Decider
  ) -> Bool {
    let clauses = run.decision.reasons.map(\.clause) + run.decision.obligations.map(\.clause)
    return verdict.verdict.outcome == run.decision.outcome
      && Set(decider.names(of: verdict).clauses) == Set(clauses)
  }

  /// As a batch asks: the time of the command line counts before that of a request, and that before the clock's.
  private static func asking(
    _ asking: Asking, _ request: PreparedRequest, _ mayNameTime: Bool
  ) -> Asking {
    guard mayNameTime, let now = request.now else { return asking }
    return Asking(caller: asking.caller, now: now, asOf: asking.asOf, isQuestion: true)
  }

  /// The bytes of a decision.
  private static func answer(_ run: DecisionRun) -> [UInt8] {
    var bytes: [UInt8] = []
    run.decision.json.appendCompact(to: &bytes)
    return bytes
  }
}

/// A scorecard of all its subjects.
final class ScoreBench: Bench {
  let unit = "subject"
  let ways = ["linked and scored", "linked, scored and written"]
  let count: Int
  let answers: [(name: String, count: Int)]
  private let name: String
  private let engine: Engine
  private let asking: Asking
  private let expected: Digest
  private var written = 0

  /// Subjects that are scored one by one too.
  private static let comparedCount = 1000

  /// Scores all subjects, and a thousand of them one by one, and compares.
  init(_ name: String, _ engine: Engine, _ asking: Asking) throws(Failure) {
    self.name = name
    self.engine = engine
    self.asking = asking
    let scores = try Self.scores(name, engine, asking)
    guard scores.count > 0 else {
      throw .badInput("scorecard `\(name)` has no subject in this graph")
    }
    count = scores.count
    expected = Digest(of: Self.text(scores))
    var levels: [String: Int] = [:]
    for place in 0..<scores.count { levels[scores.brief(place).levelText, default: 0] += 1 }
    answers = levels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let step = max(1, scores.count / Self.comparedCount)
    for place in stride(from: 0, to: scores.count, by: step) {
      let score = scores.full(place)
      let alone = try withEngine { () throws(RequestError) in
        try engine.score(name, subject: score.subject, asking)
      }
      guard alone.count == 1, alone[0].json.compact == score.json.compact else {
        throw differs(place + 1)
      }
    }
  }

  func pass(_ way: Int) throws(Failure) {
    let scores = try Self.scores(name, engine, asking)
    if way == 1 { written &+= Self.text(scores).count }
  }

  func compare() throws(Failure) {
    guard Digest(of: Self.text(try Self.scores(name, engine, asking))) == expected else {
      throw Failure(.defect, "scores differ from pass to pass", remedy: "this is a defect in Writ")
    }
  }

  private static func scores(
    _ name: String, _ engine: Engine, _ asking: Asking
  ) throws(Failure) -> AllScores {
    try withEngine { () throws(RequestError) in try engine.scores(name, asking) }
  }

  /// As `writ score --json` writes it.
  private static func text(_ scores: AllScores) -> [UInt8] {
    var bytes: [UInt8] = []
    for place in 0..<scores.count {
      scores.full(place).json.appendCompact(to: &bytes)
      bytes.append(0x0A)
    }
    return bytes
  }
}

/// Two ways to one answer came to two answers: no figure is worth anything then.
private func differs(_ place: Int) -> Failure {
  Failure(
    .defect, "answer \(place) differs from pass to pass",
    remedy: "this is a defect in Writ; please tell us of it")
}
