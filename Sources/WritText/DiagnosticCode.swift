// Every diagnostic code, once, with its title; each has a page in docs/diagnostics.

/// A stable code, `W0123`. A number is never given a second meaning.
///
/// Blocks: W00xx lexer, W01xx parser, W02xx names, W03xx types, W04xx schema, W05xx gates,
/// scorecards, queries, tests, actions and pipelines, W06xx warnings, W07xx compiler limits, W08xx imports and graph.
public enum DiagnosticCode: Int, CaseIterable, Hashable, Sendable {
  // Lexer.
  case invalidUTF8 = 1
  case nulCharacter = 2
  case unknownCharacter = 3
  case unterminatedString = 4
  case unknownEscape = 5
  case unterminatedName = 6
  case malformedNumber = 7
  case unknownUnit = 8
  case malformedTime = 9
  case textTooLong = 10
  case tooManyTokens = 11
  case tooManyDiagnostics = 12
  case hiddenCharacter = 13

  // Parser.
  case unexpectedToken = 101
  case expectedDeclaration = 102
  case expectedItem = 103
  case expectedName = 104
  case reservedName = 105
  case expectedExpression = 106
  case unclosed = 107
  case assignmentForEquality = 108
  case foreignOperator = 109
  case gluedOperator = 110
  case missingElse = 111
  case keywordCase = 112
  case chainedComparison = 113
  case nestedTooDeep = 114
  case chainTooLong = 115
  case integerOverflow = 116
  case malformedTemplate = 117
  case misplacedUnknown = 118
  case memberCall = 119
  case mixedEnumSeparators = 120
  case misplacedHeader = 121
  case missingExpectation = 122
  case foreignWord = 123
  case unquotedID = 124
  case missingComma = 125

  // Names.
  case unknownName = 201
  case unknownType = 202
  case unknownMember = 203
  case unknownEnumMember = 204
  case unknownSource = 205
  case unknownRole = 206
  case unknownCallee = 207
  case unknownFixture = 208
  case duplicateName = 209
  case duplicateLocal = 210
  case notImported = 211
  case misusedName = 212
  case ambiguousName = 213
  case ambiguousMember = 214
  case noElement = 215
  case unknownLabel = 216
  case recursion = 217

  // Types.
  case typeMismatch = 301
  case comparedTypes = 302
  case notOrdered = 303
  case kindsNeverMeet = 304
  case maybeAbsent = 305
  case arithmeticTypes = 306
  case decimalRange = 307
  case notASet = 308
  case mixedElements = 309
  case untypedList = 310
  case nestedSet = 311
  case subsetTest = 312
  case noMembers = 313
  case partialMember = 314
  case memberDiffers = 315
  case notAnEdge = 316
  case closureWithoutEdge = 317
  case closureBound = 318
  case bindingInStep = 319
  case edgesWithoutStep = 320
  case aggregateType = 321
  case wrongTest = 322
  case arguments = 323
  case scorecardWithoutMember = 324
  case paramType = 325
  case notConstant = 326
  case invalidType = 327

  // Schema.
  case duplicateMember = 401
  case fieldType = 402
  case invalidKey = 403
  case manyOptional = 404
  case requestOrigin = 405

  // Gates, scorecards, queries, tests, actions, pipelines.
  case misplacedApproval = 501
  case approvalCount = 502
  case exceptNodes = 503
  case messageType = 504
  case parameterType = 505
  case levelEnum = 506
  case levelOrder = 507
  case weight = 508
  case unknownCheck = 509
  case scorecardWithoutChecks = 510
  case columnType = 511
  case groupedColumn = 512
  case unknownColumn = 513
  case limitOfZero = 514
  case pathForm = 515
  case undefinedNode = 516
  case kindNeeded = 517
  case factForm = 518
  case unknownClause = 519
  case neverHeld = 520
  case unknownSet = 521
  case duplicateTitle = 522
  case missingPart = 523
  case repeatedPart = 524
  case unknownActionWord = 525
  case unguardedProduction = 526
  case rollbackForm = 527
  case rollbackCycle = 528
  case openProgram = 529
  case wordType = 530
  case wordMoment = 531
  case actionTimeout = 532
  case secretName = 533
  case unverifiedProduction = 534
  case orderCycle = 535
  case unknownPart = 536
  case matrixSize = 537
  case matrixValue = 538
  case pipelineBound = 539
  case neverRuns = 540
  case misplacedOption = 541
  case stepSecrets = 542
  case notWaivable = 543
  case waivedNode = 544
  case waiverText = 545
  case breakGlassForm = 546
  case misplacedBreakGlass = 547
  case resultNever = 548
  case delegateLabel = 549
  case outputType = 560
  case tainted = 561
  case nestedHead = 562
  case httpForm = 563

  // Warnings.
  case neverFires = 601
  case alwaysFires = 602
  case shadowedName = 603
  case unusedLet = 604
  case unreachableLevel = 605
  case vacuousAll = 606
  case likeWithoutWildcard = 607
  case sourceWithoutBound = 608
  case neverAbsent = 609
  case tooManyWarnings = 610
  case expiredWaiver = 611
  case sparesAgents = 612

  // Compiler limits.
  case tooManyDeclarations = 701
  case tooManyFacts = 702
  case programTooLarge = 703

  // Imports and graph.
  case unknownImport = 801
  case importCycle = 802
  case duplicateModule = 803
  case malformedPin = 804
  case pinMismatch = 805
  case missingHeader = 806
}

extension DiagnosticCode {
  /// The code as people write it: `W0123`.
  public var id: String {
    let digits = String(rawValue)
    return "W" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Reads what `id` writes, in capitals or not; `nil` if no diagnostic has the code.
  public init?(id: String) {
    guard let code = DiagnosticCode.allCases.first(where: { $0.id == id.uppercased() }) else {
      return nil
    }
    self = code
  }

  /// Codes W06xx are warnings, all others are errors.
  public var severity: Diagnostic.Severity {
    (600..<700).contains(rawValue) ? .warning : .error
  }

  /// What the code means, in a few words: the title of its page.
  public var title: String {
    switch self {
    // Lexer.
    case .invalidUTF8: "the text is not UTF-8"
    case .nulCharacter: "the text has a U+0000"
    case .unknownCharacter: "a character that means nothing here"
    case .unterminatedString: "a string that does not end on its line"
    case .unknownEscape: "an escape that does not exist"
    case .unterminatedName: "a quoted name that does not end"
    case .malformedNumber: "a number that cannot be read"
    case .unknownUnit: "a duration whose unit does not exist"
    case .malformedTime: "a date or time that does not exist"
    case .textTooLong: "the text is too long"
    case .tooManyTokens: "the text has too many words and signs"
    case .tooManyDiagnostics: "too many errors to go on"
    case .hiddenCharacter: "a character that makes the text look like another"

    // Parser.
    case .unexpectedToken: "something else was expected here"
    case .expectedDeclaration: "a declaration was expected"
    case .expectedItem: "an item of a body was expected"
    case .expectedName: "a name was expected"
    case .reservedName: "a reserved word used as a name"
    case .expectedExpression: "an expression was expected"
    case .unclosed: "a bracket that is not closed"
    case .assignmentForEquality: "`=` where `==` is meant"
    case .foreignOperator: "an operator of another language"
    case .gluedOperator: "a sign that touches on its left alone"
    case .missingElse: "`else` missing before a message, or one too many"
    case .keywordCase: "a keyword in the wrong case or misspelt"
    case .chainedComparison: "comparisons in a row"
    case .nestedTooDeep: "nesting that is too deep"
    case .chainTooLong: "an expression with too many terms in a row"
    case .integerOverflow: "a number that does not fit in 64 bits"
    case .malformedTemplate: "a message whose braces cannot be read"
    case .misplacedUnknown: "`is unknown` outside of `expect`"
    case .memberCall: "a rule called after a dot"
    case .mixedEnumSeparators: "`<` and `,` mixed in one enum"
    case .misplacedHeader: "a header or import after a declaration"
    case .missingExpectation: "a test that is not complete"
    case .foreignWord: "a word or a comma of another language"
    case .unquotedID: "the id of a node without quotes"
    case .missingComma: "a list without a comma between two elements"

    // Names.
    case .unknownName: "a name that means nothing here"
    case .unknownType: "a type that does not exist"
    case .unknownMember: "a field or edge that does not exist"
    case .unknownEnumMember: "a member that the enum does not have"
    case .unknownSource: "a source that does not exist"
    case .unknownRole: "a role that does not exist"
    case .unknownCallee: "a rule, scorecard, gate, action or pipeline that does not exist"
    case .unknownFixture: "a fixture that does not exist"
    case .duplicateName: "a second declaration of a name"
    case .duplicateLocal: "a name twice in one place"
    case .notImported: "a name of a module that is not imported"
    case .misusedName: "a name of another sort"
    case .ambiguousName: "a member of the element or a name from outside"
    case .ambiguousMember: "a member of more than one enum"
    case .noElement: "`it`, `.x` or `$x` outside of a filter"
    case .unknownLabel: "an argument for no parameter"
    case .recursion: "a declaration that rests on itself"

    // Types.
    case .typeMismatch: "another type was expected"
    case .comparedTypes: "types that cannot be compared"
    case .notOrdered: "an order where there is none"
    case .kindsNeverMeet: "nodes that are never of that kind"
    case .maybeAbsent: "a value that may be absent"
    case .arithmeticTypes: "arithmetic on types that have none"
    case .decimalRange: "a number too large for a Decimal"
    case .notASet: "a set was expected"
    case .mixedElements: "elements of different types"
    case .untypedList: "an empty list of nothing"
    case .nestedSet: "a set where a single value belongs"
    case .subsetTest: "a test of one value on a whole set"
    case .noMembers: "a member of a type that has none"
    case .partialMember: "a member that not every kind has"
    case .memberDiffers: "a member that is not the same for every kind"
    case .notAnEdge: "a field where an edge belongs"
    case .closureWithoutEdge: "a closure that is not after an edge"
    case .closureBound: "a bound that a closure cannot have"
    case .bindingInStep: "a binding in the filter of a step"
    case .edgesWithoutStep: "`edges` that is not after one edge"
    case .aggregateType: "an aggregate of elements that have none"
    case .wrongTest: "a test with `is` that does not fit"
    case .arguments: "arguments that do not fit the parameters"
    case .scorecardWithoutMember: "a scorecard without `.score` or `.level`"
    case .paramType: "a param that is not a scalar"
    case .notConstant: "a param that is not a constant"
    case .invalidType: "a type that cannot be"

    // Schema.
    case .duplicateMember: "two members of a node with one name"
    case .fieldType: "a type that a field cannot have"
    case .invalidKey: "a field that cannot be the key"
    case .manyOptional: "an edge that is `many` and optional"
    case .requestOrigin: "an origin that mixes request and sources"

    // Gates, scorecards, queries, tests, actions, pipelines.
    case .misplacedApproval: "an approval where none can stand"
    case .approvalCount: "a number of approvals that cannot be"
    case .exceptNodes: "`except` without nodes"
    case .messageType: "a message with a value that cannot be shown"
    case .parameterType: "a parameter of a type that it cannot have"
    case .levelEnum: "levels that are no ordered enum"
    case .levelOrder: "levels out of order"
    case .weight: "a weight that cannot be"
    case .unknownCheck: "a check that does not exist"
    case .scorecardWithoutChecks: "a scorecard without checks"
    case .columnType: "a column of a type that it cannot have"
    case .groupedColumn: "a column that is neither key nor aggregate"
    case .unknownColumn: "a column that does not exist"
    case .limitOfZero: "a limit that lets nothing through"
    case .pathForm: "a path that cannot be looked for"
    case .undefinedNode: "a node that no fact makes"
    case .kindNeeded: "a node whose kind is not clear"
    case .factForm: "a fact that does not fit the schema"
    case .unknownClause: "a clause that does not exist"
    case .neverHeld: "a clause that never holds anything"
    case .unknownSet: "a set expected to be unknown"
    case .duplicateTitle: "two tests with one title"
    case .missingPart: "an action that lacks a part"
    case .repeatedPart: "a part of an action or a pipeline that stands there twice"
    case .unknownActionWord: "a word of an action or a pipeline that does not exist"
    case .unguardedProduction: "a production effect without a guard"
    case .rollbackForm: "an action that does not say how it is taken back"
    case .rollbackCycle: "rollbacks that go round"
    case .openProgram: "a command whose program is not fixed"
    case .wordType: "a word of a type that it cannot have"
    case .wordMoment: "a command that depends on when or by whom it is asked for"
    case .actionTimeout: "a timeout that cannot be"
    case .secretName: "a secret whose name is not plain"
    case .unverifiedProduction: "production that nothing verifies"
    case .orderCycle: "stages or steps that wait for each other"
    case .unknownPart: "a stage or a step that does not exist"
    case .matrixSize: "a matrix of no values, or of too many"
    case .matrixValue: "a value of a matrix that is not fixed, or stands there twice"
    case .pipelineBound: "a number of a pipeline that cannot be"
    case .neverRuns: "a stage or a step that never runs"
    case .misplacedOption: "an option where it says nothing"
    case .stepSecrets: "a step with secrets"
    case .notWaivable: "a waiver of a clause that cannot be waived"
    case .waivedNode: "a waiver for a node that the clause does not speak of"
    case .waiverText: "a waiver whose reason says nothing, or too much"
    case .breakGlassForm: "a break-glass action that cannot be"
    case .misplacedBreakGlass: "break-glass where nobody can say why"
    case .resultNever: "a result that a stage or a step never has there"
    case .delegateLabel: "a label that no delegate can have"
    case .outputType: "an output of a type that it cannot have"
    case .httpForm: "a request that cannot be made so"
    case .tainted: "the word of an agent on its way to production"
    case .nestedHead: "a pipeline within another, with a head that holds runs back"

    // Warnings.
    case .neverFires: "a clause that can never fire"
    case .alwaysFires: "a condition that is always the same"
    case .shadowedName: "a name that hides another"
    case .unusedLet: "a `let` that nothing uses"
    case .unreachableLevel: "a level that nobody can reach"
    case .vacuousAll: "`all` over what may be empty"
    case .likeWithoutWildcard: "a pattern without wildcards"
    case .sourceWithoutBound: "a source without `fresh`"
    case .neverAbsent: "a test of what is always so"
    case .tooManyWarnings: "too many warnings to show"
    case .expiredWaiver: "a waiver that is over"
    case .sparesAgents: "a rule that agents are spared"

    // Compiler limits.
    case .tooManyDeclarations: "more declarations than fit"
    case .tooManyFacts: "more facts than fit"
    case .programTooLarge: "a declaration is too large to compile"

    // Imports and graph.
    case .unknownImport: "an import of no text"
    case .importCycle: "imports that go round"
    case .duplicateModule: "two texts with one policy name"
    case .malformedPin: "a pin that is no digest"
    case .pinMismatch: "a pin of another text"
    case .missingHeader: "a text that does not begin with `policy`"
    }
  }
}
