// An entry of Writ's log: an in-toto Statement in canonical JSON.
//
// The same bytes become the payload of an envelope when somebody asks for one, so an envelope made
// years later has the hash of the leaf. What the predicate holds is the caller's business; here it
// must only be canonical, whole-numbered and short enough.
public import WritCrypto
public import WritModel

/// Why a record is not written, or an entry is none.
public enum RecordError: Error, Hashable, Sendable {
  /// Longer than `Limits.recordByteCount`; the long parts go to the content store by digest.
  case tooLong(Int)
  /// A number that is not whole or too large, or a name that stands twice.
  case notCanonical(CanonicalJSONError)
  /// The bytes are JSON but not in their one canonical form.
  case otherSpelling
  /// It is no statement.
  case statement(StatementError)
}

/// A statement and the bytes that stand in the log.
public struct EvidenceRecord: Hashable, Sendable {
  /// What the bytes say.
  public let statement: Statement
  /// Canonical JSON, at most 60,000 bytes.
  public let bytes: [UInt8]

  /// The record of a predicate about subjects.
  public init(
    type: String, subjects: [Subject], predicate: JSONValue
  ) throws(RecordError) {
    let json = Statement(subjects: subjects, predicateType: type, predicate: predicate).json
    do throws(CanonicalJSONError) {
      bytes = try json.ownCanonicalBytes()
    } catch {
      throw .notCanonical(error)
    }
    guard bytes.count <= Limits.recordByteCount else { throw .tooLong(bytes.count) }
    // Read back, so that nothing enters the log that a reader would refuse.
    do throws(StatementError) {
      statement = try Statement(parsing: bytes)
    } catch {
      throw .statement(error)
    }
  }

  /// Reads an entry; only the bytes that were written.
  public init(entry: [UInt8]) throws(RecordError) {
    guard entry.count <= Limits.recordByteCount else { throw .tooLong(entry.count) }
    do throws(StatementError) {
      statement = try Statement(parsing: entry)
    } catch {
      throw .statement(error)
    }
    let written: [UInt8]
    do throws(CanonicalJSONError) {
      written = try statement.json.ownCanonicalBytes()
    } catch {
      throw .notCanonical(error)
    }
    guard written == entry else { throw .otherSpelling }
    bytes = entry
  }

  /// The record in an envelope.
  public func envelope(signedBy key: Ed25519PrivateKey) -> Envelope {
    Envelope(payloadType: Statement.payloadType, payload: bytes, signedBy: [key])
  }
}
