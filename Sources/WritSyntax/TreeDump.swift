// The tree as S-expressions, for the corpus: every node and every word of it, without ranges.

/// The tree of a file, a declaration a line or more, lines up to a hundred columns where they can
/// be.
///
/// Two texts with the same dump have the same tree, ranges aside.
public func dump(_ tree: SyntaxTree) -> String {
  var forms: [Form] = []
  if let header = tree.header { forms.append(header.form) }
  forms += tree.imports.map(\.form)
  forms += tree.declarations.map(\.form)
  var lines = ""
  for form in forms {
    form.write(indentation: 0, to: &lines)
    lines += "\n"
  }
  return lines
}

/// An expression as an S-expression on one line.
public func dump(_ expression: Expression) -> String {
  expression.form.flat(limit: Int.max) ?? ""
}

/// An S-expression.
indirect enum Form {
  case atom(String)
  case list([Form])

  /// `(head rest…)`
  static func node(_ head: String, _ rest: Form...) -> Form { .list([.atom(head)] + rest) }

  /// `(head rest…)`
  static func node(_ head: String, _ rest: [Form]) -> Form { .list([.atom(head)] + rest) }

  /// A string in double quotes, with its quotes, backslashes and control characters escaped.
  static func quoted(_ text: String) -> Form {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case let other where other.value < 0x20: result += "\\u{\(String(other.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return .atom(result + "\"")
  }

  /// The form on one line, `nil` where it would be longer than the limit.
  func flat(limit: Int) -> String? {
    switch self {
    case .atom(let text):
      return text.utf8.count <= limit ? text : nil
    case .list(let forms):
      var result = "("
      for (index, form) in forms.enumerated() {
        if index > 0 { result += " " }
        guard let part = form.flat(limit: limit - result.utf8.count) else { return nil }
        result += part
      }
      return result.utf8.count < limit ? result + ")" : nil
    }
  }

  /// The form, on one line where it fits, else with its parts below the words at its head.
  func write(indentation: Int, to lines: inout String) {
    if let line = flat(limit: max(40, 100 - indentation)) {
      lines += line
      return
    }
    switch self {
    case .atom(let text):
      lines += text
    case .list(let forms):
      lines += "("
      var isHead = true
      for (index, form) in forms.enumerated() {
        if case .list = form { isHead = false }
        if index > 0 {
          lines += isHead ? " " : "\n" + String(repeating: " ", count: indentation + 2)
        }
        form.write(indentation: indentation + 2, to: &lines)
      }
      lines += ")"
    }
  }
}

extension Name {
  var form: Form {
    if isMissing { return .atom("<missing>") }
    return .atom(isQuoted ? "`\(text)`" : text)
  }
}

extension Sequence<Name> {
  func form(_ head: String) -> Form { .node(head, map(\.form)) }
}

extension DottedName {
  var form: Form { .atom(text) }
}

extension IntegerLiteral {
  var form: Form { .atom(value.map(String.init) ?? "<missing>") }
}

extension StringLiteral {
  var form: Form { .quoted(value) }
}

extension DurationLiteral {
  var form: Form { .atom(microseconds.map { "\($0)us" } ?? "<missing>") }
}

extension InstantLiteral {
  var form: Form { .atom(text ?? "<missing>") }
}

extension Header {
  fileprivate var form: Form {
    .node(
      "policy", [name.form, version.form] + (callers.map { [.node("callers", $0.form)] } ?? []))
  }
}

extension CallersSyntax {
  fileprivate var form: Form {
    switch self {
    case .signed: .atom("signed")
    case .unsigned: .atom("unsigned")
    }
  }
}

extension Import {
  fileprivate var form: Form {
    .node("import", [name.form] + (pin.map { [.node("pinned", $0.form)] } ?? []))
  }
}
