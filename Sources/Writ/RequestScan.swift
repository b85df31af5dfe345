// A request read off its bytes: what it asks, and its canonical form, without a value being made of it.

import WritCrypto
import WritModel

/// A request for a gate in the form in which programs write it: texts for arguments, perhaps facts, no approvals, and nothing else.
///
/// Whoever finds anything unusual reads the request whole instead: this reader says `nil` rather than judge.
struct RequestScan {
  /// As it stands there.
  private(set) var gate = 0..<0
  private(set) var arguments: [(name: Range<Int>, value: Range<Int>)] = []
  /// Each fact as a line; empty where there are none.
  private(set) var facts: [UInt8] = []
  /// Whether it stands there in canonical form, with all members.
  private(set) var isCanonical = false
  /// Arguments, then facts, in canonical form: what stands in front of the gate in that of the request.
  private var canonicalArguments: [UInt8] = []
  private var canonicalFacts: [UInt8] = []
  private var areArgumentsCanonical = false
  private var areFactsCanonical = false

  /// Members in the order of the canonical form.
  private enum Member: Int { case approvals, arguments, facts, gate }

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var cursor = CompactJSON(bytes)
    var seen = 0
    var count = 0
    var isOrdered = true
    let isWhole = cursor.object { name, cursor in
      guard let member = RequestScan.member(name, cursor), seen & 1 << member.rawValue == 0 else {
        return false
      }
      seen |= 1 << member.rawValue
      if member.rawValue != count { isOrdered = false }
      count += 1
      switch member {
      // Approvals are read by others; that there are none is said too.
      case .approvals: return cursor.take("[") && cursor.take("]")
      case .arguments: return readArguments(bytes, &cursor)
      case .facts: return readFacts(bytes, &cursor)
      case .gate:
        guard let text = cursor.string(), !text.isEmpty else { return false }
        gate = text
        return true
      }
    }
    guard isWhole, cursor.isAtEnd, !gate.isEmpty else { return nil }
    isCanonical = isOrdered && count == 4 && areArgumentsCanonical && areFactsCanonical
  }

  private static func member(_ name: Range<Int>, _ cursor: CompactJSON) -> Member? {
    if cursor.has("gate", at: name) { return .gate }
    if cursor.has("arguments", at: name) { return .arguments }
    if cursor.has("facts", at: name) { return .facts }
    return cursor.has("approvals", at: name) ? .approvals : nil
  }

  private mutating func readArguments(
    _ bytes: UnsafeBufferPointer<UInt8>, _ cursor: inout CompactJSON
  ) -> Bool {
    let start = cursor
    let isWhole = cursor.object { name, cursor in
      guard let value = cursor.string() else { return false }
      arguments.append((name, value))
      return true
    }
    guard isWhole else { return false }
    areArgumentsCanonical = zip(arguments, arguments.dropFirst()).allSatisfy { left, right in
      bytes[left.name].lexicographicallyPrecedes(bytes[right.name])
    }
    if areArgumentsCanonical {
      canonicalArguments.append(
        contentsOf: UnsafeBufferPointer(rebasing: bytes[start.at..<cursor.at]))
      return true
    }
    // Again, for names that stand twice and those that are not in order.
    var again = start
    return again.appendCanonical(to: &canonicalArguments)
  }

  private mutating func readFacts(
    _ bytes: UnsafeBufferPointer<UInt8>, _ cursor: inout CompactJSON
  ) -> Bool {
    let place = cursor.at
    canonicalFacts.append(UInt8(ascii: "["))
    let isWhole = cursor.array { cursor in
      let start = cursor.at
      if canonicalFacts.count > 1 { canonicalFacts.append(UInt8(ascii: ",")) }
      guard cursor.appendCanonical(to: &canonicalFacts) else { return false }
      facts.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<cursor.at]))
      facts.append(0x0A)
      return true
    }
    canonicalFacts.append(UInt8(ascii: "]"))
    guard isWhole else { return false }
    areFactsCanonical = canonicalFacts.withUnsafeBufferPointer {
      hasSameBytes($0, UnsafeBufferPointer(rebasing: bytes[place..<cursor.at]))
    }
    return true
  }

  /// The arguments as a record has them.
  var recordedArguments: [UInt8] {
    canonicalArguments.isEmpty ? Array("{}".utf8) : canonicalArguments
  }

  /// The bytes that the request's digest is over, as `Request.canonical` has them, for the gate of that full name.
  func canonical(gate: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(canonicalArguments.count + canonicalFacts.count + gate.utf8.count + 64)
    appendText("{\"approvals\":[],\"arguments\":", to: &bytes)
    if canonicalArguments.isEmpty {
      appendText("{}", to: &bytes)
    } else {
      bytes.append(contentsOf: canonicalArguments)
    }
    appendText(",\"facts\":", to: &bytes)
    if canonicalFacts.isEmpty {
      appendText("[]", to: &bytes)
    } else {
      bytes.append(contentsOf: canonicalFacts)
    }
    appendText(",\"gate\":", to: &bytes)
    appendJSONString(gate, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
