// The distinct texts of a graph, in order, by number.

/// Distinct strings sorted by their bytes, numbered from `first`.
///
/// Unchecked: the memory behind it is never written again; it lives as long as the snapshot or
/// overlay.
public struct StringPool: @unchecked Sendable {
  /// The number of the first string: 0 in a snapshot, behind the snapshot's strings in an overlay.
  public let first: Int
  /// How many strings there are.
  public let count: Int
  /// String `first + i` has the bytes `offsets[i] ..< offsets[i + 1]`.
  public let offsets: UnsafePointer<UInt32>
  /// The bytes of all strings, valid UTF-8 without U+0000.
  public let bytes: UnsafePointer<UInt8>

  /// The bytes of a string.
  public func bytes(_ number: Int) -> UnsafeBufferPointer<UInt8> {
    let start = Int(offsets[number - first])
    return UnsafeBufferPointer(
      start: bytes + start, count: Int(offsets[number - first + 1]) - start)
  }

  /// A string.
  public func string(_ number: Int) -> String {
    String(decoding: bytes(number), as: UTF8.self)
  }

  /// The number of the string with those bytes, `nil` if there is none; logarithmic.
  public func find(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var lower = 0
    var upper = count
    while lower < upper {
      let middle = (lower + upper) / 2
      if precedes(bytes(first + middle), text) { lower = middle + 1 } else { upper = middle }
    }
    guard lower < count, bytes(first + lower).elementsEqual(text) else { return nil }
    return first + lower
  }

  /// The number of a string, `nil` if it is not there.
  public func find(_ text: String) -> Int? {
    var text = text
    return text.withUTF8 { find($0) }
  }
}

/// Whether the bytes come before the others.
func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
  let (left, right) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
  let count = min(left.count, right.count)
  var place = 0
  // Eight at a time: as numbers with the first byte on top they are ordered as their bytes are.
  while place + 8 <= count {
    let one = UInt64(bigEndian: left.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    let other = UInt64(bigEndian: right.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    if one != other { return one < other }
    place += 8
  }
  while place < count {
    if left[place] != right[place] { return left[place] < right[place] }
    place += 1
  }
  return left.count < right.count
}
