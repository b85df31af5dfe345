// The newest entry of each subject as a file, so that neither the next index leaf nor the next record need
// read the whole log.
//
// Integers big endian; subjects by rising name, 256 a block, the last may have fewer:
//
//     "WRITHED2" | size u64 | subject count u64
//     | for each block: offset u64, root 32
//     | for each subject: length u16, name, last u64
//
// `root` is that of the block's subjects in the tree of the index leaf of that size. So the table is
// believed where its roots lead to the root that the leaf names, and a block where it has its root: one
// name is looked up, and shown to be there or not, by reading one block or two.
import Glibc
import WritCrypto
import WritModel

extension LogStore {
  var headsFile: String { "\(index)/heads" }

  /// Keeps the heads; where that fails they are made again when they are wanted.
  func keep(_ heads: FixedHeads) {
    guard let bytes = HeadsFile.bytes(of: heads) else { return }
    _ = try? disk.makeDirectory(index)
    try? replace(headsFile, bytes)
  }
}

/// An open file of heads, whose table the index leaf vouches for; one thread at a time.
final class HeadsFile {
  private let leaf: IndexLeaf
  private let source: Source
  private let blocks: [Block]
  private let byteCount: Int
  private var known: [Int: [SubjectHead]] = [:]

  private struct Block {
    let offset: Int
    let root: Digest
  }

  private enum Source {
    case file(Int32)
    case memory([UInt8])
  }

  private static let magic = Array("WRITHED2".utf8)
  private static let headByteCount = 24
  private static let tableByteCount = 40
  private static let blockCount = 256
  /// Blocks that are kept at hand.
  private static let knownCount = 256

  /// The heads that the leaf fixes; `nil` where no such file is kept.
  init?(_ store: LogStore, of leaf: IndexLeaf) {
    let descriptor = open(store.headsFile, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0,
      let (blocks, byteCount) = HeadsFile.table(.file(descriptor), Int(status.st_size), leaf)
    else {
      close(descriptor)
      return nil
    }
    self.leaf = leaf
    source = .file(descriptor)
    self.blocks = blocks
    self.byteCount = byteCount
  }

  /// The heads that the leaf fixes, in the bytes of such a file; `nil` where they are none.
  init?(_ bytes: [UInt8], of leaf: IndexLeaf) {
    guard let (blocks, byteCount) = HeadsFile.table(.memory(bytes), bytes.count, leaf) else {
      return nil
    }
    self.leaf = leaf
    source = .memory(bytes)
    self.blocks = blocks
    self.byteCount = byteCount
  }

  deinit {
    if case .file(let descriptor) = source { close(descriptor) }
  }

  private static func table(
    _ source: Source, _ byteCount: Int, _ leaf: IndexLeaf
  ) -> (blocks: [Block], byteCount: Int)? {
    let count = (leaf.subjectCount + UInt64(blockCount - 1)) / UInt64(blockCount)
    guard byteCount <= Limits.objectByteCount,
      count <= UInt64(Limits.objectByteCount / tableByteCount),
      let bytes = read(source, 0, headByteCount + Int(count) * tableByteCount),
      bytes.starts(with: magic), integer(bytes, at: 8) == leaf.size,
      integer(bytes, at: 16) == leaf.subjectCount
    else { return nil }
    var blocks: [Block] = []
    for at in stride(from: headByteCount, to: bytes.count, by: tableByteCount) {
      guard let offset = Int(exactly: integer(bytes, at: at)),
        let root = Digest(bytes[(at + 8)..<at + tableByteCount])
      else { return nil }
      blocks.append(Block(offset: offset, root: root))
    }
    let full = Int(leaf.subjectCount / UInt64(blockCount))
    var hasher = MerkleHasher()
    var frontier = Frontier()
    for block in blocks[..<full] { frontier.append(block.root, with: &hasher) }
    guard hasher.fold(frontier.subtrees + blocks[full...].map(\.root)) == leaf.root else {
      return nil
    }
    return (blocks, byteCount)
  }

  private static func read(_ source: Source, _ offset: Int, _ count: Int) -> [UInt8]? {
    guard offset >= 0, count >= 0 else { return nil }
    let descriptor: Int32
    switch source {
    case .memory(let bytes):
      guard offset <= bytes.count, count <= bytes.count - offset else { return nil }
      return Array(bytes[offset..<offset + count])
    case .file(let file): descriptor = file
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, found in
      while found < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + found }, count - found, off_t(offset + found))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { return }
        found += got
      }
    }
    return bytes.count == count ? bytes : nil
  }
}

// What it is asked.
extension HeadsFile {
  /// Whether a subject has a head, and which.
  enum Answer: Equatable {
    /// The newest entry with it, before the leaf.
    case entry(UInt64)
    /// No entry before the leaf has it.
    case none
    /// The file is not as it was written.
    case damaged
  }

  /// Looks up a name and shows that it is there, or that it is not.
  func newest(about name: String) -> Answer {
    guard !blocks.isEmpty else { return .none }
    // Names at the beginning of blocks are only hints: the blocks themselves are compared below.
    var (lower, upper) = (0, blocks.count)
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      guard let first = firstName(of: middle) else { return .damaged }
      if precedes(name, first) { upper = middle } else { lower = middle }
    }
    guard let heads = heads(of: lower), let first = heads.first, let last = heads.last else {
      return .damaged
    }
    if let found = heads.first(where: { hasSameBytes($0.name, name) }) { return .entry(found.last) }
    guard lower == 0 || precedes(first.name, name) else { return .damaged }
    if precedes(name, last.name) || lower + 1 == blocks.count { return .none }
    guard let next = self.heads(of: lower + 1)?.first, precedes(name, next.name) else {
      return .damaged
    }
    return .none
  }

  private func firstName(of block: Int) -> String? {
    if let heads = known[block] { return heads.first?.name }
    let offset = blocks[block].offset
    guard let length = HeadsFile.read(source, offset, 2) else { return nil }
    let count = Int(length[0]) << 8 | Int(length[1])
    return HeadsFile.read(source, offset + 2, count).flatMap {
      String(validating: $0, as: UTF8.self)
    }
  }

  /// The heads of a block, shown to have its root.
  private func heads(of number: Int) -> [SubjectHead]? {
    if let heads = known[number] { return heads }
    let start = blocks[number].offset
    let end = number + 1 < blocks.count ? blocks[number + 1].offset : byteCount
    guard start <= end, end <= byteCount,
      let bytes = HeadsFile.read(source, start, end - start),
      let heads = HeadsFile.heads(in: bytes)
    else { return nil }
    var hasher = MerkleHasher()
    var frontier = Frontier()
    for head in heads { frontier.append(hasher.leaf(head.leaf), with: &hasher) }
    guard heads.count <= HeadsFile.blockCount, frontier.root(with: &hasher) == blocks[number].root
    else { return nil }
    if known.count >= HeadsFile.knownCount { known.removeAll(keepingCapacity: true) }
    known[number] = heads
    return heads
  }

  /// All heads, `nil` where the file is not as it was written. They are hashed once, all together.
  func all() -> FixedHeads? {
    guard let start = blocks.first?.offset, start <= byteCount,
      let bytes = HeadsFile.read(source, start, byteCount - start),
      let heads = HeadsFile.heads(in: bytes),
      let subjects = SubjectHeads(size: leaf.size, heads: heads)
    else { return nil }
    let fixed = FixedHeads(subjects)
    return leaf.fixes(fixed) ? fixed : nil
  }
}

// The file as bytes.
extension HeadsFile {
  /// `nil` where a name is longer than an entry.
  static func bytes(of heads: FixedHeads) -> [UInt8]? {
    let count = heads.heads.count
    var table: [UInt8] = []
    append(heads.size, to: &table)
    append(UInt64(count), to: &table)
    let blocks = (count + blockCount - 1) / blockCount
    let start = headByteCount + blocks * tableByteCount
    var content: [UInt8] = []
    for first in stride(from: 0, to: count, by: blockCount) {
      let range = UInt64(first)..<UInt64(min(count, first + blockCount))
      append(UInt64(start + content.count), to: &table)
      heads.tree.hashes(over: [range])[0].append(to: &table)
      for head in heads.heads[Int(range.lowerBound)..<Int(range.upperBound)] {
        let name = head.name.utf8
        guard name.count <= Limits.entryByteCount else { return nil }
        content.append(UInt8(name.count >> 8))
        content.append(UInt8(name.count & 0xff))
        content += name
        append(head.last, to: &content)
      }
    }
    return magic + table + content
  }

  private static func heads(in bytes: [UInt8]) -> [SubjectHead]? {
    var heads: [SubjectHead] = []
    var at = 0
    while at < bytes.count {
      guard at + 2 <= bytes.count else { return nil }
      let end = at + 2 + (Int(bytes[at]) << 8 | Int(bytes[at + 1]))
      guard end + 8 <= bytes.count,
        let name = String(validating: bytes[at + 2..<end], as: UTF8.self)
      else { return nil }
      heads.append(SubjectHead(name: name, last: integer(bytes, at: end)))
      at = end + 8
    }
    return heads
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func integer(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    bytes[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension IndexLeaf {
  /// Whether these are the heads that the leaf names the root of.
  func fixes(_ heads: FixedHeads) -> Bool {
    heads.size == size && UInt64(heads.heads.count) == subjectCount && heads.root == root
  }

  /// The leaf over heads, to be appended after the entries that they are of.
  init(_ heads: FixedHeads) {
    self.init(size: heads.size, subjectCount: UInt64(heads.heads.count), root: heads.root)
  }
}

extension LogStore {
  /// The heads of the first `size` entries: those that a leaf fixes, where they are kept, and what came
  /// since, or all read anew. Every entry and head is compared with what was signed.
  func heads(
    of size: UInt64, since leaf: IndexLeaf?, _ reader: LogReader
  ) throws(LogError) -> FixedHeads {
    guard let leaf, leaf.size <= size, let kept = HeadsFile(self, of: leaf)?.all() else {
      return try heads(of: size, since: SubjectHeads(), reader)
    }
    if kept.size == size { return kept }
    return try heads(of: size, since: SubjectHeads(kept), reader)
  }

  /// The heads of the first `size` entries, from those of fewer.
  func heads(
    of size: UInt64, since known: SubjectHeads, _ reader: LogReader
  ) throws(LogError) -> FixedHeads {
    var heads = known
    while heads.size < size {
      let bundle = try reader.bundle(heads.size / 256).entries
      let start = Int(heads.size % 256)
      let end = min(bundle.count, start + Int(clamping: size - heads.size))
      heads.append(bundle[start..<end].map { LoggedRecord($0).subjects })
    }
    return FixedHeads(heads)
  }
}
