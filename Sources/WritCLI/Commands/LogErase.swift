// `writ log erase`: what a log holds of a person, gone, and the log still whole.

import WritEvidence
import WritModel

extension Command {
  static let logErase = Command(
    name: "log erase", summary: "erase what a log holds of a person; it still verifies",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--person", "NODE", "whose: Identity/ines; name, texts, approvals and key"),
      .repeated("--disclosure", "DIGEST", "or single values, as `log show --disclosures` lists"),
      .required("--ground", "TEXT", "the law or rule; it is logged, so name nobody in it"),
      .successor, .passphrase,
    ],
    details: [
      "The log says first which digests can no longer be opened, and on what ground; then they cannot.",
      "Whatever stops it, the same command again does what is left. It cannot be undone.",
      "Take the person out of your graphs first: a later decision with them would keep them anew.",
      "Copies and backups of DIR/.writ/disclosures are yours to destroy, and so are proofs given away.",
      #"  writ log erase log --person Identity/ines --ground "GDPR Art. 17(1)(b)""#,
    ],
    run: runLogErase)
}

private func runLogErase(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  _ = try withLog { () throws(LogError) in try store.configuration() }
  let choice = try choice(of: invocation)
  let ground = try invocation.required("--ground")
  guard EraseRecord.isGround(ground) else {
    throw .usage("`--ground` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes")
  }
  let place = try recordingLog(for: store, invocation)
  let id = try recordID()
  let erasure = try patiently { () throws(LogError) in
    try store.erase(
      choice, ground: ground, id: id, recordedIn: place, clock: currentTime(),
      uptime: currentUptime())
  }
  let isOfName = erasure.hasIDs || erasure.digests.isEmpty
  let keys = try verifierKeys(of: store, invocation)
  let plain = isOfName ? try entriesInPlain(choice, store, keys) : []
  return report(erasure, plain, ground, invocation)
}

private func choice(of invocation: Invocation) throws(Failure) -> ErasureChoice {
  let texts = invocation.values("--disclosure")
  switch (invocation.value("--person"), texts.isEmpty) {
  case (let person?, true):
    guard let (kind, id) = person.halves(at: UInt8(ascii: "/")), !kind.isEmpty, !id.isEmpty else {
      throw .usage("`--person \(person)` is no node", remedy: "write it as Identity/\(person)")
    }
    return .node(person)
  case (nil, false):
    var digests: [DisclosureDigest] = []
    for text in texts {
      guard let digest = DisclosureDigest(text) ?? DisclosureDigest(in: text) else {
        throw .usage(
          "`--disclosure \(text)` is no digest", remedy: "`writ log show --disclosures` lists them")
      }
      digests.append(digest)
    }
    return .digests(digests)
  default: throw .usage("`writ log erase` needs `--person` or `--disclosure`, and not both")
  }
}

/// Entries that hold the name itself: of a release that could not erase, or of a kind that was not personal then.
private func entriesInPlain(
  _ choice: ErasureChoice, _ store: LogStore, _ keys: [VerifierKey]
) throws(Failure) -> [UInt64] {
  guard case .node(let name) = choice else { return [] }
  return try withLog { () throws(LogError) in
    let reader = try LogReader(store: store, keys: keys)
    let index = try SearchIndex(reader, of: store)
    var asSubject = RecordFilter()
    asSubject.subject = name
    var asCaller = RecordFilter()
    asCaller.caller = name
    let found = try index.records(asSubject) + index.records(asCaller)
    return Set(found.map(\.index)).sorted()
  }
}

private func report(
  _ erasure: Erasure, _ plain: [UInt64], _ ground: String, _ invocation: Invocation
) -> Report {
  var report = Report(erasure.digests.isEmpty || !plain.isEmpty ? .refused : .done)
  if erasure.hasFinishedEarlier {
    report.tell("an erasure that was stopped before is finished now")
  }
  if !plain.isEmpty {
    let list = plain.prefix(10).map { String($0) }.joined(separator: ", ")
    report.tell(
      "note: the name was not held as personal in \(counted(plain.count, "record")), and stays there: "
        + "\(list)\(plain.count > 10 ? ", …" : "")")
  }
  if invocation.wantsJSON {
    report.output =
      JSONValue.object([
        JSONMember("erased", .array(erasure.digests.map { .string($0.description) })),
        JSONMember("entries", .array(erasure.entries.map { .integer(Int64(clamping: $0)) })),
        JSONMember("ground", .string(ground)),
        JSONMember("plain", .array(plain.map { .integer(Int64(clamping: $0)) })),
      ]).pretty + "\n"
    return report
  }
  guard let first = erasure.entries.first else {
    report.print("nothing to erase: the log holds nothing of it")
    return report
  }
  let what = counted(erasure.digests.count, "value")
  report.print("erased \(what); entry \(first) says so, \(printable(ground))")
  return report
}
