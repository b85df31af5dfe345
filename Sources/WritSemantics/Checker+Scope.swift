// Names in expressions: variables, members of the element, params, kinds, members of enums.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// A bare name.
  mutating func name(_ name: Name, _ expected: ValueType?) -> TypedExpression? {
    resolve(name, below: scope.depth, expected)
  }

  /// `$name`: as if it stood outside of the filter.
  mutating func outerName(_ name: Name, _ expected: ValueType?) -> TypedExpression? {
    guard let (_, position) = scope.element(below: scope.depth) else {
      report(.noElement("$\(name.text)", at: name.range))
      return nil
    }
    return resolve(name, below: position, expected)
  }

  /// `it`; in the filter of a step the node that the edge leads to.
  mutating func element(_ range: SourceRange) -> TypedExpression? {
    guard let (element, _) = scope.element(below: scope.depth) else {
      report(.noElement("it", at: range))
      return nil
    }
    switch element {
    case .unknown: return nil
    case .value(let value): return narrowed(value.at(range))
    case .step(let step): return narrowed(step.target.at(range))
    }
  }

  /// `.name`
  mutating func elementMember(_ name: Name, _ range: SourceRange) -> TypedExpression? {
    guard let (element, _) = scope.element(below: scope.depth) else {
      report(.noElement(".\(name.text)", at: range))
      return nil
    }
    return member(name, of: element, range)
  }

  /// What a bare name means where the frames from `position` on are not in sight.
  private mutating func resolve(
    _ name: Name, below position: Int, _ expected: ValueType?
  ) -> TypedExpression? {
    guard !name.isMissing else { return nil }
    let meaning = scope.meaning(of: name.text, below: position) { [index] in
      index.isMember(name.text, of: $0)
    }
    switch meaning {
    case .local(let local):
      return self.local(local, name, expected)
    case .member(let element, let outer, _):
      if let clash = outerClash(name, outer) {
        report(.ambiguousName(name, outer: clash.what, declared: clash.range))
        return nil
      }
      if let enumeration = enumeration(expected, with: name.text) {
        report(.memberOrField(name, enumeration: index.schema.enums[enumeration].name))
        return nil
      }
      return member(name, of: element, name.range)
    case nil:
      return global(name, expected, isSilent: scope.hasUnknownElement(below: position))
    }
  }

  /// A local, which wins over the member of an enum; that is worth a warning.
  private mutating func local(
    _ local: Local, _ name: Name, _ expected: ValueType?
  ) -> TypedExpression? {
    scope.usedLets.insert(local.range)
    if let enumeration = enumeration(expected, with: name.text) {
      let enumName = index.schema.enums[enumeration].name
      report(.shadowedMember(name, by: local.sort.rawValue, enumeration: enumName))
    }
    return local.value.map { narrowed($0.at(name.range)) }
  }

  /// What else a member's name means: a variable, a param or a kind.
  func outerClash(_ name: Name, _ local: Local?) -> (what: String, range: SourceRange?)? {
    if let local { return ("a \(local.sort.rawValue)", local.range) }
    if let declared = names.values[name.text], isVisible(declared),
      case .parameter = declared.entity
    {
      return (declared.entity.noun, declared.range)
    }
    if let declared = names.types[name.text], isVisible(declared), case .kind = declared.entity {
      return (declared.entity.noun, declared.range)
    }
    return nil
  }

  /// The enum that is expected, if it has the member.
  private func enumeration(_ expected: ValueType?, with member: String) -> Int? {
    guard let expected, case .enumeration(let index) = expected.element ?? expected.unwrapped,
      self.index.ordinals[index][member] != nil
    else { return nil }
    return index
  }

  /// A param, a member of the enum that is expected, a kind, or of the one enum that has it.
  private mutating func global(
    _ name: Name, _ expected: ValueType?, isSilent: Bool
  ) -> TypedExpression? {
    if let declared = names.values[name.text], isVisible(declared) {
      guard case .parameter(let parameter) = declared.entity else {
        return value(of: declared.entity, name, expected, isSilent: isSilent)
      }
      return parameters[parameter].type.map {
        TypedExpression(.parameter(parameter), $0, name.range)
      }
    }
    if let enumeration = enumeration(expected, with: name.text) {
      return enumMember(name, of: enumeration)
    }
    if let declared = names.types[name.text], isVisible(declared) {
      guard case .kind(let kind) = declared.entity else {
        guard !isSilent else { return nil }
        report(.misusedName(name, is: declared.entity, expected: "a value"))
        return nil
      }
      return TypedExpression(.nodes(kind: kind), .set(.node([kind])), name.range)
    }
    let visible = (index.enumsOfMember[name.text] ?? []).filter { isVisibleEnum($0) }
    if visible.count == 1, !isExpectedEnum(expected) {
      return enumMember(name, of: visible[0])
    }
    guard !isSilent else { return nil }
    reportMeaningless(name, visible, expected)
    return nil
  }

  /// A rule or a gate without its arguments may still be a member of an enum.
  private mutating func value(
    of entity: Entity, _ name: Name, _ expected: ValueType?, isSilent: Bool
  ) -> TypedExpression? {
    if let enumeration = enumeration(expected, with: name.text) {
      return enumMember(name, of: enumeration)
    }
    guard !isSilent else { return nil }
    let expected =
      switch entity {
      case .rule, .scorecard: "its arguments after it"
      default: "a value"
      }
    report(.misusedName(name, is: entity, expected: expected))
    return nil
  }

  /// The module at hand imports the enum.
  private func isVisibleEnum(_ enumeration: Int) -> Bool {
    guard let home = index.enumModules[enumeration] else { return true }
    return modules[module].visible.contains(home)
  }

  /// Members of other enums are out of place.
  private func isExpectedEnum(_ expected: ValueType?) -> Bool {
    if case .enumeration = expected?.element ?? expected?.unwrapped { true } else { false }
  }

  /// `nil` if the enum has no such member.
  func enumMember(_ name: Name, of enumeration: Int) -> TypedExpression? {
    index.ordinals[enumeration][name.text].map {
      scalar(Int64($0), .enumeration(enumeration), name.range)
    }
  }

  /// Says as much of the name as can be said: of which enum it is none, or where it is declared.
  private mutating func reportMeaningless(
    _ name: Name, _ enums: [Int], _ expected: ValueType?
  ) {
    if case .enumeration(let enumeration)? = expected?.element ?? expected?.unwrapped {
      return reportUnknownMember(name, of: enumeration)
    }
    if enums.count > 1 {
      let candidates = enums.map { index.schema.enums[$0].name }
      return report(.ambiguousMember(name, enums: candidates, at: name.range))
    }
    if let output = outputsOfPipeline[ByteText(name.text)] {
      return report(.outputOutOfSight(name, output))
    }
    if let secret = secretsOfAction[ByteText(name.text)] {
      return report(.secretInWord(name, secret))
    }
    if let declared = names.values[name.text] ?? names.types[name.text] {
      return reportHidden(name, declared)
    }
    guard !["secret", "secrets"].contains(name.text) else {
      return reportUnknown(.foreignSecret(name))
    }
    guard !isForeignAbsence(name.text) else {
      return reportUnknown(.foreignAbsence(name, say: nil))
    }
    let nearest =
      looksForNames ? memberOfLocal(name.text) ?? nearest(name.text, namesInSight()) : nil
    reportUnknown(.unknownName(name, sort: nil, hint: suggestion(nearest)))
  }

  /// Reports that an enum lacks a member, with what the name may have meant else.
  mutating func reportUnknownMember(_ name: Name, of enumeration: Int) {
    let enumeration = index.schema.enums[enumeration]
    let nearest = nearest(name.text, enumeration.members + scope.localNames)
    report(.unknownEnumMember(name, of: enumeration, nearest: nearest))
  }

  /// `x.name`, where a variable in sight has such a member: loops bring no element in sight.
  private func memberOfLocal(_ name: String) -> String? {
    let owner = scope.locals.first { local in
      guard let type = local.value?.type.unwrapped else { return false }
      return index.memberNames(of: type).containsBytes(of: name)
    }
    return owner.map { "\($0.name).\(name)" }
  }

  /// Names that may stand alone here, the nearest in sight first.
  private func namesInSight() -> [String] {
    var found = scope.localNames
    if let (element, _) = scope.element(below: scope.depth) {
      found += index.memberNames(of: element)
    }
    found += names.values.names.filter { name in
      guard let declared = names.values[name], case .parameter = declared.entity else {
        return false
      }
      return isVisible(declared)
    }
    found += names.types.names.filter { name in
      guard let declared = names.types[name], case .kind = declared.entity else { return false }
      return isVisible(declared)
    }
    for (position, enumeration) in index.schema.enums.enumerated() where isVisibleEnum(position) {
      found += enumeration.members
    }
    return found
  }

  /// The name is another language's word for what is absent, and means nothing here.
  func isNull(_ name: Name) -> Bool {
    isForeignAbsence(name.text) && !isBound(name.text) && index.enumsOfMember[name.text] == nil
  }

  /// The name by itself has a meaning that depends on no expectation.
  func isBound(_ name: String) -> Bool {
    let meaning = scope.meaning(of: name, below: scope.depth) { [index] in
      index.isMember(name, of: $0)
    }
    if meaning != nil { return true }
    if let declared = names.values[name], isVisible(declared) { return true }
    if let declared = names.types[name], isVisible(declared) { return true }
    return false
  }

  /// Declares a local; a name that hides another is worth a warning.
  mutating func declareLocal(
    _ name: Name, _ sort: Local.Sort, _ value: TypedExpression?
  ) {
    guard !name.isMissing else { return }
    if !repeated.contains(name.range),
      let hidden = outerClash(name, scope.local(name.text, below: scope.depth))
    {
      report(.shadowedName(name, hidden.what, first: hidden.range))
    }
    scope.push(Local(name: name.text, sort: sort, range: name.range, value: value))
  }

  /// Declares a local with a variable of its own, of that type.
  mutating func declareVariable(
    _ name: Name, _ sort: Local.Sort, _ type: ValueType?
  ) -> TypedVariable? {
    let variable = type.map { TypedVariable(id: makeVariable(), name: name.text, type: $0) }
    declareLocal(
      name, sort,
      variable.map { TypedExpression(.variable($0.id), $0.type, name.range) })
    return variable
  }
}

extension TypedExpression {
  /// The same expression, used at another place.
  func at(_ range: SourceRange) -> TypedExpression {
    TypedExpression(form, type, range)
  }
}
