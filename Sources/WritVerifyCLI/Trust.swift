// Whom a proof is verified by: a log's keys, or a policy of logs and witnesses.
import WritEvidence

/// Keys from outside the proof.
enum Trust {
  case log(LogVerifierKeys)
  /// Names at least one log.
  case policy(WitnessPolicy)

  /// All keys that a signature may be of.
  var keys: [VerifierKey] {
    switch self {
    case .log(let log): log.keys
    case .policy(let policy): policy.keys
    }
  }

  /// What the log of that checkpoint must be called: what it says of itself, where a policy names
  /// such a log, which then must have signed it.
  func origin(of note: SignedNote) -> String {
    switch self {
    case .log(let log): return log.origin
    case .policy(let policy):
      let said = String(note.text.prefix { $0 != "\n" })
      let names = policy.logs.map(\.key.name.description)
      return names.first { $0.utf8.elementsEqual(said.utf8) } ?? names.first ?? ""
    }
  }

  /// Why these verified signatures are not enough; `nil` where they are.
  func refusal(of signatures: [VerifiedSignature], origin: String) -> String? {
    guard case .policy(let policy) = self else { return nil }
    do throws(WitnessPolicyRefusal) {
      try policy.check(signatures, origin: origin)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

/// What is wrong with a file that an option names; it has been told.
struct TrustError: Error {
  let code: ExitCode
}

/// Reads files of a log's verifier keys.
func trust(keyFiles paths: [String]) throws(TrustError) -> Trust {
  var files: [[UInt8]] = []
  for path in paths { files.append(try read(outsideLogs: path, Limits.verifierKeyFileByteCount)) }
  do throws(VerifierKeyFileError) {
    return .log(try LogVerifierKeys(files: files))
  } catch {
    throw malformed("\(paths.joined(separator: ", ")): \(error)")
  }
}

/// The bytes of a file that must not lie in a log.
private func read(outsideLogs path: String, _ limit: Int) throws(TrustError) -> [UInt8] {
  if let code = refuseInsideLog(path) { throw TrustError(code: code) }
  guard let bytes = read(path, limit: limit) else { throw TrustError(code: missing(path)) }
  return bytes
}

/// Reads a policy file.
func trust(policyFile path: String) throws(TrustError) -> Trust {
  let bytes = try read(outsideLogs: path, Limits.policyByteCount)
  do throws(WitnessPolicyError) {
    let policy = try WitnessPolicy(bytes)
    if !policy.logs.isEmpty { return .policy(policy) }
  } catch {
    throw malformed("\(path): \(error)")
  }
  throw malformed("\(path): the policy names no log")
}

private func malformed(_ message: String) -> TrustError {
  TrustError(code: fail(message, .malformedInput))
}
