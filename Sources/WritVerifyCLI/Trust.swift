// Whom a proof is verified by: a log's key, or a policy of logs and witnesses.
import WritEvidence

/// Keys from outside the proof.
enum Trust {
  case key(VerifierKey)
  /// Names at least one log.
  case policy(WitnessPolicy)

  /// All keys that a signature may be of.
  var keys: [VerifierKey] {
    switch self {
    case .key(let key): [key]
    case .policy(let policy): policy.keys
    }
  }

  /// What the log of that checkpoint must be called: what it says of itself, where a policy names
  /// such a log, which then must have signed it.
  func origin(of note: SignedNote) -> String {
    switch self {
    case .key(let key): return key.name.description
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

/// Reads a verifier key file of a log.
func trust(keyFile path: String) throws(TrustError) -> Trust {
  guard let bytes = read(path, limit: 65_536) else { throw TrustError(code: missing(path)) }
  guard let key = VerifierKey(file: bytes) else {
    throw malformed("\(path): expected one verifier key and nothing else")
  }
  guard key.algorithm == .ed25519 else {
    throw malformed("\(path): expected the key of a log, found that of a witness")
  }
  return .key(key)
}

/// Reads a policy file.
func trust(policyFile path: String) throws(TrustError) -> Trust {
  guard let bytes = read(path, limit: Limits.policyByteCount) else {
    throw TrustError(code: missing(path))
  }
  do throws(WitnessPolicyError) {
    let policy = try WitnessPolicy(bytes)
    if !policy.logs.isEmpty { return .policy(policy) }
  } catch {
    throw malformed("\(path): \(error)")
  }
  throw malformed("\(path): the policy names no log")
}

private func malformed(_ message: String) -> TrustError {
  complain(message)
  return TrustError(code: .malformedInput)
}
