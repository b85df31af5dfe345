// `writ act`: an action through its gate, under a permit, by a delegate.

import Writ
import WritEvidence
import WritModel

extension Command {
  static let act = Command(
    name: "act", summary: "do an action: ask its gate, permit it, have a delegate carry it out",
    operands: [.perhaps("ACTION", "its full name, or what stands after the last dot")],
    options: [
      .bundle, .publisher, .graph, .request, .argument, .waiver, .glassReason,
      .required("--caller", "NODE", "who acts: a node of the graph"),
      .actorKey, .token, .actingLog, .permitKey, .passphrase, .delegate, .listen, .tlsKey,
      .delegateTLS,
      .optional("--wait", "DURATION", "for the delegate to connect, 30s if not given"),
    ],
    details: [
      "The gate is asked when the delegate is there, and the permit holds for a minute at most.",
      "Exits 0 if the action succeeded, 1 if it was denied or failed, 2 if held: what is not allowed",
      "is answered and recorded at once, without a delegate.",
      "  writ act deploy --bundle b --graph g --request r.json --caller Identity/bot --log log \\",
      "    --permit-key permit.key --delegate eu-1/delegate.pub --listen unix:/run/writ.sock",
    ],
    run: runAct)
}

/// The caller first, then the action's whole way.
private func runAct(_ invocation: Invocation) throws(Failure) -> Report {
  let inputs = try ActionInputs(invocation)
  let keys = try ActingKeys(invocation, inputs.engine.bundle)
  let caller = try ActingCaller(invocation)
  let (action, digest) = try inputs.subject()
  try keys.identify(caller, for: action, digest, inputs.engine)
  let desk = ActionDesk(
    inputs: inputs, caller: caller.name, keys: keys, isUnsigned: !caller.hasSigned, acting: caller)
  var output = ProgramOutput()
  let outcome = try desk.act(
    again: { () throws(Failure) in
      try keys.again(inputs, try inputs.readAgain(invocation), caller)
    },
    post: { () throws(Failure) in try DelegatePost(invocation, keys) },
    // What the program writes goes on as it comes, unless a document is wanted.
    show: { stream, bytes in if !invocation.wantsJSON { output.show(bytes, stream) } })
  output.end()
  switch outcome {
  case .notAllowed(let moment, let recorded):
    return report(moment.run, recorded, moment.inputs.engine, invocation)
  case .carriedOut(let done): return done.report(invocation)
  }
}

extension CarriedOut {
  /// How it ended, in a number.
  var code: ExitCode {
    switch result.outcome {
    case .succeeded: .done
    case .errored: .broken
    case .failed, .cancelled: .refused
    }
  }

  /// How it ended, and where that is recorded.
  fileprivate func report(_ invocation: Invocation) -> Report {
    var report = Report(code)
    for note in moment.run.notes { report.tell("note: " + printable(note)) }
    if invocation.wantsJSON {
      report.output = json.pretty + "\n"
      return report
    }
    let word = result.outcome.rawValue.uppercased()
    let tone: Tone = result.outcome == .succeeded ? .good : .bad
    report.print("\(invocation.terminal.paint(word, tone))  \(printable(result.action))")
    if let code = result.exitCode, code != 0 { report.print("  exit code \(code)") }
    if !result.reason.isEmpty { report.print("  \(printable(result.reason))") }
    let line =
      "decision, permit and result are entries \(decision.index), \(order.entry) and "
      + "\(recorded.index) of \(recorded.origin)"
    report.print(invocation.terminal.paint(line, .quiet))
    if let glass = order.decided.breakGlass {
      report.print(
        "the glass is broken: somebody else, in the role \(printable(glass.role)), reviews entry "
          + "\(decision.index) until \(glass.due?.description ?? "-") with `writ log review`")
    }
    return report
  }

  /// The same for programs, by whichever door.
  var json: JSONValue {
    var members: [JSONMember] = [
      JSONMember("decision", .string(moment.run.decision.outcome.rawValue)),
      JSONMember("action", .string(result.action)),
      JSONMember("digest", .string(result.digest.description)),
      JSONMember("outcome", .string(result.outcome.rawValue)),
      JSONMember("permit", .string(order.permit.id)),
      JSONMember("delegate", .string(order.permit.delegate.name)),
      JSONMember("expires", .string(order.permit.expires.description)),
      JSONMember(
        "output",
        [
          "bytes": .integer(result.output.byteCount),
          "sha256": .string(result.output.digest.hex),
        ]),
      JSONMember("result", moment.run.decision.json),
      JSONMember(
        "evidence",
        [
          "log": .string(decision.origin), "decision": .integer(Int64(clamping: decision.index)),
          "result": .integer(Int64(clamping: recorded.index)),
        ]),
    ]
    if let glass = order.decided.breakGlass {
      members.append(JSONMember("breakGlass", glass.json))
    }
    if let code = result.exitCode { members.append(JSONMember("exit", .integer(code))) }
    if !result.reason.isEmpty { members.append(JSONMember("reason", .string(result.reason))) }
    return .object(members)
  }
}
