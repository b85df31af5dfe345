// Packs of objects and their indexes.

import WritCrypto
import WritEvidence

/// A pack, as it is or with the digests in it mended; or the index of one; after a byte that chooses.
@Sendable func fuzzPack(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let choice = feed.byte() % 3
  let rest = Array(feed.rest)
  switch choice {
  case 0: try checkPack(rest)
  case 1: try checkPack(mended(rest))
  default: try checkIndex(rest)
  }
}

private func checkPack(_ bytes: [UInt8]) throws {
  guard let pack = ObjectPack(bytes) else { return }
  let index = ObjectPackIndex(of: pack, number: 7)
  try hold(ObjectPackIndex(index.bytes) == index, "an index reads back otherwise")
  var end = 0
  for place in pack.places {
    try hold(place.offset >= end, "an object begins in another")
    end = place.offset + place.count
    try hold(end <= bytes.count, "an object goes on behind its pack")
    try hold(
      index.offsets(of: place.digest).contains(place.offset), "the index does not know an object")
    guard let content = pack.content(of: place) else { continue }
    try hold(Digest(of: content) == place.digest, "an object has another digest than it says")
    try hold(content.count == place.count, "an object has another length than it says")
  }
  try hold(
    index.allOffsets == pack.places.map(\.offset), "the index has other objects than the pack")
}

/// The pack with each object's digest that of its content.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  guard let pack = ObjectPack(bytes) else { return bytes }
  var mended = bytes
  for place in pack.places {
    let start = place.offset + 44
    let digest = Digest(of: bytes[start..<start + place.count])
    mended.replaceSubrange(place.offset + 12..<start, with: digest.bytes)
  }
  return mended
}

private func checkIndex(_ bytes: [UInt8]) throws {
  guard let index = ObjectPackIndex(bytes) else { return }
  try hold(index.bytes == bytes, "an index is not written as it was read")
  try hold(index.offsets(of: Digest(of: bytes)).allSatisfy { $0 >= 0 }, "an offset is negative")
}
