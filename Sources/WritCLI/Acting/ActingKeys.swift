// What acting needs beside a request: the log with its keys, the key of permits, and the delegate.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Option {
  // Options of whatever acts.
  static let actingLog = Option.required(
    "--log", "DIR", "where decision, permit and result are recorded")
  static let permitKey = Option.required(
    "--permit-key", "KEY", "signs permits and nothing else")
  static let delegate = Option.repeatedRequired(
    "--delegate", "KEY.pub", "who carries it out, each: `delegate.pub` of its directory")
  static let listen = Option.required(
    "--listen", "ADDRESS", "where the delegate connects: unix:/run/writ.sock, or HOST:PORT with TLS"
  )
  static let actorKey = Option.optional(
    "--actor-key", "KEY", "the key of who acts; needless where the policy says `callers unsigned`")
}

extension [Option] {
  /// What a program that answers questions needs beside them so that whoever asks can act, too.
  static func mayAct(_ who: String) -> [Option] {
    [
      .optional("--log", "DIR", "lets \(who) act; all of it is recorded here"),
      .optional("--permit-key", "KEY", "signs permits and nothing else"), .passphrase,
      .repeated("--delegate", "KEY.pub", "who carries actions out, each"),
      .optional("--listen", "ADDRESS", "where the delegate connects: unix:/run/writ.sock"),
      .tlsKey, .delegateTLS,
      .optional("--wait", "DURATION", "for the delegate to connect, 30s if not given"),
    ]
  }
}

/// Log, keys and delegates, each key in one function only.
struct ActingKeys {
  let store: LogStore
  /// Signs for the log.
  let signer: NoteSigner
  let permitKey: Ed25519PrivateKey
  /// Who may carry something out: at least one, no two of one name.
  let delegates: [VerifierKey]

  /// Reads `--log`, `--permit-key` and `--delegate`; a key that the bundle knows in another function is refused.
  init(_ invocation: Invocation, _ bundle: LoadedBundle) throws(Failure) {
    let log = try invocation.required("--log")
    store = LogStore(directory: log)
    signer = try recordSigner(log, bundle, invocation)
    let path = try invocation.required("--permit-key")
    try refuseInsideLog(path, log)
    permitKey = try readPrivateKey(path, invocation)
    _ = try invocation.required("--delegate")
    delegates = try ActingKeys.delegates(invocation.values("--delegate"), log)
    try check(bundle.registry)
    try checkPublisher(invocation)
  }

  /// Who publishes policies gives no permits, keeps no log and does nothing: with one key for two of these one theft is two harms.
  private func checkPublisher(_ invocation: Invocation) throws(Failure) {
    guard let path = invocation.value("--publisher") else { return }
    let publisher = try readVerifierKey(path).publicKey
    let others = [permitKey.publicKey] + delegates.map(\.publicKey)
    guard !(others + signer.verifierKeys.map(\.publicKey)).contains(publisher) else {
      throw .badInput(
        "the publisher's key is also that of log, permits or a delegate",
        remedy: "give each function its own key")
    }
  }

  private static func delegates(
    _ paths: [String], _ log: String
  ) throws(Failure) -> [VerifierKey] {
    var delegates: [VerifierKey] = []
    for path in paths {
      try refuseInsideLog(path, log)
      let delegate = try readVerifierKey(path)
      guard !delegates.contains(where: { $0.name == delegate.name }) else {
        throw .badInput(
          "two delegates are called `\(delegate.name)`", remedy: "name each once, and differently")
      }
      delegates.append(delegate)
    }
    return delegates
  }

  /// Every key in one function only, also by a bundle's registry; to be asked again of each bundle.
  func check(_ registry: KeyRegistry) throws(Failure) {
    try checkFunctions(registry, [permitKey.publicKey], .permit)
    let delegateKeys = delegates.map(\.publicKey)
    try checkFunctions(registry, delegateKeys, .delegate)
    let logKeys = signer.verifierKeys.map(\.publicKey)
    try checkFunctions(registry, logKeys, .log)
    guard !delegateKeys.contains(permitKey.publicKey), !logKeys.contains(permitKey.publicKey),
      !delegateKeys.contains(where: logKeys.contains), Set(delegateKeys).count == delegates.count
    else {
      throw .badInput(
        "one key is there for two of log, permits and delegates",
        remedy: "give each function its own key")
    }
  }

  /// Appends a record; when this returns it is durable.
  @discardableResult
  func append(
    _ draft: (LogStore) throws(RecorderError) -> RecordDraft
  ) throws(Failure) -> RecordedDecision {
    try recording(attempts: Patience.acting) { () throws(RecorderError) in
      try Writ.append(
        to: store, signer: signer, clock: currentTime(), uptime: currentUptime(), draft)
    }
  }
}

// Records of what a delegate was given.
extension ActingKeys {
  /// Records that the delegate did not take an order: nothing was done.
  func record(refusal code: String, of order: PermittedOrder) throws(Failure) {
    let id = try recordID()
    try append { (_) throws(RecorderError) in
      Writ.record(
        ofRefusal: code, of: order.permit, upon: order.decided,
        in: order.order.assignment.run, id: id)
    }
  }

  /// Whether the log says what became of an order: who recorded that may not have come to remember it.
  func hasRecorded(_ order: PermittedOrder) throws(Failure) -> Bool {
    try withLog { () throws(LogError) in
      let reader = try LogReader(store: store, keys: signer.verifierKeys)
      for index in order.entry..<max(order.entry, reader.size) {
        let record = LoggedRecord(try reader.entry(at: index))
        if hasSameBytes(record.type, PredicateType.actionResult),
          hasSameBytes(record.predicate["permit"]?.string ?? "", order.permit.id)
        {
          return true
        }
      }
      return false
    }
  }

  /// What is done is done, also where the log does not take it any more: then that is what must be said.
  func record(
    _ result: StepResult, _ envelope: JSONValue, of order: PermittedOrder
  ) throws(Failure) -> RecordedDecision {
    do throws(Failure) {
      let id = try recordID()
      return try append { (store) throws(RecorderError) in
        try Writ.record(
          of: result, envelope: envelope, under: order.permit, upon: order.decided,
          in: (store, order.order.assignment.run), id: id)
      }
    } catch {
      throw Failure(
        .broken,
        "the action was carried out (\(result.outcome.rawValue), permit \(order.permit.id)), and that "
          + "could not be recorded: \(error.message)",
        remedy: "do not do it again; the delegate has the result")
    }
  }
}

extension LogReader {
  /// What records that follow from the decision at an entry take over from its own.
  func decided(at index: UInt64) throws(WritCLI.Failure) -> DecidedEntry {
    try withLog { () throws(LogError) in DecidedEntry(LoggedRecord(try entry(at: index))) }
  }
}
