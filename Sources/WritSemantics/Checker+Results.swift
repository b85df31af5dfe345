// How stages and steps ended, where a condition asks: which of them it can see, and which results they can have there.

import WritModel
import WritSyntax
import WritText

/// A stage or a step that conditions can ask about.
struct PartInSight {
  let mark: Int
  /// The results that it can have where it is asked about.
  let possible: Set<PartResult>
}

/// Stages and steps in sight, by name.
typealias PartsInSight = [ByteText: PartInSight]

extension Checker {
  /// A condition that can ask how what comes before ended.
  mutating func condition(
    _ syntax: Expression, asking parts: PartsInSight
  ) -> TypedExpression? {
    let outside = partsInSight
    partsInSight = parts
    defer { partsInSight = outside }
    return condition(syntax)
  }

  /// `build is failed | denied`; `nil` in the optional where the text is about something else.
  mutating func resultTest(_ syntax: TestForm, _ range: SourceRange) -> TypedExpression?? {
    if isStrayResultTest(syntax) {
      reportUnknown(.strayResultTest(at: range))
      return .some(nil)
    }
    guard case .name(let name) = syntax.value.kind, case .kinds(let words) = syntax.kind,
      let parts = partsInSight,
      words.allSatisfy({ PartResult(rawValue: $0.text) != nil })
        || parts[ByteText(name.text)] != nil && !isInScope(name)
    else { return nil }
    guard let part = parts[ByteText(name.text)] else {
      guard !isInScope(name) else { return nil }
      let known = parts.keys.sorted().map(\.string)
      report(
        .unknownPart(
          name, "stage or step that comes before", nearest: nearest(name.text, known),
          known: known))
      return .some(nil)
    }
    guard let results = results(words, of: name.text, possible: part.possible) else {
      return .some(nil)
    }
    let variable = TypedVariable(id: makeVariable(), name: name.text, type: .bool)
    resultReads[variable.id] = TypedResultRead(
      variable: variable, read: ResultRead(mark: part.mark, results: results))
    let test = TypedExpression(.variable(variable.id), .bool, range)
    return syntax.isNegated ? TypedExpression(.not(test), .bool, range) : test
  }

  /// Results, each once, of which one at least can be; `nil` once it is told that it cannot.
  mutating func results(
    _ words: [Name], of part: String, possible: Set<PartResult>
  ) -> [PartResult]? {
    var found: [PartResult?] = []
    for word in words {
      let result: PartResult? = self.word(word, "result")
      found.append(result)
    }
    holdDistinct(words, "result")
    guard let results = whole(found), let first = words.first, let last = words.last,
      Set(results).count == results.count
    else { return nil }
    guard !possible.isDisjoint(with: results) else {
      let range = first.range.union(last.range)
      report(.neverEndsSo(part, results, possible: possible.sorted(), at: range))
      return nil
    }
    return results.sorted()
  }

  /// `build is failed` where nothing has ended that could be asked about, as in a gate or a freeze, and where the words mean nothing
  /// else.
  private func isStrayResultTest(_ syntax: TestForm) -> Bool {
    guard partsInSight == nil, case .name(let name) = syntax.value.kind,
      case .kinds(let words) = syntax.kind
    else { return false }
    return !isBound(name.text)
      && words.allSatisfy { PartResult(rawValue: $0.text) != nil && names.types[$0.text] == nil }
  }

  private func isInScope(_ name: Name) -> Bool {
    scope.local(name.text, below: scope.depth) != nil
      || outputsOfPipeline[ByteText(name.text)] != nil
  }
}

// What stages and steps can end as.
extension PartResult {
  /// As those behind it see it, where nobody asked for a certain result: it went well, or what went wrong is ignored.
  static func possible(
    isConditional: Bool, _ responses: [ResponseSyntax]
  ) -> Set<PartResult> {
    var found: Set<PartResult> = [.succeeded]
    if isConditional { found.insert(.skipped) }
    let saysExpiry = responses.contains { $0.trouble.text == StepTrouble.expiry.rawValue }
    for response in responses where response.strategy.text == TroubleStrategy.ignore.rawValue {
      switch StepTrouble(rawValue: response.trouble.text) {
      case .failure: found.insert(.failed)
      case .error: found.formUnion(saysExpiry ? [.errored] : [.errored, .expired])
      case .denial: found.insert(.denied)
      case .expiry: found.insert(.expired)
      case nil: break
      }
    }
    return found
  }
}

extension PipelineMoment {
  /// How what a hook belongs to has ended.
  var results: Set<PartResult> {
    switch self {
    case .onSuccess: [.succeeded]
    case .onFailure: [.failed, .denied, .expired]
    case .onError: [.errored]
    case .onAbort: [.cancelled]
    case .ensure: Set(PartResult.allCases).subtracting([.skipped])
    }
  }
}

extension [PartInSightNamed] {
  /// By name, over those that are in sight already.
  func over(_ outer: PartsInSight) -> PartsInSight {
    reduce(into: outer) { $0[ByteText($1.name)] = $1.part }
  }

  /// As a hook sees what is in the thing that it belongs to: nothing need have gone well, or have begun.
  var inHook: [PartInSightNamed] {
    map { named in
      PartInSightNamed(
        name: named.name,
        part: PartInSight(mark: named.part.mark, possible: Set(PartResult.allCases)))
    }
  }
}

/// A part and what it is called.
struct PartInSightNamed {
  let name: String
  let part: PartInSight
}

extension PartInSightNamed {
  /// A stage, as stages behind it see it.
  init(_ stage: StageSyntax, mark: Int) {
    self.init(
      name: stage.name.text, part: PartInSight(mark: mark, possible: stage.possibleResults))
  }

  /// A step, as steps behind it see it.
  init(_ step: PipelineStepSyntax, name: String, mark: Int) {
    var isConditional = false
    var responses: [ResponseSyntax] = []
    for option in step.options {
      if case .when = option.kind { isConditional = true }
      if case .response(let response) = option.kind { responses.append(response) }
    }
    let possible = PartResult.possible(isConditional: isConditional, responses)
    self.init(name: name, part: PartInSight(mark: mark, possible: possible))
  }
}

extension PipelineDeclaration {
  /// Somewhere in it stands what can be a question how something ended.
  var asksForResults: Bool {
    var isFound = false
    walk { expression in
      guard !isFound, case .test(let test) = expression.kind, case .kinds(let words) = test.kind
      else { return }
      isFound = words.allSatisfy { PartResult(rawValue: $0.text) != nil }
    }
    return isFound
  }
}

// Marks that nobody asks by are dropped.
extension PipelineDraft {
  /// The stages and hooks, with the marks that values ask by, numbered from 0.
  mutating func keepAskedMarks(
    _ stages: [PipelineStage], _ hooks: [PipelineHook]
  ) -> (stages: [PipelineStage], hooks: [PipelineHook]) {
    let asked = Set(values.flatMap(\.asks).map(\.read.mark)).sorted()
    var copy = StepCopy()
    let kept = Dictionary(uniqueKeysWithValues: zip(asked, asked.indices))
    copy.keptMarks = kept
    renumberAsks { kept[$0] ?? $0 }
    return (stages.map(copy.stage), hooks.map(copy.hook))
  }
}
