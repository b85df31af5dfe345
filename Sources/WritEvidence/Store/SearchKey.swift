// What entries can be found by, as numbers: the beginning of a SHA-256 over a letter and a text.
import WritCrypto
import WritModel

/// A property of entries. Two may have one key, so whatever is found is read and compared.
struct SearchKey: Hashable, Comparable {
  let value: UInt64

  private init(_ letter: Character, _ text: String) {
    let digest = Digest(of: Array("\(letter)\(text)".utf8))
    value = digest.withUnsafeBytes {
      UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self))
    }
  }

  init(value: UInt64) { self.value = value }

  static func < (left: SearchKey, right: SearchKey) -> Bool { left.value < right.value }

  /// Records about a subject, by its whole name.
  static func subject(_ name: String) -> SearchKey { SearchKey("s", name) }
  /// Records about a node of any kind, by its id.
  static func id(_ id: String) -> SearchKey { SearchKey("b", id) }
  /// Decisions of a gate, by its full name.
  static func gate(_ name: String) -> SearchKey { SearchKey("g", name) }
  /// Decisions of gates whose name, after the last dot, is this.
  static func shortGate(_ name: String) -> SearchKey { SearchKey("h", name) }
  /// Decisions that somebody asked for.
  static func caller(_ name: String) -> SearchKey { SearchKey("c", name) }
  /// Records in which somebody has a part, whichever.
  static func person(_ name: String) -> SearchKey { SearchKey("p", name) }
  /// Decisions with an outcome.
  static func outcome(_ outcome: String) -> SearchKey { SearchKey("o", outcome) }
  /// Index leaves.
  static let indexLeaf = SearchKey("i", "")
  /// Records that do not name those before them.
  static let unchained = SearchKey("u", "")

  /// The id in a node's name: what stands behind the first slash.
  static func id(in name: String) -> String? {
    name.firstIndex(of: "/").map { String(name[name.index(after: $0)...]) }
  }

  /// All keys of a record that stands at an index, each once.
  static func keys(of record: LoggedRecord, at index: UInt64) -> Set<SearchKey> {
    var keys: Set<SearchKey> = []
    for name in record.searchableNodes {
      keys.insert(.subject(name))
      if let id = id(in: name) { keys.insert(.id(id)) }
    }
    if let gate = record.gate {
      keys.insert(.gate(gate))
      if let dot = gate.lastIndex(of: ".") {
        keys.insert(.shortGate(String(gate[gate.index(after: dot)...])))
      }
    }
    if let caller = record.caller { keys.insert(.caller(caller)) }
    for name in record.people { keys.insert(.person(name)) }
    if let outcome = record.outcome { keys.insert(.outcome(outcome)) }
    if IndexLeaf(record, at: index) != nil { keys.insert(.indexLeaf) }
    if !record.isChained { keys.insert(.unchained) }
    return keys
  }
}

extension LoggedRecord {
  /// Whoever has a part in it, as records name them: who asked, gave the leave to, agreed, said no, let a rule wait, unlocked,
  /// overrode, reviewed or took a token back.
  public var people: [String] {
    let members = [
      "caller", "approver", "rejecter", "granter", "unlocker", "overrider", "reviewer", "revoker",
      "canceller",
    ]
    var people = members.compactMap { predicate[$0]?.string } + [caller].compactMap { $0 }
    people += onBehalfOf
    people += (result?["approvals"]?.array ?? []).compactMap { $0["approver"]?.string }
    people += (result?["waived"]?.array ?? []).compactMap { $0["waiver"]?["granter"]?.string }
    return people
  }

  /// The subjects, and the arguments of a decision that was recorded before these were subjects.
  public var searchableNodes: [String] { isChained ? subjects : subjects + arguments }
}
