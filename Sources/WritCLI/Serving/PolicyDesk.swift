// Every question of a bundle, and every action where it may act, answered alike for whoever asks and by whichever door.

import Writ
import WritBytecode
import WritEvidence
import WritModel
import WritServers

/// What a question came to: the document that its asker gets, as `writ … --json` prints it.
struct PolicyAnswer {
  let json: JSONValue
  /// As the command would end.
  let code: ExitCode
  /// The same for people.
  let text: () -> String
}

/// The questions of one bundle over one snapshot, as both are when something is asked. One thread.
///
/// Who asks is said by whoever has the desk, and what time it is by the clock.
final class PolicyDesk {
  private let invocation: Invocation
  private let current: CurrentWorld
  /// What it takes to act; `nil` where only questions are answered.
  private let keys: ActingKeys?
  /// What every question is asked over, besides what it brings itself.
  private let facts: [JSONValue]
  private var last: (engine: Engine, tools: [(tool: Tool, purpose: ToolPurpose)])?

  /// Over the bundle and the graph that the command line names.
  init(
    _ invocation: Invocation, _ keys: ActingKeys?, _ current: CurrentWorld,
    over facts: [JSONValue] = []
  ) {
    self.invocation = invocation
    self.keys = keys
    self.current = current
    self.facts = facts
  }

  /// Bundle and graph as they are now.
  func world() throws(Failure) -> LoadedEngine { try current.now() }

  /// What can be asked, in an order that does not change without need.
  func catalogue(_ world: LoadedEngine) -> [(tool: Tool, purpose: ToolPurpose)] {
    if let last, last.engine === world.engine { return last.tools }
    let tools = ToolCatalogue(world.engine.bundle.program.program, acts: keys != nil).tools
    last = (world.engine, tools)
    return tools
  }

  /// The answer to a call of the tool of that name; `nil` where there is none.
  ///
  /// - Parameter caller: Who asks; only who acts, or asks about an action, must be somebody.
  func answer(
    _ name: String, _ arguments: JSONValue, by caller: ActingCaller?, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer? {
    let found = catalogue(world).first { hasSameBytes($0.tool.name, name) }
    guard let found else {
      guard let action = brokenGlass(name, world) else { return nil }
      throw Failure(
        .refused, "`\(action)` breaks the glass: a person does that, with `writ act`")
    }
    return try answer(found.purpose, arguments, caller, world.anew())
  }

  /// The action that breaks the glass of which somebody asks.
  private func brokenGlass(_ name: String, _ world: LoadedEngine) -> String? {
    world.engine.bundle.program.program.actions.first { action in
      action.breakGlass != nil
        && ["ask", "act"].contains { hasSameBytes(name, "\($0).\(action.name)") }
    }?.name
  }
}

// What is answered.
extension PolicyDesk {
  private func answer(
    _ purpose: ToolPurpose, _ given: JSONValue, _ caller: ActingCaller?, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer {
    switch purpose {
    case .decide(let gate):
      return try decide(try request(given, "gate", gate), caller, world)
    case .ask(let action):
      return try ask(try request(given, "action", action), try known(caller), world)
    case .act(let action):
      return try act(try request(given, "action", action), try known(caller), world)
    case .score(let card): return try score(card, given, caller, world)
    case .query(let query): return try self.query(query, given, caller, world)
    }
  }

  private func known(_ caller: ActingCaller?) throws(Failure) -> ActingCaller {
    guard let caller else {
      throw .badInput("it is not said who asks", remedy: "name a node as `caller`")
    }
    return caller
  }

  /// The request that a call stands for. Whatever else the caller says is refused where a request is read.
  private func request(
    _ given: JSONValue, _ kind: String, _ name: String
  ) throws(Failure) -> JSONValue {
    try check(given, members: ["arguments", "facts", "approvals", "waivers"])
    var members = given.object ?? []
    // What is no list is refused where a request is read.
    if !facts.isEmpty, let brought = (given["facts"] ?? .array([])).array {
      members.removeAll { hasSameBytes($0.name, "facts") }
      members.append(JSONMember("facts", .array(facts + brought)))
    }
    return .object([JSONMember(kind, .string(name))] + members)
  }

  private func check(_ given: JSONValue, members: [String]) throws(Failure) {
    for member in given.object ?? [] where !members.containsBytes(of: member.name) {
      throw .badInput(
        "no member `\(member.name)`; there are \(members.joined(separator: ", "))")
    }
  }

  private func asking(_ caller: ActingCaller?, _ world: LoadedEngine) -> Asking {
    let clock = currentTime()
    return Asking(
      caller: caller?.name, onBehalfOf: givers(caller, world), now: clock, asOf: clock,
      isQuestion: true)
  }

  /// Who gave the token that is asked under. One that counts for nothing is refused where something is done.
  private func givers(_ caller: ActingCaller?, _ world: LoadedEngine) -> [String] {
    (try? caller?.token?.givers(by: world.engine.bundle.registry)) ?? []
  }

  private func decide(
    _ json: JSONValue, _ caller: ActingCaller?, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer {
    let asking = asking(caller, world)
    let json = try requestOnWord(json, world.engine, invocation)
    let run = try withEngine { () throws(RequestError) in
      try world.decider.decide(
        try world.decider.prepare(try Request(json)), asking, tracing: .off)
    }
    return told(run, world.engine, nil)
  }

  private func ask(
    _ json: JSONValue, _ caller: ActingCaller, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer {
    let asked = try AskedAction(
      try ActionInputs(json, world), by: caller.name, onBehalfOf: givers(caller, world),
      under: caller.token, invocation)
    let invocation = invocation
    return PolicyAnswer(
      json: asked.json(showsTrace: false), code: asked.code, text: { asked.text(invocation) })
  }

  /// The whole way of an action, by bundle and snapshot as they are when the delegate is there.
  private func act(
    _ json: JSONValue, _ caller: ActingCaller, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer {
    guard let keys else { throw .usage("nothing is done here", remedy: "ask instead") }
    let inputs = try ActionInputs(json, world)
    let (action, digest) = try inputs.subject()
    if case .intent = caller.proof {
      let wish = try RemoteWish(
        inputs, in: keys.signer.name.description, under: caller.token)
      try keys.identify(caller, for: action, wish.digest, world.engine)
    } else {
      try keys.identify(caller, for: action, digest, world.engine)
    }
    let desk = ActionDesk(
      inputs: inputs, caller: caller.name, keys: keys, isUnsigned: !caller.hasSigned, acting: caller
    )
    var output: [UInt8] = []
    let outcome = try desk.act(
      again: { () throws(Failure) in
        try keys.again(inputs, try ActionInputs(json, try self.world().anew()), caller)
      },
      post: { () throws(Failure) in try DelegatePost(invocation, keys) },
      show: { _, bytes in
        output.append(contentsOf: bytes.prefix(Limits.toolOutputBytes - output.count))
      })
    switch outcome {
    case .notAllowed(let moment, let recorded):
      return told(moment.run, moment.inputs.engine, recorded)
    case .carriedOut(let done):
      let said = String(decoding: output, as: UTF8.self)
      let word = "\(done.result.outcome.rawValue.uppercased())  \(printable(done.result.action))"
      return PolicyAnswer(json: done.json, code: done.code, text: { "\(word)\n\(said)" })
    }
  }

  private func told(
    _ run: DecisionRun, _ engine: Engine, _ recorded: RecordedDecision?
  ) -> PolicyAnswer {
    let invocation = invocation
    return PolicyAnswer(
      json: run.json(recorded, showsTrace: false), code: run.decision.outcome.exitCode,
      text: { DecisionText(run, engine, invocation).whole })
  }

  private func score(
    _ name: String, _ given: JSONValue, _ caller: ActingCaller?, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer {
    try check(given, members: ["subject"])
    guard let subject = given["subject"]?.string else {
      throw .badInput("`subject` is missing", remedy: "name a node as Kind/id")
    }
    let scores = try withEngine { () throws(RequestError) in
      try world.engine.score(name, subject: subject, asking(caller, world))
    }
    let lines = scores.map { "\($0.subject)  \($0.levelText), \($0.scoreText)  \($0.failing)" }
    return PolicyAnswer(
      json: ["rows": .array(scores.map(\.json))], code: .done,
      text: { printable(lines.joined(separator: "; ")) })
  }

  private func query(
    _ name: String, _ given: JSONValue, _ caller: ActingCaller?, _ world: LoadedEngine
  ) throws(Failure) -> PolicyAnswer {
    try check(given, members: ["arguments"])
    let asking = asking(caller, world)
    let answer = try withEngine { () throws(RequestError) in
      let (result, machine) = try world.engine.query(
        name, arguments: given["arguments"]?.object ?? [], isStrict: false, asking)
      return QueryAnswer(result, machine, asOf: asking.asOf)
    }
    var members = [JSONMember("rows", .array(answer.rows.map(\.json)))]
    if let open = answer.open { members.append(JSONMember("open", .string(open))) }
    return PolicyAnswer(
      json: .object(members), code: .done, text: { counted(answer.rows.count, "row") })
  }
}

extension ActingKeys {
  /// What acting takes, where all of it is named; `nil` where none of it is.
  init?(ifNamed invocation: Invocation, _ bundle: LoadedBundle) throws(Failure) {
    let needed = ["--log", "--permit-key", "--delegate", "--listen"]
    let extra = ["--actor-key", "--token", "--wait"].filter { invocation.has($0) }
    let missing = needed.filter { !invocation.has($0) }
    if missing.count == needed.count, extra.isEmpty { return nil }
    if let first = missing.first {
      let given = (needed + extra).filter { invocation.has($0) }.joined(separator: ", ")
      throw .usage(
        "an agent that may act needs `\(first)` too",
        remedy: "leave out \(given) and it can only ask")
    }
    try self.init(invocation, bundle)
  }
}
