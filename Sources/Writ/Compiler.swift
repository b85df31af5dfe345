// Texts to a verified program, or to the diagnostics that say why not.

import WritBackends
public import WritBytecode
import WritCrypto
import WritIR
import WritModel
public import WritSemantics
import WritSyntax
public import WritText

/// What compiling a set of texts yields.
public struct Compilation: Sendable {
  /// In the order given; ranges of diagnostics name them by index.
  public let files: [SourceFile]
  /// Of all rooms, in the order of the places.
  public let diagnostics: [Diagnostic]
  /// `nil` if any diagnostic is an error.
  public let typed: TypedProgram?
  /// `nil` if any diagnostic is an error.
  public let program: VerifiedProgram?

  /// Is any diagnostic an error?
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Which of some texts nobody else among them imports: what is compiled if nobody says otherwise. A text without a
/// `policy` line is a root of its own.
public func roots(of files: [SourceFile]) -> [Int] {
  let parsed = files.enumerated().map { parse($1, index: $0) }
  let imported = Set(parsed.flatMap { $0.tree.imports.map { ByteText($0.name.text) } })
  let roots = parsed.indices.filter {
    guard let name = parsed[$0].tree.header?.name.text else { return true }
    return !imported.contains(name)
  }
  return roots.isEmpty ? Array(parsed.indices) : roots
}

/// Compiles one text, which begins with its `policy` line, and what it imports.
///
/// - Parameters:
///   - files: Every text at hand; those that are not imported are left out.
///   - root: Index of the text that is asked for.
public func compile(_ files: [SourceFile], root: Int) -> Compilation {
  let parsed = files.enumerated().map { parse($1, index: $0) }
  let digests = files.map { Digest(of: $0.bytes).description }
  let checked = check(parsed, roots: [root], digests: digests)
  let used = checked.program?.modules.map(\.file) ?? Array(files.indices)
  var diagnostics = used.flatMap { parsed[$0].diagnostics } + checked.diagnostics
  if parsed.indices.contains(root), parsed[root].tree.header == nil {
    diagnostics.insert(.missingHeader(parsed[root]), at: 0)
  }
  guard let typed = checked.program, !diagnostics.contains(where: { $0.severity == .error }) else {
    return Compilation(files: files, diagnostics: diagnostics, typed: nil, program: nil)
  }
  let program = generate(typed, files, digests, &diagnostics)
  return Compilation(
    files: files, diagnostics: diagnostics, typed: program == nil ? nil : typed, program: program)
}

private func generate(
  _ typed: TypedProgram, _ files: [SourceFile], _ digests: [String],
  _ diagnostics: inout [Diagnostic]
) -> VerifiedProgram? {
  let paths = relativePaths(typed.modules.map { files[$0.file].name })
  let shown = Dictionary(uniqueKeysWithValues: zip(typed.modules.map(\.file), paths))
  let names = SourceNames(
    digests: typed.modules.map { digests[$0.file] },
    position: { range in
      let position = files[range.file].position(of: range.start)
      return "\(shown[range.file] ?? files[range.file].name):\(position.line):\(position.column)"
    }, text: { files[$0.file].text(of: $0) })
  do {
    let program = try emit(optimise(try lower(typed)), names: names)
    return try VerifiedProgram(verifying: program)
  } catch let error as LoweringError {
    diagnostics.append(.programTooLarge(error))
  } catch let error as EmissionError {
    diagnostics.append(.declarationTooLarge(error))
  } catch let error as VerifyError where error.problem.isTooLarge {
    diagnostics.append(.tooLargeToRun(error, in: typed))
  } catch {
    // The compiler wrote what its own verifier refuses: a defect of Writ, never of the text.
    preconditionFailure("the compiler wrote a program that does not verify: \(error)")
  }
  return nil
}

/// One expression of a program as the one column of its one query.
func compile(_ expression: TypedExpression, in typed: TypedProgram) throws -> VerifiedProgram {
  let rows = RowQuery(
    generators: [], filters: [], groupKeys: [],
    columns: [TypedColumn(name: "value", type: expression.type, value: .row(expression))],
    order: [], limit: nil)
  let query = TypedQuery(
    name: "value", parameters: [], body: .rows(rows), range: expression.range)
  let program = TypedProgram(
    modules: typed.modules, schema: typed.schema, roles: typed.roles,
    parameters: typed.parameters, rules: typed.rules, scorecards: typed.scorecards, gates: [],
    queries: [query], actions: [], pipelines: [], fixtures: [], tests: [])
  let names = SourceNames(
    digests: typed.modules.map { _ in Digest(of: []).description }, position: { _ in "" },
    text: { _ in "" })
  return try VerifiedProgram(verifying: try emit(optimise(try lower(program)), names: names))
}

extension Diagnostic {
  /// Without a name nobody could import the text or ask one of its gates by a full name.
  fileprivate static func missingHeader(_ parsed: ParsedFile) -> Diagnostic {
    let first = parsed.tokens.first
    let range = SourceRange(
      file: parsed.index, start: Int(first?.start ?? 0), end: Int(first?.end ?? 0))
    let found =
      first.map { $0.kind == .endOfFile } == false
      ? "`\(parsed.file.text(of: range).prefix(40))`" : "the end of the text"
    return Diagnostic(
      .missingHeader, "expected `policy NAME version 1` first, found \(found)", at: range)
  }

  fileprivate static func programTooLarge(_ error: LoweringError) -> Diagnostic {
    switch error {
    case .tooLarge(let range):
      Diagnostic(
        .programTooLarge,
        "written out, the rules called here make more than \(WritIR.Limits.expressions) expressions",
        at: range)
    case .tooDeep(let range):
      Diagnostic(
        .programTooLarge,
        "written out, the rules that lead here lie more than \(WritIR.Limits.depth) expressions deep",
        at: range)
    }
  }

  /// More than the machine has room for; the place is the module that was asked for.
  fileprivate static func tooLargeToRun(
    _ error: VerifyError, in typed: TypedProgram
  ) -> Diagnostic {
    let file = typed.modules.last?.file ?? 0
    return Diagnostic(
      .programTooLarge, "the program is too large to run: \(error)",
      at: SourceRange(file: file, start: 0, end: 0))
  }

  fileprivate static func declarationTooLarge(_ error: EmissionError) -> Diagnostic {
    Diagnostic(
      .programTooLarge,
      "`\(error.name)` needs more registers, sets or loops than a routine has",
      at: error.range)
  }
}
