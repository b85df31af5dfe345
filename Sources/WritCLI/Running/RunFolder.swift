// What lies in the folder of one run.
//
//     run.json      what was asked for, by whom, and by which bundle: written once, before anything happens
//     plan.json     the plan, in its canonical form
//     journal       the run's events
//     attempts/     a file for each attempt that was handed out: what was ordered, and how it ended
//     outputs/      where programs write what they give out, until it is read
//     transcripts/  what was said with each agent
//     asked/        what people are asked to approve, to be signed by `writ approve --request`
//     approvals/    where approvals are looked for, if no other folder is named
//     lock          held by the process that is at it, of a run in a concurrency group
//     superseded    the newer run that took its place before it began
//     cancel        how the run is to be stopped, once somebody wants that; below it their signature, if they gave one
//
// The journal is the run. The rest is what the journal has no room for; all of it is written before what follows from it is done.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// What a run was begun with.
struct RunHead {
  let id: String
  let request: PipelineRequest
  /// Who asked for it, as a node.
  let caller: String
  let bundle: Digest
  let plan: Digest
  /// The log that its decisions are in.
  let log: String
  /// That log's verifier keys: another log may have its name.
  let logKeys: [String]
  /// Microseconds since 1970.
  let started: Int64
  /// 16 bytes that nobody can guess: the log keeps a digest of all of this, and tells nothing by it.
  let salt: [UInt8]

  /// Of the token that it was begun under.
  let token: Digest?

  static let saltByteCount = 16

  var json: JSONValue {
    let token = token.map { [JSONMember("token", .string($0.description))] } ?? []
    return .object((untokened.object ?? []) + token)
  }

  private var untokened: JSONValue {
    [
      "format": 2, "run": .string(id), "request": request.json, "caller": .string(caller),
      "bundle": .string(bundle.description), "plan": .string(plan.description),
      "log": .string(log),
      "logKeys": .array(logKeys.map { .string($0) }),
      "salt": .string(Base64.encode(salt)),
      "started": .string(Instant(microseconds: started).description),
    ]
  }

  /// `nil` where that is no beginning of a run.
  init?(_ json: JSONValue) {
    guard json["format"]?.integer == 2, let id = json["run"]?.string,
      let asked = json["request"], let request = try? PipelineRequest(asked),
      let caller = json["caller"]?.string,
      let bundle = json["bundle"]?.string.flatMap({ Digest($0) }),
      let plan = json["plan"]?.string.flatMap({ Digest($0) }), let log = json["log"]?.string,
      let keys = json["logKeys"]?.array,
      let started = json["started"]?.string.flatMap({ Instant($0) }),
      let salt = json["salt"]?.string.flatMap(Base64.decode), salt.count == RunHead.saltByteCount
    else { return nil }
    (self.id, self.request, self.caller) = (id, request, caller)
    (self.bundle, self.plan, self.log) = (bundle, plan, log)
    logKeys = keys.compactMap(\.string)
    self.started = started.microseconds
    self.salt = salt
    guard let digest = json["token"] else {
      token = nil
      return
    }
    guard let digest = digest.string.flatMap({ Digest($0) }) else { return nil }
    token = digest
  }

  /// A run that begins now.
  ///
  /// - Parameter log: Signs for the log that its decisions will be in.
  init(
    id: String, request: PipelineRequest, caller: ActingCaller, bundle: Digest, plan: Digest,
    log: NoteSigner
  ) throws(Failure) {
    (self.id, self.request, self.caller) = (id, request, caller.name)
    token = caller.token?.digest
    (self.bundle, self.plan) = (bundle, plan)
    self.log = log.name.description
    logKeys = log.verifierKeys.map(\.description)
    started = currentTime()
    do throws(CryptoError) {
      salt = try randomBytes(RunHead.saltByteCount)
    } catch {
      throw Failure(.broken, "the system gives no random bytes")
    }
  }

  /// What whoever asks for the run signs, and its journal and the log are bound to.
  func digest() throws(Failure) -> Digest {
    do throws(CanonicalJSONError) {
      return Digest(of: try json.ownCanonicalBytes())
    } catch {
      throw .badInput("the request has no canonical form: \(error)")
    }
  }
}

/// The folder of one run.
struct RunFolder {
  let path: String

  var journal: String { path + "/journal" }
  /// Locked as long as a program of a `run` step lives, or something that it started.
  var programs: String { path + "/programs" }
  var approvals: String { path + "/approvals" }

  /// Makes the folder of a new run. A crash in between leaves one without a journal, in which nothing has happened.
  init(new head: RunHead, plan: Plan, in runs: String) throws(Failure) {
    path = "\(runs)/\(head.id)"
    for directory in [runs, path]
      + ["attempts", "outputs", "transcripts", "asked", "approvals"].map({ "\(path)/\($0)" })
    {
      guard mkdir(directory, 0o700) == 0 || errno == EEXIST && directory == runs else {
        throw cannotWrite(directory, errno)
      }
    }
    try writeFile(path + "/plan.json", plan.canonicalBytes, .new(mode: 0o600))
    try writeFile(
      path + "/run.json", Array((head.json.pretty + "\n").utf8), .new(mode: 0o600))
  }

  /// A run that was begun: its folder, or its name where the folder of all runs is known.
  init(_ name: String, in runs: String?) throws(Failure) {
    let places = [name] + (runs.map { ["\($0)/\(name)"] } ?? [])
    guard let found = places.first(where: { isDirectory($0) }) else {
      throw Failure(
        .noInput, "there is no run `\(name)`", remedy: "name its folder, or that of all with --runs"
      )
    }
    path = found
  }

  func head() throws(Failure) -> RunHead {
    guard let head = RunHead(try readJSON(path + "/run.json")) else {
      throw .badInput("\(path)/run.json is not what a run begins with")
    }
    return head
  }

  func plan() throws(Failure) -> Plan {
    let bytes = try readFile(path + "/plan.json", limit: PipelineLimits.planByteCount)
    do throws(PlanError) {
      return try Plan(parsing: bytes)
    } catch {
      throw .badInput("\(path)/plan.json: \(error)")
    }
  }

  /// The run as its journal has it, whether or not somebody is at it.
  func run(_ head: RunHead, _ plan: Plan) throws(Failure) -> Run {
    var status = stat()
    guard stat(journal, &status) == 0 || hasAttempts else { return Run(id: head.id, plan: plan) }
    let bytes = try readFile(journal, limit: PipelineLimits.journalByteCount)
    let beginning = try head.digest()
    do throws(JournalError) {
      return try JournalReplay(
        bytes, run: head.id, plan: plan, beginning: beginning, path: journal
      ).run
    } catch {
      throw WritCLI.failure(of: error)
    }
  }

  /// The newer run that took its place in the line of its group, before it began.
  var supersededBy: String? {
    word(of: "superseded", limit: 1024)
  }

  /// How somebody wants the run to be stopped.
  var wantedCancel: CancelMode? {
    word(of: "cancel", limit: RunFolder.cancelByteCount).flatMap(CancelMode.init(rawValue:))
  }

  /// The first word of a file that others write to tell the run something.
  private func word(of name: String, limit: Int) -> String? {
    guard let bytes = try? readFile("\(path)/\(name)", limit: limit) else { return nil }
    return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
  }

  /// Asks for a stop; one as hard or harder that was asked for before is kept. Returns what then counts.
  ///
  /// - Parameter envelope: The word signed, where somebody did.
  func want(_ mode: CancelMode, _ envelope: JSONValue?) throws(Failure) -> CancelMode {
    if let earlier = wantedCancel, earlier >= mode { return earlier }
    let signed = envelope.map { $0.compact + "\n" } ?? ""
    try writeFile(path + "/cancel", Array((mode.rawValue + "\n" + signed).utf8))
    return mode
  }

  /// What was signed of how the run is to be stopped, as it lies there; `nil` where nothing was.
  var cancelEnvelope: JSONValue? {
    guard let bytes = try? readFile("\(path)/cancel", limit: RunFolder.cancelByteCount) else {
      return nil
    }
    return try? JSONValue(parsing: Array(bytes.drop { $0 > 0x20 }))
  }

  /// Who says that the run is to be stopped so: who has signed just that, else whoever could write the file.
  func canceller(_ mode: CancelMode, _ head: RunHead, _ registry: KeyRegistry) -> Canceller {
    var status = stat()
    let user =
      stat("\(path)/cancel", &status) == 0 ? "from \(systemUser(status.st_uid))" : "gone since"
    guard let envelope = cancelEnvelope else { return .unsigned(user) }
    do {
      let word = try RunCancellation(
        envelope, run: head.id, head: try head.digest(), registry: registry)
      guard hasSameBytes(word.mode, mode.rawValue) else {
        return .unsigned("\(user): what was signed is `\(word.mode)`")
      }
      return .signed(word.canceller)
    } catch {
      return .unsigned("\(user): the signature does not count, as \(error)")
    }
  }

  private static let cancelByteCount = 1 << 16

  /// Puts down what people are asked to approve; returns the file.
  func ask(_ document: JSONValue, for name: String) throws(Failure) -> String {
    let file = "\(path)/asked/\(RunFolder.fileName(of: name)).json"
    try writeFile(file, Array((document.pretty + "\n").utf8))
    return file
  }

  /// What people were asked last under a name, as it lies there; `nil` where that cannot be read.
  func asked(_ name: String) -> StepApproval? {
    let file = "\(path)/asked/\(RunFolder.fileName(of: name)).json"
    return (try? readJSON(file)).flatMap { try? StepApproval($0) }
  }

  /// A name that any file system takes, unlike that of any other step.
  static func fileName(of name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: "-_.".utf8.contains(byte)
      }
    }
    if isPlain && name.utf8.count <= 100 { return name }
    let readable = name.utf8.prefix(60).map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: byte
      default: UInt8(ascii: "-")
      }
    }
    let digest = Digest(of: Array(name.utf8)).hex.prefix(12)
    return String(decoding: readable, as: UTF8.self) + "-" + digest
  }
}

// Attempts.
extension RunFolder {
  private func file(of attempt: AttemptName) -> String {
    let name = RunFolder.fileName(of: attempt.step)
    return "\(path)/attempts/\(name).\(attempt.attempt).json"
  }

  /// Remembers that an attempt is about to be handed out, what was ordered of a delegate, and the request that would take it back. Durable
  /// when it returns.
  func remember(
    _ attempt: AttemptName, order: PermittedOrder?, deed: RememberedDeed? = nil
  ) throws(Failure) {
    var members = [
      JSONMember("step", .string(attempt.step)),
      JSONMember("attempt", .integer(Int64(attempt.attempt))),
    ]
    if let order {
      members.append(JSONMember("order", order.order.json))
      members.append(JSONMember("permit", .integer(Int64(clamping: order.entry))))
    }
    members += deed?.members ?? []
    try write(.object(members), of: attempt)
  }

  /// What was ordered is known not to have been begun: the same attempt is ordered anew.
  func forget(_ attempt: AttemptName) throws(Failure) {
    guard unlink(file(of: attempt)) == 0 || errno == ENOENT else {
      throw cannotWrite(file(of: attempt), errno)
    }
  }

  /// Where the program of an attempt writes what it gives out: an absolute path, at which nothing is, in a folder of its own.
  func freshOutputFile(of attempt: AttemptName) throws(Failure) -> String {
    guard let place = resolvedPath("\(path)/outputs") else {
      throw Failure(.broken, "\(path)/outputs is gone")
    }
    let folder = "\(place)/\(RunFolder.fileName(of: attempt.step)).\(attempt.attempt)"
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw cannotWrite(folder, errno) }
    let file = "\(folder)/output.json"
    guard unlink(file) == 0 || errno == ENOENT else { throw cannotWrite(file, errno) }
    return file
  }

  /// Keeps what was said with an agent.
  func keep(transcript: [UInt8], of attempt: AttemptName) throws(Failure) {
    let name = RunFolder.fileName(of: attempt.step)
    try writeFile("\(path)/transcripts/\(name).\(attempt.attempt).jsonl", transcript)
  }

  /// Whether anything was ever handed out.
  var hasAttempts: Bool {
    guard let names = try? entries(of: path + "/attempts") else { return true }
    return !names.isEmpty
  }

  /// Remembers how an attempt ended.
  func remember(_ attempt: AttemptName, _ ending: Ending) throws(Failure) {
    var members = (try attemptJSON(of: attempt))?.object ?? []
    members.removeAll { $0.name == "ended" }
    var ended: [JSONMember] = [
      JSONMember("result", .string(ending.result.rawValue)),
      JSONMember("detail", .string(ending.detail)),
      JSONMember("effectUnknown", .bool(ending.isEffectUnknown)),
      JSONMember("begun", .bool(ending.wasBegun)),
    ]
    if let outputs = ending.outputs {
      ended.append(JSONMember("outputs", .string(outputs.description)))
    }
    if let output = ending.output { ended.append(JSONMember("output", .string(output))) }
    members.append(JSONMember("ended", .object(ended)))
    try write(.object(members), of: attempt)
  }

  private func write(_ json: JSONValue, of attempt: AttemptName) throws(Failure) {
    try writeFile(file(of: attempt), Array((json.pretty + "\n").utf8))
  }

  private func attemptJSON(of attempt: AttemptName) throws(Failure) -> JSONValue? {
    try readJSONIfThere(file(of: attempt))
  }

  /// What is remembered of an attempt; `nil` where it was never handed out.
  func memory(of attempt: AttemptName) throws(Failure) -> AttemptMemory? {
    guard let json = try attemptJSON(of: attempt) else { return nil }
    guard hasSameBytes(json["step"]?.string ?? "", attempt.step),
      json["attempt"]?.integer == Int64(attempt.attempt)
    else { throw .badInput("\(file(of: attempt)) is of another attempt") }
    var memory = AttemptMemory()
    if let order = json["order"] {
      guard let order = try? WorkOrder(order), let entry = json["permit"]?.integer, entry >= 0
      else {
        throw .badInput("\(file(of: attempt)) holds no order")
      }
      memory.order = (order, UInt64(entry))
    }
    memory.deed = RememberedDeed(json)
    if let ended = json["ended"] {
      guard let result = ended["result"]?.string.flatMap(RunResult.init(rawValue:)) else {
        throw .badInput("\(file(of: attempt)) does not say how it ended")
      }
      memory.ending = Ending(
        result, outputs: ended["outputs"]?.string.flatMap { Digest($0) },
        detail: ended["detail"]?.string ?? "",
        isEffectUnknown: ended["effectUnknown"]?.bool ?? false,
        wasBegun: ended["begun"]?.bool ?? true,
        output: ended["output"]?.string)
    }
    return memory
  }
}

/// A user of the system, by name where it has one: `the system user 1000 (ines)`.
func systemUser(_ number: uid_t) -> String {
  let name = getpwuid(number).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
  return "the system user \(number)" + (name.map { " (\($0))" } ?? "")
}

/// What is remembered of an attempt that was handed out.
struct AttemptMemory {
  /// Of an action: what the delegate was offered, and the entry of its permit.
  var order: (order: WorkOrder, entry: UInt64)?
  /// What it was, of an action.
  var deed = RememberedDeed()
  var ending: Ending?
}

/// What is wrong with a journal, for the person who named the run.
func failure(of error: JournalError) -> Failure {
  switch error {
  case .disk(.locked): Failure(.broken, "\(error)", remedy: "let that one finish")
  case .disk, .broken, .full: Failure(.broken, "\(error)")
  case .damaged, .otherRun, .otherPlan, .otherBeginning: .badInput("\(error)")
  }
}

/// Runs what a journal can refuse.
func withJournal<Value>(
  _ body: () throws(JournalError) -> Value
) throws(Failure) -> Value {
  do throws(JournalError) {
    return try body()
  } catch {
    throw failure(of: error)
  }
}
