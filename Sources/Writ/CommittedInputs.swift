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
  let bundle: [UInt8]
  /// The tokens of the bundle's approvers, in its order, as they are kept: canonical JSON; `nil` where it has none.
  let approvers: [UInt8]?
  /// The snapshot as it is kept.
  let snapshot: [UInt8]
  /// Digests of the envelopes of approvals and of waivers' grants.
  let envelopes: [DisclosureDigest]
}

extension Engine {
  /// The inputs of a decision in committed form, what can be erased of them durable in the store; `nil` where
  /// nothing of them must be erasable, so that they are kept as they are.
  func commit(
    _ run: DecisionRun, _ request: Request, _ inputs: DecisionInputs, _ store: LogStore,
    _ session: DisclosureSession
  ) throws -> CommittedInputs? {
    let registry = inputs.registry
    let committer = Committer(places: places(registry), session: session)
    let gate = run.decision.gate
    let graph = try committedGraph(inputs, committer, store)
    let committed = try committedRequest(request, gate, committer)
    let caller = try run.decision.caller.map { try committer.reference($0) }
    let approvers = try committedApprovers(registry, committer)
    let isUntouched =
      graph == nil && approvers == nil && committed.approvals.isEmpty && committed.waivers.isEmpty
      && caller.map(ByteText.init) == run.decision.caller.map(ByteText.init)
      && committed.canonical(gate: gate) == request.canonical(gate: gate)
    if isUntouched { return nil }
    try session.commit()
    let asking = Asking(
      caller: caller, now: run.decision.now, asOf: run.decision.asOf,
      isQuestion: run.decision.isQuestion)
    let bundle = LoadedBundle(
      program: self.bundle.program, registry: KeyRegistry(), digest: self.bundle.digest)
    return CommittedInputs(
      engine: Engine(bundle: bundle, snapshot: graph?.snapshot ?? snapshot), request: committed,
      asking: asking,
      requestBytes: try committed.canonical(gate: gate).ownCanonicalBytes(),
      bundle: try inputs.bundleWithoutApprovers(), approvers: approvers,
      snapshot: graph?.bytes ?? inputs.snapshot,
      envelopes: (committed.approvals + committed.waivers).compactMap {
        $0["disclosure"]?.string.flatMap { DisclosureDigest(token: $0) }
      })
  }

  private func places(_ registry: [RegistryEntry]) -> PersonalPlaces {
    PersonalPlaces(
      [program.schema, snapshot.schema], approvers: registry.map(\.actor))
  }

  private func committedRequest(
    _ request: Request, _ gate: String, _ committer: Committer
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
      waivers: try committedGrants(request, gate: gate, committer), call: call)
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
  private func committedGraph(
    _ inputs: DecisionInputs, _ committer: Committer, _ store: LogStore
  ) throws -> (snapshot: Snapshot, bytes: [UInt8])? {
    let replacement = committer.replacement(snapshot.schema)
    let key = Digest(of: snapshot.rootDigest.bytes + Array(committer.places.description.utf8))
    switch try committer.session.form(of: key) {
    case .same: return nil
    case .object(let digest):
      // Objects may be pruned: then it is made again.
      if let bytes = try? store.objects.get(digest), let snapshot = try? Snapshot.decode(bytes) {
        return (snapshot, bytes)
      }
    case nil: break
    }
    guard snapshot.holdsTexts(for: replacement) else {
      try committer.session.remember(.same, of: key)
      return nil
    }
    let committed = try snapshot.replacingTexts(replacement)
    let bytes = committed.fileBytes
    // What the tokens stand for is durable before anything that is made of them.
    try committer.session.commit()
    try committer.session.remember(.object(try store.objects.put(bytes)), of: key)
    return (committed, bytes)
  }

  private func committedApprovers(
    _ registry: [RegistryEntry], _ committer: Committer
  ) throws -> [UInt8]? {
    guard !registry.isEmpty else { return nil }
    let tokens = try registry.map { entry in
      JSONValue.string(try committer.token(of: entry))
    }
    return try JSONValue.array(tokens).ownCanonicalBytes()
  }
}

extension Committer {
  /// The token of an approver of a bundle, key and all.
  func token(of entry: RegistryEntry) throws(LogError) -> String {
    let value: JSONValue = [
      "actor": .string(entry.actor), "key": .string(entry.publicKey), "name": .string(entry.name),
      "roles": .array(entry.roles.map { .string($0) }),
    ]
    return try session.digest(of: value, name: "approver", of: [entry.actor]).token
  }
}

extension RegistryEntry {
  /// Reads what `Committer.token` keeps.
  init?(_ value: JSONValue) {
    guard let actor = value["actor"]?.string, let key = value["key"]?.string,
      let name = value["name"]?.string, let roles = value["roles"]?.array
    else { return nil }
    self.init(name: name, publicKey: key, actor: actor, roles: roles.compactMap(\.string))
  }
}

extension DecisionInputs {
  /// The approvers in the bundle's file.
  var registry: [RegistryEntry] { (try? decodeBundle(bundle))?.keyRegistry ?? [] }

  /// The bundle's file without its approvers.
  func bundleWithoutApprovers() throws -> [UInt8] {
    try withApprovers([], bundle: bundle)
  }
}

/// A bundle's file with those approvers in place of its own.
func withApprovers(_ approvers: [RegistryEntry], bundle bytes: [UInt8]) throws -> [UInt8] {
  let bundle = try decodeBundle(bytes)
  guard bundle.keyRegistry != approvers else { return bytes }
  return try Bundle(
    program: bundle.program, keyRegistry: approvers, revision: bundle.revision,
    languageVersion: bundle.languageVersion, engineVersion: bundle.engineVersion
  ).encoded()
}
