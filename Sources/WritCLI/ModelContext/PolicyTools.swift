// Every question of a bundle as a tool for a model, and every action where it may act.

import Writ
import WritBytecode
import WritEvidence
import WritModel
import WritServers

/// The tools of one bundle over one snapshot, as both are when a tool is listed or called.
///
/// A caller cannot say who it is, nor what time it is: both come from the command line and the clock.
final class PolicyTools: ToolProvider {
  private let invocation: Invocation
  private let world: CurrentWorld
  private let caller: ActingCaller
  /// What it takes to act; `nil` where only questions are answered.
  private let keys: ActingKeys?
  /// What every question is asked over, besides what it brings itself.
  private let facts: [JSONValue]

  /// Reads every key that is named, once.
  init(_ invocation: Invocation) throws(Failure) {
    self.invocation = invocation
    caller = try ActingCaller(invocation)
    world = CurrentWorld(invocation)
    let bundle = try world.now().engine.bundle
    keys = try PolicyTools.mayAct(invocation) ? ActingKeys(invocation, bundle) : nil
    facts = []
  }

  /// For somebody who only asks, over the bundle and the graph that the command line names, and facts of a run.
  init(_ invocation: Invocation, asking caller: ActingCaller, over facts: [JSONValue]) {
    self.invocation = invocation
    self.facts = facts
    self.caller = caller
    world = CurrentWorld(invocation)
    keys = nil
  }

  /// All of what acting takes is named, or none.
  private static func mayAct(_ invocation: Invocation) throws(Failure) -> Bool {
    let needed = ["--log", "--permit-key", "--delegate", "--listen"]
    let missing = needed.filter { !invocation.has($0) }
    let extra = ["--actor-key", "--token", "--wait"].filter { invocation.has($0) }
    if missing.isEmpty { return true }
    guard missing.count == needed.count, extra.isEmpty else {
      throw .usage(
        "an agent that may act needs `\(missing[0])` too",
        remedy:
          "leave out \((needed + extra).filter { invocation.has($0) }.joined(separator: ", ")) and it can only ask"
      )
    }
    return false
  }

  private func catalogue(_ loaded: LoadedEngine) -> ToolCatalogue {
    ToolCatalogue(loaded.engine.bundle.program.program, acts: keys != nil)
  }

  func tools() throws(ToolProviderError) -> [Tool] {
    do throws(Failure) {
      return catalogue(try world.now()).tools.map(\.tool)
    } catch {
      throw ToolProviderError(error.text)
    }
  }

  func call(_ name: String, _ arguments: JSONValue) -> ToolAnswer? {
    do throws(Failure) {
      let world = try world.now()
      let found = catalogue(world).tools.first { hasSameBytes($0.tool.name, name) }
      guard let found else {
        guard let action = brokenGlass(name, world) else { return nil }
        return .failed("`\(action)` breaks the glass: a person does that, with `writ act`")
      }
      return try answer(found.purpose, arguments, world)
    } catch {
      return .failed(error.text)
    }
  }
}

extension PolicyTools {
  /// The action that breaks the glass of which somebody asks for a tool.
  private func brokenGlass(_ name: String, _ world: LoadedEngine) -> String? {
    world.engine.bundle.program.program.actions.first { action in
      action.breakGlass != nil
        && ["ask", "act"].contains { hasSameBytes(name, "\($0).\(action.name)") }
    }?.name
  }
}

// What is answered.
extension PolicyTools {
  private func answer(
    _ purpose: ToolPurpose, _ given: JSONValue, _ world: LoadedEngine
  ) throws(Failure) -> ToolAnswer {
    switch purpose {
    case .decide(let gate):
      return try decide(try request(given, "gate", gate), world)
    case .ask(let action):
      return try ask(try request(given, "action", action), world)
    case .act(let action): return try act(try request(given, "action", action), world)
    case .score(let card): return try score(card, given, world)
    case .query(let query): return try self.query(query, given, world)
    }
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

  private func asking(_ world: LoadedEngine) -> Asking {
    let clock = currentTime()
    return Asking(
      caller: caller.name, onBehalfOf: givers(world), now: clock, asOf: clock, isQuestion: true)
  }

  /// Who gave the token that the agent acts under. One that counts for nothing is refused where something is done.
  private func givers(_ world: LoadedEngine) -> [String] {
    (try? caller.token?.givers(by: world.engine.bundle.registry)) ?? []
  }

  private func decide(_ json: JSONValue, _ world: LoadedEngine) throws(Failure) -> ToolAnswer {
    let asking = asking(world)
    let json = try requestOnWord(json, world.engine, invocation)
    let run = try withEngine { () throws(RequestError) in
      try world.decider.decide(
        try world.decider.prepare(try Request(json)), asking, tracing: .off)
    }
    return told(run, world.engine, more: [])
  }

  private func ask(_ json: JSONValue, _ world: LoadedEngine) throws(Failure) -> ToolAnswer {
    let heard = try ActionInputs(json, world).asked(invocation)
    let inputs = heard.inputs
    let (asking, run) = try inputs.decide(
      caller.name, onBehalfOf: givers(world), isQuestion: true)
    let assignment = try inputs.assignment(asking)
    let (bundle, action) = (world.engine.bundle, inputs.request.call?.name ?? "")
    let who = bundle.delegateText(ofAction: action).map { "  \(printable($0))\n" } ?? ""
    return told(
      heard.told(run), world.engine,
      more: [commandMember(assignment)] + bundle.delegateMembers(ofAction: action),
      text: commandLine(assignment, invocation.terminal) + "\n" + who)
  }

  /// The whole way of an action, by bundle and snapshot as they are when the delegate is there.
  private func act(_ json: JSONValue, _ world: LoadedEngine) throws(Failure) -> ToolAnswer {
    guard let keys else { throw .usage("nothing is done here", remedy: "ask instead") }
    let inputs = try ActionInputs(json, world)
    let (action, digest) = try inputs.subject()
    try keys.identify(caller, for: action, digest, world.engine)
    let desk = ActionDesk(
      inputs: inputs, caller: caller.name, keys: keys, isUnsigned: !caller.hasSigned, acting: caller
    )
    var output: [UInt8] = []
    let outcome = try desk.act(
      again: { () throws(Failure) in
        try keys.again(inputs, try ActionInputs(json, try self.world.now()), caller)
      },
      post: { () throws(Failure) in try DelegatePost(invocation, keys) },
      show: { _, bytes in
        output.append(contentsOf: bytes.prefix(Limits.toolOutputBytes - output.count))
      })
    switch outcome {
    case .notAllowed(let moment, let recorded):
      return told(moment.run, moment.inputs.engine, recorded, more: [])
    case .carriedOut(let done):
      let word = done.result.outcome.rawValue
      let said = String(decoding: output, as: UTF8.self)
      let members = [JSONMember("decision", "allow")] + (done.json.object ?? [])
      return .answered(
        text: "\(word.uppercased())  \(printable(done.result.action))\n\(said)",
        .object(members))
    }
  }

  private func told(
    _ run: DecisionRun, _ engine: Engine, _ recorded: RecordedDecision? = nil,
    more: [JSONMember], text: String = ""
  ) -> ToolAnswer {
    var members = [JSONMember("decision", .string(run.decision.outcome.rawValue))]
    members += run.json(recorded, showsTrace: false).object ?? []
    return .answered(
      text: DecisionText(run, engine, invocation).whole + text, .object(members + more))
  }

  private func score(
    _ name: String, _ given: JSONValue, _ world: LoadedEngine
  ) throws(Failure) -> ToolAnswer {
    try check(given, members: ["subject"])
    guard let subject = given["subject"]?.string else {
      throw .badInput("`subject` is missing", remedy: "name a node as Kind/id")
    }
    let scores = try withEngine { () throws(RequestError) in
      try world.engine.score(name, subject: subject, asking(world))
    }
    let lines = scores.map { "\($0.subject)  \($0.levelText), \($0.scoreText)  \($0.failing)" }
    return .answered(
      text: printable(lines.joined(separator: "; ")), ["rows": .array(scores.map(\.json))])
  }

  private func query(
    _ name: String, _ given: JSONValue, _ world: LoadedEngine
  ) throws(Failure) -> ToolAnswer {
    try check(given, members: ["arguments"])
    let asking = asking(world)
    let answer = try withEngine { () throws(RequestError) in
      let (result, machine) = try world.engine.query(
        name, arguments: given["arguments"]?.object ?? [], isStrict: false, asking)
      return QueryAnswer(result, machine, asOf: asking.asOf)
    }
    var members = [JSONMember("rows", .array(answer.rows.map(\.json)))]
    if let open = answer.open { members.append(JSONMember("open", .string(open))) }
    return .answered(text: counted(answer.rows.count, "row"), .object(members))
  }
}

extension Failure {
  /// What went wrong and what to do, without the words of a command line.
  var text: String { message + (remedy.map { "; \($0)" } ?? "") }
}
