// Strings to small integers while facts are read: each distinct text is kept once.

/// A table of distinct byte strings, numbered from 0 in the order of their first appearance.
///
/// Open addressing with a random seed, so that nobody can choose texts that collide; the numbers do
/// not depend on it. Records lie in one arena: `number: UInt32, count: UInt32, bytes`, padded so
/// that eight bytes can be read behind any.
struct Interner: ~Copyable {
  /// `tag << 40 | place of the record / 8 + 1`, or 0 where free.
  private var slots: UnsafeMutablePointer<UInt64>
  private var capacity: Int
  private var arena: UnsafeMutableRawPointer
  private var arenaCapacity: Int
  private var used = 0
  private let seed: UInt64
  /// The place of each record, by number.
  private var places: [Int] = []
  /// Bytes of all strings.
  private(set) var byteCount = 0

  /// The number of distinct strings.
  var count: Int { places.count }

  init(capacity: Int = 1 << 12, arena: Int = 1 << 16) {
    self.capacity = capacity
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    arenaCapacity = arena
    self.arena = .allocate(byteCount: arena, alignment: 16)
    seed = UInt64.random(in: .min ... .max)
  }

  deinit {
    slots.deallocate()
    arena.deallocate()
  }

  /// The number of a string, which is given one if it is new.
  ///
  /// - Precondition: eight more bytes can be read behind `text`.
  mutating func intern(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    let hash = self.hash(text)
    if let found = lookup(text, hash) { return found }
    return add(text, hash)
  }

  /// The number of a string that was interned before.
  ///
  /// - Precondition: eight more bytes can be read behind `text`.
  func find(_ text: UnsafeBufferPointer<UInt8>) -> UInt32? {
    lookup(text, hash(text))
  }

  /// The bytes of string `number`; eight more can be read behind them. They move when the next
  /// string is added.
  func bytes(_ number: UInt32) -> UnsafeBufferPointer<UInt8> {
    let record = UnsafeRawPointer(arena + places[Int(number)])
    let count = Int(record.load(fromByteOffset: 4, as: UInt32.self))
    return UnsafeBufferPointer(
      start: (record + 8).assumingMemoryBound(to: UInt8.self), count: count)
  }

  private func lookup(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> UInt32? {
    var index = Int(truncatingIfNeeded: hash) & (capacity &- 1)
    while true {
      let slot = slots[index]
      if slot == 0 { return nil }
      if slot &>> 40 == hash &>> 40 {
        let record = UnsafeRawPointer(arena + place(slot))
        let count = Int(record.load(fromByteOffset: 4, as: UInt32.self))
        if count == text.count && isEqual(record + 8, text) { return record.load(as: UInt32.self) }
      }
      index = (index &+ 1) & (capacity &- 1)
    }
  }

  private mutating func add(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> UInt32 {
    if (places.count + 1) * 2 > capacity { grow() }
    let size = (8 + text.count + 8 + 7) & ~7
    if used + size > arenaCapacity { growArena(by: size) }
    let number = UInt32(truncatingIfNeeded: places.count)
    let record = arena + used
    record.storeBytes(of: number, as: UInt32.self)
    record.storeBytes(
      of: UInt32(truncatingIfNeeded: text.count), toByteOffset: 4, as: UInt32.self)
    if let start = text.baseAddress {
      (record + 8).copyMemory(from: start, byteCount: text.count)
    }
    insert(slot: (hash &>> 40) &<< 40 | UInt64(used / 8 + 1), hash)
    places.append(used)
    used += size
    byteCount += text.count
    return number
  }

  private func insert(slot: UInt64, _ hash: UInt64) {
    var index = Int(truncatingIfNeeded: hash) & (capacity - 1)
    while slots[index] != 0 { index = (index + 1) & (capacity - 1) }
    slots[index] = slot
  }

  private mutating func grow() {
    slots.deallocate()
    capacity *= 2
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    for (number, place) in places.enumerated() {
      let hash = self.hash(bytes(UInt32(number)))
      insert(slot: (hash &>> 40) &<< 40 | UInt64(place / 8 + 1), hash)
    }
  }

  private mutating func growArena(by size: Int) {
    let larger = max(arenaCapacity * 2, used + size)
    let copy = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    copy.copyMemory(from: arena, byteCount: used)
    arena.deallocate()
    arena = copy
    arenaCapacity = larger
  }

  private func place(_ slot: UInt64) -> Int {
    (Int(truncatingIfNeeded: slot & 0xff_ffff_ffff) &- 1) &* 8
  }

  /// Multiply and fold, eight bytes at a time; the last eight overlap the ones before.
  private func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let count = text.count
    var hash = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    guard count > 0, let start = UnsafeRawPointer(text.baseAddress) else {
      return fold(hash, 0xE703_7ED1_A0B4_28DB)
    }
    if count < 8 {
      let word = start.loadUnaligned(as: UInt64.self) &<< UInt64(truncatingIfNeeded: 64 - 8 * count)
      return fold(hash ^ word, 0xE703_7ED1_A0B4_28DB)
    }
    var offset = 0
    while offset &+ 8 < count {
      let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      hash = fold(hash ^ word, 0xA076_1D64_78BD_642F)
      offset &+= 8
    }
    let last = start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    return fold(hash ^ last, 0xE703_7ED1_A0B4_28DB)
  }

  private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}

/// Whether the bytes at `left` are those of `text`.
///
/// - Precondition: eight more bytes can be read behind both.
func isEqual(_ left: UnsafeRawPointer, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
  let count = text.count
  guard count > 0, let right = UnsafeRawPointer(text.baseAddress) else { return true }
  if count < 8 {
    let difference = left.loadUnaligned(as: UInt64.self) ^ right.loadUnaligned(as: UInt64.self)
    return difference &<< UInt64(truncatingIfNeeded: 64 - 8 * count) == 0
  }
  var offset = 0
  while offset &+ 8 < count {
    if left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    {
      return false
    }
    offset &+= 8
  }
  return left.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    == right.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
}
