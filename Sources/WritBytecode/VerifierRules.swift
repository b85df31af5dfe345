// The small rules that every table shares, said once: counts, texts, indexes, orders, types.
import WritModel

/// Rules about one place of a program; each throws with that place.
struct VerifierRules {
  let place: VerifyPlace

  init(_ place: VerifyPlace) {
    self.place = place
  }

  /// Throws the problem if the condition does not hold.
  func require(_ holds: Bool, _ problem: @autoclosure () -> VerifyProblem) throws(VerifyError) {
    guard holds else { throw VerifyError(place, problem()) }
  }

  /// So many, and no more than the limit.
  func count(_ count: Int, of what: String, atMost limit: Int) throws(VerifyError) {
    try require(count <= limit, .tooMany(what, count: count, limit: limit))
  }

  /// An entry of a table that has so many.
  func index(_ index: Int, of what: String, below count: Int) throws(VerifyError) {
    try require(index >= 0 && index < count, .noSuch(what, index))
  }

  /// A number within its bounds.
  func value(_ value: Int64, of what: String, in bounds: ClosedRange<Int64>) throws(VerifyError) {
    try require(bounds.contains(value), .outOfBounds(what, value))
  }

  /// A text that may be empty.
  func text(_ text: String, of what: String) throws(VerifyError) {
    try require(
      text.utf8.count <= Limits.textBytes && !text.utf8.contains(0), .badText(what))
  }

  /// A text that is not empty.
  func name(_ name: String, of what: String) throws(VerifyError) {
    try require(!name.isEmpty, .badText(what))
    try text(name, of: what)
  }

  /// Names, none of them twice. Canonical equivalents count as the same: no reader can tell them
  /// apart.
  func distinct(_ names: [String], of what: String) throws(VerifyError) {
    var seen: Set<String> = []
    for name in names {
      try self.name(name, of: what)
      try require(seen.insert(name).inserted, .duplicate(what, name))
    }
  }

  /// Indexes in rising order, at least one.
  func ascending(_ indexes: [Int], of what: String, below count: Int) throws(VerifyError) {
    try require(!indexes.isEmpty, .empty(what))
    for index in indexes { try self.index(index, of: what, below: count) }
    let rises = zip(indexes, indexes.dropFirst()).allSatisfy { $0 < $1 }
    try require(rises, .notAscending(what))
  }
}

// Types, against the schema that they index.
extension VerifierRules {
  /// Any type whose indexes are in range, not nested deeper than `Limits.typeDepth`.
  func type(_ type: ValueType, of what: String, in schema: Schema) throws(VerifyError) {
    var inner = type
    var isOptional = false
    for _ in 0..<Limits.typeDepth {
      switch inner {
      case .bool, .int, .decimal, .string, .date, .instant, .duration: return
      case .enumeration(let index):
        return try self.index(index, of: "enum", below: schema.enums.count)
      case .edge(let index):
        return try self.index(index, of: "edge", below: schema.edges.count)
      case .node(let kinds):
        return try ascending(kinds, of: "kinds", below: schema.kinds.count)
      case .optional(let wrapped):
        try require(!isOptional, .badType(what))
        (inner, isOptional) = (wrapped, true)
      case .set(let element), .list(let element): (inner, isOptional) = (element, false)
      }
    }
    throw VerifyError(place, .badType(what))
  }

  /// As `type`, but no set and no list.
  func scalar(_ type: ValueType, of what: String, in schema: Schema) throws(VerifyError) {
    try require(type.unwrapped.element == nil, .badType(what))
    try self.type(type, of: what, in: schema)
  }

  /// Names and scalar types, none of the names twice.
  func variables(
    _ variables: [NamedType], of what: String, in schema: Schema
  ) throws(VerifyError) {
    try count(variables.count, of: what + "s", atMost: Limits.parameters)
    try distinct(variables.map(\.name), of: what)
    for variable in variables { try scalar(variable.type, of: what, in: schema) }
  }
}
