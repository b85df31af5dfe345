// `writ ask`: whether an action would be allowed, and what would be run. Nothing is done, and nobody can act on the answer.

import Writ
import WritEvidence
import WritModel

extension Command {
  static let ask = Command(
    name: "ask", summary: "would this action be allowed? an answer that permits nothing",
    operands: [.perhaps("ACTION", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph, .request, .argument, .waiver, .glassReason,
      .required("--caller", "NODE", "who would act"), .deedLog,
      .flag("--explain", "tell which facts each clause read, and how old the sources' words are"),
    ],
    details: [
      "Exits 0 if it would be allowed, 1 if denied, 2 if held. No delegate accepts the answer.",
      "  writ ask deploy --bundle b --graph g --arg env=Environment/eu --caller Identity/bot",
    ],
    run: runAsk)
}

private func runAsk(_ invocation: Invocation) throws(Failure) -> Report {
  let heard = try ActionInputs(invocation).asked(invocation)
  let inputs = heard.inputs
  let (asking, bare) = try inputs.decide(
    try invocation.required("--caller"), isQuestion: true)
  let run = heard.told(bare)
  let assignment = try inputs.assignment(asking)
  var report = Report(run.decision.outcome.exitCode)
  if case .failure = assignment, run.decision.outcome == .allow { report.code = .refused }
  var told = run.notes
  let locked =
    run.decision.outcome == .deny
    ? nil : try LockedVersion.asked(assignment, inputs.engine.bundle, invocation)
  if let locked {
    report.code = .refused
    told.append(locked.note)
  }
  if !run.decision.obligations.isEmpty, inputs.engine.bundle.registry.isAgent(asking.caller ?? "") {
    told.append("under a token, whoever gave it or handed it on approves nothing")
  }
  for note in told { report.tell("note: " + printable(note)) }
  if invocation.wantsJSON {
    var members = run.json(nil, showsTrace: invocation.has("--explain")).object ?? []
    members.append(commandMember(assignment))
    if let action = inputs.request.call?.name {
      members += inputs.engine.bundle.delegateMembers(ofAction: action)
    }
    if let locked { members.append(JSONMember("locked", locked.json)) }
    if let glass = inputs.breakGlass {
      members.append(
        JSONMember(
          "breakGlass",
          [
            "role": .string(glass.role),
            "within": .string("\(Duration(microseconds: glass.within))"),
          ]))
    }
    report.output = JSONValue.object(members).pretty + "\n"
    return report
  }
  report.output = DecisionText(run, inputs.engine, invocation).whole
  report.print(commandLine(assignment, invocation.terminal))
  if let action = inputs.request.call?.name,
    let text = inputs.engine.bundle.delegateText(ofAction: action)
  {
    report.print("  \(printable(text))")
  }
  if let glass = inputs.breakGlass {
    let within = Duration(microseconds: glass.within)
    report.print(
      "  breaks the glass: somebody else, in the role \(printable(glass.role)), reviews it within \(within)"
    )
  }
  return report
}

extension ActionInputs {
  /// Who reviews what is asked about, where it breaks the glass.
  fileprivate var breakGlass: BreakGlass? {
    request.call.flatMap { engine.breakGlass(ofAction: $0.name) }
  }
}

/// What would be run, or why nothing could be, for programs.
func commandMember(_ assignment: Result<Assignment, RequestError>) -> JSONMember {
  switch assignment {
  case .success(let assignment):
    JSONMember("command", .array(assignment.command.map { .string($0) }))
  case .failure(let error): JSONMember("commandError", .string("\(error)"))
  }
}

/// The same for people.
func commandLine(_ assignment: Result<Assignment, RequestError>, _ terminal: Terminal) -> String {
  switch assignment {
  case .success(let assignment):
    terminal.paint("  would run  \(shownCommand(assignment))", .quiet)
  case .failure(let error): "  nothing could be run: \(printable("\(error)"))"
  }
}

/// The words of a command, those with blanks or signs in quotes: to be read, not to be pasted.
private func shownCommand(_ assignment: Assignment) -> String {
  let words = assignment.command.map { word in
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "-_./:=@+,".utf8.contains(byte)
        }
      }
    return isPlain ? word : JSONValue.string(word).compact
  }
  return printable(words.joined(separator: " "))
}
