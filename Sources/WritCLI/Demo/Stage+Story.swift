// The story: is checkout safe to ship?

import WritEvidence
import WritModel

extension Stage {
  /// Plays every scene. What goes wrong is noted; only a disk that fails ends the play.
  func play() throws(Failure) {
    try setUp()
    askForTonight()
    try mend()
    holdForApproval()
    approve()
    prove()
    try tamper()
  }

  /// Files, keys, a bundle, a snapshot and a log.
  private func setUp() throws(Failure) {
    begin(
      "From text to something that answers",
      "checkout.writ says what a release needs; graph.jsonl is what the company knows: services,",
      "libraries, vulnerabilities, freezes, people. Its times are moved so that it is now.")
    try writeFile("checkout.writ", Array(DemoTexts.policy.utf8))
    try writeFile("graph.jsonl", movedFacts())
    try writeFile("request.json", Array(DemoTexts.request.utf8))
    writ(["check", "checkout.writ"])
    writ(["key", "new", "ines", "-o", "ines.key"])
    try writeRegistry()
    tell("registry.jsonl says that Ines of compliance signs with that key, as eu_compliance.")
    writ(["build", "checkout.writ", "--registry", "registry.jsonl", "-o", "checkout.bundle"])
    writ(["graph", "import", "--schema", "checkout.writ", "graph.jsonl", "-o", "company.graph"])
    writ(["key", "new", Stage.origin, "-o", "log.key"])
    writ(["log", "init", "log", "--origin", Stage.origin, "--key", "log.key"])
  }

  /// Three things are wrong, and all three are told.
  private func askForTonight() {
    begin(
      "Is checkout safe to ship tonight?",
      "An agent, deploy-bot, asks for two hours from now. A freeze begins in one.",
      "All that fails is told at once, with the way on which it was found.")
    decide("company.graph", at: tonight, expecting: .deny, ["criticalCVE", "freeze", "readiness"])
  }

  /// Each change takes exactly its reason away.
  private func mend() throws(Failure) {
    begin(
      "Mend the facts, one by one", "The risk team ships a patched library; the scanner sees it.")
    try writeFile("patched.jsonl", patched)
    writ(["graph", "apply", "company.graph", "patched.jsonl", "-o", "patched.graph"])
    decide("patched.graph", at: tonight, expecting: .deny, ["freeze", "readiness"])
    tell("Tests are written, and cover 86.4 % of checkout.")
    try writeFile("covered.jsonl", covered)
    writ(["graph", "apply", "patched.graph", "covered.jsonl", "-o", "covered.graph"])
    decide("covered.graph", at: tonight, expecting: .deny, ["freeze"])
    tell("The freeze is moved to tomorrow.")
    try writeFile("moved.jsonl", moved)
    writ(["graph", "apply", "covered.graph", "moved.jsonl", "-o", "ready.graph"])
  }

  /// All facts are good; the gate waits for somebody.
  private func holdForApproval() {
    begin(
      "Nothing is left but a person",
      "Asked for now, and for good. The environment is in the EU: somebody of compliance who is",
      "neither the author nor the caller must agree.")
    decide("ready.graph", at: nil, expecting: .hold, ["euApproval"])
  }

  /// The approval is for this request alone; with it the gate allows.
  private func approve() {
    begin(
      "Ines approves",
      "Her signature is bound to this gate, these arguments and these facts.")
    writ([
      "approve", "--bundle", "checkout.bundle", "--request", "request.json", "--role",
      "eu_compliance", "--as", "Identity/ines", "--key", "ines.key", "-o", "approved.json",
    ])
    decide("ready.graph", at: nil, request: "approved.json", expecting: .allow, [])
  }

  /// What the auditor gets, and what he can do with it.
  private func prove() {
    begin(
      "Prove it",
      "Every answer is in the log. One file proves one of them to whoever has the log's key,",
      "without Writ, without a network.")
    writ(["log", "search", "log"])
    let index = recordCount - 1
    writ(["log", "prove", "log", "--index", String(index), "-o", "ship.proof"])
    verifyProof()
    writ(["replay", "log", "--index", String(index)])
    writ(["log", "verify", "log", "--vkey", "log.key.pub"])
  }

  /// One letter is enough to be found, with its place.
  private func tamper() throws(Failure) {
    begin(
      "Change one letter of the past",
      "In a copy of the log, the first denial becomes something else.")
    try copyTree("log", to: "copy")
    let path = "copy/tile/entries/000.p/\(recordCount)"
    var bytes = try readFile(path, limit: Limits.documentBytes)
    let word = Array(#""deny""#.utf8)
    let found = bytes.indices.dropLast(word.count).first { bytes[$0...].starts(with: word) }
    check(found != nil, "the first record is a denial")
    if let found { bytes[found + 3] = UInt8(ascii: "f") }
    try writeFile(path, bytes)
    tell("\(path): `deny` is `defy` now.")
    writ(["log", "verify", "copy", "--vkey", "log.key.pub"], expecting: .refused)
  }
}

// Commands that the story uses more than once.
extension Stage {
  /// The name of the log and of its key.
  static let origin = "demo.example/checkout"

  /// Two hours from now: the freeze has begun.
  private var tonight: Int64 { now + 2 * 3_600_000_000 }

  /// Asks the gate, records the answer, and holds outcome and clauses against the story.
  private func decide(
    _ graph: String, at time: Int64?, request: String = "request.json",
    expecting outcome: Outcome, _ clauses: [String]
  ) {
    var words = ["decide", "--bundle", "checkout.bundle", "--graph", graph, "--request", request]
    words += ["--caller", "Identity/deploy-bot", "--log", "log"]
    if let time { words += ["--now", Instant(microseconds: time).description] }
    writ(words, expecting: outcome.exitCode)
    check(lastRecord.clauses == clauses, "exactly \(clauses.joined(separator: ", "))")
  }

  /// The newest entry of the log, as whoever holds its key reads it.
  private var lastRecord: LoggedRecord {
    guard let log = openDemoLog(), let entry = try? log.entry(at: log.size - 1) else {
      return LoggedRecord([])
    }
    return LoggedRecord(entry)
  }

  /// Entries in the log so far.
  private var recordCount: UInt64 { openDemoLog()?.size ?? 0 }

  /// The log, verified by its key, as it is now.
  private func openDemoLog() -> LogReader? {
    guard let key = try? readVerifierKey("log.key.pub") else { return nil }
    guard let log = try? LogReader(store: LogStore(directory: "log"), keys: [key]), log.size > 0
    else { return nil }
    return log
  }

  /// What `writ-verify` does, done here: the proof, the key, and nothing else.
  private func verifyProof() {
    var report = Report()
    do {
      let key = try readVerifierKey("log.key.pub")
      let bundle = try ProofBundle(try readFile("ship.proof", limit: Limits.documentBytes))
      let verified = try bundle.verify(keys: [key], origin: key.name.description)
      let record = LoggedRecord(verified.entry)
      report.print("verified   entry \(verified.index) of \(verified.checkpoint.origin)")
      report.print("signed by  \(key.name), key \(key.id)")
      report.print("gate       \(record.gate ?? "-")")
      report.print("outcome    \(record.outcome ?? "-")")
      report.print("caller     \(record.caller ?? "-")")
      if record.outcome != "allow" { report.code = .refused }
    } catch {
      report.code = .refused
      report.tell("not verified: \(error)")
    }
    let isGood = report.code == .done
    show("writ-verify", ["ship.proof", "--vkey", "log.key.pub"], report, isAsExpected: isGood)
  }
}

extension LoggedRecord {
  /// Clauses that failed, or are owed where none failed, each once, sorted.
  fileprivate var clauses: [String] {
    let reasons = result?["reasons"]?.array ?? []
    let owed = result?["obligations"]?.array ?? []
    let names = (reasons.isEmpty ? owed : reasons).compactMap { $0["clause"]?.string }
    return Set(names).sorted()
  }
}
