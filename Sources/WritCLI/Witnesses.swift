// Witnesses as the commands meet them: policy files, keys, and what goes wrong on the way to one.

import WritEvidence
import WritTransport

/// Reads a policy file: `log`, `witness`, `group`, `quorum`.
func readWitnessPolicy(_ path: String) throws(Failure) -> WitnessPolicy {
  let bytes = try readFile(path, limit: Limits.documentBytes)
  do throws(WitnessPolicyError) {
    return try WitnessPolicy(bytes)
  } catch {
    let place = error.line.map { ":\($0)" } ?? ""
    throw .badInput(
      "\(shownName(path))\(place): \(error.message)",
      remedy: "docs/file-formats.md says what a witness policy holds")
  }
}

/// Whom a log is verified by.
struct LogTrust {
  /// Of the log, and of the witnesses.
  let keys: [VerifierKey]
  /// What the log must be called.
  let origin: String
  /// Who must have cosigned; `nil` where only the log's key was named.
  let policy: WitnessPolicy?

  /// The keys that `--vkey` names, or those of that directory's log among those of `--policy`. The
  /// files must come from outside the directory.
  init(_ invocation: Invocation, log directory: String) throws(Failure) {
    let (keyPaths, policyPath) = (invocation.values("--vkey"), invocation.value("--policy"))
    guard keyPaths.isEmpty != (policyPath == nil) else {
      throw .usage(
        "`writ \(invocation.command.name)` needs `--vkey KEY.pub` or `--policy POLICY`, one of them"
      )
    }
    guard let policyPath else {
      let log = try readVerifierKeys(keyPaths, log: directory)
      (keys, origin, policy) = (log.keys, log.origin, nil)
      return
    }
    try refuseInsideLog(policyPath, directory)
    let policy = try readWitnessPolicy(policyPath)
    guard let first = policy.logs.first else {
      throw .badInput("\(policyPath): the policy names no log", remedy: "add a line `log VKEY`")
    }
    // Which of its logs this is said to be: believed only when that one's key has signed.
    var said: ArraySlice<UInt8> = []
    let source = LogStore(directory: directory)
    if let head = try? source.file("checkpoint", limit: WritEvidence.Limits.noteByteCount) {
      said = head.prefix { $0 != 0x0a }
    }
    let log = policy.logs.first { $0.key.name.description.utf8.elementsEqual(said) } ?? first
    // A log may have several keys, while one takes over from another.
    keys = policy.keys.filter { $0.algorithm == .cosignature || $0.name == log.key.name }
    origin = log.key.name.description
    self.policy = policy
  }

  /// Why the policy does not take a checkpoint that was signed by the log; `nil` where it does, and
  /// where there is no policy.
  func refusal(of signed: SignedCheckpoint?) -> String? {
    guard let policy, let signed else { return nil }
    do throws(WitnessPolicyRefusal) {
      try policy.check(signed.signatures, origin: origin)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

/// What an error of a socket means for the person who named the address.
func failure(of error: TransportError) -> Failure {
  switch error {
  case .inUse, .unknownHost: .usage("\(error)", remedy: "name another address")
  case .system, .timeout, .closed, .message, .tls: Failure(.broken, "\(error)")
  }
}

/// Runs what a socket can refuse.
func withSocket<Value>(_ body: () throws(TransportError) -> Value) throws(Failure) -> Value {
  do throws(TransportError) {
    return try body()
  } catch {
    throw failure(of: error)
  }
}

extension Option {
  /// Which logs are trusted, and who must have cosigned.
  static let policy = Option.required(
    "--policy", "POLICY", "logs, witnesses and their quorum: a tlog-policy file")
}
