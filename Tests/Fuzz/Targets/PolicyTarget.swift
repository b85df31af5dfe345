// Text of a policy: lexed, parsed, laid out, checked, compiled, written, and its tests run.

import Writ
import WritBytecode
import WritSemantics
import WritSyntax
import WritText

/// A text in the language, as if somebody had just typed it; modules are separated by a zero byte.
///
/// Places lie within the text; a layout keeps the tree and is its own layout; what type-checks compiles to a program that
/// verifies and reads back from its bundle as from its assembly.
@Sendable func fuzzPolicy(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  var files: [SourceFile] = []
  while !feed.isEmpty, files.count < 4 {
    files.append(SourceFile(name: "\(files.count).writ", bytes: feed.part(until: 0x1e)))
  }
  guard let first = files.first else { return }
  try checkLayout(of: parse(first, index: 0))
  let compilation = compile(files, root: 0)
  try checkPlaces(of: compilation)
  guard let typed = compilation.typed, let program = compilation.program else { return }
  let bundle = try Bundle(
    program: program, keyRegistry: [], revision: 0, languageVersion: "1", engineVersion: "1")
  guard let bytes = accepted({ () throws(BundleError) in try bundle.encoded() }) else { return }
  try hold(try decodeBundle(bytes) == bundle, "a bundle reads back otherwise than it was written")
  try hold(
    try assemble(Array(disassemble(bundle).utf8)) == bundle,
    "an assembly reads back otherwise than it was written")
  _ = dump(typed)
  for result in runTests(typed, program) { _ = result.hasPassed }
  try exercise(program, World.shared.snapshot, nil)
}

private func checkLayout(of parsed: ParsedFile) throws {
  let count = parsed.file.bytes.count
  var end = 0
  for token in parsed.tokens {
    try hold(Int(token.start) >= end && Int(token.end) <= count, "a token lies outside or overlaps")
    end = Int(token.end)
  }
  guard parsed.isComplete else { return }
  let layout = format(parsed)
  let again = parse(SourceFile(name: "layout.writ", bytes: layout), index: 0)
  try hold(again.isComplete, "the layout has errors")
  try hold(dump(again.tree) == dump(parsed.tree), "the layout has another tree")
  try hold(format(again) == layout, "the layout is not stable")
  try hold(again.comments.count == parsed.comments.count, "the layout loses comments")
}

private func checkPlaces(of compilation: Compilation) throws {
  for diagnostic in compilation.diagnostics {
    let ranges = [diagnostic.range] + diagnostic.notes.map(\.range) + diagnostic.fixIts.map(\.range)
    for range in ranges {
      try hold(
        compilation.files.indices.contains(range.file) && range.start <= range.end
          && range.end <= compilation.files[range.file].bytes.count,
        "a diagnostic lies outside of its file: \(diagnostic.code.id)")
    }
  }
  let renderer = DiagnosticRenderer(files: compilation.files, isColoured: true)
  for diagnostic in compilation.diagnostics {
    _ = renderer.render(diagnostic)
    _ = renderer.describe(diagnostic)
  }
}
