// Scorecards: checks, weights, levels.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// What callers must know of a scorecard: its parameters and the enum of its levels.
  mutating func openScorecard(_ position: Int) {
    module = scorecards[position].module
    let declaration = scorecards[position].declaration
    scorecards[position].signature = signature(
      declaration.parameters, of: "a scorecard", allowsSets: false)
    guard let entity = lookUp(declaration.result, in: \.types, .type) else { return }
    guard case .enumeration(let levels) = entity, index.schema.enums[levels].isOrdered,
      index.schema.enums[levels].members.count > 1
    else {
      report(.levelEnum(declaration.result))
      return
    }
    scorecards[position].levelEnum = levels
  }

  /// One scorecard; what it calls has been checked.
  mutating func checkScorecard(_ position: Int) {
    let entry = scorecards[position]
    module = entry.module
    let depth = scope.depth
    let variables = declareParameters(entry.signature)
    let lets = checkLets(of: entry.declaration)
    let checks = checkChecks(of: entry.declaration)
    scope.pop(to: depth)
    let levels = checkLevels(of: entry)
    warnUnused(lets.names)
    guard let variables, let typedLets = lets.typed, let checks, let levels,
      let levelEnum = entry.levelEnum
    else { return }
    scorecards[position].typed = TypedScorecard(
      name: entry.declaration.name.text, parameters: variables, levelEnum: levelEnum,
      isSum: entry.declaration.isSum, lets: typedLets, checks: checks, levels: levels,
      range: entry.declaration.range)
  }

  /// Lets are in sight of all checks, whichever stands first in the text.
  private mutating func checkLets(
    of declaration: ScorecardDeclaration
  ) -> (typed: [TypedLet]?, names: [Name]) {
    var names: [Name] = []
    var first: [String: SourceRange] = [:]
    var typed: [TypedLet?] = []
    for case .binding(let binding) in declaration.items {
      if let earlier = first[binding.name.text], !binding.name.isMissing {
        reportRepeated(binding.name, "let", first: earlier)
      }
      first[binding.name.text] = first[binding.name.text] ?? binding.name.range
      names.append(binding.name)
      typed.append(checkLet(binding))
    }
    let whole = typed.compactMap { $0 }
    return (whole.count == typed.count ? whole : nil, names)
  }

  /// Checks a `let` and brings its name in sight.
  mutating func checkLet(_ binding: LetSyntax) -> TypedLet? {
    let value = expression(binding.value)
    let variable = declareVariable(binding.name, .binding, value?.type)
    guard let variable, let value else { return nil }
    return TypedLet(variable: variable, value: value)
  }

  /// All checks, `nil` if one is wrong.
  private mutating func checkChecks(of declaration: ScorecardDeclaration) -> [TypedCheck]? {
    var first: [String: SourceRange] = [:]
    var checks: [TypedCheck?] = []
    for case .check(let check) in declaration.items {
      if let earlier = first[check.name.text], !check.name.isMissing {
        reportRepeated(check.name, "check", first: earlier)
      }
      first[check.name.text] = first[check.name.text] ?? check.name.range
      checks.append(checkCheck(check))
    }
    if checks.isEmpty, !isPartial { report(.scorecardWithoutChecks(declaration.name)) }
    let whole = checks.compactMap { $0 }
    return whole.count == checks.count ? whole : nil
  }

  /// One check.
  private mutating func checkCheck(_ check: CheckSyntax) -> TypedCheck? {
    if let weight = check.weight.value, !(1...Limits.weight).contains(weight) {
      report(.weight(at: check.weight.range))
    }
    // The condition is evaluated whatever the guard says: it is typed without it.
    let guardCondition = check.guardCondition.map { self.condition($0) }
    let condition = self.condition(check.condition)
    warnConstant(check.condition.range, condition, .check)
    guard let condition, let weight = check.weight.value else { return nil }
    if case .some(.none) = guardCondition { return nil }
    return TypedCheck(
      name: check.name.text, weight: weight, title: check.title?.value,
      guardCondition: guardCondition.flatMap { $0 }, condition: condition, range: check.range)
  }

  /// All levels, `nil` if one is wrong.
  private mutating func checkLevels(of entry: ScorecardEntry) -> [TypedLevel]? {
    var checks: [String: Int] = [:]
    var checkNames: [String] = []
    var weight: Int64 = 0
    for case .check(let check) in entry.declaration.items {
      checks[check.name.text] = checks[check.name.text] ?? checkNames.count
      checkNames.append(check.name.text)
      // Each weight is at most a million: the sum fits.
      weight += min(max(check.weight.value ?? 0, 0), Limits.weight)
    }
    let best = entry.declaration.isSum ? weight : 100
    var levels: [TypedLevel] = []
    var last: (level: TypedLevel, range: SourceRange)?
    for case .level(let level) in entry.declaration.items {
      guard let typed = checkLevel(level, entry, checks, checkNames) else { continue }
      holdOrder(typed, level, after: last)
      if typed.threshold > best * Decimal.scale {
        report(.unreachableLevel(level.name, best: best, isSum: entry.declaration.isSum))
      }
      last = (typed, level.name.range)
      levels.append(typed)
    }
    let count = entry.declaration.items.reduce(0) {
      if case .level = $1 { $0 + 1 } else { $0 }
    }
    return levels.count == count ? levels : nil
  }

  /// One level: a member of the enum but the first, and checks of this scorecard.
  private mutating func checkLevel(
    _ level: LevelSyntax, _ entry: ScorecardEntry, _ checks: [String: Int], _ checkNames: [String]
  ) -> TypedLevel? {
    var required: [Int] = []
    for name in level.checks where !name.isMissing {
      guard let check = checks[name.text] else {
        let nearest = nearest(name.text, checkNames)
        reportUnknown(.unknownCheck(name, nearest: nearest))
        continue
      }
      required.append(check)
    }
    let threshold = literal(level.score, .decimal)
    guard let levels = entry.levelEnum, !level.name.isMissing else { return nil }
    guard let ordinal = index.ordinals[levels][level.name.text] else {
      reportUnknownMember(level.name, of: levels)
      return nil
    }
    guard ordinal > 0 else {
      report(.lowestLevel(level.name))
      return nil
    }
    guard case .constant(.scalar(let millionths)) = threshold?.form else { return nil }
    return TypedLevel(ordinal: ordinal, threshold: millionths, requiredChecks: required)
  }

  /// Levels rise in the text as in their enum, and their thresholds do not fall.
  private mutating func holdOrder(
    _ level: TypedLevel, _ syntax: LevelSyntax, after last: (level: TypedLevel, range: SourceRange)?
  ) {
    guard let last else { return }
    if level.ordinal == last.level.ordinal {
      reportRepeated(syntax.name, "level", first: last.range)
    } else if level.ordinal < last.level.ordinal {
      report(.levelOrder("levels stand from the lowest to the highest", syntax.name, last.range))
    } else if level.threshold < last.level.threshold {
      report(
        .levelOrder("a higher level cannot ask for a lower score", syntax.name, last.range))
    }
  }
}
