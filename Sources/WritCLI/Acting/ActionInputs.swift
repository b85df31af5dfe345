// An action as a command line asks for it: which, with what, by whom, over which bundle and snapshot.

import Writ
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

extension Option {
  // Options that `act`, `ask` and `decide` share.
  static let glassReason = Option.optional(
    "--reason", "TEXT", "why you break the glass, where the action does; it can be erased")
  static let argument = Option.repeated("--arg", "name=value", "an argument; a node is Kind/id")
  static let request = Option.optional(
    "--request", "FILE", "action, arguments, facts, approvals, JSON, or -; instead of ACTION")
  static let waiver = Option.repeated(
    "--waiver", "FILE", "a waiver that was granted, as `writ waive` prints it")
}

extension JSONValue {
  /// A request with the waivers that the command line brings behind its own.
  func withGrants(_ invocation: Invocation) throws(Failure) -> JSONValue {
    var grants: [JSONValue] = []
    for path in invocation.values("--waiver") { grants.append(try readJSON(path)) }
    if grants.isEmpty { return self }
    let own = self["waivers"]?.array ?? []
    let others = (object ?? []).filter { $0.name != "waivers" }
    return .object(others + [JSONMember("waivers", .array(own + grants))])
  }
}

/// What the command line names beside a request must be what the request names; arguments stand in one place only.
func requireSame(
  _ name: String?, _ asked: String?, _ what: String, _ invocation: Invocation
) throws(Failure) {
  guard invocation.values("--arg").isEmpty else {
    throw .usage(
      "the arguments stand in the request", remedy: "leave out --arg, or --request")
  }
  guard let name, let asked, !hasSameBytes(name, asked) else { return }
  guard asked.endsWithBytes(of: ".\(name)") || name.endsWithBytes(of: ".\(asked)") else {
    throw .usage(
      "the request is for the \(what) `\(asked)`, not for `\(name)`",
      remedy: "name the same, or leave one out")
  }
}

/// Bundle and snapshot as they were read, ready to decide by.
struct LoadedEngine {
  let engine: Engine
  let bundleBytes: [UInt8]
  let snapshotBytes: [UInt8]
  let decider: Decider
  /// Of the files, from before they were read: what is exchanged meanwhile is noticed.
  private let stamps: [FileStamp?]

  /// Reads `--bundle` and `--graph`; a graph that does not fit the bundle is refused.
  init(_ invocation: Invocation) throws(Failure) {
    stamps = LoadedEngine.stamps(invocation)
    let (bundle, bytes) = try loadBundle(invocation)
    let path = try invocation.required("--graph")
    bundleBytes = bytes
    snapshotBytes = try readFile(path, limit: Limits.graphBytes)
    do throws(SnapshotError) {
      engine = Engine(bundle: bundle, snapshot: try Snapshot.decode(snapshotBytes))
    } catch {
      throw failure(of: error, path)
    }
    let engine = engine
    decider = try withEngine { () throws(RequestError) in
      Decider(try PreparedEngine(engine))
    }
  }
}

extension LoadedEngine {
  /// The same with a decider that remembers nothing: what an answer tells of its own cost then hangs on nobody who asked before.
  func anew() -> LoadedEngine {
    LoadedEngine(self, Decider(decider.prepared))
  }

  private init(_ loaded: LoadedEngine, _ decider: Decider) {
    engine = loaded.engine
    bundleBytes = loaded.bundleBytes
    snapshotBytes = loaded.snapshotBytes
    stamps = loaded.stamps
    self.decider = decider
  }

  /// Whether both files are still those that were read. Files are replaced by renaming, so one that looks the same is the same.
  func isCurrent(_ invocation: Invocation) -> Bool { stamps == LoadedEngine.stamps(invocation) }

  private static func stamps(_ invocation: Invocation) -> [FileStamp?] {
    ["--bundle", "--graph"].map { invocation.value($0).flatMap { FileStamp($0) } }
  }
}

/// What was asked for, and all that it is decided by.
struct ActionInputs {
  let loaded: LoadedEngine
  /// As it is recorded.
  let json: JSONValue
  let request: Request
  let prepared: PreparedRequest

  var engine: Engine { loaded.engine }

  /// What would be done, where the request says it.
  var does: Digest? { request.does.flatMap { Digest($0) } }

  /// Reads bundle, snapshot and request; everything that does not fit is refused here.
  init(_ invocation: Invocation) throws(Failure) {
    let json = try ActionInputs.json(invocation).withGrants(invocation)
    let loaded = try LoadedEngine(invocation)
    if let action = json["action"]?.string, json["reason"] == nil,
      loaded.engine.breakGlass(ofAction: action) != nil
    {
      throw .usage(
        "`\(action)` breaks the glass, and nobody has said why", remedy: "say it with --reason")
    }
    try self.init(json, loaded)
  }

  /// A request for an action, by what was read.
  init(_ json: JSONValue, _ loaded: LoadedEngine) throws(Failure) {
    try self.init(any: json, loaded)
    guard request.call != nil else { throw .badInput("the request names no action") }
  }

  /// A request for an action, or for a gate alone, by what was read.
  init(any json: JSONValue, _ loaded: LoadedEngine) throws(Failure) {
    try self.init(withDeeds: json, loaded)
    try refuseDeeds(json["facts"]?.array ?? [], loaded.engine.bundle)
  }

  /// The same of a request to which the log has brought what was done.
  init(withDeeds json: JSONValue, _ loaded: LoadedEngine) throws(Failure) {
    self.loaded = loaded
    self.json = json
    (request, prepared) = try withEngine { () throws(RequestError) in
      let request = try loaded.engine.resolved(try Request(json))
      guard request.now == nil else {
        throw RequestError("an action is decided on when it is done: leave out `now`")
      }
      return (request, try loaded.decider.prepare(request))
    }
  }

  /// The same request by what bundle and snapshot are now.
  func readAgain(_ invocation: Invocation) throws(Failure) -> ActionInputs {
    try ActionInputs(json, try LoadedEngine(invocation))
  }

  /// The request of a file, or one that the command line spells out.
  private static func json(_ invocation: Invocation) throws(Failure) -> JSONValue {
    let name = invocation.operands.first
    if let path = invocation.value("--request") {
      let json = try readJSON(path)
      try json.refuseOther(than: invocation.command.name, isForAction: true)
      try requireSame(name, json["action"]?.string, "action", invocation)
      return try json.giving(reason(invocation))
    }
    guard let name else {
      throw .usage("no action is named", remedy: "name one, or a request with --request")
    }
    let arguments = try invocation.pairs("--arg").map { JSONMember($0.name, .string($0.value)) }
    let json: JSONValue = ["action": .string(name), "arguments": .object(arguments)]
    return try json.giving(reason(invocation))
  }

  /// `--reason`, if it says anything.
  private static func reason(_ invocation: Invocation) throws(Failure) -> String? {
    guard let reason = invocation.value("--reason") else { return nil }
    guard BreakGlass.isReason(reason) else {
      throw .usage("`--reason` is no line of 1 to \(BreakGlass.reasonByteCount) bytes")
    }
    return reason
  }

  /// The decision at this moment on what would then be done, as it would be recorded.
  func decide(
    _ caller: String, onBehalfOf: [String] = [], isQuestion: Bool = false
  ) throws(Failure) -> (asking: Asking, run: DecisionRun) {
    let clock = currentTime()
    let asking = Asking(
      caller: caller, onBehalfOf: onBehalfOf, now: clock, asOf: clock, isQuestion: isQuestion)
    return (asking, try stating(asking).decide(asking))
  }

  /// The decision on the request as it is.
  func decide(_ asking: Asking) throws(Failure) -> DecisionRun {
    try withEngine { () throws(RequestError) in
      try loaded.decider.decide(prepared, asking, tracing: .on)
    }
  }

  /// The same request, saying what it would do at that moment, as far as that is known: what approvals must be for.
  func stating(_ asking: Asking) throws(Failure) -> ActionInputs {
    let stated = try withEngine { () throws(RequestError) in
      try loaded.decider.stating(prepared, asking)
    }
    guard stated.does != nil, request.does == nil else { return self }
    return try ActionInputs(withDeeds: json.stating(stated), loaded)
  }

  /// What a delegate would be told at that moment, or why there is nothing to tell.
  ///
  /// - Parameter run: The attempt that it is for; `nil` of what belongs to no run.
  func assignment(
    _ asking: Asking, in run: RunPlace? = nil
  ) throws(Failure) -> Result<Assignment, RequestError> {
    let salt = try actionSalt()
    do throws(RequestError) {
      return .success(try loaded.decider.assignment(prepared, asking, salt: salt, run: run))
    } catch {
      return .failure(error)
    }
  }
}

extension JSONValue {
  /// A request as it was read, with what it would do.
  func stating(_ request: Request) -> JSONValue {
    guard let does = request.does else { return self }
    let others = (object ?? []).filter { !hasSameBytes($0.name, "does") }
    return .object(others + [JSONMember("does", .string(does))])
  }

  /// Refuses a request for something that another command does, and says which.
  ///
  /// - Parameter isForAction: The command does actions, and asks no gate by itself.
  func refuseOther(than command: String, isForAction: Bool = false) throws(Failure) {
    guard self["action"] == nil else { return }
    if let name = self["pipeline"]?.string {
      throw .badInput(
        "the request is for the pipeline `\(name)`, which `writ \(command)` does not carry out",
        remedy: "`writ run --request FILE` does; its steps are shown by `writ plan \(name)`")
    }
    if self["approve"] != nil {
      throw .badInput(
        "this is what a run asks people at a step, and no request",
        remedy: "`writ approve --request FILE` signs it")
    }
    if isForAction, let gate = self["gate"]?.string {
      throw .badInput(
        "the request asks the gate `\(gate)` and names no action",
        remedy: "`writ decide --request FILE` asks it; or name an `action` in place of the gate")
    }
  }

  /// A request with the reason of the command line in it.
  fileprivate func giving(_ reason: String?) throws(Failure) -> JSONValue {
    guard let reason else { return self }
    guard self["reason"] == nil else {
      throw .usage("the request says why the glass is broken", remedy: "leave out --reason")
    }
    return .object((object ?? []) + [JSONMember("reason", .string(reason))])
  }
}

/// What was done is the log's to say.
func refuseDeeds(_ facts: [JSONValue], _ bundle: LoadedBundle) throws(Failure) {
  guard bundle.bringsDeeds(facts) else { return }
  throw .badInput(
    "a request brings facts about a `\(Request.deedKind)`: what was done only the log can say",
    remedy: "leave them out")
}

/// What makes the digest of an action tell nothing of its arguments.
func actionSalt() throws(Failure) -> [UInt8] {
  do throws(CryptoError) {
    return try randomBytes(Assignment.Parts.saltByteCount)
  } catch {
    throw Failure(.broken, "the system gives no random bytes")
  }
}
