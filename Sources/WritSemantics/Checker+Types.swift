// Types as written, resolved.

import WritModel
import WritSyntax
import WritText

extension Checker {
  /// The type that the text names; `nil` once what is wrong with it is reported.
  mutating func type(_ syntax: TypeSyntax) -> ValueType? {
    guard let base = baseType(syntax) else { return nil }
    guard syntax.isOptional else { return base }
    if base.element != nil {
      report(.invalidType("a set or a list is never absent, it is empty", at: syntax.range))
      return nil
    }
    return .optional(base)
  }

  /// The type without its `?`.
  private mutating func baseType(_ syntax: TypeSyntax) -> ValueType? {
    switch syntax.kind {
    case .missing: nil
    case .named(let names): namedType(names)
    case .set(let element): elementType(element).map { .set($0) }
    case .list(let element): elementType(element).map { .list($0) }
    }
  }

  /// The elements of sets and lists are scalars or nodes, never absent.
  private mutating func elementType(_ syntax: TypeSyntax) -> ValueType? {
    guard let element = type(syntax) else { return nil }
    switch element {
    case .set, .list:
      report(.invalidType("the elements of a set or a list cannot be sets", at: syntax.range))
      return nil
    case .optional:
      report(.invalidType("the elements of a set or a list are never absent", at: syntax.range))
      return nil
    case .bool, .int, .decimal, .string, .date, .instant, .duration, .enumeration, .node, .edge:
      return element
    }
  }

  /// Several names are kinds of nodes; one may be anything.
  private mutating func namedType(_ names: [Name]) -> ValueType? {
    guard names.count > 1 else { return names.first.flatMap { singleType($0) } }
    return kinds(names).map { .node($0) }
  }

  /// A scalar, an enum or a kind.
  private mutating func singleType(_ name: Name) -> ValueType? {
    switch lookUp(name, in: \.types, .type) {
    case .scalar(let type): type
    case .enumeration(let index): .enumeration(index)
    case .kind(let index): .node([index])
    default: nil
    }
  }

  /// Kinds of nodes by name, sorted; `nil` if one of them is not.
  mutating func kinds(_ names: [Name]) -> [Int]? {
    var kinds: [Int] = []
    var seen: Set<Int> = []
    var isWhole = true
    for name in names {
      guard let kind = kind(name) else {
        isWhole = false
        continue
      }
      if !seen.insert(kind).inserted {
        reportRepeated(name, "kind", first: nil)
        isWhole = false
      }
      kinds.append(kind)
    }
    return isWhole && !kinds.isEmpty ? kinds.sorted() : nil
  }

  /// A kind of node by name.
  mutating func kind(_ name: Name) -> Int? {
    guard let entity = lookUp(name, in: \.types, .kind) else { return nil }
    if case .kind(let index) = entity { return index }
    report(.misusedName(name, is: entity, expected: "a kind of node"))
    return nil
  }

  /// Resolves the parameters of a declaration; their names must differ.
  mutating func signature(
    _ parameters: [ParameterSyntax], of noun: String, allowsSets: Bool
  ) -> [Signature] {
    var first: [String: SourceRange] = [:]
    return parameters.map { parameter in
      if let earlier = first[parameter.name.text], !parameter.name.isMissing {
        reportRepeated(parameter.name, "parameter", first: earlier)
      } else {
        first[parameter.name.text] = parameter.name.range
      }
      var type = type(parameter.type)
      if let found = type, !allowsSets, !found.isSingle {
        report(.parameterType(noun, index.describe(found), at: parameter.type.range))
        type = nil
      }
      return Signature(name: parameter.name, type: type)
    }
  }
}
