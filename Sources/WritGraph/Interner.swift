// Strings to small integers while facts are read: each distinct text is kept once.

/// A table of distinct byte strings, numbered from 0 in the order of their first appearance.
///
/// Open addressing with a random seed, so that nobody can choose texts that collide; the numbers do
/// not depend on it. Records lie in one arena: `number: UInt32, count: UInt32, bytes`, each at a multiple of eight bytes.
struct Interner: ~Copyable {
  /// `tag << 40 | place of the record / 8 + 1`, or 0 where free.
  private var slots: UnsafeMutablePointer<UInt64>
  private var capacity: Int
  private var arena: UnsafeMutableRawPointer
  private var arenaCapacity: Int
  private var used = 0
  private let seed: UInt64
  /// The place of each record in units of eight bytes, by number.
  private var places: [UInt32] = []
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

  /// As `intern` for each text of a line.
  ///
  /// The slots of all are fetched before any is looked into, then all records: so that the waits
  /// for memory overlap, which is most of what an import waits for. Measured: 15 % of reading.
  mutating func intern(_ texts: UnsafeMutableBufferPointer<PendingText>) {
    for index in texts.indices {
      let hash = self.hash(texts[index].text)
      texts[index].hash = hash
      texts[index].slot = slots[Int(truncatingIfNeeded: hash) & (capacity &- 1)]
    }
    for index in texts.indices {
      let slot = texts[index].slot
      texts[index].header =
        slot == 0 ? 0 : UnsafeRawPointer(arena + place(slot)).load(as: UInt64.self)
    }
    for index in texts.indices {
      let pending = texts[index]
      if pending.slot != 0, pending.slot &>> 40 == pending.hash &>> 40,
        Int(truncatingIfNeeded: pending.header &>> 32) == pending.text.count,
        isEqual(UnsafeRawPointer(arena + place(pending.slot)) + 8, pending.text)
      {
        texts[index].number = UInt32(truncatingIfNeeded: pending.header)
      } else {
        texts[index].number =
          lookup(pending.text, pending.hash) ?? add(pending.text, pending.hash)
      }
    }
  }

  /// The numbers of all strings of another table, by their numbers there; the waits for memory of 64 of them overlap.
  mutating func intern(_ other: borrowing Interner) -> [UInt32] {
    var numbers: [UInt32] = []
    numbers.reserveCapacity(other.count)
    let batch = 64
    let waiting = UnsafeMutableBufferPointer<PendingText>.allocate(capacity: batch)
    defer { waiting.deallocate() }
    for start in stride(from: 0, to: other.count, by: batch) {
      let end = min(start + batch, other.count)
      // Slots that were looked up stay where they are until the batch is done.
      while (places.count + batch) * 2 > capacity { grow(to: capacity * 2) }
      for number in start..<end {
        waiting.initializeElement(
          at: number - start, to: PendingText(other.bytes(UInt32(number)), field: 0, ordinal: 0))
      }
      let texts = UnsafeMutableBufferPointer(rebasing: waiting[..<(end - start)])
      intern(texts)
      for text in texts { numbers.append(text.number) }
    }
    return numbers
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
    let record = UnsafeRawPointer(arena + Int(places[Int(number)]) * 8)
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
    if (places.count + 1) * 2 > capacity { grow(to: capacity * 2) }
    let size = (8 + text.count + 7) & ~7
    // Eight bytes can be read behind any string, which belong to the next one or to nobody.
    if used + size + 8 > arenaCapacity { growArena(by: size + 8) }
    let number = UInt32(truncatingIfNeeded: places.count)
    let record = arena + used
    record.storeBytes(of: number, as: UInt32.self)
    record.storeBytes(
      of: UInt32(truncatingIfNeeded: text.count), toByteOffset: 4, as: UInt32.self)
    if let start = text.baseAddress {
      (record + 8).copyMemory(from: start, byteCount: text.count)
    }
    insert(slot: (hash &>> 40) &<< 40 | UInt64(used / 8 + 1), hash)
    places.append(UInt32(truncatingIfNeeded: used / 8))
    used += size
    byteCount += text.count
    return number
  }

  private func insert(slot: UInt64, _ hash: UInt64) {
    var index = Int(truncatingIfNeeded: hash) & (capacity - 1)
    while slots[index] != 0 { index = (index + 1) & (capacity - 1) }
    slots[index] = slot
  }

  /// Makes room for the strings of an input of that many bytes, as far as they are like those of
  /// most inputs.
  mutating func reserve(inputBytes: Int) {
    let likely = inputBytes / 4
    if arenaCapacity - used < likely { growArena(by: likely) }
    var larger = capacity
    while larger < inputBytes / 64 { larger *= 2 }
    if larger > capacity { grow(to: larger) }
  }

  /// Takes all strings out; their memory stays.
  mutating func removeAll() {
    slots.update(repeating: 0, count: capacity)
    places.removeAll(keepingCapacity: true)
    used = 0
    byteCount = 0
  }

  /// Gives the table back by which strings are found: from here on there are only the strings by number.
  mutating func forgetNumbers() {
    slots.deallocate()
    capacity = 1
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
  }

  private mutating func grow(to larger: Int) {
    slots.deallocate()
    capacity = larger
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    for (number, place) in places.enumerated() {
      let hash = self.hash(bytes(UInt32(number)))
      insert(slot: (hash &>> 40) &<< 40 | UInt64(place) + 1, hash)
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
}

/// The 128 bits of a product as 64.
@inline(__always)
func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}

/// A text on its way to its number.
struct PendingText {
  /// Eight more bytes can be read behind it.
  let text: UnsafeBufferPointer<UInt8>
  /// The field that it is the value of.
  let field: Int
  /// The property's number among all.
  let ordinal: Int
  fileprivate var hash: UInt64 = 0
  fileprivate var slot: UInt64 = 0
  fileprivate var header: UInt64 = 0
  fileprivate(set) var number: UInt32 = 0

  init(_ text: UnsafeBufferPointer<UInt8>, field: Int, ordinal: Int) {
    self.text = text
    self.field = field
    self.ordinal = ordinal
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
