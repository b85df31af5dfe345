// Disclosures, and texts with tokens in them.

import WritEvidence
import WritModel

/// A disclosure's text, after a byte that chooses; a line of the store of disclosures; a text in which tokens are replaced; or
/// what a proof shows behind its entry.
@Sendable func fuzzDisclosure(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  let choice = feed.byte() % 4
  let rest = Array(feed.rest)
  switch choice {
  case 0: try checkDisclosure(String(decoding: rest, as: UTF8.self))
  case 1: try checkHeld(rest)
  case 2: try checkTokens(String(decoding: rest, as: UTF8.self))
  default: try checkErasure(rest)
  }
}

private func checkDisclosure(_ text: String) throws {
  guard let disclosure = Disclosure(text) else { return }
  try hold(hasSameBytes(disclosure.text, text), "a disclosure is not kept byte for byte")
  let digest = disclosure.digest
  try hold(DisclosureDigest(digest.description) == digest, "a digest reads back otherwise")
  try hold(DisclosureDigest(token: digest.token) == digest, "a token reads back otherwise")
}

private func checkHeld(_ line: [UInt8]) throws {
  guard let held = HeldDisclosure(line) else { return }
  try hold(held.bytes == line, "a line of disclosures is not written as it was read")
  try checkDisclosure(held.disclosure.text)
}

private func checkTokens(_ text: String) throws {
  let digests = DisclosureDigest.all(in: text)
  let kept = DisclosureDigest.replace(in: text) { _ in nil }
  try hold(hasSameBytes(kept, text), "a text in which nothing is replaced is another one")
  let opened = DisclosureDigest.replace(in: text) { _ in "" }
  let removed = digests.reduce(0) { $0 + $1.token.utf8.count }
  try hold(
    opened.utf8.count == text.utf8.count - removed, "a token is found that is not replaced")
  for digest in digests {
    try hold(text.utf8.count >= digest.token.utf8.count, "a token is longer than its text")
  }
}

private func checkErasure(_ bytes: [UInt8]) throws {
  guard let statement = try? Statement(parsing: bytes), let record = EraseRecord(statement) else {
    return
  }
  try hold(!record.digests.isEmpty, "an erasure of nothing")
  try hold(zip(record.digests, record.digests.dropFirst()).allSatisfy(<), "erased twice at once")
  try hold(EraseRecord.isGround(record.ground), "an erasure without a ground")
}
