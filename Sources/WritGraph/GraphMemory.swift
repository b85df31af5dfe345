// The memory that a snapshot or overlay lies in: written once, then only read.

import Glibc

/// Zeroed memory, aligned to 64 bytes, with 64 bytes to spare behind it.
///
/// Unchecked: written by whoever makes it, before anybody else can see it, and never after.
final class GraphMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let byteCount: Int
  /// Bytes of the pages that it has of the system; 0 where it came from the allocator.
  private let pageByteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    // The memory of a request's overlay is small, and there are many of them.
    if let pages = MemoryPages(byteCount: byteCount + 64, atLeast: 1 << 20) {
      (base, pageByteCount) = (pages.base, pages.byteCount)
    } else {
      pageByteCount = 0
      base = .allocate(byteCount: byteCount + 64, alignment: 64)
      base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount + 64)
    }
  }

  /// Takes pages over, of which that many bytes are used and 64 more are there.
  fileprivate init(_ pages: MemoryPages, byteCount: Int) {
    self.byteCount = byteCount
    (base, pageByteCount) = (pages.base, pages.byteCount)
  }

  deinit {
    if pageByteCount > 0 { munmap(base, pageByteCount) } else { base.deallocate() }
  }
}

/// Zeroed pages of the system, large ones where it has them: they are there only once they are written.
private struct MemoryPages {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var byteCount: Int

  /// `nil` where less than a certain count is asked for, or the system has no more.
  init?(byteCount: Int, atLeast least: Int) {
    guard byteCount >= least else { return nil }
    self.byteCount = byteCount
    let pages = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let pages, pages != MAP_FAILED else { return nil }
    base = pages
    madvise(base, byteCount, MADV_HUGEPAGE)
  }

  /// Gives back the pages behind the first `count` bytes.
  mutating func shrink(to count: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let kept = (count + page - 1) / page * page
    guard kept < byteCount, munmap(base + kept, byteCount - kept) == 0 else { return }
    byteCount = kept
  }
}

/// Lays sections one behind the other, each on a multiple of 64 bytes, so that none of them is held twice.
struct SectionWriter: ~Copyable {
  private var pages: MemoryPages
  private var places: [SectionPlace] = []
  private var end = 0

  /// For sections that come to at most so many bytes in all; only what is written takes memory.
  init(atMost bound: Int) {
    guard let pages = MemoryPages(byteCount: bound + 64, atLeast: 0) else {
      preconditionFailure("the system has no memory for a graph of \(bound) bytes")
    }
    self.pages = pages
  }

  mutating func append(_ payload: Payload) {
    let byteCount = payload.count * payload.width
    let next = (end + byteCount + 63) & ~63
    precondition(next + 64 <= pages.byteCount, "the bound of the sections is one")
    payload.copy(to: pages.base + end)
    places.append(SectionPlace(offset: end, count: payload.count))
    end = next
  }

  mutating func append(_ payloads: [Payload]) {
    for payload in payloads { append(payload) }
  }

  /// All sections that were written.
  consuming func table() -> SectionTable {
    pages.shrink(to: end + 64)
    return SectionTable(memory: GraphMemory(pages, byteCount: end), places: places)
  }
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
