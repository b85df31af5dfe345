// Logs of ten thousand, a hundred thousand and a million records: opened, searched, and asked for proofs.
// CPU time, median of some rounds, each with everything opened anew; files lie in the page cache.
import Foundation
import WritCrypto
import WritEvidence
import WritModel

/// Makes a log of each size below `folder`, measures it, and removes it.
func searchBenchmark(folder: String, sizes: [Int]) throws {
  guard let name = KeyName("log.example/benchmark"),
    let key = Ed25519PrivateKey(seed: (0..<32).map { UInt8($0) })
  else { return }
  let signer = NoteSigner(name: name, key: key)
  print(
    "records   open to read  to write  search 7 of a day  none  prove  verify  proof, files of the index"
  )
  for size in sizes {
    let path = "\(folder)/writ-search-\(size)"
    try? FileManager.default.removeItem(atPath: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try LogStore.create(directory: path, origin: name, keyPath: "log.key")
    let start = now()
    try fill(store, signer, count: size)
    let seconds = (now() - start) / 1e9
    fflush(nil)
    try measure(store, signer, size: size)
    print("  filled in \(Int(seconds)) s, \(Int(Double(size) / seconds)) records a second")
    fflush(nil)
  }
}

/// 2026-11-01T00:00:00Z, in microseconds; a record every ten seconds from then on.
private let first: Int64 = 1_793_491_200_000_000
private let interval: Int64 = 10_000_000
private let day: Int64 = 86_400_000_000

/// One service of twelve hundred each, so that a day has seven records about it.
private let serviceCount = 1_200

private func fill(_ store: LogStore, _ signer: NoteSigner, count: Int) throws {
  let writer = try RecordWriter(store: store, signer: signer)
  defer { writer.close() }
  let group = 256
  for start in stride(from: 0, to: count, by: group) {
    let drafts = (start..<min(count, start + group)).map(draft)
    _ = try writer.append(group: drafts, clock: first + Int64(start) * interval)
    if start.isMultiple(of: group * 16) { try writer.publish() }
  }
  try writer.publish()
  try writer.appendIndexLeaf(id: "last", clock: first + Int64(count) * interval)
}

/// A decision as `writ decide` records it, about a release and its service.
private func draft(_ number: Int) -> RecordDraft {
  let digest = "sha256:" + Digest(of: Array("\(number)".utf8)).hex
  let service = "Service/s\(number % serviceCount)"
  let subjects = ["Release/r\(number)", service].map { name in
    Subject(
      name: name, uri: nil,
      digests: [NamedDigest(algorithm: "sha256", value: Digest(of: Array(name.utf8)).hex)])
  }
  let outcome = number % 5 == 0 ? "deny" : "allow"
  return RecordDraft(
    type: PredicateType.decision, kind: .gate, id: String(number), subjects: subjects,
    members: [
      JSONMember("arguments", ["release": .string("Release/r\(number)")]),
      JSONMember(
        "replay",
        [
          "bundle": .string(digest), "bytecode": "1", "engine": "0.1.0", "fuel": 92,
          "fuelLimit": 10_000_000, "language": "1", "request": .string(digest),
          "result": .string(digest), "snapshot": .string(digest), "trace": .string(digest),
        ]),
      JSONMember(
        "result",
        [
          "outcome": .string(outcome), "indeterminate": false, "question": false,
          "gate": "checkout.release.ship", "now": "2026-11-19T20:00:00Z",
          "asOf": "2026-11-19T20:00:00Z", "caller": .string("Identity/bot\(number % 50)"),
          "bundle": .string(digest), "snapshot": .string(digest), "request": .string(digest),
          "reasons": [], "obligations": [], "approvals": [], "advised": [], "waived": [],
        ]),
    ])
}

private func measure(_ store: LogStore, _ signer: NoteSigner, size: Int) throws {
  let keys = [signer.verifierKey]
  let toRead = try median { _ = try LogReader(store: store, keys: keys) }
  let toWrite = try median { try RecordWriter(store: store, signer: signer).close() }
  let index = try SearchIndex(LogReader(store: store, keys: keys), of: store)
  print("\(size) records, \(index.runCount) files of the index")
  print("  opened to read \(shown(toRead)), to write \(shown(toWrite))")
  let end = first + Int64(size) * interval
  for (name, from) in [("last day", end - day), ("the day a week ago", end - 7 * day)] {
    try measure(name, from: from, store, signer)
  }
  try measureBehindALeaf(store, signer, size: size)
}

/// What the writer of one record pays where many have come since the last index leaf.
private func measureBehindALeaf(_ store: LogStore, _ signer: NoteSigner, size: Int) throws {
  let clock = first + Int64(size) * interval
  let writer = try RecordWriter(store: store, signer: signer)
  _ = try writer.append(group: (size..<size + 4_000).map(draft), clock: clock)
  try writer.publish()
  writer.close()
  var number = size + 4_000
  let writing = try median {
    let writer = try RecordWriter(store: store, signer: signer)
    defer { writer.close() }
    _ = try writer.append(draft(number), clock: clock)
    try writer.publish()
    number += 1
  }
  print("  4000 records behind an index leaf: opened, appended and published in \(shown(writing))")
}

/// What a day's records about one service take: to search, to search for a service that is not there, to prove
/// and to verify.
private func measure(
  _ name: String, from: Int64, _ store: LogStore, _ signer: NoteSigner
) throws {
  let keys = [signer.verifierKey]
  var filter = RecordFilter()
  filter.subject = "Service/s77"
  (filter.from, filter.to) = (from, from + day)
  var absent = filter
  absent.subject = "Service/nobody"
  guard
    let question = Question(
      subject: "Service/s77", from: Instant(microseconds: from),
      to: Instant(microseconds: from + day))
  else { return }
  var found = 0
  func search(_ filter: RecordFilter) throws -> Int {
    try SearchIndex(LogReader(store: store, keys: keys), of: store).records(filter).count
  }
  let searching = try median { found = try search(filter) }
  let missing = try median { _ = try search(absent) }
  var proof = QuestionProof?.none
  let proving = try median {
    let index = try SearchIndex(LogReader(store: store, keys: keys), of: store)
    proof = try index.prove(question, claim: nil)
  }
  guard let bytes = proof?.bytes, let entries = proof?.entries.count else { return }
  var records = 0
  let origin = signer.name.description
  let verifying = try median {
    records = try QuestionProof(bytes).verify(keys: keys, origin: origin).records.count
  }
  print("  \(name): \(found) found in \(shown(searching)), none in \(shown(missing))")
  print("    proved in \(shown(proving)), \(entries) entries, \(bytes.count) bytes")
  print("    verified in \(shown(verifying)), \(records) records")
}

/// Nanoseconds of a call, the median of eleven.
private func median(_ body: () throws -> Void) rethrows -> Double {
  var times: [Double] = []
  for _ in 0..<11 {
    let start = now()
    try body()
    times.append(now() - start)
  }
  return times.sorted()[5]
}

private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// In milliseconds.
private func shown(_ nanoseconds: Double) -> String {
  let hundredths = Int(nanoseconds / 1e4)
  let rest = hundredths % 100
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
}
