// The schema with the tables that find its parts by name.

import WritModel
import WritText

/// A member of a kind of node: what may stand behind a dot.
struct Member: Hashable {
  /// What kind of member, and where to find it.
  enum Sort: Hashable {
    /// Index into the kind's fields.
    case field(Int)
    /// Index into `schema.edges`, walked forwards.
    case edge(Int)
    /// Index into `schema.edges`, walked from its target.
    case inverse(Int)
  }

  let sort: Sort
  /// Where it is declared.
  let range: SourceRange
  /// Its declaration is wrong and has been reported: uses of it say nothing.
  var isBroken = false

  /// What people call it.
  var noun: String {
    switch sort {
    case .field: "field"
    case .edge: "edge"
    case .inverse: "inverse edge"
    }
  }
}

/// A field of an edge, by indexes.
struct EdgeField: Hashable {
  let edge: Int
  let field: Int
}

/// The schema, and its parts by name.
struct SchemaIndex {
  /// The built-in enum, at index 0 of every schema.
  static let weekday = EnumType(
    name: "Weekday",
    members: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    isOrdered: true)

  var schema = Schema()
  /// Of each enum, its members' ordinals by name.
  var ordinals: [NameMap<Int>] = []
  /// Enums that have a member of that name, ascending.
  var enumsOfMember: [ByteText: [Int]] = [:]
  /// Of each enum the module that declares it; `nil` for the built-in one.
  var enumModules: [Int?] = []
  /// Of each kind, its fields, edges and inverse edges by name.
  var members: [NameMap<Member>] = []
  /// The same names in the order of declaration.
  var memberNames: [[String]] = []
  /// Of each edge, its fields by name.
  var edgeFields: [NameMap<Int>] = []
  /// Fields of edges whose declaration is wrong and has been reported.
  var brokenEdgeFields: Set<EdgeField> = []
  /// Inverse names of edges whose targets are wrong and have been reported.
  var lostMembers: Set<ByteText> = []
  /// Kinds that a caller may be of: `Identity` where it is declared, else every kind.
  var callerKinds: [Int] = []

  /// Only the built-in enum.
  init() {
    add(SchemaIndex.weekday, module: nil)
  }

  /// Adds an enum at the next index; of members that repeat the first counts.
  mutating func add(_ enumeration: EnumType, module: Int?) {
    let position = schema.enums.count
    schema.enums.append(enumeration)
    enumModules.append(module)
    var ordinals = NameMap<Int>()
    for (ordinal, member) in enumeration.members.enumerated() where ordinals.alike(member) == nil {
      ordinals.add(member, ordinal)
      enumsOfMember[member, default: []].append(position)
    }
    self.ordinals.append(ordinals)
  }

  /// As people write it.
  func describe(_ type: ValueType) -> String { WritSemantics.describe(type, in: schema) }

  /// Names of kinds, in the order of their indexes.
  func kindNames(_ kinds: [Int]) -> [String] { kinds.map { schema.kinds[$0].name } }

  /// `<` and its kin are defined.
  func isOrdered(_ type: ValueType) -> Bool {
    switch type {
    case .int, .decimal, .date, .instant, .duration: true
    case .enumeration(let index): schema.enums[index].isOrdered
    case .bool, .string, .node, .edge, .optional, .set, .list: false
    }
  }

  /// A member that every one of the kinds might have; `nil` if none of them has it.
  func isMember(_ name: String, ofAnyOf kinds: [Int]) -> Bool {
    name == "id" || kinds.contains { members[$0][name] != nil }
  }
}
