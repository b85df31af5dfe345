// Deeds as a policy sees them: nodes of a kind `Deed` that only a request brings, and that the log fills, never a caller.
//
//     node Deed from request {
//       at: Instant                                  when it was decided
//       action: String                               its full name
//       result: String?                              how it ended; absent as long as nobody has said
//       breakGlass: Bool                             whether the usual way was left
//       reviewed: Bool                               whether somebody looked at it afterwards
//       reviewDue: Instant?                          until when they should; absent of what went the usual way
//       by -> Identity inverse deeds                 who acts
//       service -> Service inverse deeds             an argument of that name, or where one leads by an edge of that name
//     }
//
// So a limit on rate or reach is an ordinary clause over a sliding window, and holds for whoever asks at the same time.

import WritBytecode
import WritCrypto
public import WritEvidence
import WritGraph
public import WritModel

extension LoadedBundle {
  /// Whether the policy reads what was done: it has a kind `Deed` that comes from requests.
  public var readsDeeds: Bool { program.program.schema.deedKind != nil }

  /// How far back deeds are read, in microseconds: as long as the longest duration that the policy names anywhere, and a day at
  /// least.
  public var deedHorizon: Int64 {
    let program = program.program
    // Durations cannot be told from other numbers here: what is taken for one only makes it longer. Times are larger.
    let numbers = (program.constants + program.parameters.map(\.value)).compactMap { value in
      if case .scalar(let number) = value, number < 100_000_000_000_000 { number } else { nil }
    }
    return max(86_400_000_000, numbers.max() ?? 0)
  }

  /// Whether it tells by a deed that the glass was broken: then one that nobody has reviewed is told of however long ago it was.
  public var readsBreakGlass: Bool {
    let schema = program.program.schema
    return schema.deedKind.map { kind in
      schema.kinds[kind].fields.contains { hasSameBytes($0.name, "breakGlass") }
    } ?? false
  }

  /// Whether facts are about deeds, which nobody but the log brings.
  public func bringsDeeds(_ facts: [JSONValue]) -> Bool {
    readsDeeds && facts.contains { $0.isAboutDeed }
  }
}

extension Schema {
  /// The kind that the log fills.
  fileprivate var deedKind: Int? {
    kinds.firstIndex { hasSameBytes($0.name, Request.deedKind) && $0.origin == .request }
  }
}

extension Engine {
  /// The deeds of a log as facts of this engine's schema. Texts of people are opened; what was erased stays a token.
  ///
  /// - Parameter now: The moment that is decided about. What a clock that stood ahead has put behind it was done now.
  public func facts(
    of deeds: [Deed], now: Int64, opening disclosures: OpenDisclosures
  ) -> [JSONValue] {
    guard let kind = program.schema.deedKind else { return [] }
    let opener = Opener(disclosures: disclosures)
    func open(_ value: JSONValue) -> JSONValue { (try? opener.json(value)) ?? value }
    return deeds.flatMap { deed -> [JSONValue] in
      let with = deed.record.predicate["deed"]?["with"].map(open) ?? .object([])
      let caller = deed.record.caller.map { open(.string($0)) }
      return facts(of: deed, kind, with, (caller?.string, min(deed.at, now)))
    }
  }

  private func facts(
    of deed: Deed, _ kind: Int, _ with: JSONValue, _ by: (caller: String?, at: Int64)
  ) -> [JSONValue] {
    let schema = program.schema
    let id = String(deed.entry)
    var own: [String: JSONValue] = ["at": .string(Instant(microseconds: by.at).description)]
    for name in ["action", "kind", "effect"] { own[name] = deed.record.predicate["deed"]?[name] }
    own["result"] = deed.outcome.map { .string($0) }
    own["run"] = deed.record.runPlace.map { .string($0.id) }
    own["breakGlass"] = .bool(deed.record.breakGlass != nil)
    own["reviewed"] = .bool(deed.review != nil)
    own["reviewDue"] = deed.record.breakGlass?.due.map { .string($0.description) }
    let props = schema.kinds[kind].fields.filter { !$0.isKey }.compactMap { field -> JSONMember? in
      let value = own[field.name] ?? with[field.name]
      return value.flatMap { fits($0, field.type) ? JSONMember(field.name, $0) : nil }
    }
    var facts: [JSONValue] = [
      ["node": .string(Request.deedKind), "id": .string(id), "props": .object(props)]
    ]
    for edge in schema.edges where edge.source == kind {
      let end = hasSameBytes(edge.name, "by") ? by.caller : with[edge.name]?.string
      guard let end, let place = try? node(end, what: "a deed"), edge.targets.contains(place.kind),
        snapshot.node(kind: place.kind, named: place.id, of: schema)
      else { continue }
      facts.append([
        "edge": .string(edge.name), "from": .string("\(Request.deedKind)/\(id)"),
        "to": .string(end), "props": [:],
      ])
    }
    return facts
  }

  /// Whether a value was given as a field's type has it; one that was not is left out, and so not known.
  private func fits(_ value: JSONValue, _ type: ValueType) -> Bool {
    switch type.unwrapped {
    case .string: value.string != nil
    case .int: value.integer != nil
    case .bool: value.bool != nil
    case .instant: value.string.flatMap { Instant($0) } != nil
    case .enumeration(let index):
      value.string.map { program.schema.enums[index].members.containsBytes(of: $0) } ?? false
    default: false
    }
  }
}

extension Snapshot {
  /// Whether a node is there; its kind is another schema's.
  fileprivate func node(kind: Int, named id: String, of other: Schema) -> Bool {
    let name = other.kinds[kind].name
    guard let own = schema.kinds.firstIndex(where: { hasSameBytes($0.name, name) }) else {
      return false
    }
    return node(kind: own, id: id) != nil
  }
}

// What a record says of an action that is let be done.
extension Engine {
  /// `{"action":…,"effect":…,"impacts":[…],"kind":…,"with":{…}}`: what is done, what it may harm, if anything, and with what: each argument by its name, and each node that an
  /// argument leads to by an edge to one node, by that edge's name where no other has it. `nil` of what does nothing.
  func deed(of request: Request) throws(RequestError) -> JSONValue? {
    guard let call = request.call else { return nil }
    let action = program.actions[try action(call.name)]
    let overlay = try overlay(request.facts)
    var with: [JSONMember] = []
    var led: [JSONMember] = []
    for parameter in action.parameters {
      let given = call.arguments.first { hasSameBytes($0.name, parameter.name) }?.value
      guard let value = given, !value.isNull else { continue }
      with.append(JSONMember(parameter.name, value.asOfDeed))
      guard case .node = parameter.type.unwrapped, let text = value.string,
        let named = try? node(text, what: "an argument"),
        let node = overlay.node(kind: named.kind, id: named.id)
      else { continue }
      led += ends(of: node, overlay).map {
        JSONMember($0.name, .string(overlay.reference(to: $0.node)))
      }
    }
    for end in led where !with.contains(where: { hasSameBytes($0.name, end.name) }) {
      let others = led.filter { hasSameBytes($0.name, end.name) }
      // Where it cannot be told which is meant, nothing is said.
      if others.allSatisfy({ $0.value == end.value }) { with.append(end) }
    }
    var members = [
      JSONMember("action", .string(action.name)),
      JSONMember("effect", .string(action.effect.rawValue)),
      JSONMember("kind", .string(action.kind.rawValue)), JSONMember("with", .object(with)),
    ]
    if !action.impacts.isEmpty {
      let impacts = action.impacts.map { JSONValue.string($0.rawValue) }
      members.append(JSONMember("impacts", .array(impacts)))
    }
    return .object(members)
  }
}

extension JSONValue {
  /// An argument as the record of a deed has it.
  var asOfDeed: JSONValue { isFraction ? .string(compact) : self }

  /// Whether it is a number that canonical JSON has no place for.
  private var isFraction: Bool {
    guard case .number(let number) = self else { return false }
    return number.integer.map { $0.magnitude > 1 << 53 - 1 } ?? true
  }
}

extension DecisionRun {
  /// The same with more that whoever asked should know.
  public func adding(notes more: [String]) -> DecisionRun {
    DecisionRun(
      decision: decision, fuel: fuel, steps: steps, fuelLimit: fuelLimit, arguments: arguments,
      notes: notes + more, trace: trace, readings: readings, tracing: tracing, saidNo: saidNo)
  }

  /// The same of something that somebody has said no to.
  public func refused(by no: SaidNo?) -> DecisionRun {
    var run = self
    run.saidNo = no
    return run
  }
}
