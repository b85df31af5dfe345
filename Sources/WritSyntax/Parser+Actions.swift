// The productions of actions: heads, calls, items and the words of a command.

import WritText

extension Parser {
  /// Action = "action" Name Parameters ActionHead* "{" ActionItem* "}" ;
  mutating func action() -> ActionDeclaration {
    let start = mark
    advance()
    let name = name("the action's name")
    let parameters = parameters()
    var heads: [ActionHead] = []
    while !isAtEnd, !at(.leftBrace), !isDeclarationStart, let head = actionHead() {
      heads.append(head)
    }
    var items: [ActionItem] = []
    body(of: "before what the action does", isStart: { $0.isActionItemStart }) { parser in
      if let item = parser.actionItem() { items.append(item) }
    }
    return ActionDeclaration(
      name: name, parameters: parameters, heads: heads, items: items, range: range(from: start))
  }

  /// ActionHead = "kind" Name | "guarded" "by" ActionCall | "effect" Name
  /// | "impact" Name ( "," Name )* | "rollback" ActionCall | "irreversible"
  /// | "breakGlass" "reviewed" "by" "role" Name "within" Duration
  /// | "delegate" "labelled" Name ( "," Name )* ;
  private mutating func actionHead() -> ActionHead? {
    let keywords: [Keyword] = [
      .kind, .guarded, .effect, .impact, .rollback, .irreversible, .breakGlass, .delegate,
    ]
    let expected =
      "`kind`, `guarded by`, `effect`, `impact`, `rollback`, `irreversible`, `breakGlass`, `delegate` or `{`"
    let start = mark
    var keyword = token.keyword
    if keyword.map(keywords.contains) != true {
      keyword = misspelt(as: keywords, expected: expected)
    }
    let kind: ActionHead.Kind
    switch keyword {
    case .kind:
      advance()
      kind = .kind(name("the action's kind, such as `deploy`"))
    case .guarded:
      advance()
      expect(.by, "after `guarded`")
      kind = .guarded(actionCall("the gate's name"))
    case .effect:
      advance()
      kind = .effect(name("the effect, such as `production`"))
    case .impact:
      advance()
      kind = .impact(oneOrMore { $0.name("an impact, such as `outage`") })
    case .rollback:
      advance()
      kind = .rollback(actionCall("the name of the action that takes this one back"))
    case .irreversible:
      advance()
      kind = .irreversible
    case .breakGlass:
      advance()
      kind = breakGlass()
    case .delegate:
      advance()
      expect(.labelled, "after `delegate`")
      kind = .delegate(oneOrMore { $0.plainName("a label of delegates, such as `eu`") })
    default:
      let isSecret = at(.secrets) || at(.word) && text(of: token) == "secret"
      fail(
        isSecret
          ? "expected \(expected), as `secrets` stand between the braces, behind what is run"
          : "expected \(expected)")
      return nil
    }
    return ActionHead(kind: kind, range: range(from: start))
  }

  /// "reviewed" "by" "role" Name "within" Duration
  private mutating func breakGlass() -> ActionHead.Kind {
    expect(.reviewed, "after `breakGlass`")
    expect(.by, "after `reviewed`")
    expect(.role, "after `by`")
    let role = name("the role's name")
    expect(.within, "and how soon after the role")
    return .breakGlass(role: role, within: duration("how soon it is reviewed"))
  }

  /// A name; one with dashes within, as elsewhere labels have them, is told how it could be called here.
  mutating func plainName(_ what: String) -> Name {
    let start = mark
    let name = name(what)
    guard !isPanicking, at(.minus), token.touchesPrevious else { return name }
    while at(.minus), token.touchesPrevious {
      advance()
      if at(.word) || at(.integer), token.touchesPrevious { advance() }
    }
    let whole = range(from: start)
    let said = source.text(of: whole)
    let own = String(
      decoding: said.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    report(.dashedName(what, said, own, at: whole))
    return Name(text: own, range: whole)
  }

  /// ActionCall = Name "(" ( Name ( "," Name )* ","? )? ")" ;
  private mutating func actionCall(_ what: String) -> ActionCall {
    let start = mark
    let name = name(what)
    let open = token
    var arguments: [Name] = []
    if expect(.leftParenthesis, "(", "and the parameters to hand on after the name") {
      arguments = commaSeparated(until: .rightParenthesis) { $0.name("a parameter's name") }
      close(.rightParenthesis, ")", opened: open, "(")
    }
    return ActionCall(name: name, arguments: arguments, range: range(from: start))
  }

  /// The five words that start an item; a parameter of that name stands in backticks where a word could stand.
  private var isActionItemStart: Bool {
    switch token.keyword {
    case .run, .http, .secrets, .timeout, .idempotent: true
    default: false
    }
  }

  /// ActionItem = "run" Word+ | "http" Name Template HTTPPart* | "secrets" Name ( "," Name )* | "timeout" Duration
  /// | "idempotent" ;
  private mutating func actionItem() -> ActionItem? {
    let keywords: [Keyword] = [.run, .http, .secrets, .timeout, .idempotent]
    let expected = "`run`, `http`, `secrets`, `timeout` or `idempotent`"
    let start = mark
    var keyword = token.keyword
    if keyword.map(keywords.contains) != true {
      keyword = misspelt(as: keywords, expected: expected)
    }
    let kind: ActionItem.Kind
    switch keyword {
    case .run:
      advance()
      kind = .run(commandWords())
    case .http:
      advance()
      guard let request = request() else { return nil }
      kind = .http(request)
    case .secrets:
      advance()
      kind = .secrets(oneOrMore { $0.plainName("a secret's name") })
    case .timeout:
      advance()
      kind = .timeout(duration("how long the action may take"))
    case .idempotent:
      advance()
      kind = .idempotent
    default:
      fail("expected \(expected)", .expectedItem)
      return nil
    }
    return ActionItem(kind: kind, range: range(from: start))
  }

  /// Word+
  private mutating func commandWords() -> [ActionWord] {
    following = .words
    defer { following = .nothing }
    var words: [ActionWord] = []
    while startsWord {
      let start = position
      guard let word = commandWord() else { break }
      words.append(word)
      if isPanicking || position == start { break }
    }
    if words.isEmpty {
      fail("expected the program to run, a string")
    } else if !isAtEnd, !at(.rightBrace), !isActionItemStart, !isDeclarationStart {
      fail("expected a word, an item or `}`: words stand without commas, operators in brackets")
    }
    return words
  }

  /// A word of a command can start at the next token.
  private var startsWord: Bool {
    if isActionItemStart || isDeclarationStart { return false }
    return startsAnyWord
  }

  /// A word of a command can start at the next token, by that token alone.
  var startsAnyWord: Bool {
    // A sign alone is no word; before a number it is part of it.
    if at(.minus) { return peek(1).kind == .integer || peek(1).kind == .decimal }
    return startsOperand(token) || at(.dot)
  }

  /// Word = Template | Postfix ;
  mutating func commandWord() -> ActionWord? {
    // A string with a path behind it is a value, if no sensible one.
    if at(.string), peek(1).kind != .dot { return template().map { .text($0) } }
    return .value(postfix())
  }
}
