// How the values of a field are held in a column.

public import WritModel

/// How a field's values lie in a column, after optionals are taken off.
public enum StorageForm: UInt8, Hashable, Sendable {
  case bool, int, decimal, string, date, instant, duration, enumeration, strings

  /// The form of a field of that type, `nil` for types that no field may have.
  public init?(_ type: ValueType) {
    switch type.unwrapped {
    case .bool: self = .bool
    case .int: self = .int
    case .decimal: self = .decimal
    case .string: self = .string
    case .date: self = .date
    case .instant: self = .instant
    case .duration: self = .duration
    case .enumeration: self = .enumeration
    case .set(.string): self = .strings
    case .node, .edge, .optional, .set, .list: return nil
    }
  }

  /// Bytes of one value in a column: 1, 4 or 8.
  public var width: Int {
    switch self {
    case .bool, .enumeration: 1
    case .string, .strings: 4
    case .int, .decimal, .date, .instant, .duration: 8
    }
  }

  /// What a JSON value of this form looks like, for messages.
  var wanted: String {
    switch self {
    case .bool: "true or false"
    case .int: "an integer of 64 bits"
    case .decimal: "a number with at most six digits after the point"
    case .string: "a string"
    case .date: "a date `YYYY-MM-DD`"
    case .instant: "an instant such as `2026-11-19T10:00:00Z`"
    case .duration: "a duration such as `PT24H` or `24h`"
    case .enumeration: "a member of its enum"
    case .strings: "a list of strings"
    }
  }
}
