// The names of a schema as numbers, so that a line's names are found without making a string of
// any.

import WritModel

/// A property as the reader and the draft see it.
struct PropertySlot {
  /// Number of its name in `SchemaNames.names`.
  let name: UInt32
  /// The bytes of its name, behind which eight more can be read; they belong to `SchemaNames`.
  let text: UnsafeBufferPointer<UInt8>
  let form: StorageForm
  /// The enum's index where the form is `.enumeration`, else -1.
  let enumeration: Int
  let isKey: Bool
  /// Brought by a request, never by a snapshot.
  let isFromRequest: Bool
}

/// Look-ups by name over one schema.
///
/// Slots lie in memory of their own, so that a line can use them without counting references.
/// Unchecked: nothing is written once it is made.
///
/// - Precondition: the schema passed `Schema.problem`.
final class SchemaNames: @unchecked Sendable {
  let schema: Schema
  /// Every name that is declared.
  private let names: Interner
  /// Per kind, a slot for each field, in declaration order.
  let kindSlots: [UnsafeBufferPointer<PropertySlot>]
  /// Per edge, a slot for each field, in declaration order.
  let edgeSlots: [UnsafeBufferPointer<PropertySlot>]
  /// Per kind, the field that is its key, -1 if none is.
  let keyFields: [Int]
  /// Per enum, the names of its members.
  private let enumMembers: [[UInt32]]
  private let kindOfName: [Int]
  private let sourceOfName: [Int]
  /// Per name, the edges that have it.
  private let edgesOfName: [[Int]]

  init(_ schema: Schema) {
    self.schema = schema
    var numbers = NameNumbers()
    let kinds = schema.kinds.map { numbers.number($0.name) }
    let sources = schema.sources.map { numbers.number($0.name) }
    let edges = schema.edges.map { numbers.number($0.name) }
    for field in schema.kinds.flatMap(\.fields) + schema.edges.flatMap(\.fields) {
      _ = numbers.number(field.name)
    }
    enumMembers = schema.enums.map { $0.members.map { numbers.number($0) } }
    // From here on no name is added, so that the bytes of the names stay where they are.
    kindSlots = schema.kinds.map { numbers.slots($0.fields) }
    edgeSlots = schema.edges.map { numbers.slots($0.fields) }
    keyFields = schema.kinds.map { $0.fields.firstIndex(where: \.isKey) ?? -1 }
    kindOfName = SchemaNames.table(kinds, numbers.count)
    sourceOfName = SchemaNames.table(sources, numbers.count)
    var edgesOfName = [[Int]](repeating: [], count: numbers.count)
    for (index, name) in edges.enumerated() { edgesOfName[Int(name)].append(index) }
    self.edgesOfName = edgesOfName
    names = numbers.takeNames()
  }

  deinit {
    for slots in kindSlots + edgeSlots { slots.deallocate() }
  }

  /// Per name, the index of what has it, -1 where nothing has.
  private static func table(_ names: [UInt32], _ count: Int) -> [Int] {
    var table = [Int](repeating: -1, count: count)
    for (index, name) in names.enumerated() { table[Int(name)] = index }
    return table
  }

  /// The number of a declared name.
  ///
  /// - Precondition: for this and the look-ups below, eight more bytes can be read behind `text`.
  func name(_ text: UnsafeBufferPointer<UInt8>) -> UInt32? { names.find(text) }

  /// The kind of that name.
  func kind(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    index(names.find(text), in: kindOfName)
  }

  /// The source of that name.
  func source(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    index(names.find(text), in: sourceOfName)
  }

  /// The edge of that name that leaves `kind`.
  func edge(_ text: UnsafeBufferPointer<UInt8>, leaving kind: Int) -> Int? {
    guard let name = names.find(text) else { return nil }
    for edge in edgesOfName[Int(name)] where schema.edges[edge].source == kind { return edge }
    return nil
  }

  /// The ordinal of the enum's member of that name.
  func member(_ text: UnsafeBufferPointer<UInt8>, of enumeration: Int) -> Int? {
    guard let name = names.find(text) else { return nil }
    return enumMembers[enumeration].firstIndex(of: name)
  }

  private func index(_ name: UInt32?, in table: [Int]) -> Int? {
    guard let name, table[Int(name)] >= 0 else { return nil }
    return table[Int(name)]
  }
}

/// Names on their way to numbers.
private struct NameNumbers: ~Copyable {
  private var names = Interner(capacity: 1 << 9, arena: 1 << 13)

  var count: Int { names.count }

  mutating func number(_ name: String) -> UInt32 {
    withPadded(name) { names.intern($0) }
  }

  /// The slots of fields whose names have their numbers; whoever has them deallocates them.
  mutating func slots(_ fields: [FieldType]) -> UnsafeBufferPointer<PropertySlot> {
    let slots = UnsafeMutableBufferPointer<PropertySlot>.allocate(capacity: fields.count)
    for (index, field) in fields.enumerated() {
      let name = number(field.name)
      let enumeration = if case .enumeration(let index) = field.type.unwrapped { index } else { -1 }
      slots.initializeElement(
        at: index,
        to: PropertySlot(
          name: name, text: names.bytes(name), form: StorageForm(field.type) ?? .string,
          enumeration: enumeration, isKey: field.isKey, isFromRequest: field.origin == .request))
    }
    return UnsafeBufferPointer(slots)
  }

  consuming func takeNames() -> Interner { names }
}

/// Calls `body` with the bytes of `text`, behind which eight more can be read.
func withPadded<Result>(
  _ text: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
) rethrows -> Result {
  var bytes = Array(text.utf8)
  let count = bytes.count
  bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
  return try bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[..<count])) }
}
