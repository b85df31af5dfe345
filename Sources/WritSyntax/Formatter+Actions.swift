// Layout of actions: several heads stand on lines of their own, and so does the brace behind them.

extension Formatter {
  mutating func action(_ action: ActionDeclaration) {
    words(2)
    parameters(action.parameters)
    heads(action.heads) { $0.head($1) }
    body(action.items) { $0.item($1) }
  }

  /// Heads of a declaration: one behind its name, several on lines of their own.
  mutating func heads<Head>(
    _ heads: [Head], _ layOut: (inout Formatter, Head) -> Void
  ) {
    if heads.count > 1 {
      indented { formatter in
        for head in heads {
          formatter.add(.hard(blank: false))
          layOut(&formatter, head)
        }
      }
      add(.hard(blank: false))
    } else {
      for head in heads {
        add(.space)
        layOut(&self, head)
      }
      add(.space)
    }
  }

  private mutating func head(_ head: ActionHead) {
    switch head.kind {
    case .kind, .effect: words(2)
    case .irreversible: token()
    case .breakGlass: words(7)
    case .delegate(let labels):
      words(2)
      add(.space)
      names(labels.count)
    case .impact(let impacts):
      token()
      add(.space)
      names(impacts.count)
    case .guarded(let call):
      words(2)
      add(.space)
      self.call(call)
    case .rollback(let call):
      token()
      add(.space)
      self.call(call)
    }
  }

  private mutating func call(_ call: ActionCall) {
    token()
    bracketed { formatter in
      formatter.commaSeparated(call.arguments) { formatter, _ in formatter.token() }
    }
  }

  private mutating func item(_ item: ActionItem) {
    switch item.kind {
    case .run(let words): command(words)
    case .http(let request): self.request(request)
    case .secrets(let secrets):
      token()
      add(.space)
      names(secrets.count)
    case .timeout: words(2)
    case .idempotent: token()
    }
  }

  /// Each part of a request on a line of its own.
  private mutating func request(_ request: HTTPSyntax) {
    words(3)
    indented { formatter in
      for part in request.parts {
        formatter.add(.hard(blank: false))
        switch part.kind {
        case .header: formatter.words(3)
        case .body(let word):
          formatter.words(1)
          formatter.add(.space)
          formatter.word(word)
        case .field(_, let word):
          formatter.words(2)
          formatter.add(.space)
          formatter.word(word)
        case .status(let statuses):
          formatter.words(1)
          formatter.add(.space)
          formatter.names(statuses.count)
        case .answer(_, let pointer): formatter.words(pointer == nil ? 2 : 3)
        }
      }
    }
  }

  private mutating func word(_ word: ActionWord) {
    switch word {
    case .text: token()
    case .value(let expression): self.expression(expression)
    }
  }

  /// Words that do not fit on one line stand below each other.
  mutating func command(_ words: [ActionWord]) {
    group { formatter in
      formatter.token()
      formatter.indented { formatter in
        for (index, word) in words.enumerated() {
          formatter.add(index == 0 ? .space : .line)
          formatter.word(word)
        }
      }
    }
  }
}
