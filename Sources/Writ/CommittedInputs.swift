// What a decision was made from, in the form in which a log keeps it: nothing in it that must be erasable.

import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

/// Bundle, snapshot, request and caller of a decision, in committed form.
struct CommittedInputs {
  /// Over the committed graph, and over the bundle without its approvers but with its name.
  let engine: Engine
  let request: Request
  let asking: Asking
  /// The request as it is kept: canonical JSON.
  let requestBytes: [UInt8]
  /// The bundle as it is kept: without its approvers.
  let bundle: HashedBytes
  /// The tokens of the bundle's approvers, in its order, as they are kept: canonical JSON; `nil` where it has none.
  let approvers: HashedBytes?
  /// The snapshot as it is kept.
  let snapshot: HashedBytes
  /// Digests of the envelopes of approvals and of waivers' grants.
  let envelopes: [DisclosureDigest]
}

/// What is the same for all decisions of an engine when their inputs are brought into committed form. For one thread at a
/// time, and only as long as nobody erases.
final class CommittedGround {
  private let engine: Engine
  private let inputs: DecisionInputs
  private let places: PersonalPlaces
  /// The graph in committed form; `nil` where it is kept as it is.
  private let graph: (snapshot: Snapshot, file: HashedBytes)?
  private let approvers: HashedBytes?
  /// What is made once it is needed.
  private var bundle: HashedBytes?
  private var committedDecider: Decider?

  /// What can be erased of it is durable once the session is committed.
  init(
    _ engine: Engine, _ inputs: DecisionInputs, _ store: LogStore, _ session: DisclosureSession
  ) throws {
    self.engine = engine
    self.inputs = inputs
    let registry = inputs.registry
    places = PersonalPlaces(
      [engine.program.schema, engine.snapshot.schema], approvers: registry.map(\.actor))
    let committer = Committer(places: places, session: session)
    graph = try engine.committedGraph(inputs, committer, store)
    approvers = try committer.approvers(registry).map { HashedBytes($0) }
  }

  /// What decides on committed inputs.
  func decider() throws -> Decider {
    if let committedDecider { return committedDecider }
    let made = Decider(try PreparedEngine(committedEngine))
    committedDecider = made
    return made
  }

  private var committedEngine: Engine {
    Engine(
      bundle: LoadedBundle(
        program: engine.bundle.program, registry: KeyRegistry(), digest: engine.bundle.digest),
      snapshot: graph?.snapshot ?? engine.snapshot)
  }

  private func keptBundle() throws -> HashedBytes {
    if let bundle { return bundle }
    let made = HashedBytes(try inputs.bundleWithoutApprovers())
    bundle = made
    return made
  }

  /// The inputs of a decision in committed form, what can be erased of them durable in the store; `nil` where
  /// nothing of them must be erasable, so that they are kept as they are.
  func commit(
    _ run: DecisionRun, _ request: Request, _ session: DisclosureSession
  ) throws -> CommittedInputs? {
    let committer = Committer(places: places, session: session)
    let gate = run.decision.gate
    let committed = try engine.committedRequest(request, gate, committer, run.decision.caller)
    let caller = try run.decision.caller.map { try committer.reference($0) }
    let onBehalfOf = try run.decision.onBehalfOf.map { try committer.reference($0) }
    let isUntouched =
      graph == nil && approvers == nil && committed.approvals.isEmpty && committed.waivers.isEmpty
      && caller.map(ByteText.init) == run.decision.caller.map(ByteText.init)
      && hasSameNames(onBehalfOf, run.decision.onBehalfOf)
      && committed.canonical(gate: gate) == request.canonical(gate: gate)
    if isUntouched { return nil }
    try session.commit()
    let asking = Asking(
      caller: caller, onBehalfOf: onBehalfOf, now: run.decision.now, asOf: run.decision.asOf,
      isQuestion: run.decision.isQuestion)
    return CommittedInputs(
      engine: committedEngine, request: committed, asking: asking,
      requestBytes: try committed.canonical(gate: gate).ownCanonicalBytes(),
      bundle: try keptBundle(), approvers: approvers, snapshot: graph?.file ?? inputs.snapshot,
      envelopes: (committed.approvals + committed.waivers).compactMap {
        $0["disclosure"]?.string.flatMap { DisclosureDigest(token: $0) }
      })
  }
}

extension Engine {
  fileprivate func committedRequest(
    _ request: Request, _ gate: String, _ committer: Committer, _ caller: String?
  ) throws -> Request {
    let parameters = program.gates.first { hasSameBytes($0.name, gate) }?.parameters ?? []
    var facts: [JSONValue] = []
    for fact in request.facts { facts.append(try committer.fact(fact)) }
    let arguments = try committer.arguments(request.arguments) { isNode($0, among: parameters) }
    let call = try request.call.map { call in
      let own = program.actions.first { hasSameBytes($0.name, call.name) }?.parameters ?? []
      return RequestedAction(
        name: call.name,
        arguments: try committer.arguments(call.arguments) { isNode($0, among: own) })
    }
    return Request(
      gate: gate, now: request.now, arguments: arguments, facts: facts,
      approvals: try committedApprovals(request, gate: gate, committer),
      waivers: try committedGrants(request, gate: gate, committer), call: call,
      reason: try request.reason.map { try committer.reason($0, of: caller) },
      does: try request.does.map { try committer.does($0, request, caller) })
  }

  private func isNode(_ name: String, among parameters: [NamedType]) -> Bool {
    parameters.contains { parameter in
      guard hasSameBytes(parameter.name, name), case .node = parameter.type.unwrapped else {
        return false
      }
      return true
    }
  }

  /// The graph in committed form; `nil` where it needs none.
  fileprivate func committedGraph(
    _ inputs: DecisionInputs, _ committer: Committer, _ store: LogStore
  ) throws -> (snapshot: Snapshot, file: HashedBytes)? {
    let replacement = committer.replacement(snapshot.schema)
    let key = Digest(of: snapshot.rootDigest.bytes + Array(committer.places.description.utf8))
    switch try committer.session.form(of: key) {
    case .same: return nil
    case .object(let digest):
      // Objects may be pruned: then it is made again.
      if let bytes = try? store.objects.get(digest), let snapshot = try? Snapshot.decode(bytes) {
        return (snapshot, HashedBytes(bytes))
      }
    case nil: break
    }
    guard snapshot.holdsTexts(for: replacement) else {
      try committer.session.remember(.same, of: key)
      return nil
    }
    let committed = try snapshot.replacingTexts(replacement)
    let file = HashedBytes(committed.fileBytes)
    // What the tokens stand for is durable before anything that is made of them.
    try committer.session.commit()
    try committer.session.remember(.object(try store.objects.put(file)), of: key)
    return (committed, file)
  }

}

extension Committer {
  /// The tokens of a bundle's approvers, as they are kept; `nil` where it has none.
  fileprivate func approvers(_ registry: [RegistryEntry]) throws -> [UInt8]? {
    guard !registry.isEmpty else { return nil }
    let tokens = try registry.map { JSONValue.string(try token(of: $0)) }
    return try JSONValue.array(tokens).ownCanonicalBytes()
  }

  /// The token of an approver of a bundle, key and all.
  func token(of entry: RegistryEntry) throws(LogError) -> String {
    var members = [JSONMember("actor", .string(entry.actor))]
    if entry.isAgent { members.append(JSONMember("agent", .bool(true))) }
    members += [
      JSONMember("key", .string(entry.publicKey)), JSONMember("name", .string(entry.name)),
      JSONMember("roles", .array(entry.roles.map { .string($0) })),
    ]
    return try session.digest(of: .object(members), name: "approver", of: [entry.actor]).token
  }
}

extension RegistryEntry {
  /// Reads what `Committer.token` keeps.
  init?(_ value: JSONValue) {
    guard let actor = value["actor"]?.string, let key = value["key"]?.string,
      let name = value["name"]?.string, let roles = value["roles"]?.array
    else { return nil }
    self.init(
      name: name, publicKey: key, actor: actor, roles: roles.compactMap(\.string),
      isAgent: value["agent"]?.bool ?? false)
  }
}

extension DecisionInputs {
  /// The approvers in the bundle's file.
  var registry: [RegistryEntry] { (try? decodeBundle(bundle.bytes))?.keyRegistry ?? [] }

  /// The bundle's file without its approvers.
  func bundleWithoutApprovers() throws -> [UInt8] {
    try withApprovers([], bundle: bundle.bytes)
  }
}

/// A bundle's file with those approvers in place of its own.
func withApprovers(_ approvers: [RegistryEntry], bundle bytes: [UInt8]) throws -> [UInt8] {
  let bundle = try decodeBundle(bytes)
  guard bundle.keyRegistry != approvers else { return bytes }
  return try Bundle(
    program: bundle.program, keyRegistry: approvers, delegates: bundle.delegates,
    revision: bundle.revision,
    languageVersion: bundle.languageVersion, engineVersion: bundle.engineVersion
  ).encoded()
}
