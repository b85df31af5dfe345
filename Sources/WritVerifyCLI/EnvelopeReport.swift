// What a verified envelope holds, for people and for programs.
import WritEvidence
import WritModel

/// Why an envelope shows nothing.
enum EnvelopeReportError: Error, Hashable {
  /// The file holds no public key.
  case noKey
  /// It cannot be read, or the key has not signed it.
  case envelope(EnvelopeError)
  /// What was signed is no statement; says what was expected.
  case statement(StatementError)
  /// What was signed is of another type.
  case type(String)

  /// Lower case, no full stop.
  var description: String {
    switch self {
    case .noKey: "no key was given"
    case .envelope(.json(let error)): "it is no JSON: \(error.expectation)"
    case .envelope(.malformed(let expectation)): "it is no envelope: \(expectation)"
    case .envelope(.notEnoughSignatures): "this key has not signed it"
    case .statement(let error): "what was signed is no statement: \(error)"
    case .type(let type): "what was signed is of type `\(type)`, not \(Statement.payloadType)"
    }
  }
}

/// An envelope that a key has signed, and the statement in it.
struct EnvelopeReport {
  private let fingerprint: String
  private let statement: Statement
  private let payload: [UInt8]

  /// Verifies first and then reads: the very bytes.
  init(_ bytes: [UInt8], keyFile: [UInt8]) throws(EnvelopeReportError) {
    guard let key = verifyingKey(file: keyFile) else { throw .noKey }
    let envelope: Envelope
    do throws(EnvelopeError) {
      envelope = try Envelope(parsing: bytes)
      _ = try envelope.verify(with: [key], threshold: 1)
    } catch {
      throw .envelope(error)
    }
    guard hasSameBytes(envelope.payloadType, Statement.payloadType) else {
      throw .type(envelope.payloadType)
    }
    do throws(StatementError) {
      statement = try Statement(parsing: envelope.payload)
    } catch {
      throw .statement(error)
    }
    payload = envelope.payload
    fingerprint = key.fingerprint
  }

  /// One JSON document.
  var json: JSONValue {
    [
      "verified": true, "keyid": .string(fingerprint),
      "statement": (try? JSONValue(parsing: payload)) ?? .null,
    ]
  }

  /// A line for each thing to know.
  var text: String {
    var lines = [("verified", "an envelope"), ("signed by", "key \(fingerprint)")]
    lines += Report.lines(of: statement)
    if let place = statement.predicate["urn:writ:log:v1"], let origin = place["origin"]?.string {
      let index = place["index"]?.integer.map { "\($0)" } ?? place["index"]?.string ?? "?"
      lines.append(("log", "said to be entry \(index) of \(origin); a proof would show it"))
    }
    return Report.text(lines)
  }
}
