// Files of a log: write-ahead segments, entry bundles, tiles and their paths.

import WritCrypto
import WritEvidence

/// A file of a log, after a byte that chooses which: a segment as it is, a segment with its checks mended, an entry bundle, a
/// tile, or a path.
@Sendable func fuzzLog(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 5 {
  case 0: _ = SegmentContents(Array(feed.rest), signer: World.shared.logSigner)
  case 1: try checkMendedSegment(&feed)
  case 2:
    let width = Int(feed.byte()) + 1
    guard let bundle = EntryBundle(Array(feed.rest), width: width) else { return }
    try hold(bundle.entries.count == width, "an entry bundle has another width")
    try hold(bundle.bytes == Array(feed.rest), "an entry bundle is not written as it was read")
  case 3:
    let width = Int(feed.byte()) + 1
    guard let tile = Tile(Array(feed.rest), width: width) else { return }
    try hold(tile.bytes == Array(feed.rest), "a tile is not written as it was read")
  default:
    let text = String(decoding: feed.rest, as: UTF8.self)
    guard let path = TilePath(text) else { return }
    try hold(path.description == text, "a path is not written as it was read")
    try hold(TilePath(path.full.description) == path.full, "a full tile's path reads otherwise")
  }
}

/// A segment of frames whose checks are right whatever stands in them; `WriteAheadFrame.swift` has the layout. Some bytes may
/// follow.
private func checkMendedSegment(_ feed: inout ByteFeed) throws {
  let signer = World.shared.logSigner
  let salt = [UInt8](repeating: feed.byte(), count: 16)
  let secret =
    Array("writ write-ahead key v1".utf8) + [0] + Array(signer.name.description.utf8) + [0] + salt
    + [0]
  let key = Digest(of: signer.keys[0].sign(secret))
  let start = UInt64(feed.byte())
  var previous = [UInt8](repeating: 0, count: 16)
  let clock = bigEndian(UInt64(bitPattern: .min), 8)
  let head = Array("WRITWAL2".utf8) + bigEndian(start, 8) + clock + salt + previous
  var file = head + code(of: head, key)[..<16]
  var expected: [[UInt8]] = []
  var isSound = true
  while !feed.isEmpty {
    let flaws = feed.byte()
    var entries: [[UInt8]] = []
    for _ in 0..<feed.byte() % 4 {
      let count = Int(feed.byte())
      entries.append((0..<count).map { _ in feed.byte() })
    }
    let payload = entries.flatMap { bigEndian(UInt64($0.count), 2) + $0 }
    // Each flaw is one field that says something else than it should.
    func flawed(_ bit: UInt8, _ value: UInt64) -> UInt64 {
      flaws & bit == 0 ? value : value &+ UInt64(flaws)
    }
    let fields =
      Array("wfr1".utf8) + bigEndian(flawed(1, UInt64(payload.count)), 4)
      + bigEndian(flawed(2, start + UInt64(expected.count)), 8)
      + bigEndian(flawed(4, UInt64(entries.count)), 4) + clock + previous
    let leaves = entries.flatMap { Merkle.leafHash(of: $0).bytes }
    let check = Array(code(of: fields + leaves, key)[..<16])
    file += fields + code(of: fields, key)[..<8] + check + payload
    isSound = isSound && flaws & 7 == 0 && !entries.isEmpty
    if isSound { expected += entries }
    previous = check
  }
  let read = SegmentContents(file, signer: signer)
  try hold(read?.entries == expected, "a segment does not hold exactly its whole frames")
  try hold(read?.isTorn == !isSound, "a torn segment is taken for a whole one")
}

/// HMAC as RFC 2104 writes it down, for a key of 32 bytes.
private func code(of message: [UInt8], _ key: Digest) -> [UInt8] {
  func pad(_ byte: UInt8) -> [UInt8] {
    key.bytes.map { $0 ^ byte } + [UInt8](repeating: byte, count: 32)
  }
  return Digest(of: pad(0x5c) + Digest(of: pad(0x36) + message).bytes).bytes
}

private func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
}
