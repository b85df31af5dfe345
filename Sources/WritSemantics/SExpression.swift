// S-expressions, as the dumps of this room write them.

/// A word, or a list in parentheses.
indirect enum SExpression {
  case atom(String)
  case list([SExpression])

  /// `(head rest…)`
  static func node(_ head: String, _ rest: SExpression?...) -> SExpression {
    .list([.atom(head)] + rest.compactMap { $0 })
  }

  /// `(head rest…)`
  static func node(_ head: String, _ rest: [SExpression]) -> SExpression {
    .list([.atom(head)] + rest)
  }

  /// A text in double quotes.
  static func quoted(_ text: String) -> SExpression { .atom(text.debugDescription) }

  /// A whole number.
  static func number(_ value: some BinaryInteger) -> SExpression { .atom("\(value)") }

  /// On one line where it fits in a hundred columns, else with its parts below its head.
  func write(indentation: Int, to text: inout String) {
    if let line = line(limit: max(40, 100 - indentation)) {
      text += line
      return
    }
    switch self {
    case .atom(let word):
      text += word
    case .list(let parts):
      text += "("
      var isHead = true
      for (position, part) in parts.enumerated() {
        if case .list = part { isHead = false }
        if position > 0 {
          text += isHead ? " " : "\n" + String(repeating: " ", count: indentation + 2)
        }
        part.write(indentation: indentation + 2, to: &text)
      }
      text += ")"
    }
  }

  /// On one line, `nil` where that would be longer than the limit.
  private func line(limit: Int) -> String? {
    switch self {
    case .atom(let word):
      return word.utf8.count <= limit ? word : nil
    case .list(let parts):
      var line = "("
      for (position, part) in parts.enumerated() {
        if position > 0 { line += " " }
        guard let piece = part.line(limit: limit - line.utf8.count) else { return nil }
        line += piece
      }
      return line.utf8.count < limit ? line + ")" : nil
    }
  }
}
