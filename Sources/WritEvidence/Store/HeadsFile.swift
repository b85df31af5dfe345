// The newest entry of each subject as a file, so that the next index leaf need not read the whole log.
//
//     "WRITHED1" | size u64 | for each subject, sorted: length u16, name, last u64       big endian
//
// It is believed only where the tree over it has the root that the index leaf of that size names.
import WritCrypto

extension LogStore {
  private var headsFile: String { "\(index)/heads" }
  private static let magic = Array("WRITHED1".utf8)

  /// Keeps the heads; where that fails they are made again when they are wanted.
  func keep(_ heads: FixedHeads) {
    var bytes = LogStore.magic
    append(heads.size, to: &bytes)
    for head in heads.heads {
      let name = Array(head.name.utf8)
      guard name.count <= Limits.entryByteCount else { return }
      bytes += [UInt8(name.count >> 8), UInt8(name.count & 0xff)] + name
      append(head.last, to: &bytes)
    }
    _ = try? disk.makeDirectory(index)
    try? replace(headsFile, bytes)
  }

  /// The heads that an index leaf fixes, if they are kept.
  func keptHeads(of leaf: IndexLeaf) -> FixedHeads? {
    guard let bytes = try? disk.read(headsFile, limit: Limits.objectByteCount),
      bytes.starts(with: LogStore.magic), bytes.count >= 16, integer(bytes, at: 8) == leaf.size
    else { return nil }
    var heads: [SubjectHead] = []
    var at = 16
    while at + 2 <= bytes.count {
      let end = at + 2 + (Int(bytes[at]) << 8 | Int(bytes[at + 1]))
      guard end + 8 <= bytes.count,
        let name = String(validating: bytes[at + 2..<end], as: UTF8.self)
      else { return nil }
      heads.append(SubjectHead(name: name, last: integer(bytes, at: end)))
      at = end + 8
    }
    guard let subjects = SubjectHeads(size: leaf.size, heads: heads) else { return nil }
    let fixed = FixedHeads(subjects)
    return leaf.fixes(fixed) ? fixed : nil
  }

  private func append(_ value: UInt64, to bytes: inout [UInt8]) {
    for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * byte))) }
  }

  private func integer(_ bytes: [UInt8], at offset: Int) -> UInt64 {
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

extension SearchIndex {
  /// The heads of the first `size` entries: those of the newest index leaf and what came since, or all
  /// read anew.
  func heads(of size: UInt64) throws(LogError) -> FixedHeads {
    var heads = SubjectHeads()
    if let leaf = try newestIndexLeaf(), leaf.size <= size, let kept = store.keptHeads(of: leaf) {
      if kept.size == size { return kept }
      heads = SubjectHeads(kept)
    }
    while heads.size < size {
      let bundle = try reader.bundle(heads.size / 256).entries
      let start = Int(heads.size % 256)
      let end = min(bundle.count, start + Int(clamping: size - heads.size))
      heads.append(bundle[start..<end].map { LoggedRecord($0).subjects })
    }
    return FixedHeads(heads)
  }
}
