// The state of one run of the checker; its work lies in the extensions, one concern a file.

import WritModel
import WritSyntax
import WritText

/// Checks one set of files. Every method reports what it finds and goes on; `nil` stands for what
/// has been reported already, and swallows whatever would follow from it.
struct Checker {
  let files: [ParsedFile]
  /// The modules of the program, imported ones first.
  var modules: [Module] = []
  /// All declarations of the program by name.
  var names = NameTables()
  var index = SchemaIndex()
  var roles: [String] = []

  var parameters: [ParameterEntry] = []
  var rules: [RuleEntry] = []
  var scorecards: [ScorecardEntry] = []
  var gates: [GateEntry] = []
  var waivers: [WaiverEntry] = []
  var queries: [TypedQuery] = []
  var actions: [ActionEntry] = []
  var pipelines: [PipelineEntry] = []
  var fixtures: [FixtureEntry] = []
  var tests: [TypedTest] = []
  var pending = PendingDeclarations()
  /// What in a rule or a scorecard asks when or by whom; noted only where there are actions.
  var moments: [Entity: Moment] = [:]

  /// Names that repeat an earlier one, by their places: it has been said.
  var repeated: Set<SourceRange> = []
  /// What the expression at hand can see.
  var scope = Scope()
  /// Index in `modules` of the module that is being checked.
  var module = 0
  private(set) var nextVariable: VariableID = 0

  private(set) var diagnostics: [Diagnostic] = []
  /// Where outputs of the pipeline at hand are declared, by name, in sight or not.
  var outputsOfPipeline: [ByteText: SourceRange] = [:]
  /// Secrets of the action at hand, by name: no word can hold one.
  var secretsOfAction: [ByteText: SourceRange] = [:]
  /// Stages and steps that the condition at hand can ask about; `nil` where nothing is asked about any.
  var partsInSight: PartsInSight?
  /// Variables that stand for how a stage or a step of the pipeline at hand ended.
  var resultReads: [VariableID: TypedResultRead] = [:]
  /// Steps that pipelines have from others, of all pipelines looked at.
  var nestedSteps = 0
  /// Actions on production that name no gate, by their places: it has been said.
  var unguarded: Set<Int> = []
  /// On which ways pipelines reach these, in the order in which they were looked at.
  var unguardedWays: [Int: [UnguardedWay]] = [:]
  private var hasErrors = false
  private var errorCount = 0
  private var warningCount = 0
  /// A text has a syntax error, so that a declaration may be missing: unknown names say nothing.
  private(set) var isPartial = false

  /// Nothing is linked, nothing is declared.
  init(files: [ParsedFile]) {
    self.files = files
  }

  /// Notes a diagnostic; those over the limit are dropped. Warnings have a limit of their own, so that they hide no error.
  mutating func report(_ diagnostic: Diagnostic) {
    let isError = diagnostic.severity == .error
    if isError {
      hasErrors = true
      errorCount += 1
    } else {
      warningCount += 1
    }
    if (isError ? errorCount : warningCount) <= Limits.diagnostics {
      diagnostics.append(diagnostic)
    }
  }

  /// Adds to what was said of a place, as far as it was said.
  mutating func amend(
    _ code: DiagnosticCode, at range: SourceRange, _ change: (Diagnostic) -> Diagnostic
  ) {
    guard let said = diagnostics.firstIndex(where: { $0.code == code && $0.range == range })
    else { return }
    diagnostics[said] = change(diagnostics[said])
  }

  /// Errors are dropped.
  private var isFull: Bool { errorCount > Limits.diagnostics }

  /// Notes that a name means nothing, unless its declaration may have been lost to a syntax error.
  mutating func reportUnknown(_ diagnostic: Diagnostic) {
    guard !isPartial else {
      hasErrors = true
      return
    }
    report(diagnostic)
  }

  /// Names are looked for that a person may have meant: not once diagnostics are dropped anyway.
  var looksForNames: Bool { !isFull }

  /// The nearest of the names, which are made only where one is looked for.
  func nearest<Names: Sequence<String>>(
    _ name: String, _ candidates: @autoclosure () -> Names
  ) -> String? {
    isFull ? nil : nearestName(to: name, among: candidates().prefix(Limits.suggestions))
  }

  /// A text holds syntax errors: there is no program, and declarations may be missing.
  mutating func noteSyntaxErrors(of file: ParsedFile) {
    guard !file.isComplete else { return }
    hasErrors = true
    if file.diagnostics.contains(where: { $0.code.losesDeclarations }) { isPartial = true }
  }

  /// Reports a name that stands twice in one place.
  mutating func reportRepeated(_ name: Name, _ sort: String, first: SourceRange?) {
    repeated.insert(name.range)
    // Which of the two is meant cannot be said, so neither is called unused.
    if let first { scope.usedLets.formUnion([first, name.range]) }
    report(.duplicateLocal(name, sort, first: first))
  }

  /// A variable of the program: no two have one number.
  mutating func makeVariable() -> VariableID {
    nextVariable += 1
    return nextVariable - 1
  }

  /// The outcome, once everything is checked.
  func result() -> CheckResult {
    var sorted = diagnostics.enumerated().sorted {
      ($0.element.range, $0.offset) < ($1.element.range, $1.offset)
    }.map(\.element)
    if let last = sorted.last {
      if warningCount > Limits.diagnostics { sorted.append(.tooManyWarnings(at: last.range)) }
      if isFull { sorted.append(.tooManyDiagnostics(at: last.range)) }
    }
    return CheckResult(program: complete(), diagnostics: sorted)
  }

  /// The program; `nil` if anything is an error.
  func complete() -> TypedProgram? { hasErrors ? nil : program() }

  /// `nil` if something has no typed form.
  private func program() -> TypedProgram? {
    // Invariant: what has no typed form was reported. Indexes would be wrong without it.
    guard parameters.allSatisfy({ $0.typed != nil }), rules.allSatisfy({ $0.typed != nil }),
      scorecards.allSatisfy({ $0.typed != nil }), gates.allSatisfy({ $0.typed != nil }),
      waivers.allSatisfy({ $0.typed != nil }),
      actions.allSatisfy({ $0.typed != nil }), pipelines.allSatisfy({ $0.typed != nil }),
      fixtures.allSatisfy({ $0.typed != nil }),
      queries.count == pending.queries.count,
      tests.count == pending.tests.count
    else { return nil }
    return assembled()
  }

  /// The lists as they are.
  private func assembled() -> TypedProgram {
    TypedProgram(
      modules: modules.map(\.header), schema: index.schema, roles: roles,
      parameters: parameters.compactMap(\.typed), rules: rules.compactMap(\.typed),
      scorecards: scorecards.compactMap(\.typed), gates: gates.compactMap(\.typed),
      waivers: waivers.compactMap(\.typed),
      queries: queries, actions: actions.compactMap(\.typed),
      pipelines: pipelines.compactMap(\.typed),
      fixtures: fixtures.compactMap(\.typed), tests: tests)
  }
}

extension DiagnosticCode {
  /// The parser may have lost a declaration, or an item of one, where it says this.
  fileprivate var losesDeclarations: Bool {
    switch self {
    case .unknownEscape, .malformedNumber, .unknownUnit, .malformedTime, .reservedName,
      .expectedExpression, .assignmentForEquality, .foreignOperator, .gluedOperator,
      .missingElse, .keywordCase, .chainedComparison, .integerOverflow, .malformedTemplate,
      .misplacedUnknown, .memberCall, .mixedEnumSeparators, .missingExpectation, .foreignWord,
      .unquotedID,
      .missingComma, .unknownColumn:
      false
    default: true
    }
  }
}

/// A module of the program.
struct Module {
  let header: ModuleHeader
  /// Modules, by index, whose names it sees: itself and what it imports, directly or not.
  var visible: Set<Int>
}
