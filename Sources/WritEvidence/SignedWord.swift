// What a person says of a decision afterwards, signed in a role that a bundle knows them in.
import WritCrypto
import WritModel

/// Why an envelope is not the word of whom it names.
public enum SignedWordError: Error, Hashable, Sendable {
  /// It is none; says what was expected.
  case malformed(String)
  /// The registry has no approver's key with that ID.
  case unknownKey(String)
  /// The key with that ID is an agent's, who is this.
  case agent(String)
  /// The key did not sign this.
  case badSignature
  /// The key signs for another node than the word names.
  case wrongPerson(expected: String, found: String)
  /// The key may not sign in that role.
  case roleNotHeld(String)
}

extension SignedWordError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .unknownKey(let id): "no approver in the bundle has the key \(id.prefix(16))…"
    case .agent(let node): agentsWord(node)
    case .badSignature: "its key did not sign it"
    case .wrongPerson(let expected, let found): "it names `\(found)`, its key is `\(expected)`'s"
    case .roleNotHeld(let role): "its signer does not hold the role `\(role)`"
    }
  }
}

/// Why what people sign is nothing from an agent.
func agentsWord(_ node: String) -> String {
  "its key is that of `\(node)`, an agent, whose word does not count as a person's"
}

extension SignedClaim {
  /// The payload that a key of the registry has signed, and which.
  static func word(
    _ value: JSONValue, _ registry: KeyRegistry
  ) throws(SignedWordError) -> (key: RegisteredKey, payload: [UInt8]) {
    do throws(SignerError) {
      return try SignedClaim.payload(of: value, signedBy: registry)
    } catch {
      switch error {
      case .envelope: throw .malformed("expected an envelope with one signature")
      case .unknownKey(let id): throw .unknownKey(id)
      case .agent(let node): throw .agent(node)
      case .badSignature: throw .badSignature
      }
    }
  }

  /// The claim of a payload of that type; `what` names it.
  init(
    word payload: [UInt8], type: String, _ what: String
  ) throws(SignedWordError) {
    do throws(SignedClaimError) {
      self = try SignedClaim(payload: payload, type: type)
    } catch {
      throw .malformed("expected \(what)")
    }
  }
}

extension RegisteredKey {
  /// Throws unless the key is that person's, who holds that role.
  func hold(_ person: String, in role: String) throws(SignedWordError) {
    guard let node, hasSameBytes(node, person) else {
      throw .wrongPerson(expected: node ?? "", found: person)
    }
    guard roles.contains(where: { hasSameBytes($0, role) }) else { throw .roleNotHeld(role) }
  }
}
