// The names of a schema as numbers, so that a line's names are found without making a string of
// any.

import WritModel

/// A property as the reader and the draft see it.
struct PropertySlot {
  /// Number of its name in `SchemaNames.names`.
  let name: UInt32
  let form: StorageForm
  /// The enum's index where the form is `.enumeration`, else -1.
  let enumeration: Int
  let isKey: Bool
  /// Brought by a request, never by a snapshot.
  let isFromRequest: Bool
}

/// Look-ups by name over one schema.
///
/// - Precondition: the schema passed `Schema.problem`.
struct SchemaNames: ~Copyable {
  let schema: Schema
  /// Every name that is declared.
  private(set) var names = Interner(capacity: 1 << 9, arena: 1 << 13)
  /// Per kind, a slot for each field, in declaration order.
  private(set) var kindSlots: [[PropertySlot]] = []
  /// Per edge, a slot for each field, in declaration order.
  private(set) var edgeSlots: [[PropertySlot]] = []
  /// Per enum, the names of its members.
  private(set) var enumMembers: [[UInt32]] = []
  private var kindOfName: [Int] = []
  private var sourceOfName: [Int] = []
  /// Per name, the edges that have it.
  private var edgesOfName: [[Int]] = []

  init(_ schema: Schema) {
    self.schema = schema
    let kinds = schema.kinds.map { number($0.name) }
    let sources = schema.sources.map { number($0.name) }
    let edges = schema.edges.map { number($0.name) }
    kindSlots = schema.kinds.map { slots($0.fields) }
    edgeSlots = schema.edges.map { slots($0.fields) }
    enumMembers = schema.enums.map { type in type.members.map { number($0) } }
    kindOfName = Array(repeating: -1, count: names.count)
    sourceOfName = kindOfName
    edgesOfName = Array(repeating: [], count: names.count)
    for (index, name) in kinds.enumerated() { kindOfName[Int(name)] = index }
    for (index, name) in sources.enumerated() { sourceOfName[Int(name)] = index }
    for (index, name) in edges.enumerated() { edgesOfName[Int(name)].append(index) }
  }

  private mutating func number(_ name: String) -> UInt32 {
    withPadded(name) { names.intern($0) }
  }

  private mutating func slots(_ fields: [FieldType]) -> [PropertySlot] {
    fields.map { field in
      let enumeration = if case .enumeration(let index) = field.type.unwrapped { index } else { -1 }
      return PropertySlot(
        name: number(field.name), form: StorageForm(field.type) ?? .string,
        enumeration: enumeration, isKey: field.isKey, isFromRequest: field.origin == .request)
    }
  }

  /// The kind of that name.
  ///
  /// - Precondition: for this and the look-ups below, eight more bytes can be read behind `text`.
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

  /// The number of the enum's member of that name.
  func member(_ text: UnsafeBufferPointer<UInt8>, of enumeration: Int) -> Int? {
    guard let name = names.find(text) else { return nil }
    return enumMembers[enumeration].firstIndex(of: name)
  }

  private func index(_ name: UInt32?, in table: [Int]) -> Int? {
    guard let name, table[Int(name)] >= 0 else { return nil }
    return table[Int(name)]
  }
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
