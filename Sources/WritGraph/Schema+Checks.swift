// What must hold of a schema before facts are read by it, wherever it came from.

import WritModel

extension Schema {
  /// What is wrong with the schema, `nil` if nothing is: names are distinct and sayable, indexes in
  /// range, types storable, everything within `Limits`.
  var problem: String? {
    enumProblem ?? sourceProblem ?? kindProblem ?? edgeProblem
  }

  private var enumProblem: String? {
    if let problem = namesProblem(enums.map(\.name), of: "enums") { return problem }
    for type in enums {
      guard 1...Limits.members ~= type.members.count else {
        return "enum `\(type.name)` has \(type.members.count) members"
      }
      if let problem = namesProblem(type.members, of: "members of `\(type.name)`") {
        return problem
      }
    }
    return nil
  }

  private var sourceProblem: String? {
    for source in sources where (source.freshMicroseconds ?? 0) < 0 {
      return "source `\(source.name)` has a negative limit"
    }
    return namesProblem(sources.map(\.name), of: "sources")
  }

  private var kindProblem: String? {
    if let problem = namesProblem(kinds.map(\.name), of: "kinds") { return problem }
    for kind in kinds {
      guard kind.name != "*", !kind.name.utf8.contains(47) else {
        return "kind `\(kind.name)` could not be told apart in a reference"
      }
      guard kind.fields.filter(\.isKey).count <= 1 else { return "`\(kind.name)` has two keys" }
      if let problem = fieldProblem(kind.fields, of: kind.name) ?? originProblem(kind.origin) {
        return problem
      }
    }
    return nil
  }

  private var edgeProblem: String? {
    guard edges.count <= Limits.declarations else { return "too many edges" }
    var leaving = [[String]](repeating: [], count: kinds.count)
    for edge in edges {
      guard isSayable(edge.name), edge.inverse.map(isSayable) ?? true else {
        return "an edge is named `\(edge.name)`"
      }
      guard kinds.indices.contains(edge.source) else { return "`\(edge.name)` leaves no kind" }
      leaving[edge.source].append(edge.name)
      guard isIndexList(edge.targets, below: kinds.count) else {
        return "`\(edge.name)` has targets that are not kinds in order"
      }
      guard !edge.fields.contains(where: \.isKey) else { return "`\(edge.name)` has a key" }
      if let problem = fieldProblem(edge.fields, of: edge.name) ?? originProblem(edge.origin) {
        return problem
      }
    }
    for (kind, names) in zip(kinds, leaving) where !areDistinct(names) {
      return "two edges of one name leave `\(kind.name)`"
    }
    return nil
  }

  private func fieldProblem(_ fields: [FieldType], of owner: String) -> String? {
    guard fields.count <= Limits.fields else { return "`\(owner)` has too many fields" }
    if let problem = namesProblem(fields.map(\.name), of: "fields of `\(owner)`") { return problem }
    for field in fields {
      guard let form = StorageForm(field.type), !isNestedOptional(field.type) else {
        return "`\(field.name)` of `\(owner)` has a type that is not stored"
      }
      if case .enumeration(let index) = field.type.unwrapped, !enums.indices.contains(index) {
        return "`\(field.name)` of `\(owner)` is of no enum"
      }
      if field.isKey, form == .strings || field.type != field.type.unwrapped {
        return "the key `\(field.name)` of `\(owner)` is not a plain value"
      }
      if form == .strings, field.type != .set(.string) {
        return "`\(field.name)` of `\(owner)` is an optional set"
      }
      if field.isPersonal, form != .string, form != .strings {
        return "`\(field.name)` of `\(owner)` is personal and no text"
      }
      if let problem = originProblem(field.origin) { return problem }
    }
    return nil
  }

  private func isNestedOptional(_ type: ValueType) -> Bool {
    if case .optional(.optional) = type { true } else { false }
  }

  private func originProblem(_ origin: Origin) -> String? {
    guard case .sources(let indexes) = origin else { return nil }
    guard indexes.count <= Limits.sourcesOfKind, !indexes.isEmpty,
      indexes.count == 1 || Set(indexes).count == indexes.count,
      indexes.allSatisfy(sources.indices.contains)
    else { return "an origin names sources that there are not" }
    return nil
  }

  private func isIndexList(_ indexes: [Int], below bound: Int) -> Bool {
    guard let first = indexes.first, let last = indexes.last, first >= 0, last < bound else {
      return false
    }
    return zip(indexes, indexes.dropFirst()).allSatisfy { $0 < $1 }
  }

  private func namesProblem(
    _ names: [String], of what: @autoclosure () -> String
  ) -> String? {
    guard names.count <= Limits.declarations else { return "too many \(what())" }
    guard names.allSatisfy(isSayable) else {
      return "\(what()): a name is empty, too long or holds U+0000"
    }
    guard areDistinct(names) else { return "\(what()): a name stands twice" }
    return nil
  }

  /// By bytes: Swift's own equality would take canonical equivalents for the same name.
  private func areDistinct(_ names: [String]) -> Bool {
    // Most lists are short: then comparing all with all takes less than a set, and opening a file is mostly this.
    guard names.count <= 16 else { return Set(names.map { Array($0.utf8) }).count == names.count }
    return names.indices.allSatisfy { place in
      names[..<place].allSatisfy { !hasSameBytes($0, names[place]) }
    }
  }

  private func isSayable(_ name: String) -> Bool {
    1...Limits.nameBytes ~= name.utf8.count && !name.utf8.contains(0)
  }
}
