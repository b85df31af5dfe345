// What must hold of every parse of every text.

import WritSyntax
import WritText

/// Parses bytes as a file on their own.
func parsed(_ bytes: [UInt8]) -> ParsedFile {
  parse(SourceFile(name: "test.writ", bytes: bytes), index: 0)
}

/// Parses a text as a file on its own.
func parsed(_ text: String) -> ParsedFile { parsed(Array(text.utf8)) }

/// The codes of all diagnostics, in order.
func codes(_ text: String) -> [String] { parsed(text).diagnostics.map(\.code.id) }

/// Whatever of a parse is not as it must be; empty if all is well.
///
/// Ranges lie within the text and in order; tokens and comments are all of the text but space; a
/// text without errors is laid out so that its tree stays and a second layout changes nothing.
func flaws(of file: ParsedFile) -> [String] {
  var flaws = rangeFlaws(of: file)
  guard file.isComplete else { return flaws }
  let layout = format(file)
  let again = parsed(layout)
  if !again.diagnostics.isEmpty { flaws.append("the layout has errors: \(again.diagnostics)") }
  if dump(again.tree) != dump(file.tree) { flaws.append("the layout has another tree") }
  if format(again) != layout { flaws.append("the layout is not stable") }
  if comments(of: again) != comments(of: file) { flaws.append("the layout loses comments") }
  return flaws
}

/// Flaws of the places that a parse names.
func rangeFlaws(of file: ParsedFile) -> [String] {
  var flaws: [String] = []
  let count = file.file.bytes.count
  var places = file.diagnostics.map { ("diagnostic \($0.message)", $0.range) }
  places += file.diagnostics.flatMap(\.notes).map { ("note \($0.message)", $0.range) }
  places += file.diagnostics.flatMap(\.fixIts).map { ("fix \($0.replacement)", $0.range) }
  places += file.tree.declarations.map { ("declaration", $0.range) }
  for (what, range) in places where range.start < 0 || range.end > count || range.file != 0 {
    flaws.append("\(what) lies outside: \(range)")
  }
  // Expressions come in source order, each within the text.
  var start = 0
  file.tree.walk { expression in
    if expression.range.end > count { flaws.append("an expression lies outside") }
    if expression.range.start < start { flaws.append("an expression is out of order") }
    if expression.depth > SyntaxLimits.depth { flaws.append("an expression is too deep") }
    start = expression.range.start
  }
  if file.tokens.last?.kind != .endOfFile { flaws.append("the tokens do not end") }
  var end = 0
  for token in file.tokens {
    if Int(token.start) < end || Int(token.end) > count { flaws.append("a token overlaps") }
    end = Int(token.end)
  }
  if file.diagnostics.count > SyntaxLimits.diagnostics + 1 { flaws.append("too many diagnostics") }
  return flaws
}

private func comments(of file: ParsedFile) -> [String] {
  file.comments.map { comment in
    var text = file.file.text(of: comment.range)
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}
