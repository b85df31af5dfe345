// `writ log init`: an empty log and its first checkpoint.

import WritEvidence
import WritModel

extension Command {
  static let logInit = Command(
    name: "log init", summary: "make an empty evidence log",
    operands: [.one("DIR", "the directory to make")],
    options: [
      .required("--origin", "NAME", "what the log is called for ever; the name of its key"),
      .required("--key", "KEY", "a file of `writ key new NAME`, whose path is remembered"),
      .passphrase,
    ],
    details: ["  writ log init log --origin log.example/delivery --key log.key"],
    run: runLogInit)
}

/// Makes the directory, remembers where the key is, and signs a checkpoint of nothing.
private func runLogInit(_ invocation: Invocation) throws(Failure) -> Report {
  let directory = try invocation.operand(0)
  let origin = try invocation.required("--origin")
  guard let name = KeyName(origin) else {
    throw .usage("`\(origin)` is no name for a log", remedy: "leave out spaces and `+`")
  }
  let keyPath = try invocation.required("--key")
  guard keyPath != "-" else {
    throw .usage("the key of a log is read again later", remedy: "name its file")
  }
  let signer = NoteSigner(name: name, key: try readPrivateKey(keyPath, invocation, log: directory))
  if let known = statedVerifierKey(of: keyPath), known != signer.verifierKey {
    throw .usage(
      "\(keyPath) is the key of `\(known.name)`, not of `\(origin)`",
      remedy: "give the log the name of its key")
  }
  let note = try withLog { () throws(LogError) in
    let store = try LogStore.create(
      directory: directory, origin: name, keyPath: absolutePath(keyPath))
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    return try writer.publish()
  }
  if invocation.wantsJSON {
    return Report([
      "directory": .string(directory), "origin": .string(origin),
      "verifierKey": .string(signer.verifierKey.description), "checkpoint": .string(note.text),
    ])
  }
  var report = Report()
  report.print("\(directory): an empty log, `\(origin)`")
  report.print("verifier key \(signer.verifierKey)")
  return report
}
