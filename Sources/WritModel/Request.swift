// What is asked of a gate, as it comes from outside.

/// An action that somebody wants done, with all its arguments.
public struct RequestedAction: Hashable, Sendable {
  /// `module.action`, or the action's own name where that is enough.
  public let name: String
  public let arguments: [JSONMember]

  /// A call as it was read: names are not resolved yet, values not typed.
  public init(name: String, arguments: [JSONMember]) {
    self.name = name
    self.arguments = arguments
  }
}

/// A request as it was read: names are not resolved yet, values not typed.
public struct Request: Hashable, Sendable {
  /// `module.gate`, or the gate's own name where that is enough; empty where only an action is named, whose guard it will be.
  public let gate: String
  /// Microseconds since the epoch; `nil`: the clock's.
  public let now: Int64?
  public let arguments: [JSONMember]
  /// Graph facts to be laid over the snapshot.
  public let facts: [JSONValue]
  /// DSSE envelopes.
  public let approvals: [JSONValue]
  /// DSSE envelopes: waivers of the bundle that somebody granted.
  public let waivers: [JSONValue]
  /// The action that the gate is asked for; `nil` where the gate itself is asked.
  public let call: RequestedAction?
  /// Why the glass is broken, of an action that does; of a recorded request what stands for that.
  public let reason: String?
  /// What the action would do, by the digest of that: `sha256:…`, of a recorded request what stands for it; `nil` of a gate, of what is
  /// not known, and where nobody has worked it out yet.
  public let does: String?

  public init(
    gate: String, now: Int64?, arguments: [JSONMember], facts: [JSONValue],
    approvals: [JSONValue], waivers: [JSONValue] = [], call: RequestedAction? = nil,
    reason: String? = nil, does: String? = nil
  ) {
    self.call = call
    self.reason = reason
    self.does = does
    self.gate = gate
    self.now = now
    self.arguments = arguments
    self.facts = facts
    self.approvals = approvals
    self.waivers = waivers
  }
}

/// A request that cannot be read or does not fit the bundle. Each message says what, where and what to do.
public struct RequestError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// The request fits; who is said to ask does not.
  public let isAboutCaller: Bool

  public init(_ description: String) {
    self.description = description
    isAboutCaller = false
  }

  private init(caller description: String) {
    self.description = description
    isAboutCaller = true
  }

  /// What is wrong with the caller, who is named outside of the request.
  public static func caller(_ description: String) -> RequestError {
    RequestError(caller: description)
  }
}

extension Request {
  private static let members = [
    "gate", "action", "now", "arguments", "facts", "approvals", "waivers", "reason",
  ]

  /// Reads a request from JSON. A member that is not known is refused: a misspelt one would say nothing.
  public init(_ json: JSONValue) throws(RequestError) {
    guard let object = json.object else {
      throw RequestError("the request is not a JSON object")
    }
    for member in object
    where !Request.members.contains(member.name) && !hasSameBytes(member.name, "does") {
      throw RequestError(
        "no member `\(member.name)` in a request; there are \(Request.members.joined(separator: ", "))"
      )
    }
    let given = try Request.list(json["arguments"], "arguments", "an object") { $0.object }
    (gate, arguments, call) = try Request.target(json, given)
    now = try Request.instant(json["now"])
    facts = try Request.list(json["facts"], "facts", "an array") { $0.array }
    approvals = try Request.list(json["approvals"], "approvals", "an array") { $0.array }
    waivers = try Request.list(json["waivers"], "waivers", "an array") { $0.array }
    reason = try Request.reason(json["reason"])
    does = try Request.does(json)
  }

  private static func does(_ json: JSONValue) throws(RequestError) -> String? {
    guard let does = json["does"] else { return nil }
    guard json["action"] != nil else {
      throw RequestError("`does` is of an action: a gate by itself does nothing")
    }
    guard let text = does.string, isDigest(text) else {
      throw RequestError("`does` is not the digest of what would be done, or what stands for it")
    }
    return text
  }

  /// `sha256:` and 64 hexadecimal digits, or `~` and 43 letters of base64, as a log names what it can erase.
  private static func isDigest(_ text: String) -> Bool {
    let prefix = "sha256:".utf8
    if text.utf8.starts(with: prefix) {
      let digits = text.utf8.dropFirst(prefix.count)
      return digits.count == 64
        && digits.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }
    return text.utf8.first == UInt8(ascii: "~") && text.utf8.count == 44
      && text.utf8.dropFirst().allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
        default: false
        }
      }
  }

  /// The same, saying what it does.
  public func doing(_ does: String?) -> Request {
    Request(
      gate: gate, now: now, arguments: arguments, facts: facts, approvals: approvals,
      waivers: waivers, call: call, reason: reason, does: does)
  }

  private static func reason(_ json: JSONValue?) throws(RequestError) -> String? {
    guard let json else { return nil }
    guard let text = json.string, BreakGlass.isReason(text) else {
      throw RequestError(
        "`reason` is not one line of 1 to \(BreakGlass.reasonByteCount) bytes that says why")
    }
    return text
  }

  /// What is asked: a gate; or an action, by its name from outside, and with its gate in the canonical form.
  private static func target(
    _ json: JSONValue, _ arguments: [JSONMember]
  ) throws(RequestError) -> (gate: String, arguments: [JSONMember], call: RequestedAction?) {
    let gate = json["gate"]?.string
    if let action = json["action"]?.string {
      guard json["gate"] == nil else {
        throw RequestError("a request names a gate or an action, not both: an action has its guard")
      }
      return ("", [], RequestedAction(name: action, arguments: arguments))
    }
    guard let gate else {
      throw RequestError(
        "the request names neither gate nor action: `\"gate\": \"module.gate\"` is missing")
    }
    guard let action = json["action"] else { return (gate, arguments, nil) }
    guard action.object?.count == 2, let name = action["name"]?.string,
      let own = action["arguments"]?.object
    else { throw RequestError("`action` is not the name of an action") }
    return (gate, arguments, RequestedAction(name: name, arguments: own))
  }

  private static func instant(_ json: JSONValue?) throws(RequestError) -> Int64? {
    guard let json else { return nil }
    guard let text = json.string, let instant = Instant(text) else {
      throw RequestError("`now` is not an RFC 3339 time such as \"2026-11-19T10:00:00Z\"")
    }
    return instant.microseconds
  }

  private static func list<Item>(
    _ json: JSONValue?, _ name: String, _ form: String, _ read: (JSONValue) -> [Item]?
  ) throws(RequestError) -> [Item] {
    guard let json else { return [] }
    guard let items = read(json) else { throw RequestError("`\(name)` is not \(form)") }
    return items
  }
}

extension Request {
  /// The request in the form that its digest is taken over: the gate by its full name, every member, waivers where there
  /// are any, what is done where that is said, numbers that are no integers as strings.
  public func canonical(gate: String) -> JSONValue {
    var members = subjectMembers(gate, facts)
    if let does { members.append(JSONMember("does", .string(does))) }
    members.append(JSONMember("approvals", .array(approvals.map(\.withoutFractions))))
    if !waivers.isEmpty {
      members.append(JSONMember("waivers", .array(waivers.map(\.withoutFractions))))
    }
    if let now {
      members.append(JSONMember("now", .string(Instant(microseconds: now).description)))
    }
    return .object(members)
  }

  /// What is put before people: the gate by its full name, its arguments, the facts that the request brings; and where it is
  /// asked for an action, that one with all its arguments, the reason if it breaks the glass, and the bundle. A no is bound to that
  /// alone, a yes to what would be done, too.
  ///
  /// - Parameters:
  ///   - bundle: The digest of the bundle, `sha256:` and hex.
  ///   - readsDeeds: Whether the log brings what was done to what the bundle decides; else such facts are whoever's that asks.
  public func approvalSubject(gate: String, bundle: String, readsDeeds: Bool) -> JSONValue {
    let own = call == nil ? [] : [JSONMember("bundle", .string(bundle))]
    // What the log brings is not what was approved: it is another at each moment.
    let brought = readsDeeds ? facts.filter { !$0.isAboutDeed } : facts
    return .object(subjectMembers(gate, brought) + own)
  }

  /// The kind of nodes that the log brings to a request: what was done, and what may yet be.
  public static let deedKind = "Deed"

  private func subjectMembers(_ gate: String, _ facts: [JSONValue]) -> [JSONMember] {
    func object(_ members: [JSONMember]) -> JSONValue {
      .object(members.map { JSONMember($0.name, $0.value.withoutFractions) })
    }
    var members = [
      JSONMember("gate", .string(gate)),
      JSONMember("arguments", object(arguments)),
      JSONMember("facts", .array(facts.map(\.withoutFractions))),
    ]
    if let call {
      members.append(
        JSONMember("action", ["arguments": object(call.arguments), "name": .string(call.name)]))
    }
    if let reason { members.append(JSONMember("reason", .string(reason))) }
    return members
  }
}

extension JSONValue {
  /// Whether a fact is about a node that the log brings.
  public var isAboutDeed: Bool {
    if let kind = self["node"]?.string { return hasSameBytes(kind, Request.deedKind) }
    return [self["from"], self["to"]].contains { end in
      end?.string.map { $0.utf8.starts(with: "\(Request.deedKind)/".utf8) } ?? false
    }
  }

  /// Numbers that are no safe integers become strings in their shortest decimal form, so that canonical JSON can carry them
  /// exactly. The schema types every value, so no string can pass for a number.
  public var withoutFractions: JSONValue {
    switch self {
    case .null, .bool, .string: return self
    case .number(let number):
      if let integer = number.integer, integer.magnitude <= 1 << 53 - 1 { return .integer(integer) }
      if let integer = number.integer { return .string(String(integer)) }
      guard let exact = number.decimal,
        let decimal = Decimal(mantissa: exact.mantissa, exponent: exact.exponent)
      else { return .string(number.text) }
      return .string(decimal.description)
    case .array(let elements): return .array(elements.map(\.withoutFractions))
    case .object(let members):
      return .object(members.map { JSONMember($0.name, $0.value.withoutFractions) })
    }
  }
}
