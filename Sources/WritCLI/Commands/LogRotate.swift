// `writ log rotate`: another key for a log, without a moment in which old verifiers are left alone.

import WritEvidence
import WritModel

extension Command {
  static let logRotate = Command(
    name: "log rotate", summary: "let another key sign a log, or an old one no longer",
    operands: [.one("DIR", "the directory of the log")],
    options: [
      .optional("--key", "NEW", "a key that signs from now on, beside those that do"),
      .optional("--retire", "OLD", "a key that signs no longer: its file, or its verifier key's"),
      .passphrase,
    ],
    details: [
      "First --key, then hand out the new verifier key, and when everybody has it, --retire. Meanwhile",
      "both sign. Each step is a record that the other keys sign; `writ log keys` tells of all.",
      "  writ log rotate log --key new.key",
      "  writ log rotate log --retire log.key",
    ],
    run: runLogRotate)
}

/// One step of a rotation.
private func runLogRotate(_ invocation: Invocation) throws(Failure) -> Report {
  let store = LogStore(directory: try invocation.operand(0))
  let configuration = try withLog { () throws(LogError) in try store.configuration() }
  let rotation = try Rotation(store, configuration, invocation)
  switch (invocation.value("--key"), invocation.value("--retire")) {
  case (let path?, nil): return try rotation.add(path)
  case (nil, let path?): return try rotation.retire(path)
  default:
    throw .usage("`writ log rotate` needs either `--key` or `--retire`", remedy: "one at a time")
  }
}

/// A log whose keys change.
private struct Rotation {
  let store: LogStore
  let configuration: LogStore.Configuration
  let name: KeyName
  let invocation: Invocation

  init(
    _ store: LogStore, _ configuration: LogStore.Configuration, _ invocation: Invocation
  ) throws(Failure) {
    self.store = store
    self.configuration = configuration
    self.invocation = invocation
    name = try keyName(configuration.origin)
  }

  /// The new key signs from the checkpoint on that holds the record of it.
  func add(_ path: String) throws(Failure) -> Report {
    guard path != "-" else {
      throw .usage("the key of a log is read again later", remedy: "name its file")
    }
    guard configuration.keys.count < WritEvidence.Limits.signingKeys else {
      throw .usage("\(configuration.keys.count) keys sign already", remedy: "retire one first")
    }
    let key = try readPrivateKey(path, invocation, log: store.directory)
    let current = try signer(name, configuration.keys, invocation)
    let all = NoteSigner(name: name, keys: current.keys + [key])
    let verifier = all.verifierKeys[all.keys.count - 1]
    if let known = statedVerifierKey(of: path), known != verifier {
      throw .usage(
        "\(path) is the key of `\(known.name)`, not of `\(name)`",
        remedy: "make it with the name of the log")
    }
    guard !(current.verifierKeys + configuration.retired).contains(verifier) else {
      throw .usage("\(path) signs this log already, or did once", remedy: "make another key")
    }
    let places = zip(configuration.keys, current.verifierKeys).map {
      SigningKeyPlace(path: $0.path, verifierKey: $1)
    }
    let index = try append(
      by: all,
      keys: places + [
        SigningKeyPlace(path: absolutePath(path), verifierKey: verifier)
      ], retired: configuration.retired
    ) { size in
      KeyRecord(.add(validFrom: size + 1), key: verifier, signedBy: all)
    }
    return report(verifier.restricted(to: index + 1...WritEvidence.Limits.treeSize), at: index)
  }

  /// The old key need not be at hand: those that stay sign it away.
  func retire(_ path: String) throws(Failure) -> Report {
    guard let old = configuration.keys.firstIndex(where: { isPlace($0, at: path) }),
      let verifier = configuration.keys[old].verifierKey
    else {
      throw .usage(
        "\(path) is no key that can be retired from this log",
        remedy: "`writ log rotate --key` brings in the one that follows it")
    }
    var places = configuration.keys
    places.remove(at: old)
    guard !places.isEmpty else {
      throw .usage("\(path) is the only key of this log", remedy: "bring in another one first")
    }
    let rest = try signer(name, places, invocation)
    let index = try append(by: rest, keys: places, retired: configuration.retired + [verifier]) {
      KeyRecord(.retire(validTo: $0), key: verifier, signedBy: rest)
    }
    return report(verifier.restricted(to: 0...index), at: index)
  }

  /// Whether that path names the key: as it is remembered, by another name, or by its public half.
  private func isPlace(_ place: SigningKeyPlace, at path: String) -> Bool {
    if hasSameBytes(place.path, absolutePath(path)) { return true }
    if let resolved = resolvedPath(path), resolvedPath(place.path) == resolved { return true }
    guard let key = try? readVerifierKey(path) else { return false }
    return key == place.verifierKey
  }

  /// Appends the record and publishes it; only then the log's keys are others.
  private func append(
    by signer: NoteSigner, keys: [SigningKeyPlace], retired: [VerifierKey],
    _ make: (UInt64) -> KeyRecord
  ) throws(Failure) -> UInt64 {
    let id = try recordID()
    let index = try withLog { () throws(LogError) -> UInt64? in
      let writer = try RecordWriter(store: store, signer: signer)
      defer { writer.close() }
      // Read before the lock was held: another rotation may have come between.
      guard try store.configuration() == configuration else { return nil }
      let record = make(writer.size)
      let draft = RecordDraft(
        type: PredicateType.key, kind: .key, id: id, subjects: [record.subject],
        members: record.members)
      let index = try writer.append(draft, clock: currentTime(), uptime: currentUptime())
      try writer.publish()
      try store.remember(keys: keys, retired: retired)
      return index
    }
    guard let index else {
      throw Failure(.broken, "the keys of the log have just been changed", remedy: "try again")
    }
    return index
  }

  /// The line that verifiers need.
  private func report(_ key: VerifierKey, at index: UInt64) -> Report {
    if invocation.wantsJSON {
      return Report([
        "log": .string(name.description), "index": .integer(Int64(clamping: index)),
        "verifierKey": .string(key.description), "line": .string(key.fileLine),
      ])
    }
    var report = Report()
    report.print(key.fileLine)
    report.tell("recorded as entry \(index) of \(name); give this line to all who verify")
    return report
  }
}
