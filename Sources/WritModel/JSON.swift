// JSON as a value: members keep their order, numbers keep their digits.

/// A JSON value (RFC 8259), read strictly and without loss.
///
/// Equality is exact: strings by their bytes (never by Unicode equivalence), numbers by their text,
/// objects by their members in order.
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  /// Members in the order in which they were written.
  case object([JSONMember])
}

/// One name and its value.
public struct JSONMember: Hashable, Sendable {
  /// Any text; no two members of an object that was read have the same.
  public let name: String
  /// What stands behind the colon.
  public let value: JSONValue

  /// A name with its value.
  public init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }

  /// Equal where the bytes of the names are, and the values.
  public static func == (left: JSONMember, right: JSONMember) -> Bool {
    hasSameBytes(left.name, right.name) && left.value == right.value
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    feed(name, to: &hasher)
    hasher.combine(value)
  }
}

extension JSONValue: Hashable {
  /// Exact: see the type.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): hasSameBytes(a, b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  /// Over what equality looks at.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .number(let value): hasher.combine(value)
    case .string(let text): feed(text, to: &hasher)
    case .array(let elements): hasher.combine(elements)
    case .object(let members): hasher.combine(members)
    }
  }
}

// What a value holds, or `nil` where it is of another kind.
extension JSONValue {
  /// The text of a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The truth value.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number, with its digits.
  public var number: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The number where it is a whole one that fits.
  public var integer: Int64? { number?.integer }

  /// The elements of an array.
  public var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members of an object.
  public var object: [JSONMember]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// Whether this is `null`, which is not the same as absent.
  public var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The member of that name, `nil` if there is none or this is no object; linear.
  public subscript(name: String) -> JSONValue? {
    object?.first { hasSameBytes($0.name, name) }?.value
  }
}

// Literals, so that documents can be written down as they will look.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral text: String) { self = .string(text) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object, its members in the order written.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(members.map { JSONMember($0.0, $0.1) })
  }

  /// A whole number.
  public static func integer(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }
}
