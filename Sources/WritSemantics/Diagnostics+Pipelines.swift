// What is said about pipelines.

import WritModel
import WritSyntax
import WritText

extension Diagnostic {
  /// `deploy(…)` on production, and nothing behind it that looks at what came of it.
  static func unverifiedProduction(_ action: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unverifiedProduction,
      "nothing verifies what \(quotedChain(action)) does to production: let a `run`, a `gate` or "
        + "a `repeat … until` come after it, or say `unverified` of the pipeline", at: range)
  }

  /// `pipeline promote(r, eu)`, and `promote` says `concurrency releases`.
  static func nestedGroup(
    _ concurrency: PipelineConcurrency, of pipeline: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .nestedHead,
      "at most \(concurrency.limit) of the group `\(concurrency.group)` may run `\(pipeline)` at once, and a run waits for a "
        + "place before it begins: say `concurrency \(concurrency.group)` with at most `max \(concurrency.limit)` of this "
        + "pipeline too, or move the steps to a pipeline without", at: range)
  }

  /// `pipeline promote(r, eu)`, and `promote` says `freeze when …`.
  static func nestedFreeze(of pipeline: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedHead,
      "a freeze of `\(pipeline)` would hold nothing within another pipeline, whose stages wait for its own: say `freeze when …` "
        + "of this pipeline, and move the steps to one without", at: range)
  }

  /// `pipeline promote(r, eu)`, and `promote { … } ensure { … }`.
  static func nestedHooks(of pipeline: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedHead,
      "`\(pipeline)` has hooks of its own, which run once a run is over, and within another pipeline it never is: put them behind "
        + "its last stage, or behind this step", at: range)
  }

  /// `freeze when false`
  static func needlessFreeze(at range: SourceRange) -> Diagnostic {
    Diagnostic(.misplacedOption, "this freeze never begins: drop it", at: range)
  }

  /// `unverified`, and all is verified.
  static func needlessUnverified(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedOption, "all that this pipeline does to production is verified: drop `unverified`",
      at: range)
  }

  /// `stage a after b`, `stage b after a`
  static func orderCycle(_ cycle: [String], _ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .orderCycle, "\(what) that wait for each other never begin: \(quotedChain(cycle))", at: range)
  }

  /// `after nothing`
  static func unknownPart(
    _ name: Name, _ sort: String, nearest: String?, known: [String]
  ) -> Diagnostic {
    let hint =
      nearest == nil && !known.isEmpty
      ? "; there \(known.count == 1 ? "is" : "are") \(quotedList(known, most: 8))"
      : suggestion(nearest)
    return Diagnostic(.unknownPart, "no \(sort) `\(name.text)` here\(hint)", at: name.range)
  }

  /// `matrix os in []`
  static func matrixSize(_ count: Int, at range: SourceRange) -> Diagnostic {
    let message =
      count == 0
      ? "a matrix over nothing has no steps: write its values between the brackets"
      : "a step would be made \(count) times, and at most \(PipelineBounds.combinations) times is "
        + "one, all matrices around it together"
    return Diagnostic(.matrixSize, message, at: range)
  }

  /// `matrix s in [release.service]`
  static func openMatrixValue(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .matrixValue,
      "a value of a matrix is fixed by the policy: a literal, a member of an enum, or a node "
        + "written out", at: range)
  }

  /// `matrix os in [linux, linux]`
  static func repeatedMatrixValue(at range: SourceRange) -> Diagnostic {
    Diagnostic(.matrixValue, "this value stands twice in one matrix", at: range)
  }

  /// `retry 21`
  static func pipelineBound(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.pipelineBound, what, at: range)
  }

  /// Matrices and what stands in them come to too much.
  static func pipelineSize(_ what: String, limit: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(.pipelineBound, "more than \(limit) \(what)", at: range)
  }

  /// `backoff 2m .. 10s`
  static func backoffCap(at range: SourceRange, base: SourceRange) -> Diagnostic {
    Diagnostic(
      .pipelineBound, "the longest time between attempts is shorter than the first", at: range
    )
    .noting("the first one", at: base)
  }

  /// `stage a when false { … }`, `stage a { }`
  static func neverRuns(_ what: String, _ why: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.neverRuns, "\(what) never runs: \(why)", at: range)
  }

  /// `wait 5m retry 3`
  static func misplacedOption(_ option: String, of work: String, at range: SourceRange)
    -> Diagnostic
  {
    Diagnostic(.misplacedOption, "`\(option)` says nothing of \(work)", at: range)
  }

  /// `run "./fix.sh" when build is failed`, and nothing goes on where `build` fails.
  static func neverEndsSo(
    _ part: String, _ results: [PartResult], possible: [PartResult], at range: SourceRange
  ) -> Diagnostic {
    let asked = results.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    let there = possible.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    return Diagnostic(
      .resultNever,
      "`\(part)` can never be \(asked) here, only \(there): what goes wrong stops the run, unless `\(part)` says `on … ignore`; "
        + "a hook, such as `ensure { … }`, sees all results", at: range)
  }

  /// `pipeline heal(r)`, and a stage of `heal` says `after deploy is failed`.
  static func nestedResults(of pipeline: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .nestedHead,
      "a stage of `\(pipeline)` begins by the result of another, which within a pipeline no step can: say it with `when` in "
        + "`\(pipeline)`, or move the steps here", at: range)
  }

  /// `repeat every 1m at most 3 unchanged 3 until …`
  static func needlessUnchanged(_ why: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.misplacedOption, "`unchanged` says nothing of this loop: \(why)", at: range)
  }

  /// `stage x { run "x" on failure stage }`
  static func needlessStage(_ trouble: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedOption,
      "`on \(trouble) stage` says nothing of a stage, nor of a step that stands in its stage itself: what the stage says counts "
        + "anyway", at: range)
  }

  /// `ensure { run "./clean.sh" on failure rollback }`
  static func hookStrategy(
    _ response: TroubleResponse, _ moment: PipelineMoment, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .misplacedOption,
      "`on \(response.trouble.rawValue) \(response.strategy.rawValue)` says nothing in `\(moment.rawValue)`: what it belongs to "
        + "has ended, and a hook has no say over the run; there is `ignore`, with which a success stays one",
      at: range)
  }

  /// `deploy(release) -> id: String`, and `deploy` runs a program or has no `answer`.
  static func answerless(_ action: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedOption,
      "`->` says nothing of `\(action)`, which gives nothing out: an action does with `http` and `answer`",
      at: range)
  }

  /// `pipeline look(service) -> found: Int`, and `look` says no `gives`.
  static func giveless(_ pipeline: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .misplacedOption,
      "`->` says nothing of `\(pipeline)`, which gives nothing out: a pipeline does with `gives name: Type`",
      at: range)
  }

  /// `pipeline look(service: Service) gives count: Int`, and no step surely gives out `count`.
  static func givesNothing(_ name: Name) -> Diagnostic {
    Diagnostic(
      .misplacedOption,
      "`\(name.text)` is not surely made by the end of this pipeline: a step says `-> \(name.text): …`, outside of matrices, "
        + "loops and conditions, and with no failure ignored", at: name.range)
  }

  /// `run "scan" -> findings: Set<String>`
  static func outputType(_ expected: String, _ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .outputType, "what a step gives out is \(expected), found `\(found)`", at: range)
  }

  /// `agent reviewer "…" … -> note: String  deploy(release, note)`, and `note` is not handed to the guard.
  static func tainted(
    _ argument: String, of action: String, _ way: [String], at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      .tainted,
      "what an agent or an answer says reaches the argument `\(argument)` of `\(action)`, which touches production, "
        + "and no gate is handed it: \(quotedChain(way)); let the guard take `\(argument)`",
      at: range)
  }

  /// `gate g() { when build is failed { … } }`
  static func strayResultTest(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownPart,
      "how a stage or a step ended is asked by the `when` and `until` of what comes behind it in its pipeline, and nowhere else; "
        + "let a gate ask about a node that the step gives out",
      at: range)
  }

  /// `run "look" findings  run "scan" -> findings: Scan`
  static func outputOutOfSight(_ name: Name, _ output: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownName,
      "no name `\(name.text)` here: the step that gives it out does not surely come before",
      at: name.range
    )
    .noting("it is given out here", at: output)
  }

  /// `run "scan" secrets token`
  static func stepSecrets(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .stepSecrets,
      "a step is handed no secrets: an action is, which says what it touches and who "
        + "decides on it", at: range)
  }

  /// `deploy(release, now)`
  static func argumentMoment(_ what: String, at range: SourceRange, note: SourceRange) -> Diagnostic
  {
    let diagnostic = Diagnostic(
      .wordMoment,
      "`\(what)` would make the argument another than the one that was decided on", at: range)
    return note == range ? diagnostic : diagnostic.noting("it stands here", at: note)
  }
}
