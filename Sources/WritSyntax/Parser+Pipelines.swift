// The productions of pipelines and stages, and of what is said about steps.

import WritText

extension Parser {
  /// Pipeline = "pipeline" Name Parameters PipelineHead* "{" Stage* "}" Hook* ;
  mutating func pipeline() -> PipelineDeclaration {
    let start = mark
    advance()
    let name = name("the pipeline's name")
    let parameters = parameters()
    var heads: [PipelineHead] = []
    while !isAtEnd, !at(.leftBrace), !isDeclarationStart, let head = pipelineHead() {
      heads.append(head)
    }
    var stages: [StageSyntax] = []
    body(of: "before the stages", isStart: { $0.at(.stage) }) { parser in
      if let stage = parser.stage() { stages.append(stage) }
    }
    return PipelineDeclaration(
      name: name, parameters: parameters, heads: heads, stages: stages, hooks: hooks(),
      range: range(from: start))
  }

  /// PipelineHead = "concurrency" Name ( "max" Integer )? "supersede"? | "deadline" Duration
  /// | "unverified" | "freeze" "when" Expression | "gives" Name ":" Type ;
  private mutating func pipelineHead() -> PipelineHead? {
    let start = mark
    let kind: PipelineHead.Kind
    switch keyword(of: [.concurrency, .deadline, .unverified, .freeze, .gives], or: "`{`") {
    case .concurrency:
      advance()
      let group = name("the group's name")
      let max = most()
      kind = .concurrency(group, max: max, supersedes: take(.supersede) != nil)
    case .deadline:
      advance()
      kind = .deadline(duration("how long a run may take"))
    case .unverified:
      advance()
      kind = .unverified
    case .freeze:
      advance()
      expect(.when, "after `freeze`")
      kind = .freeze(expression())
    case .gives:
      advance()
      let name = name("the name of what it gives out")
      expect(.colon, ":", "and its type after the name")
      kind = .gives(OutputSyntax(name: name, type: type()))
    default: return nil
    }
    return PipelineHead(kind: kind, range: range(from: start))
  }

  /// Stage = "stage" Name StageHead* "{" Step* "}" Hook* ;
  private mutating func stage() -> StageSyntax? {
    let start = mark
    guard at(.stage) || misspelt(as: [.stage], expected: "`stage`") != nil else {
      fail("expected `stage`", .expectedItem)
      return nil
    }
    advance()
    let name = name("the stage's name")
    var heads: [StageHead] = []
    while !isAtEnd, !at(.leftBrace), !isDeclarationStart, let head = stageHead() {
      heads.append(head)
    }
    return StageSyntax(
      name: name, heads: heads, steps: steps(), hooks: hooks(), range: range(from: start))
  }

  /// StageHead = "after" After ( "," After )* | "when" Expression | "parallel" ( "max" Integer )?
  /// | Response ;
  private mutating func stageHead() -> StageHead? {
    let start = mark
    let kind: StageHead.Kind
    switch keyword(of: [.after, .when, .parallel, .on], or: "`{`") {
    case .after:
      advance()
      kind = .after(oneOrMore { $0.after() })
    case .when:
      advance()
      following = .heads
      kind = .when(expression())
      following = .nothing
    case .parallel:
      advance()
      kind = .parallel(max: most())
    case .on: kind = .response(response())
    default: return nil
    }
    return StageHead(kind: kind, range: range(from: start))
  }

  /// After = Name ( "is" Name ( "|" Name )* )? ;
  private mutating func after() -> AfterSyntax {
    let stage = name("a stage's name")
    let results = take(.is) != nil ? alternatives("how it ended, such as `failed`") : []
    return AfterSyntax(stage: stage, results: results)
  }

  /// ( "max" Integer )?
  mutating func most() -> IntegerLiteral? {
    take(.max) != nil ? integer("how many at once, an integer") : nil
  }

  /// Response = "on" Name Name ;
  private mutating func response() -> ResponseSyntax {
    let start = mark
    advance()
    let trouble = name("`failure`, `error`, `denial` or `expiry`")
    let strategy = name("`ignore`, `rollback`, `abort` or `stage`")
    return ResponseSyntax(trouble: trouble, strategy: strategy, range: range(from: start))
  }

  /// The keyword of a head that comes next, also where it is misspelt; panics where none does.
  private mutating func keyword(of keywords: [Keyword], or other: String) -> Keyword? {
    if let keyword = token.keyword, keywords.contains(keyword) { return keyword }
    let expected = keywords.map { "`\($0.rawValue)`" }.joined(separator: ", ") + " or " + other
    if let keyword = misspelt(as: keywords, expected: expected) { return keyword }
    fail("expected \(expected)")
    return nil
  }
}

// Options of steps.
extension Parser {
  /// The next token starts an option.
  var isOptionStart: Bool {
    switch token.keyword {
    case .when, .retry, .timeout, .deadline, .idempotent, .secrets, .needs, .on: true
    default: at(.arrow) || isHookStart
    }
  }

  /// StepOption*
  mutating func stepOptions() -> [StepOption] {
    var options: [StepOption] = []
    while !isPanicking {
      let start = mark
      if isForeignRetry {
        report(.foreignWord(text(of: token), .retry, at: range(of: token)))
        options.append(StepOption(kind: .retry(retry()), range: range(from: start)))
      } else if let hook = hook() {
        options.append(StepOption(kind: .hook(hook), range: range(from: start)))
      } else if isOptionStart, peek(1).kind != .leftParenthesis || at(.when) {
        options.append(stepOption())
      } else {
        break
      }
    }
    return options
  }

  /// StepOption = "when" Expression | Retry | "timeout" Duration | "deadline" Duration
  /// | "idempotent" | "secrets" Name ( "," Name )* | "needs" Name ( "," Name )* | Response
  /// | "->" Name ":" Type | Hook ;
  private mutating func stepOption() -> StepOption {
    let start = mark
    let kind: StepOption.Kind
    if take(.arrow) != nil {
      let name = name("the name of what it gives out")
      expect(.colon, ":", "after the name")
      return StepOption(
        kind: .output(OutputSyntax(name: name, type: type())), range: range(from: start))
    }
    switch token.keyword {
    case .when:
      advance()
      kind = .when(conditionOfStep())
    case .retry: kind = .retry(retry())
    case .timeout:
      advance()
      kind = .timeout(duration("how long one attempt may take"))
    case .deadline:
      advance()
      kind = .deadline(duration("how long all attempts may take"))
    case .secrets:
      advance()
      kind = .secrets(oneOrMore { $0.plainName("a secret's name") })
    case .needs:
      advance()
      kind = .needs(oneOrMore { $0.name("a step's name") })
    case .on: kind = .response(response())
    default:
      advance()
      kind = .idempotent
    }
    return StepOption(kind: kind, range: range(from: start))
  }

  /// How often something is tried, in the words of other languages.
  private var isForeignRetry: Bool {
    at(.word) && peek(1).kind == .integer && ["retries", "attempts"].contains(text(of: token))
  }

  /// A word with a brace behind it, which nothing else can be among steps.
  private var isHookStart: Bool {
    switch token.keyword {
    case .onSuccess, .onFailure, .onError, .onAbort, .ensure: peek(1).kind == .leftBrace
    default: foreignHook != nil
    }
  }

  /// A hook in the words of another language, such as `finally {` or `on failure {`: which it is here, and of how many words.
  private var foreignHook: (keyword: Keyword, words: Int)? {
    let isTwo = at(.on) && peek(1).kind == .word && peek(2).kind == .leftBrace
    guard isTwo || at(.word) && peek(1).kind == .leftBrace else { return nil }
    let found: Keyword
    switch text(of: isTwo ? peek(1) : token) {
    case "success" where isTwo: found = .onSuccess
    case "failure" where isTwo, "denial" where isTwo, "expiry" where isTwo: found = .onFailure
    case "error" where isTwo: found = .onError
    case "abort" where isTwo, "cancel" where isTwo: found = .onAbort
    case "catch" where !isTwo, "rescue" where !isTwo: found = .onFailure
    case "finally" where !isTwo, "always": found = .ensure
    default: return nil
    }
    return (found, isTwo ? 2 : 1)
  }

  /// Hook*
  private mutating func hooks() -> [HookSyntax] {
    var hooks: [(hook: HookSyntax, isForeign: Bool)] = []
    while !isPanicking {
      let isForeign = foreignHook != nil
      guard let hook = hook() else { break }
      hooks.append((hook, isForeign))
    }
    // A word of another language is told of once, and is not said to stand there twice, too.
    return hooks.enumerated().filter { place, one in
      !one.isForeign
        || !hooks.enumerated().contains { other, its in
          its.hook.moment.text == one.hook.moment.text && (!its.isForeign || other < place)
        }
    }.map(\.element.hook)
  }

  /// Hook = ( "onSuccess" | "onFailure" | "onError" | "onAbort" | "ensure" ) "{" Step* "}" ;
  ///
  /// Also where the word is misspelt; `nil` where none comes next.
  private mutating func hook() -> HookSyntax? {
    let start = mark
    if let (keyword, count) = foreignHook {
      let word = advance()
      let whole = count == 2 ? range(of: word).union(range(of: advance())) : range(of: word)
      report(.foreignHook(source.text(of: whole), keyword, at: whole))
      return HookSyntax(
        moment: Name(text: keyword.rawValue, range: whole), steps: steps(),
        range: range(from: start))
    }
    guard at(.word), peek(1).kind == .leftBrace else { return nil }
    let words: [Keyword] = [.onSuccess, .onFailure, .onError, .onAbort, .ensure]
    var keyword = isHookStart ? token.keyword : nil
    if keyword == nil {
      let expected = words.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      keyword = misspelt(as: words, expected: "one of \(expected)")
    }
    guard let keyword else { return nil }
    let moment = Name(text: keyword.rawValue, range: range(of: token))
    advance()
    return HookSyntax(moment: moment, steps: steps(), range: range(from: start))
  }

  /// An expression behind which the next step can stand without a sign between.
  mutating func conditionOfStep() -> Expression {
    following = .steps
    defer { following = .nothing }
    return expression()
  }

  /// Retry = "retry" Integer Backoff? ;
  private mutating func retry() -> RetrySyntax {
    advance()
    let attempts = integer("how many attempts, an integer")
    return RetrySyntax(attempts: attempts, backoff: at(.backoff) ? backoff() : nil)
  }

  /// Backoff = "backoff" Duration ( ".." Duration )? ( "factor" Number )? ( "jitter" Duration )? ;
  private mutating func backoff() -> BackoffSyntax {
    advance()
    let base = duration("the time before the second attempt")
    let cap = take(.dotDot) != nil ? duration("the longest time between attempts") : nil
    var factor: Literal?
    if take(.factor) != nil {
      if at(.integer) || at(.decimal) {
        factor = literalToken()
      } else {
        fail("expected a number")
      }
    }
    let jitter = take(.jitter) != nil ? duration("the most time to add at random") : nil
    return BackoffSyntax(base: base, cap: cap, factor: factor, jitter: jitter)
  }
}
