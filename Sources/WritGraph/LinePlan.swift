// What the canonical lines of a snapshot have in common: names, keys and members of enums, as bytes.

import WritModel

/// What of a kind's or edge's lines is the same in all of them. Its bytes belong to a `LinePlan`.
struct PropertyPlan {
  struct Property {
    let storage: FieldStorage
    let form: StorageForm
    /// `"name":`
    let key: UnsafeBufferPointer<UInt8>
    let quotedMembers: UnsafeBufferPointer<UnsafeBufferPointer<UInt8>>
  }

  let name: UnsafeBufferPointer<UInt8>
  let quotedName: UnsafeBufferPointer<UInt8>
  /// `"name/`
  let openName: UnsafeBufferPointer<UInt8>
  /// The stored fields, in the order of their names by UTF-16.
  let properties: UnsafeBufferPointer<Property>
}

/// The plans of all kinds and edges of a snapshot, in memory that writers on several threads read without counting references.
///
/// Unchecked: nothing is written once it is made.
final class LinePlan: @unchecked Sendable {
  let snapshot: Snapshot
  let kinds: UnsafeBufferPointer<PropertyPlan>
  let edges: UnsafeBufferPointer<PropertyPlan>
  /// No string has a character that is escaped; `false` where nobody looked.
  let isPlain: Bool
  private let memory: [UnsafeMutableRawPointer]

  /// How many lines will be written: for all of them the strings are looked at once, in advance.
  enum Use {
    case allLines, fewLines
  }

  init(_ snapshot: Snapshot, for use: Use) {
    self.snapshot = snapshot
    let strings = snapshot.strings
    let text = UnsafeBufferPointer(
      start: strings.bytes, count: Int(strings.offsets[strings.count]))
    isPlain = use == .allLines && CanonicalLine.isPlain(text)
    var maker = PlanMaker(schema: snapshot.schema)
    let schema = snapshot.schema
    let kinds = schema.kinds.indices.map {
      maker.plan(schema.kinds[$0].name, schema.kinds[$0].fields, snapshot.fields[$0])
    }
    let edges = schema.edges.indices.map {
      maker.plan(schema.edges[$0].name, schema.edges[$0].fields, snapshot.edges[$0].fields)
    }
    self.kinds = maker.keep(kinds)
    self.edges = maker.keep(edges)
    memory = maker.memory
  }

  deinit {
    for piece in memory { piece.deallocate() }
  }
}

/// Makes plans, and notes the memory that they lie in.
private struct PlanMaker {
  let schema: Schema
  var memory: [UnsafeMutableRawPointer] = []

  /// A copy that lives as long as the plan, behind which eight more bytes can be read; of elements without references.
  mutating func keep<Element>(
    _ elements: [Element]
  ) -> UnsafeBufferPointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count + 8)
    guard let start = copy.baseAddress else { return UnsafeBufferPointer(start: nil, count: 0) }
    memory.append(UnsafeMutableRawPointer(start))
    _ = copy.initialize(fromContentsOf: elements)
    return UnsafeBufferPointer(start: start, count: elements.count)
  }

  mutating func plan(
    _ name: String, _ fields: [FieldType], _ storage: [FieldStorage]
  ) -> PropertyPlan {
    let properties = fields.indices
      .filter { if case .none = storage[$0] { false } else { true } }
      .sorted { CanonicalLine.precedes(fields[$0].name, fields[$1].name) }
      .map { property(fields[$0], storage[$0]) }
    return PropertyPlan(
      name: keep(Array(name.utf8)), quotedName: keep(quoted(name)),
      openName: keep(quoted(name).dropLast() + [47]), properties: keep(properties))
  }

  private mutating func property(
    _ field: FieldType, _ storage: FieldStorage
  ) -> PropertyPlan.Property {
    var members: [UnsafeBufferPointer<UInt8>] = []
    if case .enumeration(let index) = field.type.unwrapped {
      members = schema.enums[index].members.map { keep(quoted($0)) }
    }
    return PropertyPlan.Property(
      storage: storage, form: StorageForm(field.type) ?? .string,
      key: keep(quoted(field.name) + [58]), quotedMembers: keep(members))
  }

  private func quoted(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    CanonicalLine.append(string: text.utf8, to: &bytes)
    return bytes
  }
}
