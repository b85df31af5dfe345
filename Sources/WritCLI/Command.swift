// A command as a table entry: what it is called, what it takes, what it does.

/// A named argument: `--graph SNAPSHOT`, or a switch where `value` is `nil`.
struct Option: Sendable {
  /// How often an option may stand on a command line.
  enum Presence: Sendable {
    case required, optional, repeated, repeatedRequired
  }

  /// With its dashes: `--graph`, `-o`.
  let name: String
  /// What stands behind it, in capitals; `nil` for a switch.
  let value: String?
  let presence: Presence
  /// One line for `--help`.
  let help: String

  /// An option that must be there, once.
  static func required(_ name: String, _ value: String, _ help: String) -> Option {
    Option(name: name, value: value, presence: .required, help: help)
  }

  /// An option that may be there, once.
  static func optional(_ name: String, _ value: String, _ help: String) -> Option {
    Option(name: name, value: value, presence: .optional, help: help)
  }

  /// An option that may be there, any number of times.
  static func repeated(_ name: String, _ value: String, _ help: String) -> Option {
    Option(name: name, value: value, presence: .repeated, help: help)
  }

  /// An option that must be there, once or more.
  static func repeatedRequired(_ name: String, _ value: String, _ help: String) -> Option {
    Option(name: name, value: value, presence: .repeatedRequired, help: help)
  }

  /// An option without a value.
  static func flag(_ name: String, _ help: String) -> Option {
    Option(name: name, value: nil, presence: .optional, help: help)
  }

  /// The command makes no sense without it.
  var isRequired: Bool { presence == .required || presence == .repeatedRequired }

  /// It may stand more than once.
  var isRepeated: Bool { presence == .repeated || presence == .repeatedRequired }

  /// As it stands in a synopsis.
  var usage: String {
    let text = value.map { "\(name) \($0)" } ?? name
    switch presence {
    case .required: return text
    case .optional: return "[\(text)]"
    case .repeated: return "[\(text)]..."
    case .repeatedRequired: return "\(text)..."
    }
  }

  /// What every command takes.
  static let common: [Option] = [
    .flag("--json", "one JSON document on standard output (JSON Lines for listings)"),
    .flag("--help", "this text"),
  ]
}

/// What stands on the command line without a dash.
struct Operand: Sendable {
  /// In capitals: `PATH`.
  let name: String
  let help: String
  /// How many there may be; more than one is allowed for the last operand only.
  let count: ClosedRange<Int>

  /// Exactly one.
  static func one(_ name: String, _ help: String) -> Operand {
    Operand(name: name, help: help, count: 1...1)
  }

  /// One or more.
  static func many(_ name: String, _ help: String) -> Operand {
    Operand(name: name, help: help, count: 1...Int.max)
  }

  /// One or none.
  static func perhaps(_ name: String, _ help: String) -> Operand {
    Operand(name: name, help: help, count: 0...1)
  }

  /// As it stands in a synopsis.
  var usage: String {
    let text = count.upperBound > 1 ? "\(name)..." : name
    return count.lowerBound == 0 ? "[\(text)]" : text
  }
}

/// One thing that `writ` can do.
struct Command: Sendable {
  /// One or two words: `check`, `graph import`.
  let name: String
  /// A few words for the overview.
  let summary: String
  let operands: [Operand]
  let options: [Option]
  /// Paragraphs for `--help`, examples last.
  let details: [String]
  /// Does it.
  let run: @Sendable (Invocation) throws(Failure) -> Report

  /// All options, those of every command last.
  var allOptions: [Option] { options + Option.common }

  /// `writ check [--cost] PATH...`
  var synopsis: String {
    let words = operands.map(\.usage) + options.map(\.usage)
    return (["writ", name] + words).joined(separator: " ")
  }

  /// The option of that name, with its dashes.
  func option(_ name: String) -> Option? {
    allOptions.first { $0.name == name }
  }
}
