// `writ run unlock`: a person says, signed and on record, that a version may be tried again that was taken back too often.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let runUnlock = Command(
    name: "run unlock",
    summary: "let a version be tried again that was taken back too often",
    operands: [
      .one("ACTION", "the action's full name"),
      .one("ARTIFACT", "what was deployed: sha256:…, as the refusal names it"),
    ],
    options: [
      .required("--log", "DIR", "the log that knows what was taken back"), .bundle, .publisher,
      .optional("--role", "ROLE", "in which you unlock; needed to sign"),
      .optional("--as", "NODE", "who you are in the graph: Identity/ines; needed to sign"),
      .optional("--key", "KEY", "your signing key; needed to sign"), .passphrase,
      .optional(
        "--reason", "TEXT", "why; it can be erased with you; needed to sign"),
      .optional("--word", "FILE", "record a word that somebody has signed, JSON, or -"),
      .flag("--sign", "print the signed word and record nothing: needs no key of the log"),
    ],
    details: [
      "A person who holds a role in which the action's gate is approved or waived lets it be tried",
      "again; an agent cannot. It forgives what the log says so far, and no later rollback.",
      "Exits 1 if it had not been taken back, nobody unlocks it so, or the word would count for nobody",
      "who acts, as one by a bundle of which the log knows nothing.",
      "  writ run unlock checkout.deploy sha256:7c5a… --log log --bundle b --role sre \\",
      #"    --as Identity/ines --key ines.key --reason "the probe was wrong, not the release""#,
    ],
    run: runRunUnlock)
}

private func runRunUnlock(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.required("--log"))
  let bundle = try loadBundle(invocation).bundle
  let version = try lockedVersion(invocation, bundle)
  if invocation.has("--sign") {
    let keys = try verifierKeys(of: store, invocation)
    let (unlock, key) = try word(on: version, bundle, store, keys, invocation)
    return Report(unlock.signed(by: key).json)
  }
  let signer = try recordSigner(store.directory, bundle, invocation)
  let envelope: JSONValue
  if let signed = try signedWord(invocation, without: ["--role", "--as", "--key", "--reason"]) {
    envelope = signed
  } else {
    let (unlock, key) = try word(on: version, bundle, store, signer.verifierKeys, invocation)
    envelope = unlock.signed(by: key).json
  }
  let (unlock, recorded) = try record(envelope, on: version, bundle, store, signer)
  if invocation.wantsJSON {
    return Report([
      "log": .string(recorded.origin), "index": .integer(Int64(clamping: recorded.index)),
      "through": .integer(Int64(clamping: unlock.through.index)), "unlock": envelope,
    ])
  }
  var report = Report()
  report.print(
    "entry \(recorded.index) of \(recorded.origin): \(printable(unlock.unlocker)) lets "
      + "\(version.artifact) be tried again by \(printable(version.action))")
  return report
}

/// What the operands name: an action of the bundle, by its full name or what stands after the last dot, and a digest.
private func lockedVersion(
  _ invocation: Invocation, _ bundle: LoadedBundle
) throws(Failure) -> DeployedVersion {
  let (name, text) = (try invocation.operand(0), try invocation.operand(1))
  guard let artifact = Digest(text) else {
    throw .usage("`\(text)` is no digest", remedy: "write sha256: and 64 digits")
  }
  let names = bundle.program.program.actions.map(\.name)
  let found = names.filter { hasSameBytes($0, name) || $0.endsWithBytes(of: ".\(name)") }
  guard let action = found.first(where: { hasSameBytes($0, name) }) ?? found.first,
    found.count == 1 || hasSameBytes(action, name)
  else {
    throw .badInput(
      found.isEmpty ? "the bundle has no action `\(name)`" : "`\(name)` is not one action",
      remedy: found.isEmpty ? nil : "write its full name: \(found.joined(separator: ", "))")
  }
  return DeployedVersion(action: action, artifact: artifact)
}

/// What a person would sign of a version, by what the log says of it, and the key.
private func word(
  on version: DeployedVersion, _ bundle: LoadedBundle, _ store: LogStore, _ keys: [VerifierKey],
  _ invocation: Invocation
) throws(Failure) -> (Unlock, Ed25519PrivateKey) {
  func needed(_ name: String) throws(Failure) -> String {
    guard let value = invocation.value(name) else {
      throw .usage("`writ run unlock` needs `\(name)` to sign", remedy: "or name a --word")
    }
    return value
  }
  let (person, role) = (try needed("--as"), try needed("--role"))
  let reason = try needed("--reason")
  let key = try readPrivateKey(try needed("--key"), invocation)
  guard !keys.contains(where: { $0.publicKey == key.publicKey }) else {
    throw .badInput("the log's key unlocks too", remedy: "give each function its own key")
  }
  try requirePerson(person, key, to: "unlock a version", bundle.registry)
  let history = try withLog { () throws(LogError) in
    try SubjectReader(try LogReader(store: store, keys: keys), of: store)
  }
  let origin = history.reader.signed.checkpoint.origin
  let word = LogWord(history, of: store)
  let newest = try requireTakenBack(version, word, bundle, origin)
  let leaf = try withLog { () throws(LogError) in
    Merkle.leafHash(of: try history.reader.entry(at: newest))
  }
  let unlock = Unlock(
    of: version, through: LogPlace(origin: origin, index: newest), leaf: leaf,
    by: (node: person, role: role), reason: reason,
    signedAt: Instant(microseconds: currentTime()))
  guard let unlock else {
    throw .usage(
      "`--reason` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes that says something"
    )
  }
  let envelope = unlock.signed(by: key).json
  _ = try counting(envelope, on: version, bundle)
  if let why = try word.problem(of: unlock, bundle, origin) {
    throw Failure(.refused, "the word unlocks nothing here: \(why)")
  }
  try word.requireHeeded(envelope, of: unlock, bundle, origin)
  return (unlock, key)
}

/// The newest entry about a version that there is something to forgive of.
private func requireTakenBack(
  _ version: DeployedVersion, _ word: LogWord, _ bundle: LoadedBundle, _ origin: String
) throws(Failure) -> UInt64 {
  // Whatever the limit is to others: one rollback is enough.
  let standing = try word.standing(of: version, limit: 1, bundle, origin)
  guard let newest = standing.newest else {
    throw Failure(
      .refused, "the log has nothing of \(version.artifact) of \(version.action) being taken back",
      remedy: "the refusal of what was tried names action and artifact")
  }
  guard standing.lock != nil else {
    throw Failure(
      .refused,
      "\(version.artifact) of \(version.action) is not locked: it was not taken back since it was last unlocked",
      remedy: "`writ log search DIR --subject \(version.subjectName)` tells what the log has of it")
  }
  return newest
}

/// The word in an envelope, where the bundle knows its giver for it and it is about that version.
private func counting(
  _ envelope: JSONValue, on version: DeployedVersion, _ bundle: LoadedBundle
) throws(Failure) -> Unlock {
  let unlock: Unlock
  do throws(SignedWordError) {
    unlock = try Unlock(envelope, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the bundle would not take this unlock: \(error)",
      remedy: "the registry that `writ build` was given says who may sign")
  }
  guard unlock.version == version else {
    throw Failure(
      .refused,
      "the word is for \(unlock.version.artifact) of \(unlock.version.action), not for \(version.artifact) of \(version.action)",
      remedy: "whoever signed it signs anew")
  }
  return unlock
}

/// Records a word while nobody else can add to the log, if it lets something be tried by what the log then says.
private func record(
  _ envelope: JSONValue, on version: DeployedVersion, _ bundle: LoadedBundle, _ store: LogStore,
  _ signer: NoteSigner
) throws(Failure) -> (Unlock, RecordedDecision) {
  let unlock = try counting(envelope, on: version, bundle)
  let origin = signer.name.description
  let id = try recordID()
  var failure: Failure?
  do throws(Failure) {
    let recorded = try recording { () throws(RecorderError) in
      try append(
        inTurnTo: store, signer: signer, clock: currentTime, uptime: currentUptime
      ) { (turn) throws(RecorderError) in
        do throws(Failure) {
          let history = try withLog { () throws(LogError) in try turn.history() }
          let word = LogWord(history, of: store)
          if let why = try word.problem(of: unlock, bundle, origin) {
            throw Failure(.refused, "the word unlocks nothing here: \(why)")
          }
          let newest = try requireTakenBack(version, word, bundle, origin)
          guard newest == unlock.through.index else {
            throw Failure(
              .refused,
              "the word was signed upon entry \(unlock.through.index), and entry \(newest) tells of the version since",
              remedy: "look at that, and sign anew")
          }
          try word.requireHeeded(envelope, of: unlock, bundle, origin)
        } catch {
          failure = error
          throw .request(RequestError("nothing is unlocked"))
        }
        return try Writ.record(of: unlock, envelope, bundle, in: turn.store, id: id)
      }
    }
    return (unlock, recorded)
  } catch {
    throw failure ?? error
  }
}
