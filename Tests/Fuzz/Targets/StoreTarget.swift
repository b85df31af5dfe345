// Files that a log's store writes for itself, and the policy by which it forgets.

import WritCrypto
import WritEvidence
import WritModel

/// After a byte that chooses: a retention policy; an erasure under way; a run of the search index as it is, or one whose checks are
/// right whatever stands in it; the heads of a known leaf as they are, or with some bytes changed.
@Sendable func fuzzStore(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 6 {
  case 0: try checkRetention(Array(feed.rest))
  case 1: try checkErasure(Array(feed.rest))
  case 2: try checkRun(Array(feed.rest), 0..<3)
  case 3: try checkMendedRun(&feed)
  case 4: try checkHeads(Array(feed.rest))
  default: try checkChangedHeads(&feed)
  }
}

private func checkRetention(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(RetentionError) in try Retention(bytes) }
  guard let retention = read else { return }
  try hold(
    retention.keep.values.allSatisfy { $0 > 0 }, "something is to be kept for no time at all")
  let members = ObjectClass.allCases.compactMap { name in
    retention.keep[name].map { kept in
      JSONMember(name.rawValue, .string(Duration(microseconds: kept).description))
    }
  }
  let text = JSONValue.object([JSONMember("keep", .object(members))]).compact
  let again = accepted { () throws(RetentionError) in try Retention(Array(text.utf8)) }
  try hold(again == retention, "a retention policy reads back otherwise")
}

private func checkErasure(_ bytes: [UInt8]) throws {
  let read = try? StoreFiles.erasure(bytes)
  guard let written = read else { return }
  let again = try? StoreFiles.erasure(written)
  try hold(again == written, "an erasure under way reads back otherwise")
}

private func checkRun(_ bytes: [UInt8], _ range: Range<UInt64>) throws {
  let read = try? StoreFiles.searchRun(bytes, of: range)
  guard let written = read else { return }
  let again = try? StoreFiles.searchRun(written, of: range)
  try hold(again == written, "a run of the search index reads back otherwise")
}

/// A run of blocks whose checks are right; then one byte of it changed, which must be noticed.
private func checkMendedRun(_ feed: inout ByteFeed) throws {
  let start = UInt64(feed.byte())
  let range = start..<start + UInt64(feed.below(600))
  let isHeadOurs = feed.byte() % 4 != 0
  let (place, change) = (feed.below(1 << 16), feed.byte())
  var file: [UInt8] = []
  for block in UInt64(0)..<UInt64(1 + feed.byte() % 4) {
    var content = block == 0 && isHeadOurs ? Array("WRITIDX2".utf8) : []
    if block == 0 {
      content += bigEndian(range.lowerBound) + bigEndian(UInt64(range.count))
      content += bigEndian(isHeadOurs ? UInt64(feed.byte()) : feed.word())
    }
    for _ in 0..<feed.byte() { content.append(feed.byte()) }
    content += [UInt8](repeating: 0, count: 4_080 - content.count)
    let head = [range.lowerBound, UInt64(range.count), block].flatMap(bigEndian)
    file += content + Digest(of: head + content).bytes[..<16]
  }
  try checkRun(file, range)
  let isWhole = (try? StoreFiles.searchRun(file, of: range)) != nil
  guard isWhole, change != 0 else { return }
  file[place % 4_096] ^= change
  let changed = try? StoreFiles.searchRun(file, of: range)
  try hold(changed == nil, "a run of the search index with a changed byte is read")
}

/// Names of which some have heads, and the heads: more than a block of them.
private let headNames = (0..<300).map { number in
  let digits = String(number)
  return String(repeating: "0", count: 3 - digits.count) + digits
}
private let knownHeads = headNames.enumerated().filter { $0.offset % 3 != 1 || $0.offset > 60 }
  .map { SubjectHead(name: $0.element, last: UInt64($0.offset)) }
private let headsSize = UInt64(400)

/// The file of the known heads.
let headsFile = StoreFiles.heads(knownHeads, size: headsSize) ?? []

/// Whatever the file says is so, or it is noticed that the file is not as it was written.
private func checkHeads(_ file: [UInt8]) throws {
  guard let leaf = IndexLeaf(knownHeads, size: headsSize) else {
    throw BrokenInvariant(description: "heads make no index leaf")
  }
  let asked = headNames.indices.filter { $0 % 7 == 0 || $0 < 8 || $0 > 290 }.map { headNames[$0] }
  let (answers, heads) = StoreFiles.look(for: asked + ["", "zzz"], in: file, of: leaf)
  for (name, answer) in zip(asked + ["", "zzz"], answers) {
    guard let answer else { continue }
    let head = knownHeads.first { hasSameBytes($0.name, name) }
    try hold(answer == head?.last, "the head of \(name) is said to be another one")
  }
  try hold(heads == nil || heads == knownHeads, "other heads are read than the leaf fixes")
  guard file == headsFile else { return }
  try hold(
    heads != nil && answers.allSatisfy { $0 != nil }, "heads are not read as they were written")
}

private func checkChangedHeads(_ feed: inout ByteFeed) throws {
  var file = headsFile
  while !feed.isEmpty {
    let place = feed.below(file.count + 1)
    guard place < file.count else {
      file.removeLast(min(file.count - 1, Int(feed.byte())))
      continue
    }
    file[place] = feed.byte()
  }
  try checkHeads(file)
}

private func bigEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
}
