// What a run says while it goes on: lines, a tree on a terminal, or an event a line for programs.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// Tells of one run on standard output. One thread.
final class RunTeller {
  private let head: RunHead
  private let terminal: Terminal
  private let wantsJSON: Bool
  /// Where the bundle is, as the command line says it.
  private let bundle: String
  private var tree: RunTree?
  private let output: PatientStream
  private let errors: PatientStream
  /// What programs write, by the step whose it is.
  private var outputs: [String: ProgramOutput] = [:]
  /// As each node was told last.
  private var told: [NodeState.Phase] = []
  private var rounds: [Int] = []
  private var attempts: [Int] = []
  private var eventCount = 0
  /// Of this process alone: whoever takes the run up again may have the same number.
  private let session = String(UInt64.random(in: .min ... .max), radix: 16)
  private var lastNote = ""

  /// People who are named of a role.
  private static let shownPeople = 5

  init(_ head: RunHead, _ invocation: Invocation) {
    self.head = head
    terminal = invocation.terminal
    wantsJSON = invocation.wantsJSON
    bundle = invocation.value("--bundle") ?? "BUNDLE"
    let note = { (count: Int) in
      "  note       \(count) bytes were left out here: nobody read them\n"
    }
    output = PatientStream(STDOUT_FILENO) {
      [wantsJSON = invocation.wantsJSON, run = head.id] count in
      guard wantsJSON else { return note(count) }
      let now = currentTime()
      let data: JSONValue = ["bytes": .integer(Int64(count))]
      return cloudEvent("leftOut", "\(getpid())-left-\(now)", of: run, nil, data, at: now).compact
        + "\n"
    }
    errors = PatientStream(STDERR_FILENO, leftOut: note)
    if !wantsJSON, terminal.isColoured { tree = RunTree(terminal, output) }
  }

  /// Descriptors to wait for until they take more of what is to be told.
  var wanting: [Int32] { [output, errors].compactMap(\.wanting) }

  /// Tells what can be told now.
  func advance() {
    output.advance()
    errors.advance()
  }

  /// Waits until all is told; a signal ends that.
  func drain(unless interruption: Int32) {
    output.drain(unless: interruption)
    errors.drain(unless: interruption)
  }

  /// Begins with a run as it stands; what has happened to it is not told again.
  func begin(_ run: Run, isResumed: Bool) {
    told = run.states.map(\.phase)
    rounds = run.states.map(\.round)
    attempts = run.states.map(\.attempt)
    guard !wantsJSON else { return }
    let word = isResumed ? "goes on" : "begins"
    line("run \(head.id)  \(head.request.name) \(word)", .strong)
    tree?.draw(run)
  }

  /// Something that people should know, once.
  func note(_ text: String) {
    guard !hasSameBytes(text, lastNote) else { return }
    lastNote = text
    if wantsJSON {
      event("note", nil, ["text": .string(text)])
    } else {
      line("  note       " + printable(text), .quiet)
    }
  }

  /// People are asked.
  ///
  /// - Parameters:
  ///   - ballot: What they have said already.
  ///   - able: Of each rule who could say yes.
  func asks(
    _ rules: [ApprovalRule], until: Int64, of step: String, file: String, _ ballot: Ballot?,
    able: [[String]]
  ) {
    let end = Instant(microseconds: until)
    let tallies = ballot?.tallies(at: currentTime()) ?? []
    if wantsJSON {
      return event(
        "asks", step,
        [
          "until": .string(end.description), "request": .string(file),
          "rules": .array(
            zip(rules, able).map { rule, people in
              [
                "role": .string(rule.role), "count": .integer(Int64(rule.count)),
                "people": .array(people.map { .string($0) }),
              ]
            }),
          "approvals": .array(tallies.map(\.json)),
        ])
    }
    for (rule, people) in zip(rules, able) {
      line(
        "  waits      \(printable(step)): \(rule.count) of \(rule.role), until \(end)", .waiting)
      let shown = people.prefix(RunTeller.shownPeople)
      let more = people.count > shown.count ? " and \(people.count - shown.count) more" : ""
      let who = people.isEmpty ? "nobody in the bundle's registry" : shown.joined(separator: ", ")
      line("             \(printable(who))\(more) can say yes; for example", .quiet)
      line(
        "             writ approve --request \(quoted(file)) --role \(quoted(rule.role)) --bundle \(quoted(bundle)) --as \(quoted(people.first ?? "NODE")) --key KEY",
        .quiet)
    }
    let folder = file.halves(atLast: UInt8(ascii: "/"))?.before.halves(atLast: UInt8(ascii: "/"))?
      .before
    line("             and put what it prints into \(folder ?? ".")/approvals", .quiet)
    for tally in tallies where !tally.seats.isEmpty {
      line("             has \(printable(tally.words(showsEnds: true)))", .quiet)
    }
  }

  /// What a program wrote, line by line; not where events are told.
  func wrote(_ bytes: [UInt8], _ stream: OutputStream, _ step: String) {
    guard !wantsJSON else { return }
    tree?.clear()
    let made = ProgramOutput(of: step) { [output, errors] line, stream in
      (stream == .errors ? errors : output).write(line, isOutput: true)
    }
    outputs[step, default: made].show(bytes, stream)
    tree?.redraw()
  }

  /// No more will be written by the program of a step.
  func ends(_ step: String) {
    tree?.clear()
    outputs[step]?.end()
    outputs[step] = nil
    tree?.redraw()
  }

  /// The end, or where it was left.
  func finish(_ run: Run) {
    tree?.draw(run, isLast: true)
    tree = nil
    if wantsJSON, let verdict = run.verdict { event("finished", nil, verdict.json, at: run.now) }
  }

  private func line(_ text: String, _ tone: Tone) {
    tree?.clear()
    output.write(terminal.paint(text, tone) + "\n")
    tree?.redraw()
  }
}

extension RunTeller: RunObserver {
  func happened(_ event: Event, to run: Run, touching touched: [Int]) {
    if wantsJSON { tell(event, run) } else { say(event.happening, run) }
    for node in changed(touched, run) {
      let state = run.states[node]
      if wantsJSON { tell(node, state, run) } else if tree == nil { say(node, state, run) }
    }
    tree?.draw(run)
  }

  /// Nodes that stand otherwise than they were told: first those that have ended, what lies in others before these.
  private func changed(_ touched: [Int], _ run: Run) -> [Int] {
    var ended: [Int] = []
    var others: [Int] = []
    for node in touched {
      let state = run.states[node]
      guard
        state.phase != told[node] || state.round != rounds[node] || state.attempt != attempts[node]
      else { continue }
      told[node] = state.phase
      rounds[node] = state.round
      attempts[node] = state.attempt
      if state.phase == .ended { ended.append(node) } else { others.append(node) }
    }
    // A node stands in front of what lies in it.
    return ended.reversed() + others
  }

  /// What somebody has said; and what holds the whole run, where nothing can be drawn.
  private func say(_ happening: Happening, _ run: Run) {
    if case .voted(let position, let vote) = happening { return say(vote, at: position, run) }
    guard tree == nil else { return }
    switch happening {
    case .cancelled:
      guard let word = run.cancelWords.last else { return }
      line("  cancelled  " + printable(word.words), .waiting)
    case .overdue: line("  overdue    \(overdueWords): the run is stopped and cleans up", .bad)
    case .freezeBegan(let why): line("  " + freezeLine(why), .waiting)
    case .freezeEnded: line("  thawed     the freeze is over: stages begin", .quiet)
    // What takes back one round after the other has begun the next with the end of this one.
    case .stepEnded(let position, _, let ending)
    where run.states[position.node].round != position.round:
      line("  \(ending.result.word)\(printable(run.name(of: position)))", ending.result.tone)
    default: break
    }
  }

  /// Who has said what, and what is missing now; of a no the end of its step tells.
  private func say(_ vote: Vote, at position: RunPosition, _ run: Run) {
    let name = printable(run.name(of: position))
    if let refusal = run.refusal(of: vote, at: position) {
      return note("\(name): \(vote.words) does not count: it \(refusal.words)")
    }
    guard vote.approves, let ballot = run.ballots[position.node] else { return }
    let tallies = ballot.tallies(at: run.now).map { printable($0.words(showsEnds: true)) }
    line("  agreed     \(name): \(tallies.joined(separator: "; "))", .good)
  }

  /// For people, where nothing can be drawn.
  private func say(_ node: Int, _ state: NodeState, _ run: Run) {
    guard run.isWritten(node) else { return }
    let name = printable(run.name(of: RunPosition(node: node, round: state.round)))
    switch state.phase {
    case .working:
      line("  begins     \(name)" + (state.attempt > 1 ? ", attempt \(state.attempt)" : ""), .quiet)
    case .pausing:
      guard state.attempt > 0 else { return }
      line("  again      \(name): \(printable(state.cause.description))", .waiting)
    case .hooks, .ended:
      guard state.phase == .ended, let result = state.result else { return }
      let why = run.explanation(of: node)
      let text = "  \(result.word)\(name)" + (why.isEmpty ? "" : ": \(printable(why))")
      line(text, result.tone)
    case .waiting, .asking, .deciding, .holding, .ready, .stopping, .inside, .checking: break
    }
  }
}

// Events for programs: JSON Lines with the fields of CloudEvents 1.0.
extension RunTeller {
  private func event(_ type: String, _ subject: String?, _ data: JSONValue, at time: Int64? = nil) {
    let id = "\(session)-\(eventCount)"
    eventCount += 1
    let event = cloudEvent(type, id, of: head.id, subject, data, at: time ?? currentTime())
    output.write(event.compact + "\n")
  }

  private func tell(_ event: Event, _ run: Run) {
    var (type, position, data) = event.happening.told
    if case .voted(let position, let vote) = event.happening {
      let tallies = run.ballots[position.node]?.tallies(at: run.now) ?? []
      data = .object(
        (vote.json(run.refusal(of: vote, at: position)?.words).object ?? [])
          + [JSONMember("approvals", .array(tallies.map(\.json)))])
    }
    self.event(type, position.map { run.name(of: $0) }, data, at: event.at)
  }

  private func tell(_ node: Int, _ state: NodeState, _ run: Run) {
    guard state.phase == .ended, let result = state.result else { return }
    let name = run.name(of: RunPosition(node: node, round: state.round))
    event(
      "node", name,
      [
        "result": .string(result.rawValue), "reason": .string(run.explanation(of: node)),
        "attempts": .integer(Int64(state.attempt)),
      ], at: run.now)
  }
}

private func cloudEvent(
  _ type: String, _ id: String, of run: String, _ subject: String?, _ data: JSONValue,
  at time: Int64
) -> JSONValue {
  var members: [JSONMember] = [
    JSONMember("specversion", "1.0"), JSONMember("id", .string(id)),
    JSONMember("source", .string("/writ/runs/\(run)")),
    JSONMember("type", .string("writ.run.\(type)")),
    JSONMember("time", .string(Instant(microseconds: time).description)),
  ]
  if let subject { members.append(JSONMember("subject", .string(subject))) }
  members.append(JSONMember("data", data))
  return .object(members)
}

extension Happening {
  /// Its name, whose it is, and what else it says.
  fileprivate var told: (type: String, position: RunPosition?, data: JSONValue) {
    func attempt(_ number: Int) -> JSONValue { ["attempt": .integer(Int64(number))] }
    switch self {
    case .started(let start): return ("started", nil, ["requester": .string(start.requester)])
    case .conditionEvaluated(let position, let answer): return ("condition", position, answer.json)
    case .decided(let position, let decision): return ("decided", position, decision.json)
    case .subjectKnown(let position, let digest):
      return ("subject", position, ["digest": .string(digest.description)])
    case .voted(let position, let vote): return ("voted", position, vote.json())
    case .stepStarted(let position, let number): return ("begun", position, attempt(number))
    case .stepEnded(let position, let number, let ending):
      return (
        "ended", position,
        .object(
          [
            JSONMember("attempt", .integer(Int64(number))),
            JSONMember("result", .string(ending.result.rawValue)),
            JSONMember("detail", .string(ending.detail)),
            JSONMember("effectUnknown", .bool(ending.isEffectUnknown)),
          ] + (ending.output.map { [JSONMember("output", .string($0))] } ?? []))
      )
    case .workerLost(let position, let number): return ("lost", position, attempt(number))
    case .attemptNotBegun(let position, let number): return ("notBegun", position, attempt(number))
    case .timerFired(let position, let timer):
      return ("timer", position, ["timer": .string(timer.rawValue)])
    case .cancelled(let mode, let canceller):
      return (
        "cancelled", nil,
        .object([JSONMember("mode", .string(mode.rawValue))] + canceller.members)
      )
    case .overdue: return ("overdue", nil, ["why": .string(overdueWords)])
    case .freezeBegan(let why):
      return ("freezeBegan", nil, .object(why.isEmpty ? [] : [JSONMember("why", .string(why))]))
    case .freezeAbsent: return ("freezeAbsent", nil, .object([]))
    case .freezeEnded: return ("freezeEnded", nil, .object([]))
    case .resumed: return ("resumed", nil, .object([]))
    }
  }
}

extension Canceller {
  /// For programs: `how`, and who or what.
  fileprivate var members: [JSONMember] {
    switch self {
    case .unsaid: []
    case .signal(let words):
      [JSONMember("how", "signal"), JSONMember("words", .string(words))]
    case .unsigned(let words):
      [JSONMember("how", "unsigned"), JSONMember("words", .string(words))]
    case .signed(let node):
      [JSONMember("how", "signed"), JSONMember("canceller", .string(node))]
    }
  }
}

extension CancelWord {
  /// For programs.
  var json: JSONValue {
    .object(
      [
        JSONMember("mode", .string(mode.rawValue)),
        JSONMember("at", .string(Instant(microseconds: at).description)),
      ] + by.members)
  }
}

extension Answer {
  fileprivate var json: JSONValue {
    switch self {
    case .yes: ["answer": "yes"]
    case .no: ["answer": "no"]
    case .unknown(let why): ["answer": "unknown", "why": .string(why)]
    }
  }
}

extension GateDecision {
  fileprivate var json: JSONValue {
    var members: [JSONMember] =
      switch outcome {
      case .allow: [JSONMember("outcome", "allow")]
      case .deny(let why): [JSONMember("outcome", "deny"), JSONMember("why", .string(why))]
      case .hold: [JSONMember("outcome", "hold")]
      }
    members.append(JSONMember("digest", .string(action.description)))
    if let evidence {
      members.append(JSONMember("evidence", .integer(Int64(clamping: evidence))))
    }
    return .object(members)
  }
}

extension RunVerdict {
  /// For programs.
  var json: JSONValue {
    var members = [JSONMember("result", .string(result.rawValue))]
    if let rollback { members.append(JSONMember("rollback", .string(rollback.rawValue))) }
    members.append(JSONMember("effectUnknown", .bool(isEffectUnknown)))
    members.append(JSONMember("needsPerson", .bool(needsPerson)))
    if isOverdue { members.append(JSONMember("overdue", true)) }
    return .object(members)
  }
}

extension Run {
  /// Why a vote that was brought last does not count; `nil` where it does.
  fileprivate func refusal(of vote: Vote, at position: RunPosition) -> VoteRefusal? {
    ballots[position.node]?.refused.last { $0.vote == vote }?.reason
  }

  /// Whether a node stands in the policy; others are there to carry it out.
  func isWritten(_ node: Int) -> Bool {
    let id = id(of: node)
    return (id.halves(atLast: UInt8(ascii: "/"))?.behind ?? id).utf8.first != UInt8(ascii: "+")
  }
}

extension RunResult {
  /// Behind it something lines up.
  fileprivate var word: String {
    rawValue + String(repeating: " ", count: max(1, 11 - rawValue.utf8.count))
  }

  var tone: Tone {
    switch self {
    case .succeeded, .rolledBack: .good
    case .failed, .errored, .denied, .expired, .rollbackFailed: .bad
    case .cancelled: .waiting
    case .skipped: .quiet
    }
  }
}

/// That the whole run's time is up.
let overdueWords = "the pipeline's deadline is over"

/// That a freeze is on, and why.
func freezeLine(_ why: String) -> String {
  "frozen     no stage begins while a freeze is on" + (why.isEmpty ? "" : ": \(printable(why))")
}
