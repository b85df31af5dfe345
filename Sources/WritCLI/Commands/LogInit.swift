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
  let plan = try NewLog(invocation, directory: try invocation.operand(0))
  let note = try withLog { () throws(LogError) in
    let store = try LogStore.create(
      directory: plan.directory, origin: plan.signer.name, keyPath: plan.keyPath)
    let writer = try LogWriter(store: store, signer: plan.signer)
    defer { writer.close() }
    return try writer.publish()
  }
  let origin = plan.signer.name.description
  if invocation.wantsJSON {
    return Report([
      "directory": .string(plan.directory), "origin": .string(origin),
      "verifierKey": .string(plan.signer.verifierKey.description), "checkpoint": .string(note.text),
    ])
  }
  var report = Report()
  report.print("\(plan.directory): an empty log, `\(origin)`")
  report.print("verifier key \(plan.signer.verifierKey)")
  return report
}

/// A log that is to be made, by `--origin` and `--key`.
struct NewLog {
  let directory: String
  /// As it will be remembered.
  let keyPath: String
  let signer: NoteSigner

  /// Refuses a key that was made for another name, and one that lies in the log.
  init(_ invocation: Invocation, directory: String) throws(Failure) {
    let origin = try invocation.required("--origin")
    guard let name = KeyName(origin) else {
      throw .usage("`\(origin)` is no name for a log", remedy: "leave out spaces and `+`")
    }
    let path = try invocation.required("--key")
    guard path != "-" else {
      throw .usage("the key of a log is read again later", remedy: "name its file")
    }
    self.directory = directory
    keyPath = absolutePath(path)
    signer = NoteSigner(name: name, key: try readPrivateKey(path, invocation, log: directory))
    if let known = statedVerifierKey(of: path), known != signer.verifierKey {
      throw .usage(
        "\(path) is the key of `\(known.name)`, not of `\(origin)`",
        remedy: "give the log the name of its key")
    }
  }
}
