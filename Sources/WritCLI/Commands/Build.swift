// `writ build`: policies to a bundle.

import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritModel
import WritText

extension Command {
  static let build = Command(
    name: "build", summary: "make a bundle of policies",
    operands: [.many("PATH", "policy texts, directories of them, or -")],
    options: [
      .required("-o", "BUNDLE", "the file to write"),
      .repeated("--set", "name=value", "the value of a parameter, instead of its default"),
      .optional("--revision", "N", "a number that never goes down, 0 if not given"),
      .optional(
        "--registry", "KEYS.jsonl", "who may approve, act or carry out: one JSON object a line"),
      .optional("--key", "KEY", "sign the bundle: an envelope in BUNDLE.sig"),
      .optional("--log", "DIR", "record that the bundle was made, and keep it there"), .passphrase,
    ],
    details: [
      "A line of the registry says whose a key is, and in which roles it may sign:",
      #"  {"name":"ines","key":"<ines.key.pub>","actor":"Identity/ines","roles":["legal"]}"#,
      "A key without roles is one to act with: who acts signs, unless the policy says `callers unsigned`.",
      "One with the role `@token` acts under tokens only; one with `@issuer` signs tokens.",
      "`\"agent\":true` in a line says that its actor is an agent or a service account: it may act, and",
      "cannot approve, grant or review, by this key or another.",
      "A line with `labels` is a delegate's, for actions that ask for delegates labelled so:",
      #"  {"key":"<delegate.pub>","labels":["eu","production"]}"#,
      "Same texts, same values, same bundle: byte for byte, on any machine.",
    ],
    run: runBuild)
}

/// Compiles one root and what it imports. Everything that can be refused is refused before a file
/// is written.
private func runBuild(_ invocation: Invocation) throws(Failure) -> Report {
  let output = try invocation.required("-o")
  let registry = try invocation.value("--registry").map(readRegistry)
  let options = BundleOptions(
    settings: try invocation.pairs("--set"), approvers: registry?.approvers ?? [],
    delegates: registry?.delegates ?? [],
    revision: Int64(clamping: try invocation.number("--revision") ?? 0))
  var signer: Ed25519PrivateKey?
  if let path = invocation.value("--key") { signer = try readPrivateKey(path, invocation) }
  if let signer, let log = invocation.value("--log") {
    try refuseLogKey(signer.publicKey, of: log, invocation)
  }
  let modules = try Modules(invocation.operands)
  guard modules.roots.count == 1, let root = modules.roots.first else {
    let names = modules.roots.map { modules.files[$0].name }.joined(separator: ", ")
    throw .usage(
      "a bundle has one root, and nothing imports these: \(names)",
      remedy: "name one of them, or a policy that imports all")
  }
  let compilation = compile(modules.closure(of: root), root: 0)
  var findings = Findings(invocation.errorTerminal)
  findings.add(compilation.diagnostics, of: compilation.files)
  guard let program = compilation.program else {
    var report = Report(.badInput)
    report.messages = findings.text + "\n\(findings.counts); no bundle was written\n"
    return report
  }
  let bytes: [UInt8]
  do throws(BundleFileError) {
    bytes = try bundleFile(program, options)
  } catch {
    throw .badInput("\(error)")
  }
  let envelope = try signer.map { key throws(Failure) in try signature(bytes, options, key) }
  try writeFile(output, bytes)
  if let envelope { try writeFile(output + ".sig", envelope) }
  let recorded = try invocation.value("--log").map { (path) throws(Failure) in
    try recordPublication(of: bytes, in: path, invocation)
  }
  var report = written(output, bytes, invocation)
  report.messages = findings.text + report.messages
  if program.program.allowsUnsignedCallers {
    report.tell("note: " + unsignedCallersNote)
  }
  let acts = !program.program.actions.isEmpty
  if acts, options.approvers.isEmpty, !program.program.allowsUnsignedCallers {
    report.tell(
      "note: without `--registry` nobody can act by this bundle, or approve anything: it knows nobody's key"
    )
  }
  for note in unlabelled(program.program, bytes) { report.tell("note: " + printable(note)) }
  for warning in tokenlessAgents(program.program, bytes) {
    report.tell("warning: " + printable(warning))
  }
  if let recorded { report.tell("recorded as entry \(recorded.index) of \(recorded.origin)") }
  return report
}

/// The actions that nobody can do by a bundle, since it knows no delegate that is labelled as they ask.
private func unlabelled(_ program: Program, _ bundle: [UInt8]) -> [String] {
  guard let bundle = try? LoadedBundle(file: bundle) else { return [] }
  return program.actions.compactMap { action in
    guard !action.labels.isEmpty, bundle.delegates(doing: action.name).isEmpty else { return nil }
    return
      "the registry has no delegate labelled \(action.labels.joined(separator: ", ")), so nobody can do `\(action.name)` by this bundle"
  }
}

/// The agents that can ask in their own name for what people agree to: then whoever gives them tokens is no party to it, and may agree.
private func tokenlessAgents(_ program: Program, _ bundle: [UInt8]) -> [String] {
  guard program.asksPeople, let registry = try? LoadedBundle(file: bundle).registry else {
    return []
  }
  var said: Set<String> = []
  return registry.keys(function: .actor).compactMap { key in
    guard let node = key.node, registry.isAgent(node), !registry.needsToken(node),
      said.insert(node).inserted
    else { return nil }
    return
      "`\(node)` is an agent that can act without a token, and then whoever stands behind it may approve what it asks for; with the role `\(KeyFunction.tokenMark)` its key acts under tokens only"
  }
}

extension Program {
  /// A gate or a step of a pipeline asks for approvals of what is done.
  fileprivate var asksPeople: Bool {
    guard approvals.isEmpty else { return !actions.isEmpty }
    var open = pipelines.flatMap { $0.stages.flatMap { $0.within.flatMap(\.steps) } }
    while let step = open.popLast() {
      if case .approval = step.work { return true }
      open += step.within.flatMap(\.steps)
    }
    return false
  }
}

/// Reads the keys whose approvals count, and what is said of delegates.
private func readRegistry(
  _ path: String
) throws(Failure) -> (approvers: [RegistryEntry], delegates: [DelegateEntry]) {
  let bytes = try readFile(path, limit: Limits.documentBytes)
  var entries: [RegistryEntry] = []
  var delegates: [DelegateEntry] = []
  for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
    guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
    let place = "\(shownName(path)):\(index + 1)"
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: Array(line))
    } catch {
      throw .badInput("\(place):\(error.column): \(error.expectation)")
    }
    if json["labels"] != nil {
      guard let delegate = delegateEntry(json) else {
        throw .badInput(
          "\(place): no registry entry of a delegate",
          remedy:
            "write `key`, the line of its delegate.pub, and `labels`: at most \(DelegateLabel.most) of letters, digits and `_`, each once"
        )
      }
      delegates.append(delegate)
      continue
    }
    guard let entry = registryEntry(json) else {
      throw .badInput(
        "\(place): no registry entry",
        remedy:
          "write name, key, actor and roles, and `agent` as true or false if at all, as `writ build --help` shows"
      )
    }
    entries.append(entry)
  }
  return (entries, delegates)
}

/// The two members of a delegate's line, and no others: it is in no role, and its name stands in its key.
private func delegateEntry(_ json: JSONValue) -> DelegateEntry? {
  guard json.object?.count == 2, let key = json["key"]?.string,
    let labels = json["labels"]?.array
  else { return nil }
  let names = labels.compactMap(\.string).filter(DelegateLabel.isName)
  guard names.count == labels.count, names.count <= DelegateLabel.most,
    Set(names).count == names.count
  else { return nil }
  return DelegateEntry(publicKey: key, labels: names)
}

/// The four members, and `agent` where it is given; another would be a misspelt one that says nothing.
private func registryEntry(_ json: JSONValue) -> RegistryEntry? {
  guard let members = json.object, let name = json["name"]?.string,
    let key = json["key"]?.string, let actor = json["actor"]?.string,
    let roles = json["roles"]?.array, members.count == (json["agent"] == nil ? 4 : 5)
  else { return nil }
  let names = roles.compactMap(\.string)
  guard names.count == roles.count else { return nil }
  var isAgent = false
  if let agent = json["agent"] {
    guard let word = agent.bool else { return nil }
    isAgent = word
  }
  return RegistryEntry(name: name, publicKey: key, actor: actor, roles: names, isAgent: isAgent)
}

/// An envelope around a statement over the bundle's digest. A key that may approve signs no bundle.
private func signature(
  _ bytes: [UInt8], _ options: BundleOptions, _ key: Ed25519PrivateKey
) throws(Failure) -> [UInt8] {
  do {
    try checkFunctions(try LoadedBundle(file: bytes).registry, [key.publicKey], .publisher)
    let word = BundleSignature(digest: Digest(of: bytes), revision: options.revision)
    return Array((try word.signed(by: key).json.compact + "\n").utf8)
  } catch let failure as Failure {
    throw failure
  } catch {
    throw .badInput("the bundle cannot be signed: \(error)")
  }
}

/// Refuses a publisher's key that signs checkpoints too.
private func refuseLogKey(
  _ key: Ed25519PublicKey, of log: String, _ invocation: Invocation
) throws(Failure) {
  let known = try verifierKeys(of: LogStore(directory: log), invocation)
  guard !known.contains(where: { $0.publicKey == key }) else {
    throw .badInput("the log's key signs bundles too", remedy: "give each function its own key")
  }
}

/// Records which texts the bundle was made of, so that a log tells by what it was decided from when on.
private func recordPublication(
  of bytes: [UInt8], in path: String, _ invocation: Invocation
) throws(Failure) -> RecordedDecision {
  let store = LogStore(directory: path)
  let signer = try signer(of: store, invocation)
  let id = try recordID()
  return try recording { () throws(RecorderError) in
    try append(to: store, signer: signer, clock: currentTime(), uptime: currentUptime()) {
      (store) throws(RecorderError) in try publication(of: bytes, in: store, id: id)
    }
  }
}
