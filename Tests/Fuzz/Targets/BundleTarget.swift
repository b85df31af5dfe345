// Bundle files: as they are, mended so that the program behind the checks is reached, and damaged in single places.

import WritBytecode
import WritModel

/// A bundle. The first byte chooses: 0 the bytes as they are; 1 the bytes mended (canonical manifest, fitting lengths); 2 a
/// list of changes to the world's own bundle; otherwise changes to the code of one of its routines, or a routine of its own.
///
/// Whatever is accepted writes the same bytes again, reads back from its assembly, and runs without a trap.
@Sendable func fuzzBundle(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() {
  case 0: try check(Array(feed.rest))
  case 1: if let mended = mendedBundle(Array(feed.rest)) { try check(mended) }
  case 2:
    var damage = BundleDamage(World.shared.bundleBytes)
    for _ in 0..<16 where !feed.isEmpty { damage.change(&feed) }
    if let bytes = damage.bytes { try check(bytes) }
  case 3: try checkCode(&feed, isNew: true)
  default: try checkCode(&feed, isNew: false)
  }
}

/// One routine of the world's program with other code; cheap, so that many get past the verifier.
private func checkCode(_ feed: inout ByteFeed, isNew: Bool) throws {
  var program = World.shared.program.program
  let index = feed.below(program.routines.count)
  let routine = program.routines[index]
  var code = CodeDamage(code: isNew ? [] : routine.code, firstOwn: program.globalCount)
  for _ in 0..<64 where !feed.isEmpty {
    if isNew { code.append(&feed) } else { code.change(&feed) }
  }
  program.routines[index] = Routine(
    inputCount: routine.inputCount, registerCount: routine.registerCount + 4,
    setCount: routine.setCount + 2, cursorCount: routine.cursorCount + 1,
    scoreBufferCount: routine.scoreBufferCount, emissions: routine.emissions, code: code.code)
  let verified = accepted { () throws(VerifyError) in try VerifiedProgram(verifying: program) }
  guard let verified else { return }
  try exercise(verified, World.shared.snapshot, World.shared.overlay, routines: [index])
}

private func check(_ bytes: [UInt8]) throws {
  let read = accepted { () throws(BundleError) in try decodeBundle(bytes) }
  guard let bundle = read else { return }
  try hold(try bundle.encoded() == bytes, "a bundle is not written as it was read")
  try hold(
    try assemble(Array(disassemble(bundle).utf8)) == bundle,
    "an assembly reads back otherwise than it was written")
  try exercise(bundle.program, World.shared.snapshot, World.shared.overlay)
}

private let magic = Array("writ-bundle-v1\n".utf8)

/// The manifest and the code of a bundle file; lengths that do not fit are cut.
private func parts(of bytes: [UInt8]) -> (manifest: JSONValue, code: [UInt8])? {
  guard bytes.count >= magic.count + 4 else { return nil }
  let length = (0..<4).reduce(0) { $0 | Int(bytes[magic.count + $1]) << (8 * $1) }
  let start = magic.count + 4
  let end = min(start + length, bytes.count)
  guard let manifest = try? JSONValue(parsing: Array(bytes[start..<end])) else { return nil }
  return (manifest, Array(bytes[end...]))
}

/// The bundle file of a manifest and code, with the manifest in its canonical form and the code as long as it says.
private func bundle(_ manifest: JSONValue, _ code: [UInt8]) -> [UInt8]? {
  guard let canonical = try? manifest.ownCanonicalBytes() else { return nil }
  let routines = manifest["program"]?["routines"]?.array ?? []
  let wordCount = routines.reduce(Int64(0)) { $0 &+ max(0, min($1["words"]?.integer ?? 0, 4_096)) }
  guard wordCount <= 65_536 else { return nil }
  let count = 8 * Int(wordCount)
  let filling = [UInt8](repeating: 0, count: max(0, count - code.count))
  let length = (0..<4).map { UInt8(truncatingIfNeeded: canonical.count >> (8 * $0)) }
  return magic + length + canonical + code.prefix(count) + filling
}

private func mendedBundle(_ bytes: [UInt8]) -> [UInt8]? {
  parts(of: bytes).flatMap { bundle($0.manifest, $0.code) }
}

/// A bundle and changes to it: words of its code, numbers and texts of its manifest.
private struct BundleDamage {
  private var manifest: JSONValue
  private var code: [UInt8]

  init(_ bytes: [UInt8]) {
    guard let parts = parts(of: bytes) else { preconditionFailure("the world has no bundle") }
    (manifest, code) = parts
  }

  var bytes: [UInt8]? { bundle(manifest, code) }

  mutating func change(_ feed: inout ByteFeed) {
    switch feed.byte() % 8 {
    case 0, 1, 2: changeCode(&feed)
    case 3: swapWords(&feed)
    default:
      let leaves = manifest.leafCount
      guard leaves > 0 else { return }
      var place = feed.below(leaves)
      let value = feed.byte()
      manifest = manifest.changing(&place, to: { $0.changed(by: value) })
    }
  }

  /// One field of one word becomes another number.
  private mutating func changeCode(_ feed: inout ByteFeed) {
    guard code.count >= 8 else { return }
    let word = feed.below(code.count / 8) * 8
    let field = Int(feed.byte() % 8)
    code[word + field] = feed.byte()
  }

  private mutating func swapWords(_ feed: inout ByteFeed) {
    guard code.count >= 8 else { return }
    let first = feed.below(code.count / 8) * 8
    let second = feed.below(code.count / 8) * 8
    for offset in 0..<8 where first != second { code.swapAt(first + offset, second + offset) }
  }
}

extension JSONValue {
  /// Numbers, texts, truths and empty arrays in the value.
  fileprivate var leafCount: Int {
    switch self {
    case .null, .bool, .number, .string: 1
    case .array(let elements): 1 + elements.reduce(0) { $0 + $1.leafCount }
    case .object(let members): members.reduce(0) { $0 + $1.value.leafCount }
    }
  }

  /// The value with its leaf at a place, counted from 0, changed; `place` is then below 0.
  fileprivate func changing(
    _ place: inout Int, to change: (JSONValue) -> JSONValue
  ) -> JSONValue {
    if place < 0 { return self }
    switch self {
    case .null, .bool, .number, .string:
      place -= 1
      return place < 0 ? change(self) : self
    case .array(let elements):
      place -= 1
      if place < 0 { return change(self) }
      return .array(elements.map { $0.changing(&place, to: change) })
    case .object(let members):
      return .object(
        members.map { JSONMember($0.name, $0.value.changing(&place, to: change)) })
    }
  }

  /// Another value of the same form.
  fileprivate func changed(by byte: UInt8) -> JSONValue {
    switch self {
    case .null: return .integer(Int64(byte))
    case .bool(let truth): return .bool(!truth)
    case .number(let number):
      let value = number.integer ?? 0
      let choices: [Int64] = [
        value &+ 1, value &- 1, 0, -1, Int64(byte), 1 << 16, 1 << 53 - 1, value &* 2,
      ]
      return .integer(choices[Int(byte % 8)])
    case .string(let text):
      let choices = ["", "int", "string", "request", "\u{0}", text + "x", String(byte), "many"]
      return .string(choices[Int(byte % 8)])
    case .array(var elements):
      switch byte % 4 {
      case 0: elements = []
      case 1: elements = elements.dropLast()
      case 2: if let last = elements.last { elements.append(last) }
      default: elements.reverse()
      }
      return .array(elements)
    case .object: return self
    }
  }
}
