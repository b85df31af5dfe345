// The memory that a snapshot or overlay lies in: written once, then only read.

/// Zeroed memory, aligned to 64 bytes, with 64 bytes to spare behind it.
///
/// Unchecked: written by whoever makes it, before anybody else can see it, and never after.
final class GraphMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    base = .allocate(byteCount: byteCount + 64, alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount + 64)
  }

  deinit { base.deallocate() }
}

/// The contents of one section on their way into memory.
enum Payload {
  case bytes([UInt8])
  case words([UInt32])
  case longs([UInt64])

  /// Bytes of one element.
  var width: Int {
    switch self {
    case .bytes: 1
    case .words: 4
    case .longs: 8
    }
  }

  /// Elements.
  var count: Int {
    switch self {
    case .bytes(let values): values.count
    case .words(let values): values.count
    case .longs(let values): values.count
    }
  }

  func copy(to target: UnsafeMutableRawPointer) {
    func copy(_ source: UnsafeRawBufferPointer) {
      if let start = source.baseAddress { target.copyMemory(from: start, byteCount: source.count) }
    }
    // Elements lie as the machine has them, which is little-endian on every machine that Swift
    // builds Linux programs for.
    switch self {
    case .bytes(let values): values.withUnsafeBytes(copy)
    case .words(let values): values.withUnsafeBytes(copy)
    case .longs(let values): values.withUnsafeBytes(copy)
    }
  }
}

/// Where a section lies within a memory.
struct SectionPlace: Hashable {
  /// In bytes, a multiple of 64.
  let offset: Int
  /// Elements.
  let count: Int
}

/// Sections in a memory, in a known order.
struct SectionTable: Sendable {
  let memory: GraphMemory
  let places: [SectionPlace]

  /// Sections that lie in `memory` as somebody else has checked.
  init(memory: GraphMemory, places: [SectionPlace]) {
    self.memory = memory
    self.places = places
  }

  /// Lays the payloads one behind the other, each on a multiple of 64 bytes.
  init(_ payloads: [Payload]) {
    places = SectionTable.places(payloads.map { ($0.count, $0.width) })
    memory = GraphMemory(byteCount: SectionTable.byteCount(places, payloads.last?.width ?? 1))
    for (place, payload) in zip(places, payloads) { payload.copy(to: memory.base + place.offset) }
  }

  /// The places of sections of those counts and widths.
  static func places(_ shapes: [(count: Int, width: Int)]) -> [SectionPlace] {
    var offset = 0
    return shapes.map { shape in
      defer { offset = (offset + shape.count * shape.width + 63) & ~63 }
      return SectionPlace(offset: offset, count: shape.count)
    }
  }

  /// Bytes of all sections with the filling behind the last.
  static func byteCount(_ places: [SectionPlace], _ lastWidth: Int) -> Int {
    guard let last = places.last else { return 0 }
    return (last.offset + last.count * lastWidth + 63) & ~63
  }
}

/// Takes sections from a table one after the other.
struct SectionCursor {
  let table: SectionTable
  private var index = 0

  init(_ table: SectionTable) {
    self.table = table
  }

  /// The next section, as elements of that type.
  mutating func next<Element: BitwiseCopyable>(
    _: Element.Type
  ) -> UnsafeBufferPointer<Element> {
    defer { index += 1 }
    let place = table.places[index]
    let start = UnsafeRawPointer(table.memory.base + place.offset)
    return UnsafeBufferPointer(
      start: start.assumingMemoryBound(to: Element.self), count: place.count)
  }
}
