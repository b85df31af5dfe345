// Where facts are read from, and the lines of a part of it.

import Glibc

/// A text of facts: bytes, or a file of which parts are read as they are needed.
public struct FactInput: Sendable {
  /// What problems call the input.
  public let name: String
  /// Bytes of the text.
  public let byteCount: Int
  private let source: Source

  private enum Source: Sendable {
    case bytes([UInt8])
    case descriptor(Int32)
  }

  /// Facts in memory.
  public init(_ bytes: [UInt8], named name: String) {
    self.name = name
    byteCount = bytes.count
    source = .bytes(bytes)
  }

  /// Facts in a regular file that is open, and stays so until the import is over; so many bytes of it.
  public init(descriptor: Int32, byteCount: Int, named name: String) {
    self.name = name
    self.byteCount = byteCount
    source = .descriptor(descriptor)
  }

  /// Copies bytes from a place on; how many there were.
  func read(
    from offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(SnapshotError) -> Int {
    let wanted = max(0, min(target.count, byteCount - offset))
    switch source {
    case .bytes(let bytes):
      bytes.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + wanted]))
      }
      return wanted
    case .descriptor(let descriptor):
      var done = 0
      while done < wanted {
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[done..<wanted])
        let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw .unreadable(path: name, code: errno) }
        // Somebody made the file shorter: it ends here.
        guard count > 0 else { return done }
        done += count
      }
      return done
    }
  }
}

/// Memory for some lines of an input, used again and again.
struct LineBlock: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private var count = 0
  /// Behind the lines that were read; the next ones begin there.
  private(set) var end = 0
  /// Where the lines lie in the memory.
  private var range = 0..<0

  /// Bytes behind the last line feed that can be read: what `JSONCursor` needs.
  private static let spare = 64

  init(byteCount: Int) {
    memory = .allocate(byteCount: byteCount + LineBlock.spare, alignment: 16)
  }

  deinit { memory.deallocate() }

  /// The lines; a line feed ends the last.
  var lines: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      UnsafeMutableRawBufferPointer(rebasing: memory[range]).assumingMemoryBound(to: UInt8.self))
  }

  /// Reads the lines that begin in that many bytes from `offset` on, those of a whole input one after the other: a line belongs
  /// to the part that it begins in.
  mutating func read(_ input: FactInput, from offset: Int, count wanted: Int) throws(SnapshotError)
  {
    // The byte before says whether a line begins at the first.
    let first = max(0, offset - 1)
    var size = offset + wanted - first + 4096
    count = 0
    range = 0..<0
    end = offset + wanted
    while true {
      if memory.count < size + LineBlock.spare { grow(to: size) }
      let target = UnsafeMutableRawBufferPointer(rebasing: memory[count..<size])
      count += try input.read(from: first + count, into: target)
      let isWhole = count < size
      if isWhole {
        // The input ends here, with a line feed or without.
        memory[count] = 10
        UnsafeMutableRawBufferPointer(rebasing: memory[(count + 1)...]).initializeMemory(
          as: UInt8.self, repeating: 0)
      }
      let start = offset == 0 ? 0 : lineFeed(from: 0).map { $0 + 1 }
      let last = lineFeed(from: max(0, offset + wanted - first - 1))
      if let start, start > offset + wanted - first - 1, start > 0 { return }
      // A line that began before and ends behind: none begins here, however long it is.
      if start == nil, count >= offset + wanted - first { return }
      if let start, let last {
        range = start..<min(last, count) + 1
        return
      }
      if isWhole {
        if let start, start < count { range = start..<count + 1 }
        return
      }
      size *= 2
    }
  }

  private func lineFeed(from start: Int) -> Int? {
    guard start < count, let base = memory.baseAddress,
      let found = memchr(base + start, 10, count - start)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private mutating func grow(to size: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: size + LineBlock.spare, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
    memory.deallocate()
    memory = larger
  }
}
