// The words that stand for closed lists of values, in manifests and in the assembly language alike.
import WritModel

extension Cardinality {
  static let names: [(String, Cardinality)] = [
    ("one", .one), ("optional", .optional), ("many", .many),
  ]

  var name: String {
    switch self {
    case .one: "one"
    case .optional: "optional"
    case .many: "many"
    }
  }
}

extension AggregateKind {
  var name: String { String(describing: self) }

  init?(name: String) {
    guard let kind = AggregateKind.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }
}

extension ValueType {
  /// The types that have no part.
  static let simple: [(String, ValueType)] = [
    ("bool", .bool), ("int", .int), ("decimal", .decimal), ("string", .string), ("date", .date),
    ("instant", .instant), ("duration", .duration),
  ]

  /// The name of a type that has no part.
  var simpleName: String? { ValueType.simple.first { $0.1 == self }?.0 }
}
