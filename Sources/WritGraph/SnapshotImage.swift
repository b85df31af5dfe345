// The bytes of a snapshot file: head, block digests, data.

import WritCrypto
import WritModel

/// The head of a snapshot file, all that is needed to find and check the rest.
///
///     0    8  "WRITGRPH"                 40   8  bytes of the schema s
///     8    4  version, 1 or 2                48  16  0
///     12   4  sections n                 64  32  root digest
///     16   8  bytes of the head h        96  32  SHA-256 of the block digests
///     24   8  where the data begin d    128  32  SHA-256 of the head without these 32 bytes
///     32   8  bytes of the data          160      n x 32 section table, s schema
///
/// All numbers are little-endian. h = 160 + 32 n + s; the block digests follow, then zeros up to d,
/// a multiple of 64. An entry of the section table: role, first, second, width as `UInt32`; offset
/// in the data and count of elements as `UInt64`.
struct SnapshotHead {
  static let magic: [UInt8] = Array("WRITGRPH".utf8)
  static let fixedByteCount = 160
  static let entryByteCount = 32
  /// Data are digested in blocks of so many bytes; the last may be shorter.
  static let blockByteCount = 1 << 16

  let schema: Schema
  let form: RootForm
  let rootDigest: Digest
  let tableDigest: Digest
  let headByteCount: Int
  let dataOffset: Int
  let dataByteCount: Int
  let places: [SectionPlace]

  var blockCount: Int { SnapshotHead.blockCount(dataByteCount) }

  /// Bytes of the whole file.
  var fileByteCount: Int { dataOffset + dataByteCount }

  static func blockCount(_ byteCount: Int) -> Int {
    (byteCount + blockByteCount - 1) / blockByteCount
  }

  /// The bytes that the head says it has, from its first 160 bytes; checks no digest.
  static func byteCount(fixed bytes: [UInt8]) throws(SnapshotError) -> Int {
    guard bytes.count >= fixedByteCount, bytes.starts(with: magic) else { throw .notASnapshot }
    var reader = ByteReader(bytes: Array(bytes[8..<48]))
    let found = reader.number(UInt32.self)
    guard RootForm(rawValue: found) != nil else { throw .unknownVersion(found) }
    let sections = Int(reader.number(UInt32.self))
    let head = reader.number(UInt64.self)
    _ = reader.number(UInt64.self)
    _ = reader.number(UInt64.self)
    let schema = reader.number(UInt64.self)
    guard schema <= UInt64(Limits.schemaBytes), sections <= 1 << 26,
      head == UInt64(fixedByteCount + sections * entryByteCount) + schema
    else { throw .damagedHead }
    return Int(head)
  }

  /// Reads a head, which is all of `bytes`.
  init(_ bytes: [UInt8]) throws(SnapshotError) {
    headByteCount = try SnapshotHead.byteCount(fixed: bytes)
    guard bytes.count == headByteCount else { throw .damagedHead }
    var hasher = SHA256()
    hasher.update(bytes[..<128])
    hasher.update(bytes[160...])
    func digest(at place: Int) -> Digest? {
      bytes.withUnsafeBytes {
        Digest(UnsafeRawBufferPointer(rebasing: $0[place..<place + Digest.byteCount]))
      }
    }
    guard hasher.finish() == digest(at: 128), let root = digest(at: 64),
      let table = digest(at: 96)
    else { throw .damagedHead }
    rootDigest = root
    tableDigest = table
    var reader = ByteReader(bytes: Array(bytes[8..<64]))
    guard let form = RootForm(rawValue: reader.number(UInt32.self)) else { throw .damagedHead }
    self.form = form
    let sectionCount = Int(reader.number(UInt32.self))
    _ = reader.number(UInt64.self)
    let data = reader.number(UInt64.self)
    let size = reader.number(UInt64.self)
    _ = reader.number(UInt64.self)
    guard size <= UInt64(Limits.fileBytes), data <= UInt64(Limits.fileBytes),
      bytes[48..<64].allSatisfy({ $0 == 0 })
    else { throw .damagedHead }
    dataOffset = Int(data)
    dataByteCount = Int(size)
    let end = headByteCount + SnapshotHead.blockCount(dataByteCount) * Digest.byteCount
    guard dataOffset == (end + 63) & ~63 else { throw .damagedHead }
    let tableEnd = SnapshotHead.fixedByteCount + sectionCount * SnapshotHead.entryByteCount
    guard let schema = Schema(encoded: Array(bytes[tableEnd...])) else { throw .badSchema }
    self.schema = schema
    places = try SnapshotHead.places(
      Array(bytes[SnapshotHead.fixedByteCount..<tableEnd]), schema, dataByteCount)
  }

  /// Reads the section table: it must have the schema's sections, each behind the one before.
  private static func places(
    _ bytes: [UInt8], _ schema: Schema, _ dataByteCount: Int
  ) throws(SnapshotError) -> [SectionPlace] {
    let names = schema.sections
    guard bytes.count == names.count * entryByteCount else { throw .badSections }
    var reader = ByteReader(bytes: bytes)
    var places: [SectionPlace] = []
    var end = 0
    for name in names {
      guard reader.number(UInt32.self) == name.role.rawValue,
        Int(reader.number(UInt32.self)) == name.first,
        Int(reader.number(UInt32.self)) == name.second,
        Int(reader.number(UInt32.self)) == name.width
      else { throw .badSections }
      let offset = reader.number(UInt64.self)
      let count = reader.number(UInt64.self)
      guard offset == UInt64(end), count <= UInt64(dataByteCount - end) / UInt64(name.width) else {
        throw .badSections
      }
      places.append(SectionPlace(offset: end, count: Int(count)))
      end = (end + Int(count) * name.width + 63) & ~63
      guard end <= dataByteCount else { throw .badSections }
    }
    guard end == dataByteCount else { throw .badSections }
    return places
  }
}

extension Snapshot {
  /// The bytes of the snapshot's file: the same for the same facts and the same schema.
  public var fileBytes: [UInt8] {
    var bytes = headBytes
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: table.memory.base, count: dataByteCount))
    return bytes
  }

  /// Bytes of all sections.
  public var dataByteCount: Int { table.memory.byteCount }

  /// Everything in front of the data.
  var headBytes: [UInt8] {
    let digests = blockDigests()
    let encodedSchema = schema.encoded
    let names = schema.sections
    let head =
      SnapshotHead.fixedByteCount + names.count * SnapshotHead.entryByteCount + encodedSchema.count
    let data = (head + digests.count + 63) & ~63
    var writer = ByteWriter()
    writer.raw(SnapshotHead.magic)
    writer.number(form.rawValue)
    writer.number(UInt32(names.count))
    for number in [head, data, dataByteCount, encodedSchema.count, 0, 0] {
      writer.number(UInt64(number))
    }
    writer.raw(rootDigest.bytes)
    writer.raw(Digest(of: digests).bytes)
    var rest = ByteWriter()
    for (name, place) in zip(names, table.places) {
      for number in [Int(name.role.rawValue), name.first, name.second, name.width] {
        rest.number(UInt32(number))
      }
      rest.number(UInt64(place.offset))
      rest.number(UInt64(place.count))
    }
    rest.raw(encodedSchema)
    let digest = Digest(of: writer.bytes + rest.bytes)
    let filling = [UInt8](repeating: 0, count: data - head - digests.count)
    return writer.bytes + digest.bytes + rest.bytes + digests + filling
  }

  /// The digests of the data's blocks, one behind the other.
  private func blockDigests() -> [UInt8] {
    var digests: [UInt8] = []
    var offset = 0
    while offset < dataByteCount {
      let count = min(SnapshotHead.blockByteCount, dataByteCount - offset)
      let block = UnsafeRawBufferPointer(start: table.memory.base + offset, count: count)
      Digest(of: block).append(to: &digests)
      offset += count
    }
    return digests
  }

  /// Reads the bytes of a snapshot's file and checks everything; any bytes give a snapshot or an
  /// error.
  public static func decode(_ bytes: [UInt8]) throws(SnapshotError) -> Snapshot {
    let headCount = try SnapshotHead.byteCount(fixed: bytes)
    guard bytes.count >= headCount else {
      throw .wrongLength(expected: UInt64(headCount), found: UInt64(bytes.count))
    }
    let head = try SnapshotHead(Array(bytes[..<headCount]))
    guard bytes.count == head.fileByteCount else {
      throw .wrongLength(expected: UInt64(head.fileByteCount), found: UInt64(bytes.count))
    }
    let memory = GraphMemory(byteCount: head.dataByteCount)
    bytes.withUnsafeBytes { source in
      memory.base.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[head.dataOffset...]).baseAddress
          ?? UnsafeRawPointer(memory.base),
        byteCount: head.dataByteCount)
    }
    let tables = bytes[headCount..<head.dataOffset]
    return try head.snapshot(digests: Array(tables), memory)
  }
}

extension SnapshotHead {
  /// Checks the block digests, which are followed by zeros, and says the digest of each block.
  func blockDigests(_ bytes: [UInt8]) throws(SnapshotError) -> [UInt8] {
    let count = blockCount * Digest.byteCount
    guard bytes.count == dataOffset - headByteCount, Digest(of: bytes[..<count]) == tableDigest,
      bytes[count...].allSatisfy({ $0 == 0 })
    else { throw .damagedHead }
    return Array(bytes[..<count])
  }

  /// The first block of the data in memory that is not as it was written; many blocks are looked at on several threads.
  private func damagedBlock(_ digests: [UInt8], _ memory: GraphMemory) -> Int? {
    let next = SharedCounter()
    let found = FirstPlace()
    onThreads(blockCount < 64 ? 1 : processorCount) { _ in
      while let block = next.next(below: blockCount) {
        if !isWhole(block: block, digests, memory) { found.note(block) }
      }
    }
    return found.place
  }

  /// Whether a block of the data that lies in memory is as it was written.
  private func isWhole(block: Int, _ digests: [UInt8], _ memory: GraphMemory) -> Bool {
    let offset = block * SnapshotHead.blockByteCount
    let count = min(SnapshotHead.blockByteCount, dataByteCount - offset)
    let digest = Digest(of: UnsafeRawBufferPointer(start: memory.base + offset, count: count))
    let place = block * Digest.byteCount
    return digest.bytes.elementsEqual(digests[place..<place + Digest.byteCount])
  }

  /// The snapshot whose data lie in memory.
  func snapshot(digests: [UInt8], _ memory: GraphMemory) throws(SnapshotError) -> Snapshot {
    let digests = try blockDigests(digests)
    if let block = damagedBlock(digests, memory) { throw .damagedBlock(block) }
    let table = SectionTable(memory: memory, places: places)
    guard places[0].count == schema.kinds.count * 2, places[4].count % 3 == 0 else {
      throw .unsound("the sections of nodes or sources are not whole")
    }
    let snapshot = Snapshot(schema, table, rootDigest: rootDigest, form: form)
    if let problem = SnapshotCheck(snapshot).problem() { throw .unsound(problem) }
    return snapshot
  }
}
