// Reads the grammar's own notation, so that tests can hold the parser to it.

/// The productions of `grammar/writ.ebnf`.
struct Grammar {
  indirect enum Term {
    case terminal(String)
    case production(String)
    case sequence([Term])
    case choice([Term])
    /// `?`, `*` or `+` behind a term.
    case `repeat`(Term, Character)
  }

  /// In the order of the file, each with its text as written, comments left out and space made one.
  private(set) var productions: [(name: String, text: String, term: Term)] = []

  subscript(name: String) -> Term? { productions.first { $0.name == name }?.term }

  /// Reads the notation; what cannot be read ends the list, and a test counts it.
  init(_ text: String) {
    var words = Self.words(Self.withoutComments(text))[...]
    while words.count > 2, words[words.startIndex + 1] == "=" {
      let name = words.removeFirst()
      words.removeFirst()
      let before = words
      let term = Self.choice(&words)
      guard words.first == ";" else { return }
      let body = before.prefix(before.count - words.count)
      words.removeFirst()
      productions.append((name, ([name, "="] + body).joined(separator: " "), term))
    }
  }

  static func withoutComments(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "(*") {
      result += rest[..<open.lowerBound]
      let close = rest[open.upperBound...].firstRange(of: "*)")
      rest = rest[(close?.upperBound ?? rest.endIndex)...]
    }
    return result + rest
  }

  /// Names, quoted terminals with their quotes, and signs.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "\"" || first == "'" {
        let end = rest.dropFirst().firstIndex(of: first) ?? rest.index(before: rest.endIndex)
        words.append(String(rest[...end]))
        rest = rest[rest.index(after: end)...]
      } else if first.isLetter {
        let word = rest.prefix { $0.isLetter || $0.isNumber }
        words.append(String(word))
        rest = rest[word.endIndex...]
      } else {
        words.append(String(rest.removeFirst()))
      }
    }
    return words
  }

  private static func choice(_ words: inout ArraySlice<String>) -> Term {
    var options = [sequence(&words)]
    while words.first == "|" {
      words.removeFirst()
      options.append(sequence(&words))
    }
    return options.count == 1 ? options[0] : .choice(options)
  }

  private static func sequence(_ words: inout ArraySlice<String>) -> Term {
    var terms: [Term] = []
    while let word = words.first, ![";", "|", ")"].contains(word) {
      words.removeFirst()
      var term: Term
      if word == "(" {
        term = choice(&words)
        if words.first == ")" { words.removeFirst() }
      } else if word.hasPrefix("\"") || word.hasPrefix("'") {
        term = .terminal(String(word.dropFirst().dropLast()))
      } else {
        term = .production(word)
      }
      while let sign = words.first, ["?", "*", "+"].contains(sign) {
        words.removeFirst()
        term = .repeat(term, Character(sign))
      }
      terms.append(term)
    }
    return terms.count == 1 ? terms[0] : .sequence(terms)
  }
}

extension Grammar.Term {
  /// All terminals in the term, in order.
  var terminals: [String] {
    switch self {
    case .terminal(let text): [text]
    case .production: []
    case .sequence(let terms), .choice(let terms): terms.flatMap(\.terminals)
    case .repeat(let term, _): term.terminals
    }
  }
}
