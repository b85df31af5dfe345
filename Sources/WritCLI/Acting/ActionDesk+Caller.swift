// Who acts: one whom the graph has, and who signs for it; a name alone gets something only where the policy says so.

import Writ
import WritCrypto
import WritEvidence
import WritModel

/// How whoever acts shows that it is they.
enum CallerProof {
  /// By nothing that is at hand.
  case none
  /// By a key of theirs, which signs here.
  case key(Ed25519PrivateKey)
  /// By an envelope that they signed elsewhere: it is for one request, and counts once.
  case intent(JSONValue)
}

/// Somebody who says that they act, and how they show it.
struct ActingCaller {
  /// As a node.
  let name: String
  let proof: CallerProof
  /// Whether they show that it is they who act, or have shown it.
  let hasSigned: Bool
  /// What they act within.
  let token: PresentedToken?
  /// What to do where nobody signed.
  let howToSign: String
  /// What to do where a token is missing.
  let howToPresent: String

  /// Somebody who only asks.
  init(asking name: String) { self.init(known: name, token: nil, hasSigned: false) }

  /// `--caller`, with `--actor-key` where it was given.
  init(_ invocation: Invocation) throws(Failure) {
    name = try invocation.required("--caller")
    let key = try invocation.value("--actor-key").map { (path) throws(Failure) in
      try readPrivateKey(path, invocation)
    }
    proof = key.map(CallerProof.key) ?? .none
    hasSigned = key != nil
    token = try PresentedToken(invocation)
    (howToSign, howToPresent) = ("sign with --actor-key", "present it with --token")
  }

  /// Somebody who has been let act before.
  init(known name: String, token: PresentedToken?, hasSigned: Bool) {
    self.name = name
    proof = .none
    self.hasSigned = hasSigned
    self.token = token
    (howToSign, howToPresent) = ("sign with --actor-key", "present it with --token")
  }

  /// Somebody elsewhere, who keeps their keys to themselves.
  ///
  /// - Parameter intent: What they signed; `nil` where they signed nothing.
  init(remote name: String, intent: JSONValue?, token: PresentedToken?) {
    self.name = name
    proof = intent.map(CallerProof.intent) ?? .none
    hasSigned = intent != nil
    self.token = token
    howToSign = "sign an intent for what `ask` tells, and send it as `intent`"
    howToPresent = "send it as `token`"
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
    func refuse(_ why: String, remedy: String? = nil) throws(Failure) -> Never {
      let entry = try record(.refused(why), of: caller, for: action, bundle, run)
      throw Failure(
        .refused, "`\(caller.name)` may not act: \(why), and the attempt is on record",
        remedy: remedy
      ).onRecord(entry)
    }
    let now = Instant(microseconds: currentTime())
    let envelope: JSONValue
    switch caller.proof {
    case .none:
      if isUnknown, bundle.allowsUnsignedCallers { return }
      try refuse(
        "nobody signed for the caller",
        remedy: isUnknown
          ? "\(caller.howToSign); the registry that `writ build` was given says by a line without roles whose key it is"
          : caller.howToSign)
    case .key(let key):
      envelope =
        Intent(
          action: action, request: digest, caller: caller.name, id: try recordID(), signedAt: now
        ).signed(by: key).json
    case .intent(let given): envelope = given
    }
    let intent: Intent
    do throws(IntentError) {
      intent = try Intent(envelope, of: caller.name, for: digest, registry: registry, now: now)
    } catch {
      try refuse(error.recorded, remedy: error.remedy(caller))
    }
    guard hasSameBytes(intent.action, action) else {
      try refuse(IntentError.otherRequest.recorded, remedy: caller.howToSign)
    }
    guard case .intent = caller.proof else {
      // What was signed here is new.
      try record(.taken(envelope, intent), of: caller, for: action, bundle, run)
      return
    }
    if let entry = try take(intent, envelope, of: caller, bundle) {
      try refuse(
        "the intent was used: entry \(entry) has taken it",
        remedy: "sign another for each request")
    }
  }

  /// Records that a wish is taken which was signed elsewhere, unless it was before: then by which entry. Nobody else can take it in between.
  private func take(
    _ intent: Intent, _ envelope: JSONValue, of caller: ActingCaller, _ bundle: LoadedBundle
  ) throws(Failure) -> UInt64? {
    let id = try recordID()
    var used: UInt64?
    do throws(Failure) {
      _ = try inTurn { (store, word) throws(Failure) in
        let history = try word().history
        used = try withLog { () throws(LogError) in try history.use(of: intent) }
        if used != nil { throw Failure(.refused, "the intent was used") }
        do throws(RecorderError) {
          let draft = try Writ.record(
            ofIntentFor: intent.action, by: caller.name, .taken(envelope, intent), bundle,
            in: store, id: id)
          return (draft: draft, value: ())
        } catch {
          switch error {
          case .log(let error): throw unrecorded(WritCLI.failure(of: error))
          case .request(let error): throw .badInput(error.description)
          }
        }
      }
      return nil
    } catch {
      guard let used else { throw error }
      return used
    }
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

extension IntentError {
  /// Why, with nothing of the caller's in it: what a record says.
  fileprivate var recorded: String {
    switch self {
    case .unknownCaller: "no key to act with is known of the caller"
    case .badSignature: "the caller's key did not sign it"
    case .envelope, .malformed: "what was signed is no intent"
    case .otherCaller: "the intent is another caller's"
    case .otherRequest: "the intent is for another request, bundle or log"
    case .notNow: "the intent was signed more than a minute ago, or will be"
    }
  }

  fileprivate func remedy(_ caller: ActingCaller) -> String {
    switch self {
    case .unknownCaller:
      "the registry that `writ build` was given says with which key who acts"
    case .badSignature: "sign with the caller's own"
    case .envelope, .malformed, .otherCaller, .otherRequest, .notNow:
      "\(self); \(caller.howToSign)"
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
