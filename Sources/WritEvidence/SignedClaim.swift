// What permits and results have in common: a statement about one action in an envelope with one
// signature, of which no byte can be changed unseen.
import WritCrypto
import WritModel

/// Why an envelope is not the claim that it should be.
enum SignedClaimError: Error {
  case envelope(EnvelopeError)
  case malformed(String)
  case badSignature
}

/// Why an envelope is no approver's.
enum SignerError: Error {
  case envelope(SignedClaimError)
  /// The registry has no approver's key with that ID.
  case unknownKey(String)
  /// The key of that ID is an agent's, who is this.
  case agent(String)
  /// The key of that ID did not sign it.
  case badSignature(String)
}

/// A statement of Writ's own about one action: its name and its digest.
struct SignedClaim {
  let action: String
  let digest: Digest
  let predicate: JSONValue

  /// Canonical JSON; empty, which nobody reads, where a number is too large.
  func payload(_ type: String) -> [UInt8] {
    let subject = Subject(
      name: action, uri: nil, digests: [NamedDigest(algorithm: "sha256", value: digest.hex)])
    let statement = Statement(subjects: [subject], predicateType: type, predicate: predicate)
    return (try? statement.json.ownCanonicalBytes()) ?? []
  }

  /// Reads the payload of an envelope; whoever calls compares it with what would be written.
  init(payload: [UInt8], type: String) throws(SignedClaimError) {
    guard payload.count <= Limits.permitByteCount else {
      throw .malformed("at most \(Limits.permitByteCount) bytes")
    }
    let statement: Statement
    do throws(StatementError) {
      statement = try Statement(parsing: payload)
    } catch {
      throw .malformed(error.description)
    }
    guard hasSameBytes(statement.predicateType, type), statement.subjects.count == 1,
      let action = statement.subjects[0].name,
      let digest = statement.subjects[0].digest("sha256").flatMap(Digest.init(hex:))
    else { throw .malformed("expected a statement of type \(type) about one action") }
    self.init(action: action, digest: digest, predicate: statement.predicate)
  }

  init(action: String, digest: Digest, predicate: JSONValue) {
    self.action = action
    self.digest = digest
    self.predicate = predicate
  }

  /// An envelope around a statement in the one spelling that it has here: standard base64, one signature with a hint at its key,
  /// no other members. Nobody has verified it.
  static func envelope(
    _ value: JSONValue
  ) throws(SignedClaimError) -> (envelope: Envelope, keyID: String) {
    let envelope: Envelope
    do throws(EnvelopeError) {
      envelope = try Envelope(value)
    } catch {
      throw .envelope(error)
    }
    guard let written = try? envelope.json.canonicalBytes(),
      let given = try? value.canonicalBytes(), written == given,
      hasSameBytes(envelope.payloadType, Statement.payloadType),
      envelope.signatures.count == 1, let keyID = envelope.signatures.first?.keyID
    else { throw .malformed("expected one signature, standard base64 and no other fields") }
    return (envelope, keyID)
  }

  /// The payload of such an envelope that the key has signed, with the right hint at it.
  static func payload(
    of value: JSONValue, signedBy key: Ed25519PublicKey
  ) throws(SignedClaimError) -> [UInt8] {
    let (envelope, keyID) = try SignedClaim.envelope(value)
    guard hasSameBytes(keyID, key.fingerprint),
      (try? envelope.verify(with: [.ed25519(key)], threshold: 1)) != nil
    else { throw .badSignature }
    return envelope.payload
  }

  /// The payload of such an envelope that an approver of a registry has signed, and their key. Verified before it is read: the very
  /// bytes.
  static func payload(
    of value: JSONValue, signedBy registry: KeyRegistry
  ) throws(SignerError) -> (key: RegisteredKey, payload: [UInt8]) {
    let keyID: String
    do throws(SignedClaimError) {
      keyID = try SignedClaim.envelope(value).keyID
    } catch {
      throw .envelope(error)
    }
    guard let key = registry.key(id: keyID, function: .approver) else {
      throw registry.agent(id: keyID).map(SignerError.agent) ?? .unknownKey(keyID)
    }
    do throws(SignedClaimError) {
      return (key, try SignedClaim.payload(of: value, signedBy: key.publicKey))
    } catch {
      throw .badSignature(keyID)
    }
  }
}

/// An identifier of Writ's own: 48 bits of time and 80 of chance, 32 lower-case digits.
func isClaimID(_ text: String) -> Bool {
  text.utf8.count == 32 && Hex.decode(text) != nil
}
