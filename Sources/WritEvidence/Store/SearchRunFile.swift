// A run of the search index as a file of blocks, each with its own check: a search reads few of them,
// and notices a changed byte in each that it reads.
//
// Integers big endian. A block has 4096 bytes: 4080 of content and the first 16 of the SHA-256 over
// `start`, `count`, the number of the block, and its content.
//
//     block 0      "WRITIDX2" | start u64 | count u64 | pair count u64 | is ordered u64
//     then         times, i64 each, 510 in a block
//     then         pairs, key u64 and offset u32 each, 340 in a block
import Glibc
import WritCrypto

/// Reads a run block by block, from a file or from memory.
final class SearchRunFile {
  let start: UInt64
  let count: Int
  let pairCount: Int
  let isOrdered: Bool
  let path: String
  private let source: Source
  private var cache: [Int: [UInt8]] = [:]

  private enum Source {
    case file(Int32)
    case memory([UInt8])
  }

  static let blockByteCount = 4096
  static let contentByteCount = 4080
  static let timesPerBlock = contentByteCount / 8
  static let pairsPerBlock = contentByteCount / 12
  private static let magic = Array("WRITIDX2".utf8)
  /// Blocks that are kept at hand: 4 MiB.
  private static let cachedBlocks = 1024

  /// Opens the file of a run; `nil` where there is none, `damaged` where it is none of this run.
  convenience init?(_ path: String, range: Range<UInt64>) throws(LogError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) { return nil }
    guard descriptor >= 0 else { throw .file(path: path, act: "open", code: errno) }
    try self.init(.file(descriptor), path, range: range)
  }

  /// The bytes of a run that could not be written.
  convenience init(_ bytes: [UInt8], range: Range<UInt64>) throws(LogError) {
    try self.init(.memory(bytes), "a run in memory", range: range)
  }

  private init(_ source: Source, _ path: String, range: Range<UInt64>) throws(LogError) {
    self.source = source
    self.path = path
    start = range.lowerBound
    count = range.count
    let head: [UInt8]
    do throws(LogError) {
      head = try SearchRunFile.read(0, of: source, path, range)
    } catch {
      if case .file(let descriptor) = source { close(descriptor) }
      throw error
    }
    pairCount = Int(clamping: integer(head, at: 24, bytes: 8))
    isOrdered = integer(head, at: 32, bytes: 8) == 1
    // Everything is set, so `deinit` closes the file: closed here as well, it would be somebody else's by then.
    guard head.starts(with: SearchRunFile.magic), pairCount < 1 << 40 else {
      throw .damaged(path: path, reason: "is no run of the search index")
    }
  }

  deinit {
    if case .file(let descriptor) = source { close(descriptor) }
  }

  var range: Range<UInt64> { start..<start + UInt64(count) }

  private var firstPairBlock: Int {
    1 + (count + SearchRunFile.timesPerBlock - 1) / SearchRunFile.timesPerBlock
  }

  /// When an entry was logged.
  func time(_ offset: Int) throws(LogError) -> Int64 {
    let (block, place) = offset.quotientAndRemainder(dividingBy: SearchRunFile.timesPerBlock)
    return Int64(bitPattern: integer(try content(of: 1 + block), at: place * 8, bytes: 8))
  }

  /// A key and the entry that has it.
  func pair(_ number: Int) throws(LogError) -> (key: UInt64, offset: UInt32) {
    let (block, place) = number.quotientAndRemainder(dividingBy: SearchRunFile.pairsPerBlock)
    let content = try content(of: firstPairBlock + block)
    return (
      integer(content, at: place * 12, bytes: 8),
      UInt32(truncatingIfNeeded: integer(content, at: place * 12 + 8, bytes: 4))
    )
  }

  /// The whole run.
  func run() throws(LogError) -> SearchRun {
    var times: [Int64] = []
    for offset in 0..<count { times.append(try time(offset)) }
    var (keys, offsets): ([UInt64], [UInt32]) = ([], [])
    for number in 0..<pairCount {
      let pair = try pair(number)
      keys.append(pair.key)
      offsets.append(pair.offset)
    }
    return SearchRun(
      start: start, times: times, keys: keys, offsets: offsets, isOrdered: isOrdered)
  }

  private func content(of block: Int) throws(LogError) -> [UInt8] {
    if let known = cache[block] { return known }
    let content = try SearchRunFile.read(block, of: source, path, range)
    if cache.count >= SearchRunFile.cachedBlocks { cache.removeAll(keepingCapacity: true) }
    cache[block] = content
    return content
  }

  private static func read(
    _ block: Int, of source: Source, _ path: String, _ range: Range<UInt64>
  ) throws(LogError) -> [UInt8] {
    var bytes: [UInt8]
    switch source {
    case .memory(let all):
      let start = block * blockByteCount
      bytes = start < all.count ? Array(all[start..<min(all.count, start + blockByteCount)]) : []
    case .file(let descriptor):
      bytes = [UInt8](repeating: 0, count: blockByteCount)
      let found = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, blockByteCount, off_t(block * blockByteCount))
      }
      guard found >= 0 else { throw .file(path: path, act: "read", code: errno) }
      bytes.removeLast(blockByteCount - found)
    }
    guard bytes.count == blockByteCount,
      bytes[contentByteCount...].elementsEqual(
        check(bytes[..<contentByteCount], block: block, range))
    else { throw .damaged(path: path, reason: "block \(block) is not as it was written") }
    return bytes
  }

  private static func check(
    _ content: ArraySlice<UInt8>, block: Int, _ range: Range<UInt64>
  ) -> ArraySlice<UInt8> {
    var hasher = SHA256()
    var head: [UInt8] = []
    for value in [range.lowerBound, UInt64(range.count), UInt64(block)] {
      append(value, bytes: 8, to: &head)
    }
    hasher.update(head)
    hasher.update(content)
    return hasher.finish().bytes[..<16]
  }

  /// The bytes of the file of a run.
  static func bytes(of run: SearchRun) -> [UInt8] {
    let range = run.start..<run.end
    var file: [UInt8] = []
    var content = magic
    var block = 0
    for value in [
      run.start, UInt64(run.times.count), UInt64(run.keys.count), run.isOrdered ? 1 : 0,
    ] {
      append(value, bytes: 8, to: &content)
    }
    func flush() {
      guard !content.isEmpty else { return }
      content += [UInt8](repeating: 0, count: contentByteCount - content.count)
      file += content
      file += check(content[...], block: block, range)
      block += 1
      content.removeAll(keepingCapacity: true)
    }
    flush()
    for time in run.times {
      append(UInt64(bitPattern: time), bytes: 8, to: &content)
      if content.count == timesPerBlock * 8 { flush() }
    }
    flush()
    for (key, offset) in zip(run.keys, run.offsets) {
      append(key, bytes: 8, to: &content)
      append(UInt64(offset), bytes: 4, to: &content)
      if content.count == pairsPerBlock * 12 { flush() }
    }
    flush()
    return file
  }
}

/// The value of some bytes, big endian.
private func integer(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
  bytes.withUnsafeBytes { buffer in
    if count == 8 {
      return UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    return UInt64(
      UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}

private func append(_ value: UInt64, bytes count: Int, to bytes: inout [UInt8]) {
  for byte in 0..<count {
    bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - byte))))
  }
}
