// `writ run show`: a run as its journal has it, under way or ended.

import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

extension Command {
  static let runShow = Command(
    name: "run show", summary: "show a run: what became of each step, and why",
    operands: [.one("RUN", "its name, or its folder")],
    options: [
      .runsFolder, .flag("--all", "also what was never begun"),
      .optional("--log", "DIR", "hold it to what the log says of it"), .logKey, .svg, .html,
    ],
    details: [
      "Reads the journal, which nobody has signed; a run that is under way can be looked at. With --log",
      "it is shown only if the log has it: begun so, and ended, if it has, by that journal.",
      "Exits as the run did; 0 while it is under way.",
      "  writ run show 20261129-171500123-3f9a2c --runs /var/lib/writ/runs --html run.html",
    ],
    run: runRunShow)
}

private func runRunShow(_ invocation: Invocation) throws(Failure) -> Report {
  let folder = try RunFolder(try invocation.operand(0), in: invocation.value("--runs"))
  let head = try folder.head()
  let plan = try folder.plan()
  let run = try folder.run(head, plan)
  let logged = try logged(run, head, folder, invocation)
  try writePictures(invocation) { RunPicture(head, run, plan).diagram }
  let shown = ShownRun(
    head: head, run: run, showsAll: invocation.has("--all"), logged: logged)
  if invocation.wantsJSON { return Report(shown.json, run.exitCode) }
  var report = Report(run.exitCode)
  report.output = shown.text(invocation.terminal)
  return report
}

/// What the log of `--log` says of a run; one that is not the folder's is refused.
private func logged(
  _ run: Run, _ head: RunHead, _ folder: RunFolder, _ invocation: Invocation
) throws(Failure) -> LoggedRun? {
  guard let log = invocation.value("--log") else { return nil }
  let store = LogStore(directory: log)
  let paths = invocation.values("--vkey")
  let keys =
    paths.isEmpty
    ? try verifierKeys(of: store, invocation) : try readVerifierKeys(paths, log: log).keys
  let logged = try withLog { () throws(LogError) in
    try LoggedRun(
      head.id, in: try SubjectReader(try LogReader(store: store, keys: keys), of: store))
  }
  func differs(_ what: String) -> Failure {
    .badInput("\(folder.path) is not what the log has of the run \(head.id): \(what)")
  }
  guard let begun = logged.begun else { throw differs("it knows of no such run") }
  guard hasSameBytes(begun.head, try head.digest().description) else {
    throw differs("entry \(begun.entry) names another run.json")
  }
  switch (logged.ended, run.verdict) {
  case (nil, nil): break
  case (nil, _?): throw differs("it does not know that the run has ended")
  case (let ended?, nil): throw differs("entry \(ended.entry) says that it has ended")
  case (let ended?, _?):
    guard hasSameBytes(ended.journal, try folder.journalDigest().description) else {
      throw differs("entry \(ended.entry) names another journal")
    }
  }
  return logged
}

/// The end of a run that was just carried out.
func report(_ run: Run, _ folder: RunFolder, _ invocation: Invocation) -> Report {
  var report = Report(run.exitCode)
  guard !invocation.wantsJSON else { return report }
  report.print(run.headline(invocation.terminal) + "  run \(run.id)")
  report.print(
    invocation.terminal.paint("`writ run show \(folder.path)` tells of each step", .quiet))
  return report
}

extension Run {
  /// What a command returns that carried it out.
  var exitCode: ExitCode {
    switch verdict?.result {
    case nil, .succeeded, .skipped, .rolledBack: .done
    case .failed, .denied, .expired, .rollbackFailed: .refused
    case .cancelled: .cancelled
    case .errored: .broken
    }
  }

  /// How it ended, or where it stands; and whether a person must look.
  func headline(_ terminal: Terminal) -> String {
    guard let verdict else {
      let word =
        switch phase {
        case .waiting: "NOT BEGUN"
        case .held: "HELD"
        case .rollingBack: "ROLLING BACK"
        case .closing: "CLOSING"
        case .running, .ended: "UNDER WAY"
        }
      return terminal.paint(word, .waiting)
    }
    var line = terminal.paint(verdict.result.rawValue.uppercased(), verdict.result.tone)
    if verdict.isOverdue, verdict.result != .succeeded { line += ", \(overdueWords)" }
    switch (verdict.rollback, verdict.isEffectUnknown) {
    case (.rolledBack?, false): line += ", what was done is undone"
    case (.rolledBack?, true):
      line += ", all was to be undone, but an effect is unknown: a person must look"
    case (.rollbackFailed?, _): line += ", and undoing it failed: a person must look"
    case (_, true): line += ", and an effect is unknown: a person must look"
    case (_, false): break
    }
    // A stage that waits for trouble is not missed where there was none.
    let skipped = states.indices.filter {
      isStage($0) && states[$0].result == .skipped && !isSpared($0)
    }
    if verdict.result == .succeeded, !skipped.isEmpty {
      line += ", without \(skipped.map { "`\(printable(id(of: $0)))`" }.joined(separator: ", "))"
    }
    return line
  }
}

extension Run {
  /// Whether a node is a stage: the outermost, and nothing that takes back or is run at the end.
  fileprivate func isStage(_ node: Int) -> Bool {
    let id = id(of: node)
    return isWritten(node) && !id.utf8.contains(UInt8(ascii: "/")) && !PlanNode.isRollback(id)
  }
}

/// A run as a table, and as a document.
private struct ShownRun {
  let head: RunHead
  let run: Run
  let showsAll: Bool
  /// What the log says of it, if it was asked.
  let logged: LoggedRun?

  /// Nodes that something happened to, in the order of the plan.
  private var nodes: [Int] {
    run.states.indices.filter(run.isWritten).filter { node in
      showsAll || run.states[node].phase != .waiting && run.states[node].result != nil
        || run.states[node].phase != .waiting && run.states[node].phase != .ended
    }
  }

  /// Who gave the token that the run acts under.
  private var givers: String {
    let names = run.start?.contributors ?? []
    return names.isEmpty ? "" : ", on behalf of \(printable(names.joined(separator: ", then ")))"
  }

  func text(_ terminal: Terminal) -> String {
    var lines = [
      run.headline(terminal) + "  run \(printable(head.id)) of \(printable(head.request.name))",
      terminal.paint(
        "  asked for by \(printable(head.caller))\(givers) at \(Instant(microseconds: head.started))",
        .quiet),
      terminal.paint("  bundle \(head.bundle), log \(printable(head.log))", .quiet),
    ]
    if let begun = logged?.begun {
      let end = logged?.ended.map { " and has ended in entry \($0.entry), by this journal" } ?? ""
      lines.append(
        "  the log has it: \(counted(logged?.entryCount ?? 0, "entry", plural: "entries")); it began in entry \(begun.entry)\(end)"
      )
    }
    for word in run.cancelWords {
      let text = "  cancelled  \(printable(word.words)), at \(Instant(microseconds: word.at))"
      lines.append(terminal.paint(text, .waiting))
    }
    if run.isOverdue, run.verdict == nil {
      lines.append(terminal.paint("  overdue    \(overdueWords)", .bad))
    }
    if run.isFrozen, run.verdict == nil {
      lines.append(terminal.paint("  " + freezeLine(run.freezeReason), .waiting))
    }
    let now = currentTime()
    for (node, line) in zip(nodes, aligned(nodes.map(row))) {
      lines.append("  " + line)
      let said = run.agreement(at: node, now: now)?.lines ?? []
      lines += said.map { terminal.paint("             " + printable($0), .quiet) }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func row(_ node: Int) -> [String] {
    let state = run.states[node]
    let name = run.name(of: RunPosition(node: node, round: state.round))
    return [
      run.result(of: node)?.rawValue ?? state.phase.word, name,
      state.attempt > 1 ? "\(state.attempt) attempts" : "",
      state.evidence.map { "entry \($0)" } ?? "",
      [
        run.explanation(of: node), state.reversal?.rawValue ?? "",
        state.output.map { "gave out \(printable(shortened($0)))" } ?? "",
      ].filter { !$0.isEmpty }.joined(separator: "; "),
    ]
  }

  var json: JSONValue {
    var members = [
      JSONMember("run", .string(head.id)), JSONMember("pipeline", .string(head.request.name)),
      JSONMember("caller", .string(head.caller)),
      JSONMember("started", .string(Instant(microseconds: head.started).description)),
      JSONMember("bundle", .string(head.bundle.description)), JSONMember("log", .string(head.log)),
      JSONMember("restarts", .integer(Int64(run.restarts))),
      JSONMember("nodes", .array(nodes.map(json))),
    ]
    if let givers = run.start?.contributors, !givers.isEmpty {
      members.append(JSONMember("onBehalfOf", .array(givers.map { .string($0) })))
    }
    if let logged, let begun = logged.begun {
      var recorded = [
        JSONMember("begun", .integer(Int64(clamping: begun.entry))),
        JSONMember("entries", .integer(Int64(logged.entryCount))),
      ]
      if let ended = logged.ended {
        recorded.append(JSONMember("ended", .integer(Int64(clamping: ended.entry))))
      }
      members.append(JSONMember("recorded", .object(recorded)))
    }
    if !run.cancelWords.isEmpty {
      members.append(JSONMember("cancelled", .array(run.cancelWords.map(\.json))))
    }
    if run.isOverdue, run.verdict == nil { members.append(JSONMember("overdue", true)) }
    if run.isFrozen, run.verdict == nil {
      members.append(JSONMember("frozen", ["why": .string(run.freezeReason)]))
    }
    if let verdict = run.verdict { members.append(JSONMember("verdict", verdict.json)) }
    return .object(members)
  }

  private func json(_ node: Int) -> JSONValue {
    let state = run.states[node]
    var members = [
      JSONMember(
        "node", .string(run.name(of: RunPosition(node: node, round: state.round)))),
      JSONMember("attempts", .integer(Int64(state.attempt))),
    ]
    if let result = run.result(of: node) {
      members.append(JSONMember("result", .string(result.rawValue)))
    } else {
      members.append(JSONMember("phase", .string(state.phase.word)))
    }
    let why = run.explanation(of: node)
    if !why.isEmpty { members.append(JSONMember("reason", .string(why))) }
    if let output = state.output { members.append(JSONMember("output", .string(output))) }
    if let reversal = state.reversal {
      members.append(JSONMember("reversal", .string(reversal.rawValue)))
    }
    if let evidence = state.evidence {
      members.append(JSONMember("evidence", .integer(Int64(clamping: evidence))))
    }
    members += run.agreement(at: node, now: currentTime())?.members ?? []
    return .object(members)
  }
}

/// As much as goes into a line; `--json` has all of it.
private func shortened(_ text: String) -> String {
  text.utf8.count <= 80 ? text : String(decoding: text.utf8.prefix(80), as: UTF8.self) + "…"
}

extension NodeState.Phase {
  /// For people and programs.
  var word: String {
    switch self {
    case .waiting: "waiting"
    case .asking, .checking: "asking"
    case .deciding: "deciding"
    case .holding: "holding"
    case .pausing: "pausing"
    case .ready, .working: "working"
    case .stopping: "stopping"
    case .inside, .hooks: "running"
    case .ended: "ended"
    }
  }
}
