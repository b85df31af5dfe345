// `writ token mint`, `token narrow` and `token show`: leaves to act within bounds, and handing them on.

import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritText

extension Option {
  fileprivate static let tokenFile = Option.optional(
    "-o", "FILE", "where the token goes, mode 0600; printed if not given")
  fileprivate static let next = Option.optional(
    "--next", "KEY.pub", "whose key may narrow it further; nobody's if not given")
  fileprivate static let bound = Option.repeated(
    "--arg", "name=value", "a value that this argument may have; more of one name are alternatives")
}

extension Command {
  static let tokenMint = Command(
    name: "token mint", summary: "let somebody act within bounds",
    operands: [],
    options: [
      .bundle, .publisher,
      .required("--key", "KEY", "an issuer's, by the bundle's registry: its roles are `@issuer`"),
      .passphrase,
      .required("--audience", "NAME", "the control plane that it is for: its log's origin"),
      .required("--holder", "NODE", "who may act by it"),
      .repeated("--action", "NAME", "an action, or a pipeline, that they may ask for"), .bound,
      .optional("--budget", "N", "how many actions may be done by it"),
      .optional("--for", "DURATION", "how long it counts, 24h if not given"), .next, .tokenFile,
    ],
    details: [
      "A token allows nothing by itself: each action still goes through its gate.",
      "  writ token mint --bundle b --key issuer.key --audience log.example --holder Identity/bot \\",
      "    --action deploy --arg env=Environment/staging --budget 5 --for 8h -o bot.token",
    ],
    run: runTokenMint)

  static let tokenNarrow = Command(
    name: "token narrow", summary: "hand a token on with less",
    operands: [.one("TOKEN", "a file with one")],
    options: [
      .bundle, .publisher,
      .required("--key", "KEY", "the key that the token names as the next"), .passphrase,
      .optional("--holder", "NODE", "who may act by it, the same if not given"),
      .repeated("--action", "NAME", "what is left of its actions, all if none is given"), .bound,
      .optional("--budget", "N", "how many actions are left of it"),
      .optional("--for", "DURATION", "how long it counts from now, as long if not given"),
      .next, .tokenFile,
    ],
    details: [
      "What would be more than the token has is refused, here and by whoever it is presented to.",
      "  writ token narrow bot.token --bundle b --key bot-next.key --holder Identity/helper \\",
      "    --action deploy --budget 1 -o helper.token",
    ],
    run: runTokenNarrow)

  static let tokenShow = Command(
    name: "token show", summary: "show what a token is good for, block by block",
    operands: [.one("TOKEN", "a file with one")],
    options: [
      .bundle, .publisher,
      .optional("--log", "DIR", "tells too what was used of it, and taken back, by this log"),
      .logKey,
    ],
    details: [
      "Exits 0 if its signatures count by the bundle, 65 if not, 1 if `--log` says that it was taken back.",
      "  writ token show bot.token --bundle b",
    ],
    run: runTokenShow)
}

private func runTokenMint(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let key = try readPrivateKey(try invocation.required("--key"), invocation)
  guard bundle.registry.key(id: key.publicKey.fingerprint, function: .issuer) != nil else {
    throw Failure(
      .refused, "the bundle knows no issuer with that key",
      remedy: "add it to the registry with the roles [\"\(KeyFunction.issuerMark)\"]")
  }
  let given = invocation.values("--action")
  guard !given.isEmpty else {
    throw .usage("a token is for some actions", remedy: "name each with --action")
  }
  let bounds = CapabilityBlock.Bounds(
    actions: try fullNames(given, bundle), arguments: try bounded(invocation),
    budget: try budget(invocation))
  try check(bounds, bundle)
  let holder = try invocation.required("--holder")
  try checkHolder(holder, bundle)
  let note = noteOnHolder(holder, bundle)
  let block = CapabilityBlock(
    id: try recordID(), for: holder,
    at: try invocation.required("--audience"), bounds,
    (try invocation.validity(hours: 24), try nextKey(invocation)))
  return try deliver(
    try withToken { () throws(CapabilityError) in
      try Capability(minting: block, by: key)
    }, note, invocation)
}

private func runTokenNarrow(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let token = try readToken(invocation, bundle)
  let key = try readPrivateKey(try invocation.required("--key"), invocation)
  let before = token.last
  var bounds = before.bounds
  let given = invocation.values("--action")
  if !given.isEmpty { bounds.actions = try fullNames(given, bundle) }
  for (name, values) in try bounded(invocation) { bounds.arguments[name] = values }
  if let budget = try budget(invocation) { bounds.budget = budget }
  try check(bounds, bundle)
  if let holder = invocation.value("--holder") { try checkHolder(holder, bundle) }
  let span = try invocation.validity(hours: 24)
  let end = invocation.has("--for") ? span.upperBound : before.expires
  guard span.lowerBound < end else {
    throw Failure(.refused, "the token has expired: \(before.expires)")
  }
  let block = CapabilityBlock(
    id: try recordID(), for: invocation.value("--holder") ?? before.holder, at: before.audience,
    bounds, (span.lowerBound..<end, try nextKey(invocation)))
  return try deliver(
    try withToken { () throws(CapabilityError) in
      try token.narrowed(to: block, by: key)
    }, noteOnHolder(block.holder, bundle), invocation)
}

private func runTokenShow(_ invocation: Invocation) throws(Failure) -> Report {
  let bundle = try loadBundle(invocation).bundle
  let token = try readToken(invocation, bundle)
  let (revoked, used) = try logged(of: token, bundle, invocation)
  if invocation.wantsJSON {
    let members = revoked.map {
      [
        JSONMember(
          "revoked", ["block": .string($0.block), "entry": .integer(Int64(clamping: $0.entry))])
      ]
    }
    let blocks = token.blocks.enumerated().map { (index, block) in
      block.json(used?[index], signer: bundle.registry.json(ofSigner: token.signers[index]))
    }
    return Report(
      .object([JSONMember("blocks", .array(blocks))] + (members ?? [])),
      revoked == nil ? .done : .refused)
  }
  var report = Report(revoked == nil ? .done : .refused)
  for (index, block) in token.blocks.enumerated() {
    report.print("block \(index + 1)  \(block.id)")
    let signer = bundle.registry.text(ofSigner: token.signers[index])
    report.print("  " + printable("\(index == 0 ? "issued" : "handed on") by \(signer)"))
    for line in block.lines { report.print("  " + printable(line)) }
    if let used { report.print("  " + block.useLine(used[index])) }
  }
  if let revoked { report.print("taken back: \(revoked.detail)") }
  return report
}

/// The block of a token that `--log` says was taken back, and how often each was used; `nil` where no log is named.
private func logged(
  of token: Capability, _ bundle: LoadedBundle, _ invocation: Invocation
) throws(Failure) -> (revoked: RevokedBlock?, used: [Int]?) {
  guard let path = invocation.value("--log") else { return (nil, nil) }
  let store = LogStore(directory: path)
  let keys = try verifierKeys(of: store, invocation)
  let history = try withLog { () throws(LogError) in
    try SubjectReader(try LogReader(store: store, keys: keys), of: store)
  }
  let origin = history.reader.signed.checkpoint.origin
  let now = currentTime()
  var used: [Int] = []
  for digest in token.digests {
    let deeds = try withLog { () throws(LogError) in
      try history.deeds(about: Deed.subjectName(ofToken: digest), now: now)
    }
    used.append(deeds?.count ?? DeedLimits.deeds)
  }
  return (try LogWord(history, of: store).revoked(token, bundle, origin), used)
}

extension KeyRegistry {
  /// Of a key that signed a block: whose it is, as far as the registry knows.
  fileprivate func text(ofSigner key: Ed25519PublicKey) -> String {
    guard let known = keys.first(where: { $0.publicKey == key }) else {
      return "a key that the bundle does not know, \(key.fingerprint)"
    }
    return known.node.map { "\($0), key `\(known.name)`" } ?? "key `\(known.name)`"
  }

  fileprivate func json(ofSigner key: Ed25519PublicKey) -> JSONValue {
    let known = keys.first { $0.publicKey == key }
    let members = [
      JSONMember("fingerprint", .string(key.fingerprint)),
      known.map { JSONMember("name", .string($0.name)) },
      known?.node.map { JSONMember("node", .string($0)) },
    ]
    return .object(members.compactMap { $0 })
  }
}

extension CapabilityBlock {
  /// How often it was used, and what is left: actions that were done, or may yet be.
  fileprivate func useLine(_ used: Int) -> String {
    let times = used >= DeedLimits.deeds ? "at least \(used) times" : counted(used, "time")
    guard let budget else { return "used \(times) by this log" }
    return "used \(times) by this log, \(max(0, budget - Int64(used))) of \(budget) left"
  }

  /// For programs.
  ///
  /// - Parameters:
  ///   - used: How often, by a log; `nil` where none was asked.
  ///   - signer: Who signed it.
  fileprivate func json(_ used: Int?, signer: JSONValue) -> JSONValue {
    var members: [JSONMember] = [
      JSONMember("id", .string(id)), JSONMember("signer", signer),
      JSONMember("audience", .string(audience)),
      JSONMember("holder", .string(holder)),
      JSONMember("actions", .array(actions.map { .string($0) })),
      JSONMember("issued", .string(issued.description)),
      JSONMember("expires", .string(expires.description)),
    ]
    let bounded = arguments.sorted { precedesByBytes($0.key, $1.key) }
    members.append(
      JSONMember(
        "arguments",
        .object(bounded.map { JSONMember($0.key, .array($0.value.map { .string($0) })) })))
    if let budget { members.append(JSONMember("budget", .integer(budget))) }
    if let used { members.append(JSONMember("used", .integer(Int64(used)))) }
    if let next { members.append(JSONMember("next", .string(next.description))) }
    return .object(members)
  }

  /// For people.
  fileprivate var lines: [String] {
    var lines = [
      "\(holder) at \(audience), from \(issued) until \(expires)",
      "may ask for \(actions.joined(separator: ", "))",
    ]
    for (name, values) in arguments.sorted(by: { precedesByBytes($0.key, $1.key) }) {
      lines.append("where \(name) is \(values.joined(separator: " or "))")
    }
    if let budget { lines.append("\(counted(Int(clamping: budget), "time")) in all") }
    lines.append(next.map { "may be narrowed by \($0)" } ?? "can not be narrowed further")
    return lines
  }
}

/// Full names of actions and pipelines.
private func fullNames(_ names: [String], _ bundle: LoadedBundle) throws(Failure) -> [String] {
  let program = bundle.program.program
  let known = program.actions.map(\.name) + program.pipelines.map(\.name)
  var full: [String] = []
  for name in names {
    let found = known.filter { hasSameBytes($0, name) || $0.endsWithBytes(of: "." + name) }
    guard found.count == 1 else {
      throw .usage(
        found.isEmpty
          ? "the bundle has no action or pipeline `\(name)`"
          : "more than one is called `\(name)`: \(found.joined(separator: ", "))")
    }
    full.append(found[0])
  }
  return full
}

/// Refuses a bound on an argument that some of the actions and pipelines do not take, and a value that theirs could never have: nothing
/// could be asked for by it.
private func check(_ bounds: CapabilityBlock.Bounds, _ bundle: LoadedBundle) throws(Failure) {
  let program = bundle.program.program
  let engine = try bareEngine(bundle)
  let called =
    program.actions.map { ($0.name, $0.parameters) }
    + program.pipelines.map { ($0.name, $0.parameters) }
  for (called, parameters) in called where bounds.actions.containsBytes(of: called) {
    for (name, values) in bounds.arguments.sorted(by: { precedesByBytes($0.key, $1.key) }) {
      guard let parameter = parameters.first(where: { hasSameBytes($0.name, name) }) else {
        let hint = nearestName(to: name, among: parameters.map(\.name))
        throw .usage(
          "`\(called)` has no argument `\(name)`, so it could never be asked for"
            + (hint.map { "; did you mean `\($0)`?" } ?? ""),
          remedy: "make a token of its own for it")
      }
      for value in values { try check(value, parameter, of: called, engine) }
    }
  }
}

/// Refuses a value that an argument can never have.
private func check(
  _ value: String, _ parameter: NamedType, of called: String, _ engine: Engine
) throws(Failure) {
  var forms: [JSONValue] = [.string(value)]
  if let other = try? JSONValue(parsing: Array(value.utf8)), other.string == nil {
    forms.append(other)
  }
  var refusal: RequestError?
  for form in forms {
    do throws(RequestError) {
      return try engine.check(form, parameter)
    } catch {
      refusal = refusal ?? error
    }
  }
  throw .usage(
    "`--arg \(parameter.name)=\(value)` can never be asked for of `\(called)`"
      + (refusal.map { ": \($0)" } ?? ""))
}

/// Refuses a holder who could never act.
private func checkHolder(_ holder: String, _ bundle: LoadedBundle) throws(Failure) {
  let engine = try bareEngine(bundle)
  do throws(RequestError) {
    _ = try engine.knows(caller: holder)
  } catch {
    throw .usage("`--holder \(holder)` could never act: \(error)")
  }
}

/// Why a holder cannot act by the bundle as it is: it knows no key of theirs, and has who acts sign. One may still be registered.
private func noteOnHolder(_ holder: String, _ bundle: LoadedBundle) -> String? {
  let registry = bundle.registry
  guard !registry.hasActor(holder), !bundle.allowsUnsignedCallers else { return nil }
  let actors = registry.keys(function: .actor).compactMap(\.node)
  let hint = nearestName(to: holder, among: actors).map { "; did you mean `\($0)`?" } ?? ""
  return
    "the bundle's registry has no key of `\(holder)` to act with, so nothing can be asked for by this token yet\(hint)"
}

/// What a bundle says by itself, without a graph.
private func bareEngine(_ bundle: LoadedBundle) throws(Failure) -> Engine {
  do {
    return Engine(
      bundle: bundle, snapshot: try SnapshotBuilder(bundle.program.program.schema).build())
  } catch {
    throw Failure(.broken, "the bundle's schema makes no graph: \(error)")
  }
}

private func bounded(_ invocation: Invocation) throws(Failure) -> [String: [String]] {
  var bounded: [String: [String]] = [:]
  for pair in try invocation.pairs("--arg") { bounded[pair.name, default: []].append(pair.value) }
  return bounded
}

private func budget(_ invocation: Invocation) throws(Failure) -> Int64? {
  guard let budget = try invocation.number("--budget") else { return nil }
  guard 1...UInt64(DeedLimits.deeds) ~= budget else {
    throw .usage("`--budget \(budget)` is not from 1 to \(DeedLimits.deeds)")
  }
  return Int64(budget)
}

private func nextKey(_ invocation: Invocation) throws(Failure) -> VerifierKey? {
  try invocation.value("--next").map { (path) throws(Failure) in try readVerifierKey(path) }
}

func readToken(
  _ invocation: Invocation, _ bundle: LoadedBundle
) throws(Failure) -> Capability {
  let path = try invocation.operand(0)
  let json = try readJSON(path)
  return try withToken(path) { () throws(CapabilityError) in
    try Capability(json, registry: bundle.registry)
  }
}

private func withToken<Value>(
  _ path: String? = nil, _ body: () throws(CapabilityError) -> Value
) throws(Failure) -> Value {
  do throws(CapabilityError) {
    return try body()
  } catch {
    switch error {
    case .widened: throw Failure(.refused, "the token would be more than it was: \(error)")
    default:
      let what = path.map { "\(shownName($0)): the token" } ?? "the token"
      throw .badInput("\(what) does not count: \(error)")
    }
  }
}

/// Writes a token where it was wanted.
private func deliver(
  _ token: Capability, _ note: String?, _ invocation: Invocation
) throws(Failure) -> Report {
  var report = Report()
  if let note { report.tell("note: " + printable(note)) }
  let line = "for \(token.last.holder), until \(token.last.expires), block \(token.last.id)"
  guard let output = invocation.value("-o") else {
    report.print(token.json.compact)
    report.tell(printable(line))
    return report
  }
  try writeFile(output, Array((token.json.pretty + "\n").utf8), .new(mode: 0o600))
  if invocation.wantsJSON {
    report.output = Report(["file": .string(output), "token": token.json]).output
    return report
  }
  report.print(printable(line))
  return report
}
