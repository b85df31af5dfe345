// Signed bytes with their type: DSSE 1.0.2.
//
//     {"payload": "<base64>", "payloadType": "<type>",
//      "signatures": [{"keyid": "<hint>", "sig": "<base64>"}]}
//
// Signed is "DSSEv1" SP len(type) SP type SP len(payload) SP payload, lengths in bytes and decimal.
// Both alphabets of base64 are read, the standard one is written. `keyid` is a hint and never
// trusted.
public import WritCrypto
public import WritModel

/// Why an envelope says nothing.
public enum EnvelopeError: Error, Hashable, Sendable {
  /// It is no JSON.
  case json(JSONError)
  /// It is no envelope; says what was expected.
  case malformed(String)
  /// Fewer trusted keys have signed it than are needed.
  case notEnoughSignatures(needed: Int, found: Int)
}

/// A signature of an envelope, and a hint whose it is.
public struct EnvelopeSignature: Hashable, Sendable {
  /// Empty where the envelope gives none.
  public let keyID: String
  /// 64 bytes of Ed25519, or DER of ECDSA.
  public let bytes: [UInt8]

  /// A signature as it was received.
  public init(keyID: String, bytes: [UInt8]) {
    self.keyID = keyID
    self.bytes = bytes
  }
}

/// A payload with its signatures, which nobody has verified yet.
public struct Envelope: Hashable, Sendable {
  /// What the payload is; signed together with it.
  public let payloadType: String
  /// Not to be used before `verify` has passed.
  public let payload: [UInt8]
  /// At most `Limits.envelopeSignatures`.
  public let signatures: [EnvelopeSignature]

  /// A payload signed by each of the keys, whose fingerprints become the hints.
  public init(payloadType: String, payload: [UInt8], signedBy keys: [Ed25519PrivateKey]) {
    self.payloadType = payloadType
    self.payload = payload
    let message = Envelope.signedBytes(payloadType: payloadType, payload: payload)
    signatures = keys.map {
      EnvelopeSignature(keyID: $0.publicKey.fingerprint, bytes: $0.sign(message))
    }
  }

  /// Reads an envelope; fields that are not known are ignored.
  public init(parsing bytes: [UInt8]) throws(EnvelopeError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(
        parsing: bytes, limits: JSONLimits(depth: 64, byteCount: Limits.envelopeByteCount))
    } catch {
      throw .json(error)
    }
    try self.init(value)
  }

  /// Reads an envelope; fields that are not known are ignored.
  public init(_ value: JSONValue) throws(EnvelopeError) {
    guard let payload = value["payload"]?.string.flatMap(Base64.decodeEither) else {
      throw .malformed("expected `payload` in base64")
    }
    guard let payloadType = value["payloadType"]?.string else {
      throw .malformed("expected `payloadType`, a string")
    }
    guard let list = value["signatures"]?.array, list.count <= Limits.envelopeSignatures else {
      throw .malformed("expected `signatures`, at most \(Limits.envelopeSignatures)")
    }
    var signatures: [EnvelopeSignature] = []
    for item in list {
      guard let bytes = item["sig"]?.string.flatMap(Base64.decodeEither) else {
        throw .malformed("expected `sig` in base64")
      }
      let hint = item["keyid"] ?? ""
      guard let keyID = hint.isNull ? "" : hint.string else {
        throw .malformed("expected `keyid` to be a string")
      }
      signatures.append(EnvelopeSignature(keyID: keyID, bytes: bytes))
    }
    self.payload = payload
    self.payloadType = payloadType
    self.signatures = signatures
  }

  /// The envelope as it is written: standard base64, every hint, members in canonical order.
  public var json: JSONValue {
    [
      "payload": .string(Base64.encode(payload)),
      "payloadType": .string(payloadType),
      "signatures": .array(
        signatures.map {
          ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.bytes))]
        }),
    ]
  }

  /// What a signature of this payload is over: the pre-authentication encoding.
  public static func signedBytes(payloadType: String, payload: [UInt8]) -> [UInt8] {
    let type = Array(payloadType.utf8)
    return Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
  }

  /// The trusted keys that have signed, each once; throws where they are fewer than `threshold`.
  ///
  /// Signatures that do not verify are skipped: others may stand beside them.
  public func verify(
    with keys: [PublicKey], threshold: Int
  ) throws(EnvelopeError) -> [PublicKey] {
    let message = Envelope.signedBytes(payloadType: payloadType, payload: payload)
    var verified: [PublicKey] = []
    for key in keys where !verified.contains(key) {
      if signatures.contains(where: { key.verify($0.bytes, of: message) }) { verified.append(key) }
    }
    let needed = max(threshold, 1)
    guard verified.count >= needed else {
      throw .notEnoughSignatures(needed: needed, found: verified.count)
    }
    return verified
  }
}
