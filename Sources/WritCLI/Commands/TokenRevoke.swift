// `writ token revoke`: whoever gave a token, or a person in a role, takes it back, signed and on record.

import Writ
import WritCrypto
import WritEvidence
import WritModel

extension Command {
  static let tokenRevoke = Command(
    name: "token revoke", summary: "take a token back before it ends, signed and on record",
    operands: [.one("TOKEN", "a file with it")],
    options: [
      .bundle, .publisher,
      .required("--log", "DIR", "the log of the control plane that it is for"),
      .optional("--block", "N", "takes back from this block on; else what the key has signed"),
      .optional(
        "--key", "KEY", "one that signed a block of it, or your signing key; needed to sign"),
      .passphrase,
      .optional("--role", "ROLE", "in which you take back what others gave"),
      .optional("--as", "NODE", "who you are in the graph, with --role"),
      .optional("--reason", "TEXT", "why; it can be erased with you; needed to sign"),
      .optional("--word", "FILE", "record a word that somebody has signed, JSON, or -"),
      .flag("--sign", "print the signed word and record nothing: needs no key of the log"),
    ],
    details: [
      "From then on nothing is done under that block, nor under what was narrowed from it. What takes",
      "back what was done is not held to it.",
      "  writ token revoke bot.token --bundle b --log log --key issuer.key \\",
      #"    --reason "the bot is stopped""#,
    ],
    run: runTokenRevoke)
}

private func runTokenRevoke(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.required("--log"))
  let bundle = try loadBundle(invocation).bundle
  let token = try readToken(invocation, bundle)
  if invocation.has("--sign") {
    let keys = try verifierKeys(of: store, invocation)
    let origin = keys.first.map(\.name.description) ?? ""
    let (word, key) = try word(on: token, bundle, origin, keys, invocation)
    return Report(word.signed(by: key).json)
  }
  let signer = try recordSigner(store.directory, bundle, invocation)
  let origin = signer.name.description
  let envelope: JSONValue
  if let signed = try signedWord(
    invocation, without: ["--role", "--as", "--key", "--reason", "--block"])
  {
    envelope = signed
  } else {
    let (word, key) = try word(on: token, bundle, origin, signer.verifierKeys, invocation)
    envelope = word.signed(by: key).json
  }
  let word = try counting(envelope, of: token, bundle, origin)
  try requireHeeded(word, bundle, origin, invocation)
  if let earlier = try revokedBefore(word, token, bundle, origin, invocation) {
    return alreadyRevoked(earlier, origin, invocation)
  }
  let recorded = try record(word, envelope, of: token, bundle, store, signer)
  if invocation.wantsJSON {
    return Report([
      "log": .string(recorded.origin), "index": .integer(Int64(clamping: recorded.index)),
      "block": .string(word.block), "revocation": envelope,
    ])
  }
  var report = Report()
  report.print(
    "entry \(recorded.index) of \(recorded.origin): the block \(word.block) is taken back, and what was narrowed from it"
  )
  return report
}

/// The block that was taken back before, where a word would take back no more than that.
private func revokedBefore(
  _ word: TokenRevocation, _ token: Capability, _ bundle: LoadedBundle, _ origin: String,
  _ invocation: Invocation
) throws(Failure) -> RevokedBlock? {
  guard let (log, _) = try askedWord(invocation), let place = word.place(in: token),
    let earlier = try log.revoked(token, bundle, origin),
    let before = token.blocks.firstIndex(where: { hasSameBytes($0.id, earlier.block) })
  else { return nil }
  return before <= place ? earlier : nil
}

private func alreadyRevoked(
  _ earlier: RevokedBlock, _ origin: String, _ invocation: Invocation
) -> Report {
  if invocation.wantsJSON {
    return Report([
      "log": .string(origin), "index": .integer(Int64(clamping: earlier.entry)),
      "block": .string(earlier.block), "already": true,
    ])
  }
  var report = Report()
  report.print("it was taken back already: \(earlier.detail) of \(origin); nothing is recorded")
  return report
}

/// Refuses a person's word by a bundle of which the log knows nothing: anybody can make one in which they hold every role, and whoever
/// acts goes by another. What has signed a block of the token itself needs no bundle.
private func requireHeeded(
  _ word: TokenRevocation, _ bundle: LoadedBundle, _ origin: String, _ invocation: Invocation
) throws(Failure) {
  guard word.person != nil, let (log, _) = try askedWord(invocation) else { return }
  let named = bundle.digest.description
  if try log.isHeeded(named, bundle, origin, before: .max) { return }
  throw Failure(
    .refused, "the word would count for nobody: the log has nothing of the bundle \(named)",
    remedy:
      "take the bundle that is in use; one that is to be used from now on `writ build --log` puts on record"
  )
}

/// What somebody would sign of a token, and the key.
private func word(
  on token: Capability, _ bundle: LoadedBundle, _ origin: String, _ keys: [VerifierKey],
  _ invocation: Invocation
) throws(Failure) -> (TokenRevocation, Ed25519PrivateKey) {
  func needed(_ name: String) throws(Failure) -> String {
    guard let value = invocation.value(name) else {
      throw .usage("`writ token revoke` needs `\(name)` to sign", remedy: "or name a --word")
    }
    return value
  }
  let key = try readPrivateKey(try needed("--key"), invocation)
  guard !keys.contains(where: { $0.publicKey == key.publicKey }) else {
    throw .badInput("the log's key takes tokens back too", remedy: "give each function its own key")
  }
  var person: TokenRevocation.Person?
  if invocation.has("--role") || invocation.has("--as") {
    let named = TokenRevocation.Person(node: try needed("--as"), role: try needed("--role"))
    try requirePerson(named.node, key, to: "take back a token", bundle.registry)
    person = named
  }
  let place = try place(in: token, key, isPerson: person != nil, invocation)
  let word = TokenRevocation(
    of: (token.blocks[place].id, token.digests[place]), in: origin, by: person,
    reason: try needed("--reason"), signedAt: Instant(microseconds: currentTime()))
  guard let word else {
    throw .usage(
      "`--reason` is no line of 1 to \(WritEvidence.Limits.groundByteCount) bytes that says something"
    )
  }
  _ = try counting(word.signed(by: key).json, of: token, bundle, origin)
  return (word, key)
}

/// The block that is taken back: the one that is named, or the first that the key has signed; of a person the last.
private func place(
  in token: Capability, _ key: Ed25519PrivateKey, isPerson: Bool, _ invocation: Invocation
) throws(Failure) -> Int {
  if let number = try invocation.number("--block") {
    guard 1...UInt64(token.blocks.count) ~= number else {
      throw .usage("the token has no block \(number)", remedy: "`writ token show` tells them")
    }
    return Int(number) - 1
  }
  if isPerson { return token.blocks.count - 1 }
  guard let place = token.signers.firstIndex(of: key.publicKey) else {
    throw Failure(
      .refused, "the key has signed no block of this token",
      remedy:
        "take the key of its issuer, or of who handed it on; a person in a role says --as and --role"
    )
  }
  return place
}

/// The word in an envelope, where it takes back a block of that token in that log.
private func counting(
  _ envelope: JSONValue, of token: Capability, _ bundle: LoadedBundle, _ origin: String
) throws(Failure) -> TokenRevocation {
  let word: TokenRevocation
  do throws(SignedWordError) {
    word = try TokenRevocation(envelope, of: token, registry: bundle.registry)
  } catch {
    throw Failure(
      .refused, "the word takes nothing back: \(error)",
      remedy: "whoever signed a block of the token, or a person in a role, takes it back")
  }
  guard hasSameBytes(token.last.audience, origin), hasSameBytes(word.origin, origin) else {
    throw Failure(
      .refused, "the token is for `\(token.last.audience)`, and this log is `\(origin)`",
      remedy: "name the log of the control plane that it is for")
  }
  return word
}

private func record(
  _ word: TokenRevocation, _ envelope: JSONValue, of token: Capability, _ bundle: LoadedBundle,
  _ store: LogStore, _ signer: NoteSigner
) throws(Failure) -> RecordedDecision {
  let id = try recordID()
  guard let place = word.place(in: token) else { throw .badInput("the word is of another token") }
  let issuer = bundle.registry.key(id: token.signers[0].fingerprint, function: .issuer)?.node
  let isIssuers =
    envelope["signatures"]?.array?.first?["keyid"]?.string
    .map { hasSameBytes($0, token.signers[0].fingerprint) } ?? false
  let giver = word.person?.node ?? (isIssuers ? issuer : nil)
  return try recording { () throws(RecorderError) in
    try append(
      to: store, signer: signer, clock: currentTime(), uptime: currentUptime()
    ) { (store) throws(RecorderError) in
      try Writ.record(
        of: word, envelope, by: giver, holder: token.blocks[place].holder, bundle, in: store, id: id
      )
    }
  }
}
