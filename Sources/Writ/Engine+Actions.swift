// An action that is asked for, to what its guard decides on and what a delegate is to do.

public import WritBytecode
import WritCrypto
public import WritEvidence
public import WritModel
import WritVM

extension Engine {
  /// The request with the gate of the action that it names, and with the arguments that are handed on to it; a request that
  /// names no action as it is. Again does nothing.
  public func resolved(_ request: Request) throws(RequestError) -> Request {
    guard let call = request.call else {
      guard request.reason == nil else {
        throw RequestError(
          "a gate is asked without `reason`: only an action that breaks the glass has one")
      }
      return request
    }
    let action = program.actions[try action(call.name)]
    try checkReason(of: request, action)
    guard let gate = action.guardGate.map({ program.gates[$0] }) else {
      throw RequestError("nothing decides on the action `\(action.name)`: it has no guard")
    }
    try check(call, action)
    var arguments: [JSONMember] = []
    for (parameter, place) in zip(gate.parameters, action.guardArguments) {
      let own = action.parameters[place].name
      guard let value = call.arguments.first(where: { hasSameBytes($0.name, own) })?.value else {
        continue
      }
      arguments.append(JSONMember(parameter.name, value))
    }
    let resolved = Request(
      gate: gate.name, now: request.now, arguments: arguments, facts: request.facts,
      approvals: request.approvals, waivers: request.waivers,
      call: RequestedAction(name: action.name, arguments: call.arguments),
      reason: request.reason, does: request.does)
    // A record keeps the gate too: it must be the one that the action has by this bundle.
    if !request.gate.isEmpty {
      let (given, own) = (
        request.canonical(gate: request.gate), resolved.canonical(gate: gate.name)
      )
      guard try digest(of: given) == digest(of: own) else {
        throw RequestError("the request's gate is not asked as the action `\(action.name)` asks it")
      }
    }
    return resolved
  }

  private func check(_ call: RequestedAction, _ action: ActionProgram) throws(RequestError) {
    for argument in call.arguments
    where !action.parameters.contains(where: { hasSameBytes($0.name, argument.name) }) {
      let hint = suggestion(for: argument.name, among: action.parameters.map(\.name))
      throw RequestError("action `\(action.name)` has no parameter `\(argument.name)`\(hint)")
    }
    for parameter in action.parameters {
      let given = call.arguments.first { hasSameBytes($0.name, parameter.name) }
      guard let given else {
        throw RequestError("action `\(action.name)` needs an argument `\(parameter.name)`")
      }
      try check(given.value, parameter)
    }
  }

  /// Whether an argument has the form of its type, also one that the guard is not asked with: what has another could hold what a
  /// log cannot erase.
  public func check(_ value: JSONValue, _ parameter: NamedType) throws(RequestError) {
    let what = "argument `\(parameter.name)`"
    switch parameter.type.unwrapped {
    case .node(let kinds): _ = try node(value, kinds, what)
    case .string:
      guard value.string != nil else { throw RequestError("\(what) is not a string") }
    case let type:
      if case .optional = parameter.type, value.isNull { return }
      guard scalar(value, type) != nil else {
        throw RequestError("\(what) is not \(type.wanted(in: program.schema))")
      }
    }
  }

  /// Index of an action.
  func action(_ name: String) throws(RequestError) -> Int {
    try index(of: name, in: program.actions.map(\.name), what: "action")
  }
}

extension Engine {
  /// A request, saying what it would do at that moment; one that names no action as it is.
  public func stating(_ request: Request, _ asking: Asking) throws(RequestError) -> Request {
    guard request.call != nil else { return request }
    let decider = Decider(try PreparedEngine(self))
    return try decider.stating(try decider.prepare(request), asking)
  }
}

extension Decider {
  /// What a delegate is to do for a request that names an action: its command, made of values as they are vouched for at that
  /// moment. Throws where a value is not known, or may not come into a command.
  ///
  /// - Parameters:
  ///   - salt: `Assignment.Parts.saltByteCount` random bytes.
  ///   - run: The attempt that it is for; `nil` of what belongs to no run.
  public func assignment(
    _ prepared: PreparedRequest, _ asking: Asking, salt: [UInt8], run: RunPlace? = nil
  ) throws(RequestError) -> Assignment {
    guard let actor = asking.caller else {
      throw RequestError.caller("an action is somebody's: nobody is named")
    }
    return try assignment(prepared, asking, of: actor, salt: salt, run: run)
  }

  private func assignment(
    _ prepared: PreparedRequest, _ asking: Asking, of actor: String, salt: [UInt8], run: RunPlace?
  ) throws(RequestError) -> Assignment {
    let engine = self.prepared.engine
    let (call, index) = try called(prepared)
    let action = engine.program.actions[index]
    var parts = Assignment.Parts(
      action: action.name, kind: action.kind.rawValue,
      effect: action.effect, actor: actor, bundle: engine.bundle.digest,
      snapshot: engine.snapshot.rootDigest, command: try command(prepared, asking),
      salt: salt)
    parts.arguments = call.arguments.map { argument in
      (argument.name, argument.value.string ?? argument.value.compact)
    }
    parts.artifacts = parts.command.flatMap(artifacts)
    parts.secrets = action.secrets
    parts.timeout = action.timeout
    parts.isIdempotent = action.isIdempotent
    parts.run = run
    parts.impacts = action.impacts.map(\.rawValue)
    parts.onBehalfOf = engine.bundle.registry.person(among: asking.onBehalfOf)
    parts.breakGlass = action.breakGlass.flatMap { glass in
      prepared.request.reason.map { BreakGlassGround(reason: $0, role: glass.role) }
    }
    do throws(AssignmentError) {
      return try Assignment(parts)
    } catch {
      throw RequestError("the action `\(action.name)` cannot be handed over: \(error)")
    }
  }

  /// What would be done for a request that names an action, whoever asked for it: what people agree to. Throws as `assignment` does.
  public func undertaking(
    _ prepared: PreparedRequest, _ asking: Asking
  ) throws(RequestError) -> Undertaking {
    let salt = [UInt8](repeating: 0, count: Assignment.Parts.saltByteCount)
    return Undertaking(
      try assignment(prepared, asking, of: "-", salt: salt, run: nil),
      labels: self.prepared.engine.labels(of: prepared.request))
  }

  /// A request with the digest of what it would do at that moment, where that can be said; one that names no action as it is. Whoever
  /// says that beforehand is held to it.
  public func stating(
    _ prepared: PreparedRequest, _ asking: Asking
  ) throws(RequestError) -> Request {
    let request = prepared.request
    guard request.call != nil else { return request }
    let does = (try? undertaking(prepared, asking))?.digest.description
    guard let wanted = request.does else { return request.doing(does) }
    guard let does, hasSameBytes(wanted, does) else {
      throw RequestError(
        "the request says that it would do \(wanted), and what would be done now is \(does ?? "not known"): "
          + "ask anew, without its `does`")
    }
    return request
  }

  /// A request that was prepared, saying what it would do at that moment; one that names no action as it is.
  public func stated(
    _ prepared: PreparedRequest, _ asking: Asking
  ) throws(RequestError) -> PreparedRequest {
    guard prepared.callsAction else { return prepared }
    return try prepare(try stating(prepared, asking))
  }

  /// How long an allow holds from the moment at which it was given, at most `limit` microseconds: until a window closes, a word
  /// is no longer fresh, an approval expires or the command would be another. 0 where the gate does not allow.
  ///
  /// Looked at once a second, and to the microsecond within the second in which it ends: what closes and opens again within
  /// one second is not seen. A decision for each second.
  public func allowance(
    _ prepared: PreparedRequest, _ asking: Asking, limit: Int64
  ) throws(RequestError) -> Int64 {
    let command = try command(prepared, asking)
    func isAllowed(after microseconds: Int64) throws(RequestError) -> Bool {
      try self.isAllowed(prepared, asking, command, after: microseconds)
    }
    guard try isAllowed(after: 0) else { return 0 }
    var held: Int64 = 0
    while held < limit {
      let next = min(limit, held + 1_000_000)
      if try isAllowed(after: next) {
        held = next
        continue
      }
      var (known, over) = (held, next)
      while over - known > 1 {
        let middle = known + (over - known) / 2
        if try isAllowed(after: middle) { known = middle } else { over = middle }
      }
      return known
    }
    return limit
  }

  private func isAllowed(
    _ prepared: PreparedRequest, _ asking: Asking, _ command: [String], after microseconds: Int64
  ) throws(RequestError) -> Bool {
    let later = Asking(
      caller: asking.caller, onBehalfOf: asking.onBehalfOf, now: asking.now + microseconds,
      asOf: asking.asOf + microseconds,
      isQuestion: true)
    guard try decide(prepared, later).decision.outcome == .allow else { return false }
    // What the command rests on must be known as long, and say the same.
    guard let then = try? self.command(prepared, later) else { return false }
    return then.count == command.count && zip(then, command).allSatisfy(hasSameBytes)
  }

  /// The action that a request names, and its index.
  private func called(
    _ prepared: PreparedRequest
  ) throws(RequestError) -> (call: RequestedAction, index: Int) {
    guard let call = prepared.request.call else {
      throw RequestError("the request names no action")
    }
    return (call, try self.prepared.engine.action(call.name))
  }

  /// The words of the command of the action that a request names, at that moment. Throws where it names none, where a value is
  /// not known, or may not come into a command.
  public func command(
    _ prepared: PreparedRequest, _ asking: Asking
  ) throws(RequestError) -> [String] {
    let engine = self.prepared.engine
    let (call, index) = try called(prepared)
    let action = engine.program.actions[index]
    let machine = try bound(prepared, asking)
    let slots = try engine.arguments(
      action.parameters, call.arguments, "action `\(action.name)`", machine)
    switch machine.command(of: index, arguments: slots, asOf: asking.asOf) {
    case .words(let words): return words
    case .unknown(let why): throw RequestError("the command is not known: \(why)")
    case .refused(let why): throw RequestError("the command is refused: \(why)")
    case .outOfFuel: throw RequestError("the command looks at more than its limit allows")
    }
  }
}

/// Digests of content that a word names: 64 hexadecimal digits and no more of them, wherever in the word they stand and however they
/// are spelled, so that none is another content by a blank or a capital.
private func artifacts(_ word: String) -> [Digest] {
  word.utf8.split { !isHexDigit($0) }.filter { $0.count == 64 }
    .compactMap { Digest("sha256:" + String(decoding: $0, as: UTF8.self).lowercased()) }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
  default: false
  }
}
