// Requests over HTTP: the words of an action's command that say one, and what an action may be asked for then.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// The words of `http`; `nil` once what is wrong with them is reported.
  mutating func request(
    _ syntax: HTTPSyntax, _ range: SourceRange, _ secrets: [Name], _ runs: Bool
  ) -> [[MessagePart]]? {
    if runs {
      report(.httpForm("an action runs a program or makes a request, one of the two", at: range))
    }
    var words: [[MessagePart]?] = [
      [.text(HTTPOrder.program)], [.text(syntax.method.text)], [.text("url")],
    ]
    words += pieces(syntax.url, [])
    for part in syntax.parts {
      switch part.kind {
      case .header(let name, let value):
        words.append(head("header", name))
        words += pieces(value, secrets)
      case .body(let word):
        words.append([.text("body")])
        words += pieces(word, isField: false)
      case .field(let name, let word):
        words.append(head("field", name))
        words += pieces(word, isField: true)
      case .status(let statuses):
        let numbers = statuses.map { $0.value.map(String.init) ?? "?" }
        words.append([.text("status:" + numbers.joined(separator: ","))])
      case .answer(let form, let pointer):
        words.append(head("answer:" + form.text, pointer))
      }
    }
    guard let words = whole(words), !syntax.method.isMissing, !runs else { return nil }
    do throws(HTTPOrderError) {
      _ = try HTTPOrder(words: words.map(\.standIn))
      return words
    } catch {
      report(.httpForm(error.description, at: range))
      return nil
    }
  }

  /// A name that the policy fixes.
  private mutating func head(_ word: String, _ name: TemplateSyntax?) -> [MessagePart]? {
    guard let name else { return [.text(word)] }
    var text = ""
    for segment in name.segments {
      guard case .text(let part) = segment else {
        report(.httpForm("the policy fixes this: a string without `{…}`", at: name.range))
        return nil
      }
      text += part
    }
    return [.text(word.hasPrefix("answer") ? word + text : word + ":" + text)]
  }

  /// A text and what is put into it; a name of a secret stands for that.
  private mutating func pieces(_ template: TemplateSyntax, _ secrets: [Name]) -> [[MessagePart]?] {
    template.segments.map { segment in
      switch segment {
      case .text(let text): return [.text("text:" + text)]
      case .interpolation(let value):
        if case .name(let name) = value.kind,
          secrets.contains(where: { $0.text.utf8.elementsEqual(name.text.utf8) })
        {
          return [.text("secret:" + name.text)]
        }
        return piece(value, "value:")
      }
    }
  }

  private mutating func pieces(_ word: ActionWord, isField: Bool) -> [[MessagePart]?] {
    switch word {
    case .text(let template): return pieces(template, [])
    case .value(let syntax):
      guard isField, let value = wordValue(syntax) else {
        return isField ? [nil] : [piece(syntax, "value:")]
      }
      let isNumber = [.int, .decimal, .bool].contains(value.type)
      return [[.text(isNumber ? "number:" : "value:"), part(of: value)]]
    }
  }

  private mutating func piece(_ syntax: Expression, _ tag: String) -> [MessagePart]? {
    wordValue(syntax).map { [.text(tag), part(of: $0)] }
  }
}

extension [MessagePart] {
  /// A word as it may come to be: what a value is does not matter to its form.
  fileprivate var standIn: String {
    map { part in
      switch part {
      case .text(let text): text
      case .value: "0"
      }
    }.joined()
  }
}

extension TypedAction {
  /// It asks over HTTP, in place of running a program.
  var isRequest: Bool {
    guard let first = command.first, first.count == 1, case .text(let text) = first[0] else {
      return false
    }
    return text == HTTPOrder.program
  }

  /// What comes of it can be given out.
  var hasAnswer: Bool {
    guard isRequest else { return false }
    return command.contains { word in
      if case .text(let text)? = word.first { text.hasPrefix("answer:") } else { false }
    }
  }
}

extension ActionWord {
  /// Nothing but a text, and one that is there.
  var isProgram: Bool {
    guard case .text(let template) = self, template.segments.count == 1,
      case .text = template.segments[0]
    else { return false }
    return true
  }

  /// A program that is no program: how requests are written in bundles.
  var isReservedProgram: Bool {
    guard case .text(let template) = self, case .text(let text)? = template.segments.first
    else { return false }
    return text.hasPrefix("writ:")
  }
}
