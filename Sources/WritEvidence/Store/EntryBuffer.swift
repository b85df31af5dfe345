// Entries on their way through the log, as bytes: queued, written, and then hashed into tiles.
//
//     | room for the head of a frame | length u16, entry | length u16, entry | … | zeros |
//
// Entries stand as they do in a frame of the write-ahead log and in a bundle, so that they are
// copied whole from one to the other. Each is hashed once, by whoever brings it: its leaf hash is
// what the frame's check is made of, and later the leaf of the tree.
import WritCrypto

/// A growing run of entries and their leaf hashes; whoever uses it has it for itself.
final class EntryBuffer {
  /// The leaf hashes, one an entry.
  private(set) var leaves: [Digest] = []
  /// Bytes of the entries and their lengths.
  private(set) var byteCount = 0
  /// Index of the first entry.
  var start: UInt64 = 0

  private var base: UnsafeMutableRawPointer
  /// Bytes behind the room for the head.
  private var capacity: Int

  private static let headByteCount = WriteAheadFrame.headByteCount
  private static let initialCapacity = 1 << 12
  private static let step = 1 << 20

  init() {
    capacity = EntryBuffer.initialCapacity
    base = .allocate(byteCount: EntryBuffer.headByteCount + capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  var isEmpty: Bool { leaves.isEmpty }

  /// Index behind the last entry.
  var end: UInt64 { start + UInt64(leaves.count) }

  /// Takes one entry, of at most 65,535 bytes.
  func append(_ entry: UnsafeRawBufferPointer, leaf: Digest) {
    makeRoom(2 + entry.count)
    let target = base + EntryBuffer.headByteCount + byteCount
    target.storeBytes(of: UInt16(entry.count).bigEndian, as: UInt16.self)
    if let source = entry.baseAddress {
      (target + 2).copyMemory(from: source, byteCount: entry.count)
    }
    byteCount += 2 + entry.count
    leaves.append(leaf)
  }

  /// Takes all entries of another, which follow its own.
  func append(_ other: EntryBuffer) {
    if isEmpty { start = other.start }
    precondition(end == other.start, "entries are taken in the order of their indexes")
    makeRoom(other.byteCount)
    (base + EntryBuffer.headByteCount + byteCount).copyMemory(
      from: other.base + EntryBuffer.headByteCount, byteCount: other.byteCount)
    byteCount += other.byteCount
    leaves += other.leaves
  }

  /// Lets go of all entries; memory beyond what is usual is given back.
  func removeAll(keeping limit: Int) {
    byteCount = 0
    leaves.removeAll(keepingCapacity: true)
    guard capacity > limit + 2 * EntryBuffer.step else { return }
    leaves = []
    base.deallocate()
    capacity = EntryBuffer.initialCapacity
    base = .allocate(byteCount: EntryBuffer.headByteCount + capacity, alignment: 16)
  }

  /// The room for the head of a frame.
  var head: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: EntryBuffer.headByteCount)
  }

  /// The entries with their lengths. Not to be used after the next change.
  var payload: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + EntryBuffer.headByteCount, count: byteCount)
  }

  /// Head and entries, and that many zeros. Not to be used after the next change.
  func frame(zeros: Int) -> UnsafeRawBufferPointer {
    makeRoom(zeros)
    let end = EntryBuffer.headByteCount + byteCount
    (base + end).initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
    return UnsafeRawBufferPointer(start: base, count: end + zeros)
  }

  private func makeRoom(_ more: Int) {
    guard byteCount + more > capacity else { return }
    // Doubled while small; later in steps, since these buffers stay.
    capacity = max(byteCount + more, capacity + min(capacity, EntryBuffer.step))
    let larger = UnsafeMutableRawPointer.allocate(
      byteCount: EntryBuffer.headByteCount + capacity, alignment: 16)
    larger.copyMemory(from: base, byteCount: EntryBuffer.headByteCount + byteCount)
    base.deallocate()
    base = larger
  }
}
