// Nodes of one kind by their ids, for whoever looks for many of them: one look instead of a search.

import WritModel

/// An open-addressing table of the nodes of a kind. Built once; safe for several threads.
///
/// Unchecked: the memory behind it is never written again.
public final class NodeIndex: @unchecked Sendable {
  private let snapshot: Snapshot
  private let firstNode: Int
  /// The upper half of an id's hash, and the node's place in its kind + 1; 0 where there is none.
  private let entries: UnsafeMutablePointer<UInt64>
  private let mask: Int
  /// Another in each process, so that nobody can choose ids that fall together.
  private let seed: UInt64

  /// O(nodes of the kind), and 16 to 32 bytes for each.
  public init(_ snapshot: Snapshot, kind: Int) {
    self.snapshot = snapshot
    let nodes = snapshot.nodeRange(ofKind: kind)
    firstNode = nodes.lowerBound
    var capacity = 16
    while capacity < nodes.count * 2 { capacity *= 2 }
    mask = capacity - 1
    seed = UInt64.random(in: .min ... .max)
    entries = .allocate(capacity: capacity)
    entries.initialize(repeating: 0, count: capacity)
    for place in 0..<nodes.count {
      let hash = NodeIndex.hash(id(place), seed)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while entries[slot] != 0 { slot = (slot + 1) & mask }
      entries[slot] = hash & ~0xffff_ffff | UInt64(place + 1)
    }
  }

  deinit { entries.deallocate() }

  private func id(_ place: Int) -> UnsafeBufferPointer<UInt8> {
    snapshot.strings.bytes(Int(snapshot.nodeIDs[firstNode + place]))
  }

  /// The node with that id; `nil` if there is none. Constant.
  public func node(_ id: UnsafeBufferPointer<UInt8>) -> Int? {
    let hash = NodeIndex.hash(id, seed)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while entries[slot] != 0 {
      let entry = entries[slot]
      if (entry ^ hash) >> 32 == 0 {
        let place = Int(entry & 0xffff_ffff) - 1
        if hasSameBytes(self.id(place), id) { return firstNode + place }
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private static let factor: UInt64 = 0xD6E8_FEB8_6659_FD93

  /// Multiply and fold, eight bytes at a time; nothing behind the bytes is read.
  @inline(__always)
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ seed: UInt64) -> UInt64 {
    let raw = UnsafeRawBufferPointer(bytes)
    var hash = seed ^ UInt64(raw.count) &* 0x9E37_79B9_7F4A_7C15
    var place = 0
    while place &+ 8 <= raw.count {
      hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self), factor)
      place &+= 8
    }
    var rest: UInt64 = 0
    while place < raw.count {
      rest = rest << 8 | UInt64(raw[place])
      place &+= 1
    }
    return fold(hash ^ rest, factor)
  }
}
