// Who acts: one whom the graph has, and who signs for it; a name alone gets something only where the policy says so.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// Somebody who says that they act, and the key that shows it.
struct ActingCaller {
  /// As a node.
  let name: String
  let key: Ed25519PrivateKey?
  /// Whether they show by a key that they act, or have shown it.
  let hasSigned: Bool
  /// What they act within.
  let token: PresentedToken?

  /// Somebody who only asks.
  init(asking name: String) { self.init(known: name, token: nil, hasSigned: false) }

  /// `--caller`, with `--actor-key` where it was given.
  init(_ invocation: Invocation) throws(Failure) {
    name = try invocation.required("--caller")
    key = try invocation.value("--actor-key").map { (path) throws(Failure) in
      try readPrivateKey(path, invocation)
    }
    hasSigned = key != nil
    token = try PresentedToken(invocation)
  }

  /// Somebody who has been let act before.
  init(known name: String, token: PresentedToken?, hasSigned: Bool) {
    self.name = name
    key = nil
    self.hasSigned = hasSigned
    self.token = token
  }
}

extension ActingKeys {
  /// Refuses, on record, whoever the graph does not have: of them gates know nothing, and nothing is done for them.
  func requireKnown(
    _ caller: ActingCaller, for action: String, _ engine: Engine, _ run: Subject?
  ) throws(Failure) {
    let isKnown = try withEngine { () throws(RequestError) in
      try engine.knows(caller: caller.name)
    }
    guard !isKnown else { return }
    let entry = try record(
      .refused("the graph does not have the caller"), of: caller, for: action, engine.bundle, run)
    throw Failure(
      .refused,
      "`\(caller.name)` may not act: the graph does not have the caller, and the attempt is on record",
      remedy: "only a node of the graph acts; see to it that an exporter brings who does"
    ).onRecord(entry)
  }

  /// Refuses whoever the graph does not have, and has whoever acts sign that they do. Where the policy says `callers unsigned` one of
  /// whom the bundle knows no key need not. A signature and a refusal are on record before any gate is asked; that nobody signed, the
  /// decision's record says.
  ///
  /// - Parameters:
  ///   - action: What is to be done, by its name.
  ///   - digest: Of all that is asked for.
  ///   - run: The run that is asked for, as a subject.
  func identify(
    _ caller: ActingCaller, for action: String, _ digest: Digest, _ engine: Engine,
    run: Subject? = nil
  ) throws(Failure) {
    try requireKnown(caller, for: action, engine, run)
    let (bundle, registry) = (engine.bundle, engine.bundle.registry)
    let isUnknown = !registry.hasActor(caller.name)
    if caller.key == nil, isUnknown, bundle.allowsUnsignedCallers { return }
    func refuse(_ why: String, remedy: String? = nil) throws(Failure) -> Never {
      let entry = try record(.refused(why), of: caller, for: action, bundle, run)
      throw Failure(
        .refused, "`\(caller.name)` may not act: \(why), and the attempt is on record",
        remedy: remedy
      ).onRecord(entry)
    }
    guard let key = caller.key else {
      try refuse(
        "nobody signed for the caller",
        remedy: isUnknown
          ? "sign with --actor-key; the registry that `writ build` was given says by a line without roles whose key it is"
          : "sign with --actor-key")
    }
    let now = Instant(microseconds: currentTime())
    let envelope = Intent(
      action: action, request: digest, caller: caller.name, id: try recordID(), signedAt: now
    ).signed(by: key).json
    do throws(IntentError) {
      _ = try Intent(envelope, of: caller.name, for: digest, registry: registry, now: now)
    } catch {
      switch error {
      case .unknownCaller:
        try refuse(
          "no key to act with is known of the caller",
          remedy: "the registry that `writ build` was given says with which key who acts")
      default: try refuse("the caller's key did not sign it", remedy: "sign with the caller's own")
      }
    }
    try record(.taken(envelope), of: caller, for: action, bundle, run)
  }

  /// A request that was read anew, once its caller is known by its bundle too: that one may know other keys.
  func again(
    _ before: ActionInputs, _ now: ActionInputs, _ caller: ActingCaller
  ) throws(Failure) -> ActionInputs {
    guard now.engine.bundle.digest != before.engine.bundle.digest else { return now }
    let (action, digest) = try now.subject()
    try identify(caller, for: action, digest, now.engine)
    return now
  }

  /// Records that somebody wanted to act, and whether they were heard.
  @discardableResult
  func record(
    _ outcome: IntentOutcome, of caller: ActingCaller, for action: String, _ bundle: LoadedBundle,
    _ run: Subject?
  ) throws(Failure) -> RecordedDecision {
    let id = try recordID()
    return try append { (store) throws(RecorderError) in
      try Writ.record(
        ofIntentFor: action, by: caller.name, outcome, bundle, in: store, run: run, id: id)
    }
  }
}

extension ActionInputs {
  /// The action that is asked for, and the digest of the whole request.
  func subject() throws(Failure) -> (action: String, digest: Digest) {
    try withEngine { () throws(RequestError) in
      (request.call?.name ?? "", try engine.approvalDigest(of: request).digest)
    }
  }
}
