// Which records of a log are about something: by the index, or by reading every entry.
import WritModel

/// What records must be to be found; what is not given takes everything.
public struct RecordFilter: Sendable {
  /// A gate's full name, or what stands behind its last dot.
  public var gate: String?
  /// A subject as recorded, or the id of one of any kind.
  public var subject: String?
  /// As `RecordKind` has it.
  public var kind: String?
  /// Who asked.
  public var caller: String?
  /// Whoever has a part in it: who asked, gave the leave to, agreed, said no, let a rule wait, unlocked, overrode or reviewed.
  public var person: String?
  /// The name of a run, of whose records it is one.
  public var run: String?
  /// `allow`, `hold` or `deny` of a decision; `refused` of what somebody wanted and nobody took.
  public var outcome: String?
  /// Logged then or later; microseconds since the epoch.
  public var from: Int64?
  /// Logged before; microseconds since the epoch.
  public var to: Int64?

  /// Takes every record.
  public init() {}

  /// Whether a record passes; one that says nothing of what is asked does not.
  public func takes(_ record: LoggedRecord) -> Bool {
    if let gate, !isSame(record.gate, gate), !isSame(shortName(record.gate), gate) { return false }
    if let subject, !record.searchableNodes.contains(where: { isNamed($0, subject) }) {
      return false
    }
    if let run, !record.isAbout(RunPlace.subjectName(of: run)) { return false }
    if let kind, !isSame(record.predicate["kind"]?.string, kind) { return false }
    if let caller, !isSame(record.caller, caller) { return false }
    if let person, !record.people.contains(where: { hasSameBytes($0, person) }) { return false }
    if wantsRefused {
      if !record.isRefused { return false }
    } else if let outcome, !isSame(record.outcome, outcome) {
      return false
    }
    if let from, record.logged.map({ $0 < from }) ?? true { return false }
    if let to, record.logged.map({ $0 >= to }) ?? true { return false }
    return true
  }

  private func isSame(_ text: String?, _ other: String) -> Bool {
    text.map { hasSameBytes($0, other) } ?? false
  }

  private func shortName(_ gate: String?) -> String? {
    guard let gate, let dot = gate.lastIndex(of: ".") else { return nil }
    return String(gate[gate.index(after: dot)...])
  }

  private func isNamed(_ name: String, _ wanted: String) -> Bool {
    hasSameBytes(name, wanted) || isSame(SearchKey.id(in: name), wanted)
  }

  /// A record does not say `refused` in one place, and no index has it as a key: all that pass otherwise are read.
  private var wantsRefused: Bool { outcome.map { hasSameBytes($0, "refused") } ?? false }

  /// Texts that stand in every record that passes.
  var texts: [String] {
    [gate, subject, run, caller, person, wantsRefused ? nil : outcome].compactMap { $0 }
  }

  /// Sets of keys, one of which every record that passes has in whole.
  var keySets: [[SearchKey]] {
    var sets: [[SearchKey]] = [[]]
    func require(_ choices: [SearchKey]) {
      sets = sets.flatMap { set in choices.map { set + [$0] } }
    }
    if let subject { require([.subject(subject), .id(subject)]) }
    if let run { require([.subject(RunPlace.subjectName(of: run))]) }
    if let gate { require([.gate(gate), .shortGate(gate)]) }
    if let caller { require([.caller(caller)]) }
    if let person { require([.person(person)]) }
    if let outcome, !wantsRefused { require([.outcome(outcome)]) }
    return sets
  }
}

extension SearchIndex {
  /// The records that a filter takes, oldest first, each verified against the tree.
  public func records(_ filter: RecordFilter) throws(LogError) -> [FoundRecord] {
    var candidates = Set(tail(holding: filter.texts.map { Array($0.utf8) }))
    for keys in filter.keySets {
      candidates.formUnion(try self.candidates(keys, from: filter.from, to: filter.to))
    }
    var found: [FoundRecord] = []
    for index in candidates.sorted() {
      let record = LoggedRecord(try reader.entry(at: index))
      if filter.takes(record) { found.append(FoundRecord(index: index, record: record)) }
    }
    return found
  }
}

extension LogReader {
  /// The same by reading every entry, without an index that could hide one. `progress` is told where
  /// the reading is.
  public func records(
    _ filter: RecordFilter, progress: (UInt64) -> Void
  ) throws(LogError) -> [FoundRecord] {
    var found: [FoundRecord] = []
    for number in 0..<(size + 255) / 256 {
      progress(number * 256)
      for (offset, entry) in try bundle(number).entries.enumerated() {
        let record = LoggedRecord(entry)
        guard filter.takes(record) else { continue }
        found.append(FoundRecord(index: number * 256 + UInt64(offset), record: record))
      }
    }
    return found
  }
}
