// What a publisher signs of a bundle: an envelope around a statement over its digest.
//
//     subject    the bundle: its SHA-256
//     predicate  {"revision":7}
public import WritCrypto
import WritModel

/// Why a bundle's signature does not count.
public enum BundleSignatureError: Error, Hashable, Sendable {
  /// The envelope cannot be read.
  case envelope(EnvelopeError)
  /// What was signed is no statement about a bundle.
  case malformed
  /// Another bundle was signed.
  case otherBundle(signed: String)
  /// The bundle says another revision than was signed.
  case otherRevision(signed: Int64)
}

extension BundleSignatureError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .envelope(.notEnoughSignatures): "the publisher has not signed it"
    case .envelope(.json(let error)): "it is no envelope: \(error.expectation)"
    case .envelope(.malformed(let expectation)): "it is no envelope: \(expectation)"
    case .malformed: "what was signed is no statement about a bundle"
    case .otherBundle(let digest): "it is the signature of another bundle, sha256:\(digest)"
    case .otherRevision(let revision): "it was signed as revision \(revision)"
    }
  }
}

/// A publisher's word for a bundle.
public struct BundleSignature: Hashable, Sendable {
  /// Of the bundle's bytes.
  public let digest: Digest
  /// A number that never goes down.
  public let revision: Int64

  /// A word for the bundle of that digest.
  public init(digest: Digest, revision: Int64) {
    self.digest = digest
    self.revision = revision
  }

  /// The envelope that lies beside the bundle.
  public func signed(by key: Ed25519PrivateKey) throws(RecordError) -> Envelope {
    let named = NamedDigest(algorithm: "sha256", value: digest.hex)
    let record = try EvidenceRecord(
      type: PredicateType.bundle, subjects: [Subject(name: nil, uri: nil, digests: [named])],
      predicate: ["revision": .integer(revision)])
    return record.envelope(signedBy: key)
  }

  /// Verifies an envelope with the publisher's key, and that it is about this bundle.
  public func verify(
    _ envelope: [UInt8], by key: Ed25519PublicKey
  ) throws(BundleSignatureError) {
    let payload: [UInt8]
    do throws(EnvelopeError) {
      let read = try Envelope(parsing: envelope)
      _ = try read.verify(with: [.ed25519(key)], threshold: 1)
      guard hasSameBytes(read.payloadType, Statement.payloadType) else {
        throw .malformed("expected a statement")
      }
      payload = read.payload
    } catch {
      throw .envelope(error)
    }
    guard let statement = try? Statement(parsing: payload),
      hasSameBytes(statement.predicateType, PredicateType.bundle), statement.subjects.count == 1,
      let signed = statement.subjects[0].digest("sha256"),
      let revision = statement.predicate["revision"]?.integer
    else { throw .malformed }
    guard hasSameBytes(signed, digest.hex) else { throw .otherBundle(signed: signed) }
    guard revision == self.revision else { throw .otherRevision(signed: revision) }
  }
}
