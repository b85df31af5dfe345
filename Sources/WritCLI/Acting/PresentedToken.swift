// A token that whoever acts presents: what it is good for, and how often it was used, as the log tells.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Option {
  static let token = Option.optional(
    "--token", "FILE", "acts within the bounds of this token; see `token mint`")
}

/// A token as it was presented; whether it counts is asked of each bundle anew.
struct PresentedToken {
  let json: JSONValue
  /// Of all of it.
  let digest: Digest

  /// `nil` where no `--token` is given.
  init?(_ invocation: Invocation) throws(Failure) {
    guard let path = invocation.value("--token") else { return nil }
    try self.init(try readJSON(path), from: shownName(path))
  }

  /// A token as it was read.
  ///
  /// - Parameter place: Where from.
  init(_ json: JSONValue, from place: String) throws(Failure) {
    self.json = json
    guard let bytes = try? json.ownCanonicalBytes() else {
      throw .badInput("\(place) holds no token", remedy: "`writ token mint` makes one")
    }
    digest = Digest(of: bytes)
  }
}

extension PresentedToken {
  /// Who has given it, from hand to hand, of those whom the registry knows as nodes: each once. What is done under it is theirs too.
  func givers(by registry: KeyRegistry) throws(Failure) -> [String] {
    let signers: [Ed25519PublicKey]
    do throws(CapabilityError) {
      signers = try Capability(json, registry: registry).signers
    } catch {
      throw Failure(.refused, "the token \(error)")
    }
    var givers: [String] = []
    for signer in signers {
      let nodes = registry.keys.filter { $0.publicKey == signer }.compactMap(\.node)
      for node in nodes where !givers.containsBytes(of: node) { givers.append(node) }
    }
    return givers
  }
}

/// A token whose signatures count by a bundle.
struct CountingToken {
  let capability: Capability
  /// Who presented it, and for what.
  let caller: ActingCaller
  let use: CapabilityUse

  /// The blocks as a decision's record names them.
  var blocks: [(id: String, digest: Digest)] {
    zip(capability.blocks, capability.digests).map { ($0.id, $1) }
  }

  /// The block whose budget is used up, as the log tells; `nil` where there is some left.
  func spent(
    by word: LogWord, at now: Int64, asking place: RunPlace?
  ) throws(Failure) -> CapabilityBlock? {
    for (block, digest) in zip(capability.blocks, capability.digests) {
      guard let budget = block.budget else { continue }
      let limit = Int(clamping: min(budget, Int64(DeedLimits.deeds)))
      let deeds = try withLog { () throws(LogError) in
        try word.history.deeds(
          about: Deed.subjectName(ofToken: digest), now: now, asking: place, limit: limit)
      }
      if (deeds?.count ?? limit) >= limit { return block }
    }
    return nil
  }
}

extension ActingKeys {
  /// The token that somebody acts under, if it is good for what they ask. What it is not good for is on record, by the bound that it
  /// would go beyond.
  ///
  /// - Returns: `nil` where none was presented, and none is needed.
  func admit(
    _ caller: ActingCaller, _ bundle: LoadedBundle, run: Subject? = nil,
    _ use: (Instant) throws(Failure) -> CapabilityUse
  ) throws(Failure) -> CountingToken? {
    let use = try use(Instant(microseconds: currentTime()))
    guard let token = caller.token else {
      guard bundle.registry.needsToken(caller.name) else { return nil }
      throw try refused(
        caller, use, bundle, run, "acts under a token only, and presented none",
        caller.howToPresent)
    }
    do throws(CapabilityError) {
      let capability = try Capability(token.json, registry: bundle.registry)
      try capability.check(use)
      return CountingToken(capability: capability, caller: caller, use: use)
    } catch {
      throw try refused(caller, use, bundle, run, "the token \(error.recorded)", "\(error)")
    }
  }

  /// Whoever breaks the glass answers for it: somebody who signs with a key of their own, and not what acts on a leave from others.
  func holdPerson(
    _ caller: ActingCaller, _ bundle: LoadedBundle, _ use: (Instant) -> CapabilityUse
  ) throws(Failure) {
    let use = use(Instant(microseconds: currentTime()))
    if bundle.registry.isAgent(caller.name) {
      throw try refused(
        caller, use, bundle, nil, "is an agent, and the glass is broken by people",
        "a person does this, by their own key")
    }
    if caller.token != nil || bundle.registry.needsToken(caller.name) {
      throw try refused(
        caller, use, bundle, nil, "acts under a token, and the glass is broken by people",
        "a person does this, by their own key")
    }
    if !caller.hasSigned {
      throw try refused(
        caller, use, bundle, nil, "nobody signed for the caller, and the glass is broken by people",
        "\(caller.howToSign); the bundle's registry knows the key by a line without roles")
    }
  }

  /// The refusal of a wish that goes beyond a token, once it is on record.
  func refused(
    _ caller: ActingCaller, _ use: CapabilityUse, _ bundle: LoadedBundle, _ run: Subject?,
    _ why: String, _ detail: String
  ) throws(Failure) -> Failure {
    let entry = try record(.refused(why), of: caller, for: use.action, bundle, run)
    return Failure(
      .refused, "`\(caller.name)` may not act: \(why), and the attempt is on record",
      remedy: detail
    ).onRecord(entry)
  }
}

extension CapabilityError {
  /// Why, with nothing of the caller's in it: what a record says.
  fileprivate var recorded: String {
    switch self {
    case .malformed: "cannot be read"
    case .unknownIssuer: "is signed by no issuer of the bundle"
    case .badSignature(let block): "is not signed as it must be in block \(block)"
    case .widened(let block, let scope): "widens \(scope) in block \(block)"
    case .otherAudience: "is for another audience"
    case .otherHolder: "is somebody else's"
    case .notNow: "has expired, or does not count yet"
    case .outOfScope(let scope): "does not cover \(scope)"
    }
  }
}

extension ActionDesk {
  /// The token that this is asked under, if it is good for it now and the graph has who asks; nothing is asked of what takes back
  /// what a run did.
  func admit() throws(Failure) -> CountingToken? {
    guard let acting, let call = inputs.request.call else { return nil }
    try keys.requireKnown(acting, for: call.name, inputs.engine, place?.subject)
    let audience = keys.signer.name.description
    if inputs.engine.breakGlass(ofAction: call.name) != nil {
      try keys.holdPerson(acting, inputs.engine.bundle) { now in
        inputs.use(by: acting.name, at: audience, now)
      }
    }
    return try keys.admit(acting, inputs.engine.bundle, run: place?.subject) { now in
      inputs.use(by: acting.name, at: audience, now)
    }
  }
}

extension ActionInputs {
  /// For what a token would be presented.
  func use(by caller: String, at audience: String, _ now: Instant) -> CapabilityUse {
    let call = request.call
    var arguments: [String: String] = [:]
    for argument in call?.arguments ?? [] {
      arguments[argument.name] = argument.value.string ?? argument.value.compact
    }
    return CapabilityUse(
      of: call?.name ?? "", with: arguments, by: caller, at: audience, now: now)
  }
}
