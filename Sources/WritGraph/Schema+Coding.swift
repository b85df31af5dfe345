// The schema's own encoding within a snapshot file.

import WritModel

/// Little-endian; a count is a `UInt32`; a text is its count of bytes and the bytes; a flag is a
/// byte, 0 or 1.
///
///     schema  enums, sources, kinds, edges: each a count and so many of
///     enum    name, flag (ordered), count and members
///     source  name, flag, Int64 microseconds if the flag is set
///     kind    name, origin, count and fields
///     edge    name, UInt32 kind, count and UInt32 targets, UInt8 cardinality (one, optional,
/// many), origin,
///             count and fields, flag, the inverse's name if the flag is set
///     origin  UInt8: 0 unsourced; 1, then count and UInt32 sources; 2 request
///     field   name, type, origin, UInt8: 1 for the key, 2 is added for a personal one
///     type    UInt8: 0 bool, 1 int, 2 decimal, 3 string, 4 date, 5 instant, 6 duration, 7 enum
/// (then its UInt32 index),
///             8 set of strings; 128 is added for an optional
extension Schema {
  /// The encoding.
  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.list(enums) { writer, type in
      writer.text(type.name)
      writer.flag(type.isOrdered)
      writer.list(type.members) { $0.text($1) }
    }
    writer.list(sources) { writer, source in
      writer.text(source.name)
      writer.flag(source.freshMicroseconds != nil)
      if let limit = source.freshMicroseconds { writer.number(limit) }
    }
    writer.list(kinds) { writer, kind in
      writer.text(kind.name)
      writer.origin(kind.origin)
      writer.list(kind.fields) { $0.field($1) }
    }
    writer.list(edges) { $0.edge($1) }
    return writer.bytes
  }

  /// Reads an encoding; accepts only what `encoded` writes of a schema without a problem: every part has but one encoding, so what
  /// was read to its end need not be written again to see that.
  init?(encoded bytes: [UInt8]) {
    guard bytes.count <= Limits.schemaBytes else { return nil }
    var reader = ByteReader(bytes: bytes)
    self.init()
    enums = reader.list { reader in
      EnumType(
        name: reader.text(), isOrdered: reader.flag(), members: reader.list { $0.text() })
    }
    sources = reader.list { reader in
      SourceType(
        name: reader.text(), freshMicroseconds: reader.flag() ? reader.number(Int64.self) : nil)
    }
    kinds = reader.list { reader in
      NodeKind(
        name: reader.text(), origin: reader.origin(), fields: reader.list { $0.field() })
    }
    edges = reader.list { $0.edge() }
    guard reader.isAtEnd, problem == nil else { return nil }
  }
}

extension EnumType {
  /// Members last, as they are encoded.
  fileprivate init(name: String, isOrdered: Bool, members: [String]) {
    self.init(name: name, members: members, isOrdered: isOrdered)
  }
}

/// Appends numbers and texts to bytes.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func number<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func raw(_ more: [UInt8]) {
    bytes.append(contentsOf: more)
  }

  fileprivate mutating func flag(_ value: Bool) {
    bytes.append(value ? 1 : 0)
  }

  fileprivate mutating func text(_ value: String) {
    number(UInt32(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  fileprivate mutating func list<Element>(
    _ elements: [Element], _ write: (inout ByteWriter, Element) -> Void
  ) {
    number(UInt32(elements.count))
    for element in elements { write(&self, element) }
  }

  fileprivate mutating func origin(_ origin: Origin) {
    switch origin {
    case .unsourced: bytes.append(0)
    case .sources(let indexes):
      bytes.append(1)
      list(indexes) { $0.number(UInt32($1)) }
    case .request: bytes.append(2)
    }
  }

  fileprivate mutating func field(_ field: FieldType) {
    text(field.name)
    let isOptional: UInt8 = if case .optional = field.type { 128 } else { 0 }
    let form = StorageForm(field.type) ?? .string
    bytes.append(form.rawTypeCode | isOptional)
    if case .enumeration(let index) = field.type.unwrapped { number(UInt32(index)) }
    origin(field.origin)
    bytes.append((field.isKey ? 1 : 0) + (field.isPersonal ? 2 : 0))
  }

  fileprivate mutating func edge(_ edge: EdgeType) {
    text(edge.name)
    number(UInt32(edge.source))
    list(edge.targets) { $0.number(UInt32($1)) }
    bytes.append(edge.cardinality.rawValue)
    origin(edge.origin)
    list(edge.fields) { $0.field($1) }
    flag(edge.inverse != nil)
    if let inverse = edge.inverse { text(inverse) }
  }
}

extension StorageForm {
  /// The number of the type in the encoding, which is the order of the cases.
  fileprivate var rawTypeCode: UInt8 { rawValue }
}

/// Takes numbers and texts from bytes; past the end everything reads as nothing and `isAtEnd` stays
/// false.
struct ByteReader {
  let bytes: [UInt8]
  private var position = 0
  private var hasFailed = false

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Everything was read and nothing was missing.
  var isAtEnd: Bool { !hasFailed && position == bytes.count }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
    let size = MemoryLayout<Number>.size
    guard !hasFailed, bytes.count - position >= size else {
      hasFailed = true
      return 0
    }
    let value = bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: position, as: Number.self)
    }
    position += size
    return Number(littleEndian: value)
  }

  fileprivate mutating func flag() -> Bool {
    let value = number(UInt8.self)
    if value > 1 { hasFailed = true }
    return value == 1
  }

  fileprivate mutating func text() -> String {
    let count = Int(number(UInt32.self))
    guard !hasFailed, count <= Limits.nameBytes, bytes.count - position >= count,
      let text = bytes.withUnsafeBufferPointer({
        ByteReader.text(UnsafeBufferPointer(rebasing: $0[position..<position + count]))
      })
    else {
      hasFailed = true
      return ""
    }
    position += count
    return text
  }

  /// `nil` for what is no UTF-8. Names are mostly ASCII, which needs no look at how it is encoded.
  private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    bytes.allSatisfy { $0 < 0x80 }
      ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
  }

  fileprivate mutating func list<Element>(_ read: (inout ByteReader) -> Element) -> [Element] {
    let count = Int(number(UInt32.self))
    guard count <= Limits.declarations else {
      hasFailed = true
      return []
    }
    var elements: [Element] = []
    while elements.count < count, !hasFailed { elements.append(read(&self)) }
    return elements
  }

  fileprivate mutating func origin() -> Origin {
    switch number(UInt8.self) {
    case 0: return .unsourced
    case 1: return .sources(list { Int($0.number(UInt32.self)) })
    case 2: return .request
    default:
      hasFailed = true
      return .unsourced
    }
  }

  fileprivate mutating func type() -> ValueType {
    let code = number(UInt8.self)
    let type: ValueType
    switch StorageForm(rawValue: code & 127) {
    case .bool: type = .bool
    case .int: type = .int
    case .decimal: type = .decimal
    case .string: type = .string
    case .date: type = .date
    case .instant: type = .instant
    case .duration: type = .duration
    case .enumeration: type = .enumeration(Int(number(UInt32.self)))
    case .strings: type = .set(.string)
    case nil:
      hasFailed = true
      type = .bool
    }
    return code >= 128 ? .optional(type) : type
  }

  fileprivate mutating func field() -> FieldType {
    let (name, type, origin) = (text(), type(), origin())
    let flags = number(UInt8.self)
    if flags > 3 { hasFailed = true }
    return FieldType(
      name: name, type: type, origin: origin, isKey: flags & 1 != 0, isPersonal: flags & 2 != 0)
  }

  fileprivate mutating func edge() -> EdgeType {
    let name = text()
    let source = Int(number(UInt32.self))
    let targets = list { Int($0.number(UInt32.self)) }
    let cardinality = Cardinality(rawValue: number(UInt8.self))
    if cardinality == nil { hasFailed = true }
    let origin = origin()
    let fields = list { $0.field() }
    let inverse = flag() ? text() : nil
    return EdgeType(
      name: name, source: source, targets: targets, cardinality: cardinality ?? .many,
      fields: fields, origin: origin, inverse: inverse)
  }
}
