// `writ log attest`: a record in an envelope that other tools verify.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let logAttest = Command(
    name: "log attest", summary: "sign a record for other tools: DSSE, in-toto, SLSA",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .required("--index", "N", "of the entry, from 0"),
      .required("--key", "ATTESTKEY", "a key for attestations, and for nothing else"),
      .passphrase,
      .optional("--format", "FORMAT", "statement: the record as it is; vsa: SLSA summary"),
      .optional("--verifier", "URI", "of a vsa: who decided, if not the log by its name"),
      .optional("--resource", "URI", "of a vsa: what was asked about, if not the first subject"),
      .optional("-o", "FILE", "the file to write, instead of standard output"), .logKey,
    ],
    details: [
      "The signature says that this key's owner found the record in the log. `writ-verify FILE --key",
      "ATTESTKEY.pub` verifies it, and so does any reader of DSSE; `writ key show --pem` gives the key.",
      "  writ log attest log --index 42 --key attest.key --format vsa -o release.intoto.json",
    ],
    run: runLogAttest)
}

/// Signs what was verified, with a key that has no other function.
private func runLogAttest(_ invocation: Invocation) throws(Failure) -> Report {
  let index = try invocation.number("--index") ?? 0
  let store = LogStore(directory: try invocation.operand(0))
  let reader = try openLog(invocation)
  let keyPath = try invocation.required("--key")
  let key = try readPrivateKey(keyPath, invocation, log: store.directory)
  let entry = try withLog { () throws(LogError) in try reader.entry(at: index) }
  let record: EvidenceRecord
  do throws(RecordError) {
    record = try EvidenceRecord(entry: entry)
  } catch {
    throw .badInput("entry \(index) is no record of Writ")
  }
  try checkFunction(key.publicKey, record, at: index, reader, store, invocation)
  let payload: EvidenceRecord
  switch invocation.value("--format") ?? "statement" {
  case "statement": payload = record
  case "vsa": payload = try summary(of: record, at: index, reader, invocation)
  case let format:
    throw .usage("no format `\(format)`", remedy: "there are statement and vsa")
  }
  let envelope = payload.envelope(signedBy: key).json
  var report = Report()
  guard let output = invocation.value("-o") else {
    report.print(invocation.wantsJSON ? envelope.pretty : envelope.compact)
    return report
  }
  try writeFile(output, Array((envelope.compact + "\n").utf8))
  if invocation.wantsJSON {
    return Report([
      "file": .string(output), "index": .integer(Int64(clamping: index)),
      "type": .string(payload.statement.predicateType),
      "keyid": .string(key.publicKey.fingerprint),
    ])
  }
  report.print("\(output): entry \(index) as \(payload.statement.predicateType)")
  report.print("keyid \(key.publicKey.fingerprint)")
  return report
}

private func summary(
  of record: EvidenceRecord, at index: UInt64, _ reader: LogReader, _ invocation: Invocation
) throws(Failure) -> EvidenceRecord {
  for option in ["--verifier", "--resource"] {
    guard let text = invocation.value(option) else { continue }
    guard text.contains(":") else { throw .usage("`\(option) \(text)` is no URI") }
  }
  let names = SummaryNames(
    verifier: invocation.value("--verifier"), resource: invocation.value("--resource"))
  do throws(VerificationSummaryError) {
    return try verificationSummary(
      of: record, at: RecordPlace(index: index, checkpoint: reader.signed), names: names)
  } catch {
    throw .badInput("entry \(index) has no summary: \(error)")
  }
}

/// Refuses a key of the log, now or once, and one that the bundle of the decision knows; of another record, that of the decision before
/// it, or the first behind it.
private func checkFunction(
  _ key: Ed25519PublicKey, _ record: EvidenceRecord, at index: UInt64, _ reader: LogReader,
  _ store: LogStore, _ invocation: Invocation
) throws(Failure) {
  var keys = reader.signed.signatures.map(\.key)
  // A copy of a log for readers has no configuration; then its checkpoint says what can be known.
  if let configuration = try? store.configuration() {
    keys += configuration.retired + configuration.keys.compactMap(\.verifierKey)
  }
  guard !keys.contains(where: { $0.publicKey == key }) else {
    throw .badInput(
      "this is a key of the log, which signs checkpoints and nothing else",
      remedy: "make one for attestations with `writ key new`")
  }
  // One of whose approvers was erased cannot be put together, and knows no key.
  guard let decision = nearestDecision(to: record, at: index, reader),
    let bytes = try? recordedBundle(of: decision, in: store),
    let bundle = try? LoadedBundle(file: bytes)
  else { return }
  do throws(KeyRegistryError) {
    try bundle.registry.check(key, is: .attestation)
  } catch {
    throw .badInput("the key is refused: \(error)", remedy: "give each function its own key")
  }
}

/// A decision itself; else the nearest one of those that stand close by.
private func nearestDecision(
  to record: EvidenceRecord, at index: UInt64, _ reader: LogReader
) -> EvidenceRecord? {
  func isDecision(_ record: EvidenceRecord) -> Bool {
    record.statement.predicateType == PredicateType.decision
  }
  if isDecision(record) { return record }
  let near = index < searchedEntries ? 0 : index - searchedEntries
  let before = (near..<index).reversed()
  let behind = (index..<min(reader.size, index + searchedEntries)).dropFirst()
  for place in Array(before) + Array(behind) {
    guard let entry = try? reader.entry(at: place), let found = try? EvidenceRecord(entry: entry),
      isDecision(found)
    else { continue }
    return found
  }
  return nil
}

/// Entries on either side of one among which a decision is looked for.
private let searchedEntries: UInt64 = 1_000
