// `writ log prove`: one entry and its proof in one file, or the answer to a question and why it is whole.

import WritEvidence
import WritModel
import WritText

extension Command {
  static let logProve = Command(
    name: "log prove", summary: "write a proof for writ-verify: of one entry, or of a question",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--index", "N", "prove the entry of that index, from 0"),
      .optional("--subject", "NODE", "prove which records there are about Kind/id"),
      .flag("--agents", "prove what agents asked to do, and what came of it"),
      .optional("--from", "TIME", "logged then or later"),
      .optional("--to", "TIME", "logged before"),
      .optional("--claim", "GATE.CLAUSE", "that what the gate allowed passed the clause"),
      .repeated("--disclose", "NAME", "show what can be erased, by name or digest"),
      .required("-o", "PROOF", "the file to write"), .logKey, .passphrase,
    ],
    details: [
      "Give --index, or --subject or --agents with --from and --to. writ-verify verifies the file, offline.",
      "A TIME is as 2026-11-19T10:00:00Z, or a day, 2026-11-19, for its start in UTC.",
      "What is disclosed once can be erased in the log, and not in the file that was given away.",
      "A question needs an index leaf after the newest record; where none is there it is appended.",
      "A claim about a gate or clause that there is not is wrong usage (64), and writes nothing.",
      "That is signed with the log's key; with --vkey the newest one there is has to do.",
      "  writ log prove log --index 42 -o release.proof",
      "  writ log prove log --subject Service/web --from 2026-11-17 --to 2026-11-18 "
        + "--claim shop.deploy.securityTested -o tuesday.proof",
    ],
    run: runLogProve)
}

/// Parts the two uses.
private func runLogProve(_ invocation: Invocation) throws(Failure) -> Report {
  let ofQuestion = ["--subject", "--agents", "--from", "--to", "--claim"].filter {
    invocation.has($0)
  }
  guard invocation.has("--index") else {
    return try proveQuestion(invocation)
  }
  if let option = ofQuestion.first {
    throw .usage("`--index` proves one entry, `\(option)` asks for more", remedy: "leave one out")
  }
  return try proveEntry(invocation)
}

/// Writes entry, inclusion proof and checkpoint in one file.
private func proveEntry(_ invocation: Invocation) throws(Failure) -> Report {
  let index = try invocation.number("--index") ?? 0
  let output = try proofPath(invocation)
  let reader = try openLog(invocation)
  var bundle = try withLog { () throws(LogError) in try reader.proofBundle(index: index) }
  let wanted = invocation.values("--disclose")
  if !wanted.isEmpty {
    guard let statement = bundle.extra.flatMap({ try? Statement(parsing: $0) }) else {
      throw .badInput("entry \(index) is no statement")
    }
    let personal = try PersonalText(LogStore(directory: try invocation.operand(0)))
    bundle = bundle.disclosing(try personal.disclosures(wanted, of: statement, reader))
  }
  try writeFile(output, bundle.bytes)
  let checkpoint = reader.signed.checkpoint
  if invocation.wantsJSON {
    return Report([
      "file": .string(output), "log": .string(checkpoint.origin),
      "index": .integer(Int64(clamping: index)), "size": .integer(Int64(clamping: checkpoint.size)),
      "root": .string(Base64.encode(checkpoint.root.bytes)),
      "hashes": .integer(Int64(bundle.hashes.count)),
    ])
  }
  var report = Report()
  let size = grouped(Int(clamping: checkpoint.size))
  report.print("\(output): entry \(index) of \(checkpoint.origin), size \(size)")
  return report
}

/// Writes the records about a subject, and why there are no others. Exits 1 where a claim fails: the file
/// is written all the same, and shows that.
private func proveQuestion(_ invocation: Invocation) throws(Failure) -> Report {
  let output = try proofPath(invocation)
  let claim = try claim(of: invocation)
  let store = LogStore(directory: try invocation.operand(0))
  let question = try question(of: invocation, store)
  if !invocation.has("--vkey") { try appendIndexLeaf(to: store, invocation) }
  let reader = try openLog(invocation)
  let index = try withLog { () throws(LogError) in try SearchIndex(reader, of: store) }
  let bare = try proving { () throws(QuestionProverError) in
    try index.prove(question, claim: claim)
  }
  if let claim = bare.claim { try requireClause(claim, in: try verify(bare, reader), index) }
  let wanted = invocation.values("--disclose")
  let proof =
    try wanted.isEmpty
    ? bare
    : bare.disclosing(
      PersonalText(store).disclosures(wanted, of: verify(bare, reader).records, reader))
  let answer = try verify(proof, reader)
  let bytes = proof.bytes
  try writeFile(output, bytes)
  return report(answer, proof, byteCount: bytes.count, output, invocation)
}

/// Believed only as an auditor would.
private func verify(
  _ proof: QuestionProof, _ reader: LogReader
) throws(Failure) -> VerifiedAnswer {
  do throws(QuestionProofError) {
    let keys = reader.signed.signatures.map(\.key)
    return try proof.verify(keys: keys, origin: reader.signed.checkpoint.origin)
  } catch {
    throw .badInput(
      "the log does not prove it: \(error)", remedy: "`writ log verify` finds what is wrong")
  }
}

/// Where the proof goes: never over a file of the log.
private func proofPath(_ invocation: Invocation) throws(Failure) -> String {
  let path = try invocation.required("-o")
  if path != "-", directoryOfLog(holding: path, or: try invocation.operand(0)) != nil {
    throw .usage("\(path) lies inside a log", remedy: "write the proof elsewhere")
  }
  return path
}

private func question(
  of invocation: Invocation, _ store: LogStore
) throws(Failure) -> Question {
  let subject = try subject(of: invocation, store)
  guard let from = try invocation.moment("--from"), let to = try invocation.moment("--to") else {
    throw .usage(
      "a question needs `--from` and `--to`", remedy: "give the span that is asked about")
  }
  guard
    let question = Question(
      subject: subject, from: Instant(microseconds: from), to: Instant(microseconds: to))
  else { throw .usage("`--to` is before `--from`") }
  return question
}

/// Of a node that the log knows by a digest, the question is about that.
private func subject(of invocation: Invocation, _ store: LogStore) throws(Failure) -> String {
  if invocation.has("--agents") { return try agentSubject(of: invocation, try openLog(invocation)) }
  guard let subject = invocation.value("--subject") else {
    throw .usage(
      "`writ log prove` needs `--index`, or `--subject` or `--agents` with `--from` and `--to`")
  }
  guard subject.contains("/") else {
    throw .usage(
      "`--subject \(subject)` is no whole name", remedy: "write it as Service/\(subject)")
  }
  return try PersonalText(store).recordedName(of: subject)
}

/// A claim about what there is not is a slip of the hand, and no control that has failed.
private func requireClause(
  _ claim: Claim, in answer: VerifiedAnswer, _ index: SearchIndex
) throws(Failure) {
  if let clauses = answer.clauses(insteadOf: claim) {
    throw .usage(
      "the gate `\(claim.gate)` has no clause `\(claim.clause)`"
        + hint(claim.clause, clauses, "it has"))
  }
  guard !answer.gates.containsBytes(of: claim.gate) else { return }
  var filter = RecordFilter()
  filter.gate = claim.gate
  let found = try withLog { () throws(LogError) in try index.records(filter) }
  guard found.isEmpty else { return }
  throw .usage(
    "the log has no decision by a gate `\(claim.gate)`"
      + hint(claim.gate, answer.gates, "about this subject there are some by"))
}

/// What was meant, or what there is.
private func hint(_ name: String, _ names: [String], _ words: String) -> String {
  let known = names.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
  if let nearest = nearestName(to: name, among: names) { return "; did you mean `\(nearest)`?" }
  return names.isEmpty ? "" : "; \(words) \(known)"
}

private func claim(of invocation: Invocation) throws(Failure) -> Claim? {
  guard let text = invocation.value("--claim") else { return nil }
  guard let claim = Claim(text) else {
    throw .usage("`--claim \(text)` is no clause of a gate", remedy: "write it as gate.clause")
  }
  return claim
}

/// Fixes where the histories of all subjects begin, if entries have come since that was last done.
private func appendIndexLeaf(
  to store: LogStore, _ invocation: Invocation
) throws(Failure) {
  let signer = try signer(of: store, invocation)
  let id = try recordID()
  try patiently { () throws(LogError) in
    let writer: RecordWriter
    do throws(LogError) {
      writer = try RecordWriter(store: store, signer: signer)
    } catch .sealed {
      // Sealing has fixed them.
      return
    } catch {
      throw error
    }
    defer { writer.close() }
    try writer.appendIndexLeaf(id: id, clock: currentTime(), uptime: currentUptime())
  }
}

/// Runs what proves a question, and says what stands in the way.
private func proving<Value>(
  _ body: () throws(QuestionProverError) -> Value
) throws(Failure) -> Value {
  do throws(QuestionProverError) {
    return try body()
  } catch {
    switch error {
    case .log(let error): throw failure(of: error)
    case .unchained(let index):
      throw .badInput(
        "entry \(index) was recorded by an older release and does not say which entries came before it, so "
          + "nothing can be proved to be left out of this log or not",
        remedy: "begin a new log; `writ log search` still finds in this one")
    case .noIndexLeaf:
      throw .badInput(
        "the log has no index leaf", remedy: "leave out `--vkey` where the log's key is at hand")
    case .contradiction(let index):
      throw .badInput(
        "entry \(index) does not say what the entries before it say",
        remedy: "`writ log verify` finds what is wrong")
    case .tooLong(let count):
      throw .badInput(
        "the proof would have \(count) bytes, more than 64 MiB: it holds every record about the "
          + "subject since `--from`, whatever `--to` is",
        remedy:
          "begin the span later, ask the shard or an earlier copy of the log that ends sooner, or prove records "
          + "one by one with `--index`")
    case .ambiguousGate(let gates):
      throw .usage(
        "more than one gate has that name", remedy: "say \(gates.joined(separator: " or "))")
    }
  }
}

private func report(
  _ answer: VerifiedAnswer, _ proof: QuestionProof, byteCount: Int, _ output: String,
  _ invocation: Invocation
) -> Report {
  let result = proof.claim.map { answer.result(of: $0) }
  let holds = if case .fails = result { false } else { true }
  var report = Report(holds ? .done : .refused)
  if let asked = invocation.value("--subject"), !hasSameBytes(asked, proof.question.subject) {
    report.tell(
      "the log knows \(printable(asked)) as \(proof.question.subject), and so does the proof")
  }
  if invocation.wantsJSON {
    var members = [
      JSONMember("file", .string(output)), JSONMember("log", .string(answer.checkpoint.origin)),
      JSONMember("size", .integer(Int64(clamping: answer.checkpoint.size))),
      JSONMember("bytes", .integer(Int64(byteCount))),
      JSONMember("records", .array(answer.records.map { .integer(Int64(clamping: $0.index)) })),
    ]
    if let claim = proof.claim {
      members += [
        JSONMember("claim", .string(claim.description)), JSONMember("holds", .bool(holds)),
      ]
    }
    report.output = JSONValue.object(members).pretty + "\n"
    return report
  }
  let records = counted(answer.records.count, "record")
  report.print("\(output): \(records) about \(printable(proof.question.subject)), and no other")
  if let claim = proof.claim {
    let word = holds ? "holds" : "fails"
    report.print("claim \(invocation.terminal.paint(word, holds ? .good : .bad)): \(claim)")
  }
  return report
}
