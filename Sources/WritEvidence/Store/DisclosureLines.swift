// The lines of the file of values, each found by what it holds without reading the others.
//
// A line is `{"disclosure":"…","of":[…]}`, where a disclosure is base64url of `["<salt>","<name>",<value>]` and a salt of
// this log has 22 characters. So character 32 of a disclosure begins with the quote behind the salt, and from there on
// two lines are the same if and only if they hold the same value of the same nodes.
import WritCrypto
import WritModel

/// The file of values as it is and as it will be. Linear in its bytes to open; nothing is decoded that is not asked for.
struct DisclosureLines {
  /// Every line with its end.
  private(set) var bytes: [UInt8]
  /// Where a line begins, by the hash of what it holds. Of two that have one hash only the later is found, and the
  /// other value gets a second digest.
  private var places: [Int: Int] = [:]
  /// The same by digest; `nil` until one is asked for.
  private var digests: [DisclosureDigest: Int]?

  private static let opening = Array(#"{"disclosure":""#.utf8)
  private static let closing = Array("]}".utf8)
  /// Where in a line that begins which does not depend on the salt.
  private static let heldFrom = opening.count + 32

  /// Reads a file; throws its number for a line that cannot be one.
  init(_ bytes: [UInt8]) throws(DamagedLine) {
    self.bytes = bytes
    if let last = bytes.last, last != 0x0a { self.bytes.append(0x0a) }
    var start = 0
    var number = 0
    while start < self.bytes.count {
      let end = end(of: start)
      number += 1
      guard isLine(start..<end) else { throw DamagedLine(number: number) }
      places[hash(start..<end)] = start
      start = end + 1
    }
  }

  /// A line that holds no disclosure, from 1.
  struct DamagedLine: Error {
    let number: Int
  }

  private func end(of start: Int) -> Int {
    bytes.withUnsafeBytes { bytes in
      var end = start
      while bytes[end] != 0x0a { end += 1 }
      return end
    }
  }

  private func isLine(_ line: Range<Int>) -> Bool {
    line.count > DisclosureLines.heldFrom
      && bytes[line].starts(with: DisclosureLines.opening)
      && bytes[line].suffix(2).elementsEqual(DisclosureLines.closing)
  }

  private func hash(_ line: Range<Int>) -> Int {
    bytes.withUnsafeBytes { bytes in
      DisclosureLines.hash(
        UnsafeRawBufferPointer(rebasing: bytes[line].dropFirst(DisclosureLines.heldFrom)))
    }
  }

  private static func hash(_ held: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: held)
    return hasher.finalize()
  }

  /// The digest of the line that holds what the other one does, under whatever salt.
  func digest(ofSameAs other: HeldDisclosure) -> DisclosureDigest? {
    let held = other.bytes.dropFirst(DisclosureLines.heldFrom)
    guard let start = places[held.withUnsafeBytes { DisclosureLines.hash($0) }] else { return nil }
    let line = bytes[start..<end(of: start)]
    guard line.dropFirst(DisclosureLines.heldFrom).elementsEqual(held) else { return nil }
    return HeldDisclosure(Array(line))?.disclosure.digest
  }

  /// The text behind a digest, `nil` if that is no text or not here. The first call is linear in the file.
  mutating func text(_ digest: DisclosureDigest) -> String? {
    let digests = self.digests ?? allDigests()
    self.digests = digests
    guard let start = digests[digest] else { return nil }
    return HeldDisclosure(Array(bytes[start..<end(of: start)]))?.disclosure.value.string
  }

  private func allDigests() -> [DisclosureDigest: Int] {
    var digests: [DisclosureDigest: Int] = [:]
    digests.reserveCapacity(places.count)
    var start = 0
    while start < bytes.count {
      let end = end(of: start)
      let text = bytes[(start + DisclosureLines.opening.count)..<end].prefix { $0 != 0x22 }
      digests[DisclosureDigest(sha256: Digest(of: Array(text)))] = start
      start = end + 1
    }
    return digests
  }

  /// Adds a line behind the others.
  mutating func append(_ held: HeldDisclosure) {
    let start = bytes.count
    bytes += held.bytes
    places[hash(start..<bytes.count)] = start
    bytes.append(0x0a)
    digests?[held.disclosure.digest] = start
  }
}
