// The productions of a pipeline's steps.

import WritText

extension Parser {
  /// "{" Step* "}"
  mutating func steps() -> [PipelineStepSyntax] {
    var steps: [PipelineStepSyntax] = []
    body(of: "before the steps", isStart: { $0.isStepStart }) { parser in
      if let step = parser.step() { steps.append(step) }
    }
    return steps
  }

  /// The next token starts a step. A gate or a pipeline that stands at the start of a line is a declaration.
  private var isStepStart: Bool {
    if at(.gate) { return !isUnindented }
    if isName(token), peek(1).kind == .leftParenthesis { return true }
    if at(.pipeline) { return isDeclarationStart && !isUnindented }
    // A word of that name stands in front of other words too.
    if at(.agent) { return isName(peek(1)) && peek(2).kind == .string }
    switch token.keyword {
    case .step, .run, .approve, .wait, .matrix, .repeat, .parallel: return true
    default: return false
    }
  }

  /// Step = ( "step" Name ":" )? StepWork StepOption* ;
  private mutating func step() -> PipelineStepSyntax? {
    let start = mark
    var label: Name?
    if at(.step), peek(1).kind != .leftParenthesis {
      advance()
      label = name("the step's name")
      expect(.colon, ":", "after the step's name")
    }
    guard let work = stepWork() else { return nil }
    let options = stepOptions()
    return PipelineStepSyntax(
      label: label, work: work, options: options, range: range(from: start))
  }

  /// StepWork = "run" Word+ | StepCall | "gate" StepCall | "pipeline" StepCall | Approve
  /// | "wait" Duration | Matrix | Repeat | Agent | "parallel" ( "max" Integer )? "{" Step* "}" ;
  ///
  /// A bracket behind a name makes it a call, whatever the name.
  private mutating func stepWork() -> StepWork? {
    if isAtName, peek(1).kind == .leftParenthesis { return .call(stepCall("the action's name")) }
    let keywords: [Keyword] = [
      .run, .gate, .pipeline, .approve, .wait, .matrix, .repeat, .agent, .parallel,
    ]
    let expected =
      "`run`, `gate`, `pipeline`, `approve`, `wait`, `matrix`, `repeat`, `agent`, `parallel`, or an action "
      + "with its arguments"
    var keyword = token.keyword
    if keyword.map(keywords.contains) != true {
      keyword = misspelt(as: keywords, expected: expected)
    }
    guard let keyword else {
      fail("expected \(expected)", .expectedItem)
      return nil
    }
    return stepWork(keyword, expected)
  }

  private mutating func stepWork(_ keyword: Keyword, _ expected: String) -> StepWork? {
    switch keyword {
    case .run:
      advance()
      return .run(stepWords())
    case .gate:
      advance()
      return .gate(stepCall("the gate's name"))
    case .pipeline:
      advance()
      return .pipeline(stepCall("the pipeline's name"))
    case .approve: return .approve(approve())
    case .wait:
      advance()
      return .wait(duration("how long to wait"))
    case .matrix: return .matrix(matrix())
    case .repeat: return .loop(loopOfSteps())
    case .agent: return agent().map { .agent($0) }
    case .parallel:
      advance()
      let max = most()
      return .parallel(max: max, steps())
    default:
      fail("expected \(expected)", .expectedItem)
      return nil
    }
  }

  /// StepCall = Name "(" ( Argument ( "," Argument )* ","? )? ")" ;
  private mutating func stepCall(_ what: String) -> StepCall {
    let start = mark
    let name = name(what)
    var arguments: [ArgumentSyntax] = []
    if at(.leftParenthesis) {
      arguments = self.arguments()
    } else {
      expect(.leftParenthesis, "(", "and the arguments after the name")
    }
    return StepCall(
      call: CallSyntax(name: name, arguments: arguments), range: range(from: start))
  }

  /// Agent = "agent" Name Template "budget" Duration "," Integer "calls" "," Integer "tokens" ;
  private mutating func agent() -> AgentSyntax? {
    advance()
    let name = name("the agent's name")
    guard let task = template() else {
      fail("expected what the agent is to do, a string")
      return nil
    }
    expect(.budget, "and what the agent may use up")
    let time = duration("how long the agent has")
    expect(.comma, ",", "after the time")
    let calls = integer("how many calls of tools, an integer")
    expect(.calls, "after their number")
    expect(.comma, ",", "after the calls")
    let tokens = integer("how many tokens, an integer")
    expect(.tokens, "after their number")
    return AgentSyntax(name: name, task: task, time: time, calls: calls, tokens: tokens)
  }

  /// Approve = "approve" "by" ApproveRule ( "and" ApproveRule )* "within" Duration ;
  private mutating func approve() -> ApproveSyntax {
    advance()
    expect(.by, "after `approve`")
    var rules = [approveRule(after: "`by`")]
    while at(.and) || at(.or) {
      if at(.or) {
        let expected = "expected `and` between rules, for each of which people are found"
        report(unexpected(token, expected, .unexpectedToken))
      }
      advance()
      rules.append(approveRule(after: "`and`"))
    }
    expect(.within, "and how long is waited for it")
    let within = duration("how long is waited for it")
    return ApproveSyntax(rules: rules, within: within)
  }

  /// ApproveRule = "role" Name ( "count" Integer )? ( "except" Sum )? ;
  private mutating func approveRule(after word: String) -> ApproveRuleSyntax {
    expect(.role, "after \(word)")
    let role = name("the role's name")
    let count = take(.count) != nil ? integer("how many people, an integer") : nil
    let except = take(.except) != nil ? nestedExpression { $0.sum() } : nil
    return ApproveRuleSyntax(role: role, count: count, except: except)
  }

  /// Matrix = "matrix" Name "in" "[" ( Or ( "," Or )* ","? )? "]" ( "max" Integer )?
  /// "{" Step* "}" ;
  private mutating func matrix() -> MatrixSyntax {
    advance()
    let variable = name("the name of each value")
    expect(.in, "after the value's name")
    let open = token
    let start = mark
    var values: [Expression] = []
    if expect(.leftBracket, "[", "before the values") {
      values =
        bracketed { parser in
          parser.commaSeparated(until: .rightBracket) { $0.or() }
        } ?? []
      close(.rightBracket, "]", opened: open, "[")
    }
    let valuesRange = range(from: start)
    let max = most()
    return MatrixSyntax(
      variable: variable, values: values, valuesRange: valuesRange, max: max, steps: steps())
  }

  /// Repeat = "repeat" "every" Duration "at" "most" Integer ( "unchanged" Integer )? "until" Expression
  /// ( "{" Step* "}" )? ;
  private mutating func loopOfSteps() -> RepeatSyntax {
    advance()
    expect(.every, "after `repeat`")
    let interval = duration("the time from one round to the next")
    expect(.at, "before `most` and how many rounds")
    expect(.most, "after `at`")
    let most = integer("how many rounds, an integer")
    let unchanged =
      take(.unchanged) != nil ? integer("how many rounds that give out the same, an integer") : nil
    let until: Expression
    if at(.leftBrace) {
      // Its steps are read all the same: what is said of them and of the loop is not to be lost.
      report(unexpected(token, "expected `until` and what ends it", .unexpectedToken))
      until = Expression(.missing, range: place)
    } else {
      expect(.until, "and what ends it")
      until = conditionOfStep()
    }
    let steps = at(.leftBrace) ? steps() : []
    return RepeatSyntax(
      interval: interval, most: most, unchanged: unchanged, until: until, steps: steps)
  }

  /// Word+, up to an option or the next step: a bracket behind a name is a step.
  private mutating func stepWords() -> [ActionWord] {
    following = .words
    defer { following = .nothing }
    var words: [ActionWord] = []
    while !isOptionStart, !isStepStart, !isDeclarationStart, startsAnyWord {
      let start = position
      guard let word = commandWord() else { break }
      words.append(word)
      if isPanicking || position == start { break }
    }
    if words.isEmpty {
      fail("expected the program to run, a string")
    } else if !isAtEnd, !at(.rightBrace), !isOptionStart, !isStepStart, !isDeclarationStart {
      fail(
        "expected a word, an option, a step or `}`: words stand without commas, operators in brackets"
      )
    }
    return words
  }
}
