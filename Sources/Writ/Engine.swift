// Bundle, snapshot and request to decision.

public import WritBytecode
public import WritCrypto
public import WritEvidence
public import WritGraph
public import WritModel
public import WritVM

/// A bundle that was read, with its content address.
public final class LoadedBundle: Sendable {
  public let program: VerifiedProgram
  public let registry: KeyRegistry
  public let digest: Digest

  public init(program: VerifiedProgram, registry: KeyRegistry, digest: Digest) {
    self.program = program
    self.registry = registry
    self.digest = digest
  }
}

/// Who asks, and when.
public struct Asking: Sendable {
  /// `Kind/id`, as whoever authenticated the caller says.
  public let caller: String?
  /// Who gave the leave under which the caller asks, from hand to hand, as whoever verified that leave says; each `Kind/id` and once.
  public let onBehalfOf: [String]
  /// Microseconds since the epoch.
  public let now: Int64
  public let asOf: Int64
  /// Asked of another time than the clock's, or without leave to act on it.
  public let isQuestion: Bool

  public init(
    caller: String?, onBehalfOf: [String] = [], now: Int64, asOf: Int64, isQuestion: Bool
  ) {
    self.caller = caller
    self.onBehalfOf = onBehalfOf
    self.now = now
    self.asOf = asOf
    self.isQuestion = isQuestion
  }
}

/// A decision, and what is worth telling of the run that made it.
public struct DecisionRun: Sendable {
  public let decision: Decision
  /// Fuel spent by the clauses: the same on every machine and executor.
  public let fuel: Int64
  /// Instructions executed: of this engine only.
  public let steps: Int
  /// Fuel that one clause may spend.
  public let fuelLimit: Int64
  /// As the request gave them: what a log can be searched for.
  public let arguments: [JSONMember]
  /// What else whoever asked should know: approvals that do not count, and why; a caller whom the graph does not have.
  public let notes: [String]
  /// What each clause read; empty unless it was asked for.
  public let trace: [ClauseTrace]
  /// The same as canonical JSON, `{…},{…}`; empty unless that was asked for.
  public let readings: [[UInt8]]
  /// Whether, and how, that was asked for.
  public let tracing: Tracing
  /// Who has said no to what is asked, by the log: as long as that stands no approval of it counts.
  public internal(set) var saidNo: SaidNo?
}

/// A no that stands in the way of what is asked for.
public struct SaidNo: Hashable, Sendable {
  /// Whose, as a node.
  public let person: String
  /// Where the log has it.
  public let entry: UInt64

  public init(person: String, entry: UInt64) {
    self.person = person
    self.entry = entry
  }

  /// In words.
  public var words: String { "\(person) said no to it, in entry \(entry)" }
}

/// Decides over one bundle and one snapshot.
public final class Engine: Sendable {
  public let bundle: LoadedBundle
  public let snapshot: Snapshot

  public init(bundle: LoadedBundle, snapshot: Snapshot) {
    self.bundle = bundle
    self.snapshot = snapshot
  }

  /// Lent, since a copy would count the references of all its parts.
  var program: Program { @inline(__always) _read { yield bundle.program.program } }

  /// The decision on a request. Throws where the request does not fit the bundle or the graph; a fact that is not known is an
  /// answer, not an error. Tracing costs about as much again as the decision.
  ///
  /// Links anew each time: whoever decides often keeps a `Decider`.
  public func decide(
    _ request: Request, _ asking: Asking, tracing: Tracing = .off
  ) throws(RequestError) -> DecisionRun {
    try decide(request, asking, approvals: .signed, tracing: tracing)
  }

  /// The same, on approvals as they come with a request or as a log keeps them.
  func decide(
    _ request: Request, _ asking: Asking, approvals form: ApprovalForm, tracing: Tracing
  ) throws(RequestError) -> DecisionRun {
    let request = try resolved(request)
    _ = try index(of: request.gate, in: program.gates.map(\.name), what: "gate")
    _ = try asking.caller.map(caller)
    let decider = Decider(try PreparedEngine(self))
    let prepared = try decider.prepare(request, approvals: form, isAskedOnce: true)
    return try decider.decide(prepared, asking, tracing: tracing)
  }

  var snapshotDigest: String { snapshot.rootDigest.description }

  /// What is asked for, by gate and digest: what a no is about, and a yes where nothing is done.
  public func approvalDigest(of request: Request) throws(RequestError) -> (
    gate: String, digest: Digest
  ) {
    let request = try resolved(request)
    let gateIndex = try index(of: request.gate, in: program.gates.map(\.name), what: "gate")
    let gate = program.gates[gateIndex].name
    return (gate, try digest(of: approvalSubject(of: request, gate: gate)))
  }

  /// What an approval of a request is for.
  public func approvalTarget(of request: Request) throws(RequestError) -> ApprovalTarget {
    let (gate, digest) = try approvalDigest(of: request)
    return ApprovalTarget(
      gate: gate, digest: digest, does: request.does.flatMap { Digest($0) })
  }

  /// The same before it is hashed, of a request that is resolved.
  public func approvalSubject(of request: Request, gate: String) -> JSONValue {
    request.approvalSubject(
      gate: gate, bundle: bundle.digest.description, readsDeeds: bundle.readsDeeds)
  }

  func digest(of json: JSONValue) throws(RequestError) -> Digest {
    do {
      return Digest(of: try json.ownCanonicalBytes())
    } catch {
      throw RequestError("the request has no canonical form: \(error)")
    }
  }
}

extension Engine {
  /// A machine over the snapshot, for a question without facts of its own.
  func machine(_ asking: Asking) throws(RequestError) -> Machine {
    try machines(1, asking)[0]
  }

  /// So many of them, each for a thread of its own.
  func machines(_ count: Int, _ asking: Asking) throws(RequestError) -> [Machine] {
    let caller = try asking.caller.map(caller)
    let prepared = try PreparedEngine(self)
    let overlay = try prepared.overlay([])
    return (0..<count).map { _ in
      let machine = prepared.program.machine()
      // Also without facts: a `one` edge that only a request brings is then known to be missing.
      machine.bind(
        RequestLink(overlay), Circumstances(now: asking.now, asOf: asking.asOf, caller: caller))
      return machine
    }
  }

  /// Who asks: of kind `Identity` if there is such a kind, otherwise of any.
  func caller(_ text: String) throws(RequestError) -> (kind: Int, id: String) {
    let identity = program.schema.kinds.firstIndex { hasSameBytes($0.name, "Identity") }
    let example = identity == nil ? "Service/checkout" : "Identity/deploy-bot"
    let caller: (kind: Int, id: String)
    do throws(RequestError) {
      caller = try node(text, what: "the caller", such: example)
    } catch {
      throw .caller(error.description)
    }
    if let identity, caller.kind != identity {
      throw .caller("the caller must be of kind `Identity`: `\(text)`")
    }
    return caller
  }

  /// Whether the graph has who asks. What a request brings does not make anybody known.
  public func knows(caller text: String) throws(RequestError) -> Bool {
    let caller = try caller(text)
    let name = program.schema.kinds[caller.kind].name
    let own = snapshot.schema.kinds.firstIndex { hasSameBytes($0.name, name) }
    return own.map { snapshot.node(kind: $0, id: caller.id) != nil } ?? false
  }

  /// `Kind/id`, split at the first byte that is a `/`.
  func node(
    _ text: String, what: String, such example: String = "Service/checkout"
  ) throws(RequestError) -> (kind: Int, id: String) {
    guard let (name, id) = text.halves(at: UInt8(ascii: "/")), !id.isEmpty else {
      throw RequestError("\(what) is not a node such as \"\(example)\": `\(text)`")
    }
    guard let kind = program.schema.kinds.firstIndex(where: { hasSameBytes($0.name, name) }) else {
      let hint = suggestion(for: name, among: program.schema.kinds.map(\.name))
      throw RequestError("\(what) is of kind `\(name)`, which the bundle does not declare\(hint)")
    }
    return (kind, id)
  }

  /// Index of a declaration by its full name or, where only one has it, its own.
  func index(of name: String, in names: [String], what: String) throws(RequestError) -> Int {
    try declaration(name, in: names, what: what)
  }
}

extension LoadedBundle {
  /// A pipeline by its full name or, where only one has it, its own.
  public func pipeline(_ name: String) throws(RequestError) -> PipelineProgram {
    let pipelines = program.program.pipelines
    return pipelines[try declaration(name, in: pipelines.map(\.name), what: "pipeline")]
  }
}

/// Index of a declaration by its full name or, where only one has it, its own.
func declaration(
  _ name: String, in names: [String], what: String
) throws(RequestError) -> Int {
  if let index = names.firstIndex(ofBytes: name) { return index }
  let short = names.indices.filter { names[$0].endsWithBytes(of: "." + name) }
  if short.count == 1 { return short[0] }
  if short.count > 1 {
    let all = short.map { "`\(names[$0])`" }.joined(separator: ", ")
    throw RequestError("more than one \(what) is called `\(name)`: \(all)")
  }
  let hint = suggestion(for: name, among: names + names.map(lastPart))
  let known = names.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
  let list = names.isEmpty ? "; it has none" : hint.isEmpty ? "; it has \(known)" : hint
  throw RequestError("no \(what) `\(name)` in the bundle\(list)")
}

/// `ship` of `checkout.ship`.
private func lastPart(_ name: String) -> String {
  name.halves(atLast: UInt8(ascii: "."))?.behind ?? name
}
