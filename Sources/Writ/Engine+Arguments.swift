// Arguments and facts of a request, resolved and typed.

import WritBytecode
import WritGraph
import WritModel
import WritText
import WritVM

extension Engine {
  /// Values for the parameters, in their order. Every parameter must have one, and nothing else may stand there.
  func arguments(
    _ parameters: [NamedType], _ given: [JSONMember], _ owner: String, _ machine: Machine
  ) throws(RequestError) -> [Slot] {
    for argument in given
    where !parameters.contains(where: { hasSameBytes($0.name, argument.name) }) {
      let hint = suggestion(for: argument.name, among: parameters.map(\.name))
      throw RequestError("\(owner) has no parameter `\(argument.name)`\(hint)")
    }
    var slots: [Slot] = []
    for parameter in parameters {
      guard let argument = given.first(where: { hasSameBytes($0.name, parameter.name) }) else {
        throw RequestError("\(owner) needs an argument `\(parameter.name)`")
      }
      slots.append(
        try slot(argument.value, parameter.type, "argument `\(parameter.name)`", machine))
    }
    return slots
  }

  /// One value of a type, as it is given from outside.
  func slot(
    _ json: JSONValue, _ type: ValueType, _ what: String, _ machine: Machine
  ) throws(RequestError) -> Slot {
    if case .node(let kinds) = type.unwrapped {
      return try nodeSlot(json, kinds, what, machine)
    }
    if case .optional(let wrapped) = type {
      if json.isNull { return .nothing }
      return try scalarSlot(json, wrapped, what, machine)
    }
    return try scalarSlot(json, type, what, machine)
  }

  private func nodeSlot(
    _ json: JSONValue, _ kinds: [Int], _ what: String, _ machine: Machine
  ) throws(RequestError) -> Slot {
    let node = try node(json, kinds, what)
    guard let number = machine.node(kind: node.kind, id: node.id) else {
      let text = json.string ?? ""
      throw RequestError("\(what) names a node that is not in the graph: `\(text)`")
    }
    return Slot(exact: number)
  }

  /// A node of one of those kinds, whether or not the graph has it.
  func node(
    _ json: JSONValue, _ kinds: [Int], _ what: String
  ) throws(RequestError) -> (kind: Int, id: String) {
    guard let text = json.string else {
      throw RequestError("\(what) is not a node such as \"Service/checkout\"")
    }
    let node = try node(text, what: what)
    guard kinds.contains(node.kind) else {
      let names = kinds.map { "`\(program.schema.kinds[$0].name)`" }.joined(separator: " or ")
      throw RequestError("\(what) must be of kind \(names): `\(text)`")
    }
    return node
  }

  private func scalarSlot(
    _ json: JSONValue, _ type: ValueType, _ what: String, _ machine: Machine
  ) throws(RequestError) -> Slot {
    if type == .string, let text = json.string {
      return Slot(exact: machine.number(ofString: text))
    }
    guard let value = scalar(json, type) else {
      throw RequestError("\(what) is not \(type.wanted(in: program.schema))")
    }
    return Slot(exact: value)
  }

  /// The representation of a scalar that is no string.
  func scalar(_ json: JSONValue, _ type: ValueType) -> Int64? {
    switch type {
    case .bool: json.bool.map { $0 ? 1 : 0 }
    case .int: json.integer ?? json.string.flatMap { Int64($0) }
    case .decimal: decimal(json)
    case .date: json.string.flatMap { CalendarDate($0)?.days }
    case .instant: json.string.flatMap { Instant($0)?.microseconds }
    case .duration: json.string.flatMap { (Duration($0) ?? Duration(iso8601: $0))?.microseconds }
    case .enumeration(let index):
      json.string.flatMap { member in
        program.schema.enums[index].members.firstIndex(ofBytes: member).map { Int64($0) }
      }
    case .string, .node, .edge, .optional, .set, .list: nil
    }
  }

  private func decimal(_ json: JSONValue) -> Int64? {
    if let exact = json.number?.decimal {
      return Decimal(mantissa: exact.mantissa, exponent: exact.exponent)?.millionths
    }
    return json.string.flatMap { Decimal($0)?.millionths }
  }
}

/// `; did you mean …?`, or nothing.
func suggestion(for name: String, among names: [String]) -> String {
  nearestName(to: name, among: names).map { "; did you mean `\($0)`?" } ?? ""
}

extension ValueType {
  /// What a value given from outside must look like: a noun with its article.
  func wanted(in schema: Schema) -> String {
    switch self {
    case .bool: "true or false"
    case .int: "an integer of 64 bits"
    case .decimal: "a number with at most six digits after the point"
    case .string: "a string"
    case .date: "a date such as \"2026-11-19\""
    case .instant: "an RFC 3339 time such as \"2026-11-19T10:00:00Z\""
    case .duration: "a duration such as \"36h\""
    case .enumeration(let index): "one of " + schema.enums[index].members.joined(separator: ", ")
    case .node, .edge, .optional, .set, .list: "a value of its type"
    }
  }
}
