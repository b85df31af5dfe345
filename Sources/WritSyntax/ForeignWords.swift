// Words that people bring from other languages, with what is said here instead.

/// What declares a function elsewhere.
let foreignRules: Set<String> = ["def", "fn", "fun", "func", "function"]

/// What is written after a dot, or as a function, elsewhere, and is part of the language here.
public enum ForeignCall: Hashable, Sendable {
  case count
  case isEmpty
  case isPresent

  /// `nil` for all other names, which may be those of rules.
  public init?(_ name: String) {
    switch name {
    case "count", "len", "length", "size": self = .count
    case "empty", "isEmpty", "is_empty": self = .isEmpty
    case "exists", "isPresent", "is_present": self = .isPresent
    default: return nil
    }
  }
}

/// What is absent, elsewhere.
public func isForeignAbsence(_ name: String) -> Bool {
  switch name {
  case "null", "nil", "undefined", "NULL", "None": true
  default: false
  }
}

/// The type that is meant by another language's name of it.
public func ownType(for name: String) -> String? {
  switch name {
  case "Float", "Double", "Number", "float", "double", "number", "decimal": "Decimal"
  case "Time", "DateTime", "Datetime", "Timestamp", "datetime", "timestamp": "Instant"
  case "Integer", "Long", "Int32", "Int64", "integer", "long": "Int"
  case "Boolean", "boolean": "Bool"
  case "Text", "Str", "text", "str": "String"
  case "Interval", "TimeSpan", "Timedelta": "Duration"
  default: nil
  }
}

/// What a call after a dot says here: `x.isEmpty()` is `(x is empty)`, `x.f(a)` is `f(x, a)`.
func ownCall(of name: String, on base: String, arguments: String) -> String {
  let arguments = arguments.filter { !$0.isWhitespace }.isEmpty ? "" : arguments
  if arguments.isEmpty, let call = ForeignCall(name) {
    switch call {
    case .count: return "count(\(base))"
    case .isEmpty: return "(\(base) is empty)"
    case .isPresent: return "(\(base) is not absent)"
    }
  }
  switch (name, arguments.isEmpty) {
  case ("contains", false): return "(\(base) contains \(arguments))"
  case ("startsWith", false), ("starts_with", false): return "(\(base) starts \(arguments))"
  case ("endsWith", false), ("ends_with", false): return "(\(base) ends \(arguments))"
  default: return arguments.isEmpty ? "\(name)(\(base))" : "\(name)(\(base), \(arguments))"
  }
}
