// What can be erased of a log's records, as people see it: opened while it is there, and who erased it when it is not.

import WritEvidence
import WritModel

/// Opens the tokens in what is shown of a log.
struct PersonalText {
  private let store: LogStore
  private let disclosures: OpenDisclosures

  init(_ store: LogStore) throws(Failure) {
    self.store = store
    disclosures = try withLog { () throws(LogError) in try store.disclosures.opened() }
  }

  /// A line with values in place of the tokens that can be opened.
  func open(_ line: String) -> String {
    DisclosureDigest.replace(in: line) { disclosures.text($0).map(printable) }
  }

  /// What a digest stands for; `nil` of what is not there.
  func value(of digest: DisclosureDigest) -> JSONValue? {
    (try? disclosures.disclosure(digest))?.value
  }

  /// The name by which records know a node: with a token for its id where that can be erased.
  func recordedName(of node: String) -> String {
    disclosures.recordedNames(of: node).last ?? node
  }

  /// A line for each digest of a record that was erased.
  func erased(of statement: Statement, _ reader: LogReader) throws(Failure) -> [String] {
    var lines: [String] = []
    for digest in statement.disclosureDigests {
      let isThere = try withLog { () throws(LogError) in try disclosures.disclosure(digest) != nil }
      if !isThere { lines.append("  erased    \(printable(erasureText(digest, store, reader)))") }
    }
    return lines
  }

  /// Digest, name and value of what can be erased of a record.
  func list(
    _ statement: Statement, _ reader: LogReader, asJSON: Bool
  ) throws(Failure) -> Report {
    var report = Report()
    for digest in statement.disclosureDigests {
      let disclosure = try withLog { () throws(LogError) in try disclosures.disclosure(digest) }
      if asJSON {
        let row: JSONValue = [
          "digest": .string(digest.description),
          "name": disclosure.map { .string($0.name) } ?? .null,
          "value": disclosure?.value ?? .null,
        ]
        report.print(row.compact)
      } else if let disclosure {
        report.print(
          "\(digest)  \(printable(disclosure.name))  \(printable(shown(disclosure.value)))")
      } else {
        report.print("\(digest)  \(printable(erasureText(digest, store, reader)))")
      }
    }
    return report
  }

  /// A text as it is; of an envelope what was signed; of anything else its JSON.
  private func shown(_ value: JSONValue) -> String {
    if let envelope = try? Envelope(value),
      let statement = try? Statement(parsing: envelope.payload)
    {
      return "signed: " + statement.predicate.compact
    }
    return value.string ?? value.compact
  }

  /// What is to be shown of a record: each wanted by its digest, or by its name, such as `Identity`.
  func disclosures(
    _ wanted: [String], of statement: Statement, _ reader: LogReader
  ) throws(Failure) -> [Disclosure] {
    try disclosures(wanted, among: statement.disclosureDigests, reader)
  }

  /// What is to be shown of records, likewise.
  func disclosures(
    _ wanted: [String], of records: [FoundRecord], _ reader: LogReader
  ) throws(Failure) -> [Disclosure] {
    let digests = Set(records.flatMap { $0.record.statement?.disclosureDigests ?? [] })
    return try disclosures(wanted, among: digests.sorted(), reader)
  }

  private func disclosures(
    _ wanted: [String], among digests: [DisclosureDigest], _ reader: LogReader
  ) throws(Failure) -> [Disclosure] {
    var shown: [Disclosure] = []
    var met: Set<String> = []
    for digest in digests {
      let found = try withLog { () throws(LogError) in try disclosures.disclosure(digest) }
      for want in wanted {
        let isDigest = hasSameBytes(want, digest.description)
        guard let found else {
          guard isDigest else { continue }
          throw .badInput("it cannot be disclosed: \(erasureText(digest, store, reader))")
        }
        guard isDigest || hasSameBytes(want, found.name) else { continue }
        met.insert(want)
        if shown.last != found { shown.append(found) }
      }
    }
    if let want = wanted.first(where: { !met.contains($0) }) {
      throw .badInput(
        "no record of it holds anything called `\(want)` that can be disclosed",
        remedy: "`writ log show --disclosures` lists what there is")
    }
    return shown
  }

  /// The filter, and the same by the tokens that stand for the nodes in it.
  func filters(_ filter: RecordFilter) -> [RecordFilter] {
    let subjects = filter.subject.map { disclosures.recordedNames(of: $0) as [String?] } ?? [nil]
    let callers = filter.caller.map { disclosures.recordedNames(of: $0) as [String?] } ?? [nil]
    let people = filter.person.map { disclosures.recordedNames(of: $0) as [String?] } ?? [nil]
    return subjects.flatMap { subject in
      callers.flatMap { caller in
        people.map { person in
          var filter = filter
          (filter.subject, filter.caller, filter.person) = (subject, caller, person)
          return filter
        }
      }
    }
  }
}

/// By which entry a digest was erased and on what ground, as far as that is known.
func erasureText(
  _ digest: DisclosureDigest, _ store: LogStore, _ reader: LogReader
) -> String {
  let place = try? store.disclosures.entryThatErased(digest)
  if let place, let log = place.log {
    return "\(digest.token) by entry \(place.index) of \(log), which goes on from this one"
  }
  guard let index = place?.index,
    let statement = (try? reader.entry(at: index)).flatMap({ try? Statement(parsing: $0) }),
    let record = EraseRecord(statement), record.digests.contains(digest)
  else { return "\(digest.token), which is not here, nor an entry that says why" }
  return "\(digest.token) by entry \(index), \(record.ground)"
}
