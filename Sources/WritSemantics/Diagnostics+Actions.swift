// What is said about actions.

import WritModel
import WritSyntax
import WritText

extension Diagnostic {
  /// `run "./deploy.sh" deploy_token  secrets deploy_token`
  static func secretInWord(_ name: Name, _ secret: SourceRange) -> Diagnostic {
    Diagnostic(
      .unknownName,
      "`\(name.text)` is a secret, which no word can hold: words are on record. A program is handed it as the variable `\(name.text)` "
        + "of its environment, and a request in a `header`",
      at: name.range
    )
    .noting("the action names it here", at: secret)
  }

  /// `run "./deploy.sh" secret deploy_token`
  static func foreignSecret(_ name: Name) -> Diagnostic {
    Diagnostic(
      .unknownName,
      "no name `\(name.text)`: what an action is handed in confidence stands by its names behind `secrets`, between the action's braces; "
        + "a step and a message have none",
      at: name.range)
  }

  /// An action without `kind`, `effect` or `run`; `words` are those that can stand behind the part.
  static func missingPart(_ part: String, of name: Name, words: [String]) -> Diagnostic {
    let hint =
      words.isEmpty
      ? "say what it does: `run \"program\" …` or `http POST \"https://…\"`"
      : "say one of \(quotedList(words, "or"))"
    return Diagnostic(
      .missingPart, "the action `\(name.text)` has no `\(part)`: \(hint)", at: name.range)
  }

  /// `effect staging effect production`
  static func repeatedPart(_ part: String, at range: SourceRange, first: SourceRange) -> Diagnostic
  {
    Diagnostic(.repeatedPart, "a second `\(part)`", at: range).noting("the first one", at: first)
  }

  /// `kind deployment`
  static func unknownActionWord(
    _ name: Name, _ sort: String, words: [String], nearest: String?
  ) -> Diagnostic {
    let hint =
      nearest == nil ? "; say one of \(quotedList(words, "or"))" : suggestion(nearest)
    return Diagnostic(
      .unknownActionWord, "no \(sort) `\(name.text)`\(hint)", at: name.range)
  }

  /// `effect production` and no `guarded by`
  static func unguardedProduction(_ name: Name) -> Diagnostic {
    Diagnostic(
      .unguardedProduction,
      "the action `\(name.text)` touches production, so a gate guards it: "
        + "say `guarded by gate(…)`", at: name.range)
  }

  /// The same, and a pipeline has a step that does it, or does what it takes back.
  func noting(_ way: UnguardedWay) -> Diagnostic {
    let condition = way.isConditional ? ", if its conditions hold" : ""
    let rollback = way.isRollback ? ", when that is taken back" : ""
    return noting(
      "`\(way.pipeline)` reaches it, and no gate decides: \(quotedChain(way.path))\(rollback)\(condition)",
      at: way.range)
  }

  /// There are more ways than are told.
  func notingFurtherWays(_ count: Int, at range: SourceRange) -> Diagnostic {
    noting(count == 1 ? "and on one further way" : "and on \(count) further ways", at: range)
  }

  /// `effect production`, and neither `rollback` nor `irreversible`
  static func productionWithoutRollback(_ name: Name) -> Diagnostic {
    Diagnostic(
      .rollbackForm,
      "the action `\(name.text)` touches production: say what takes it back, `rollback action(…)`, "
        + "or that nothing does, `irreversible`", at: name.range)
  }

  /// `rollback undo(…) irreversible`
  static func rollbackOfIrreversible(at range: SourceRange, rollback: SourceRange) -> Diagnostic {
    Diagnostic(.rollbackForm, "what can be taken back is not `irreversible`", at: range)
      .noting("it is taken back by this", at: rollback)
  }

  /// `effect production rollback undo(…)`, and `undo` has another effect
  static func rollbackOfLess(_ back: Name, of action: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .rollbackForm,
      "`\(back.text)` takes back what `\(action)` does to production: give it `effect production`, and a gate that decides on it",
      at: range
    ).noting("its effect is another", at: back.range)
  }

  /// `rollback deploy(…)` of `deploy`
  static func rollbackCycle(_ cycle: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .rollbackCycle, "taking back never ends: \(quotedChain(cycle))", at: range)
  }

  /// `guarded by ship(nothing)`
  static func unknownParameter(
    _ name: Name, nearest: String?, parameters: [String]
  ) -> Diagnostic {
    let verb = parameters.count == 1 ? "the only one is" : "they are"
    let hint =
      nearest == nil && !parameters.isEmpty
      ? "; \(verb) \(quotedList(parameters, most: 8))" : suggestion(nearest)
    return Diagnostic(
      .unknownName, "the action has no parameter `\(name.text)` to hand on\(hint)", at: name.range)
  }

  /// ``delegate labelled `europe west` ``
  static func labelName(_ name: Name) -> Diagnostic {
    Diagnostic(
      .delegateLabel,
      "a label of delegates is letters, digits and `_`, no digit first, at most 64 bytes: "
        + "no delegate can be labelled `\(name.text)`", at: name.range)
  }

  /// A seventeenth label
  static func manyLabels(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .delegateLabel, "an action asks for at most \(DelegateLabel.most) labels", at: range)
  }

  /// `run release.image`
  static func openProgram(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .openProgram, "the first word is the program, which the policy fixes: a string without `{…}`",
      at: range)
  }

  /// `http FETCH "https://{service.host}/"`
  static func httpForm(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(.httpForm, what, at: range)
  }

  /// `run "tool" release.services`
  static func wordType(_ found: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      .wordType, "a word of a command is a single value, found `\(found)`; `count(…)` is one",
      at: range)
  }

  /// `run "tool" "{now}"`
  static func wordMoment(_ what: String, at range: SourceRange, note: SourceRange) -> Diagnostic {
    let diagnostic = Diagnostic(
      .wordMoment,
      "`\(what)` would make the command another than the one that was decided on", at: range)
    return note == range ? diagnostic : diagnostic.noting("it stands here", at: note)
  }

  /// `timeout 0s`
  static func actionTimeout(at range: SourceRange) -> Diagnostic {
    Diagnostic(.actionTimeout, "a timeout is longer than nothing and at most `24h`", at: range)
  }

  /// ``secrets `a b` ``
  static func secretName(_ name: Name) -> Diagnostic {
    Diagnostic(
      .secretName, "a secret's name is letters, digits and `_`, at most 128 of them", at: name.range
    )
  }
}
