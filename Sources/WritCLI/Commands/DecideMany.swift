// `writ decide --batch`: a request a line to a decision a line, on several threads.

import Synchronization
import Writ
import WritGraph
import WritModel

/// Decides every request of a file. Each is a question: there is one exit code and many decisions, so none of them is leave to act.
func runDecideMany(_ path: String, _ invocation: Invocation) throws(Failure) -> Report {
  if let other = ["--request", "--log", "--explain"].first(where: invocation.has) {
    throw .usage("`--batch` is many requests, `\(other)` is for one; leave one out")
  }
  let engine = try loadEngine(invocation)
  guard !engine.bundle.readsDeeds else {
    throw .badInput(
      "the policy reads what was done (`\(Request.deedKind)`), which only a log knows",
      remedy: "ask one at a time, with --log")
  }
  let lines = try readFile(path, limit: Limits.batchBytes)
  let clock = currentTime()
  let times = BatchTimes(
    caller: invocation.value("--caller"), now: try invocation.instant("--now"),
    asOf: try invocation.instant("--as-of") ?? clock, clock: clock)
  let prepared = try withEngine { () throws(RequestError) in try PreparedEngine(engine) }
  let batch = RequestBatch(
    lines, prepared, times, isBrief: invocation.has("--brief"), wantsJSON: invocation.wantsJSON)
  onThreads(min(processorCount, max(1, batch.partCount))) { _ in batch.work() }
  return batch.report(shownName(path))
}

/// Who asks, and when, for all requests that do not say a time of their own.
private struct BatchTimes {
  let caller: String?
  let now: Int64?
  let asOf: Int64
  let clock: Int64
}

/// The lines of a file, dealt out in parts. What a thread writes stands behind a lock.
private final class RequestBatch: Sendable {
  private let lines: [Range<Int>]
  private let bytes: [UInt8]
  private let engine: PreparedEngine
  private let times: BatchTimes
  private let isBrief: Bool
  private let wantsJSON: Bool
  private let nextPart = Atomic<Int>(0)
  private let answers: Mutex<[[Answer]]>
  let partCount: Int
  /// Lines of a part; verdicts go by blocks.
  private let partLines: Int

  /// What is said of one line.
  private struct Answer {
    let line: Int
    /// In JSON, or the cells of a row.
    let text: [String]
    let isRefused: Bool
  }

  init(
    _ bytes: [UInt8], _ engine: PreparedEngine, _ times: BatchTimes, isBrief: Bool,
    wantsJSON: Bool
  ) {
    self.bytes = bytes
    self.engine = engine
    self.times = times
    self.isBrief = isBrief
    self.wantsJSON = wantsJSON
    var lines: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      lines.append(start..<end)
      start = end + 1
    }
    self.lines = lines
    partLines = isBrief ? 1024 : 64
    partCount = (lines.count + partLines - 1) / partLines
    answers = Mutex(Array(repeating: [], count: partCount))
  }

  /// Decides part after part until there are no more.
  func work() {
    let decider = Decider(engine)
    while true {
      let part = nextPart.add(1, ordering: .relaxed).oldValue
      guard part < partCount else { return }
      let first = part * partLines
      let numbers = first..<min(lines.count, first + partLines)
      let said = isBrief ? brief(numbers, decider) : numbers.compactMap { answer($0, decider) }
      answers.withLock { $0[part] = said }
    }
  }

  private func isEmpty(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  /// `nil` for an empty line.
  private func answer(_ number: Int, _ decider: Decider) -> Answer? {
    let line = bytes[lines[number]]
    if isEmpty(line) { return nil }
    do throws(RequestError) {
      return Answer(
        line: number + 1,
        text: wantsJSON
          ? [try written(number, Array(line), decider)]
          : cells(try decide(Array(line), decider), number + 1),
        isRefused: false)
    } catch {
      return refusal(number, error.description)
    }
  }

  private func refusal(_ number: Int, _ text: String) -> Answer {
    Answer(
      line: number + 1,
      text: wantsJSON
        ? [json(number, [JSONMember("error", .string(text))])]
        : [String(number + 1), "ERROR", "", printable(text)],
      isRefused: true)
  }

  /// Of each line that is not empty the outcome, and the clauses that it rests on.
  private func brief(_ numbers: Range<Int>, _ decider: Decider) -> [Answer] {
    let asking = Asking(
      caller: times.caller, now: times.now ?? times.clock, asOf: times.asOf, isQuestion: true)
    let asked = numbers.filter { !isEmpty(bytes[lines[$0]]) }
    let short = asked.filter { lines[$0].count <= Limits.documentBytes }
    let verdicts = bytes.withUnsafeBufferPointer { all in
      decider.verdicts(
        on: short.map { UnsafeBufferPointer(rebasing: all[lines[$0]]) }, asking,
        mayNameTime: times.now == nil)
    }
    let named = Dictionary(uniqueKeysWithValues: zip(short, verdicts))
    return asked.map { number in
      do throws(RequestError) {
        return brief(
          number, try reading(lines[number].count) { try named[number]?.get() }, decider)
      } catch {
        return refusal(number, error.description)
      }
    }
  }

  private func brief(_ number: Int, _ named: NamedVerdict?, _ decider: Decider) -> Answer {
    guard let named else { preconditionFailure("every line that is short enough was judged") }
    if wantsJSON {
      var text = Array("{\"line\":\(number + 1),".utf8)
      decider.append(named, to: &text)
      text.append(UInt8(ascii: "}"))
      return Answer(
        line: number + 1, text: [String(decoding: text, as: UTF8.self)], isRefused: false)
    }
    let (gate, clauses) = decider.names(of: named)
    return Answer(
      line: number + 1, text: cells(number + 1, named.verdict.outcome, gate, clauses),
      isRefused: false)
  }

  private func json(_ number: Int, _ members: [JSONMember]) -> String {
    JSONValue.object([JSONMember("line", .integer(Int64(number + 1)))] + members).compact
  }

  private func decide(_ line: [UInt8], _ decider: Decider) throws(RequestError) -> DecisionRun {
    let prepared = try prepared(line, decider)
    return try decider.decide(prepared, asking(prepared))
  }

  /// A request that was read; one for an action says what it would do.
  private func prepared(
    _ line: [UInt8], _ decider: Decider
  ) throws(RequestError) -> PreparedRequest {
    let prepared = try reading(line.count) { try decider.prepare(line) }
    return try decider.stated(prepared, asking(prepared))
  }

  private func asking(_ prepared: PreparedRequest) -> Asking {
    Asking(
      caller: times.caller, now: times.now ?? prepared.now ?? times.clock, asOf: times.asOf,
      isQuestion: true)
  }

  /// What `decide --json` says, but for the steps: they depend on which thread has answered what before.
  private func written(
    _ number: Int, _ line: [UInt8], _ decider: Decider
  ) throws(RequestError) -> String {
    let prepared = try prepared(line, decider)
    var bytes = Array("{\"line\":\(number + 1),\"result\":".utf8)
    bytes.reserveCapacity(2_048)
    let run = try decider.write(prepared, asking(prepared), to: &bytes)
    var rest = [
      JSONMember("engine", .string(Versions.engine)), JSONMember("fuel", .integer(run.fuel)),
    ]
    if !run.notes.isEmpty {
      rest.append(JSONMember("notes", .array(run.notes.map { .string($0) })))
    }
    bytes.append(UInt8(ascii: ","))
    bytes.append(contentsOf: JSONValue.object(rest).compact.utf8.dropFirst())
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What `body` makes of a line; what is wrong with the line in words.
  private func reading<Result>(
    _ byteCount: Int, _ body: () throws -> Result
  ) throws(RequestError) -> Result {
    guard byteCount <= Limits.documentBytes else {
      throw RequestError("the line is longer than \(Limits.documentBytes >> 20) MiB")
    }
    do {
      return try body()
    } catch let error as JSONError {
      throw RequestError("column \(error.column): \(error.expectation)")
    } catch let error as RequestError {
      throw error
    } catch {
      throw RequestError("\(error)")
    }
  }

  private func cells(_ run: DecisionRun, _ number: Int) -> [String] {
    let decision = run.decision
    let clauses = decision.reasons.map(\.clause) + decision.obligations.map(\.clause)
    var told: [String] = []
    for clause in clauses where !told.contains(clause) { told.append(clause) }
    return cells(number, decision.outcome, decision.gate, told)
  }

  /// Line, outcome, gate, and the clauses that are in the way.
  private func cells(
    _ number: Int, _ outcome: Outcome, _ gate: String, _ clauses: [String]
  ) -> [String] {
    [
      String(number), "\(outcome)".uppercased(), printable(gate),
      printable(clauses.joined(separator: " ")),
    ]
  }

  /// In the order of the lines, however many threads there were.
  func report(_ name: String) -> Report {
    let answers = answers.withLock { $0.flatMap { $0 } }
    var report = Report()
    if wantsJSON {
      for answer in answers { report.print(answer.text[0]) }
    } else {
      let rows = answers.map(\.text)
      for line in aligned(rows, header: ["line", "outcome", "gate", "because of"]) {
        report.print(line)
      }
    }
    let refused = answers.filter(\.isRefused)
    if let first = refused.first {
      report.code = .badInput
      let lines = refused.count == 1 ? "1 line" : "\(refused.count) lines"
      report.tell("\(name): \(lines) could not be decided, line \(first.line) is the first")
    }
    return report
  }
}
