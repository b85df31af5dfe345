// Whether an action would be allowed, and what would be done: one answer, whoever asks and by whichever door.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// The answer to a question about an action.
struct AskedAction {
  /// With what whoever asked should know.
  let run: DecisionRun
  /// What would be done, or why nothing could be.
  let assignment: Result<Assignment, RequestError>
  /// What would be tried and may not be tried now.
  let locked: LockedVersion?
  /// Why nothing would be done for whoever asks, whatever the gate says.
  let refusal: String?
  /// Who reviews it, where it breaks the glass.
  let breakGlass: BreakGlass?
  private let engine: Engine
  private let action: String
  private let intent: JSONValue

  /// Asks at this moment, of what the log of `--log` says where one is named.
  ///
  /// - Parameters:
  ///   - onBehalfOf: Who gave the token under which it is asked.
  ///   - token: That token.
  init(
    _ inputs: ActionInputs, by caller: String, onBehalfOf: [String] = [],
    under token: PresentedToken? = nil, _ invocation: Invocation
  ) throws(Failure) {
    let log = try invocation.value("--log").map { (path) throws(Failure) in
      try withLog { () throws(LogError) in try LogStore(directory: path).configuration().origin }
    }
    intent = try RemoteWish(inputs, in: log, under: token).json
    let heard = try inputs.asked(invocation)
    let (asking, bare) = try heard.inputs.decide(caller, onBehalfOf: onBehalfOf, isQuestion: true)
    run = heard.told(bare)
    engine = inputs.engine
    action = inputs.request.call?.name ?? ""
    assignment = try heard.inputs.assignment(asking)
    locked =
      run.decision.outcome == .deny
      ? nil : try LockedVersion.asked(assignment, engine.bundle, invocation)
    breakGlass = engine.breakGlass(ofAction: action)
    let engine = engine
    let isKnown = try withEngine { () throws(RequestError) in try engine.knows(caller: caller) }
    refusal = isKnown ? nil : "the graph does not have `\(caller)`, and nobody else acts"
  }

  /// Whether it would be done, in a number.
  var code: ExitCode {
    if locked != nil || refusal != nil { return .refused }
    if case .failure = assignment, run.decision.outcome == .allow { return .refused }
    return run.decision.outcome.exitCode
  }

  /// For people.
  func text(_ invocation: Invocation) -> String {
    var lines = [commandLine(assignment, invocation.terminal)]
    if let who = engine.bundle.delegateText(ofAction: action) {
      lines.append("  \(printable(who))")
    }
    if let breakGlass {
      let within = Duration(microseconds: breakGlass.within)
      lines.append(
        "  breaks the glass: somebody else, in the role \(printable(breakGlass.role)), reviews it within \(within)"
      )
    }
    return DecisionText(run, engine, invocation).whole + lines.map { $0 + "\n" }.joined()
  }

  /// For programs.
  func json(showsTrace: Bool) -> JSONValue {
    var members = run.json(nil, showsTrace: showsTrace).object ?? []
    members.append(commandMember(assignment))
    members += engine.bundle.delegateMembers(ofAction: action)
    if let locked { members.append(JSONMember("locked", locked.json)) }
    if let refusal { members.append(JSONMember("refusal", .string(refusal))) }
    if let breakGlass {
      let within = "\(Duration(microseconds: breakGlass.within))"
      members.append(
        JSONMember("breakGlass", ["role": .string(breakGlass.role), "within": .string(within)]))
    }
    members.append(JSONMember("intent", intent))
    return .object(members)
  }
}

/// What whoever wants an action done elsewhere signs: all of it, so that they can see it, and its digest.
struct RemoteWish {
  let action: String
  /// What people would approve, and the log by which it counts once.
  let request: JSONValue
  let digest: Digest

  /// - Parameters:
  ///   - log: By its name; `nil` where nothing can be done.
  ///   - token: Under which it is asked.
  init(_ inputs: ActionInputs, in log: String?, under token: PresentedToken?) throws(Failure) {
    let (request, engine) = (inputs.request, inputs.engine)
    let (gate, _) = try withEngine { () throws(RequestError) in
      try engine.approvalDigest(of: request)
    }
    let asked = engine.approvalSubject(of: request, gate: gate)
    let more = [("log", log), ("token", token?.digest.description)].compactMap { name, value in
      value.map { JSONMember(name, .string($0)) }
    }
    action = request.call?.name ?? ""
    self.request = .object((asked.object ?? []) + more)
    guard let bytes = try? self.request.ownCanonicalBytes() else {
      throw .badInput("the request has no canonical form")
    }
    digest = Digest(of: bytes)
  }

  /// For programs: what an intent names, as it names it.
  var json: JSONValue {
    [
      "subject": [["name": .string(action), "digest": ["sha256": .string(digest.hex)]]],
      "request": request,
    ]
  }
}

/// What would be run, or why nothing could be, for programs.
private func commandMember(_ assignment: Result<Assignment, RequestError>) -> JSONMember {
  switch assignment {
  case .success(let assignment):
    JSONMember("command", .array(assignment.command.map { .string($0) }))
  case .failure(let error): JSONMember("commandError", .string("\(error)"))
  }
}

/// The same for people.
private func commandLine(
  _ assignment: Result<Assignment, RequestError>, _ terminal: Terminal
) -> String {
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
