// The productions of a request over HTTP, which an action makes in place of running a program.

import WritText

extension Parser {
  /// Name Template HTTPPart*
  mutating func request() -> HTTPSyntax? {
    let method = name("the method, such as `POST`")
    guard let url = text("the URL, a string") else { return nil }
    var parts: [HTTPPartSyntax] = []
    while isHTTPPartStart, !isPanicking, let part = httpPart() { parts.append(part) }
    return HTTPSyntax(method: method, url: url, parts: parts)
  }

  /// These words mean something behind `http` alone; elsewhere they are names.
  private var isHTTPPartStart: Bool {
    switch token.keyword {
    case .header, .body, .field, .status, .answer: true
    default: false
    }
  }

  /// HTTPPart = "header" Template Template | "body" Word | "field" Template Word
  /// | "status" Integer ( "," Integer )* | "answer" Name Template? ;
  private mutating func httpPart() -> HTTPPartSyntax? {
    let start = mark
    let keyword = token.keyword
    advance()
    let kind: HTTPPartSyntax.Kind
    switch keyword {
    case .header:
      guard let name = text("the header's name, a string"),
        let value = text("what the header says, a string")
      else { return nil }
      kind = .header(name, value)
    case .body:
      guard let word = requestWord("the body, a string or a value") else { return nil }
      kind = .body(word)
    case .field:
      guard let name = text("the field's name, a string"),
        let word = requestWord("what the field holds, a string or a value")
      else { return nil }
      kind = .field(name, word)
    case .status:
      kind = .status(oneOrMore { $0.integer("a status, such as `204`") })
    default:
      let form = name("`status`, `body` or `json`")
      kind = .answer(form, at(.string) ? template() : nil)
    }
    return HTTPPartSyntax(kind: kind, range: range(from: start))
  }

  private mutating func text(_ what: String) -> TemplateSyntax? {
    guard at(.string) else {
      fail("expected \(what)")
      return nil
    }
    return template()
  }

  private mutating func requestWord(_ what: String) -> ActionWord? {
    following = .words
    defer { following = .nothing }
    guard startsAnyWord else {
      fail("expected \(what)")
      return nil
    }
    return commandWord()
  }
}
