// A log's side of the witness protocol: what to send next, and what an answer means.
//
//     old 0, no proof ──► 200  done: the witness knew nothing, or has no memory of this log
//                     └─► 409  it says which size it cosigned last: send again from there
//
// Pure: whoever drives it sends the requests and makes the proofs.
public import WritCrypto
import WritModel

/// Why a witness gave no cosignature.
public enum WitnessExchangeError: Error, Hashable, Sendable {
  /// The witness has seen a larger tree of this log than the one shown to it.
  case witnessIsAhead(size: UInt64, of: UInt64)
  /// It refused, with this status and what it said.
  case refused(status: Int, message: String)
  /// It says that the log is not what it saw before.
  case inconsistent(message: String)
  /// Its answer is not what the protocol says; says what was expected.
  case malformed(String)
  /// Its cosignature does not verify.
  case badCosignature
  /// It sent no line of the key that is expected.
  case noCosignature
  /// It names another size each time.
  case tooManyRounds
}

extension WitnessExchangeError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .witnessIsAhead(let size, let own):
      "it has seen this log with \(size) entries, here there are \(own): this log was rolled back, "
        + "or is a fork"
    case .refused(let status, let message): "it answered \(status): \(message)"
    case .inconsistent(let message):
      "it says that this log is not the one it saw before (\(message)): the log is forked"
    case .malformed(let expectation): "its answer is malformed: \(expectation)"
    case .badCosignature: "its cosignature does not verify"
    case .noCosignature: "it sent no cosignature of the expected key"
    case .tooManyRounds: "it names another size each time it is asked"
    }
  }
}

/// One checkpoint shown to one witness until it has cosigned.
public struct WitnessExchange: Sendable {
  /// What is to be sent next: the size at which the consistency proof must begin, 0 for none.
  public private(set) var oldSize: UInt64 = 0
  private let note: SignedNote
  private let size: UInt64
  private let key: VerifierKey
  private var rounds = 0

  /// What an answer leads to.
  public enum Step: Hashable, Sendable {
    /// Send again, from the new `oldSize`.
    case again
    /// The witness's line, and what was verified of it.
    case cosigned(NoteSignature, VerifiedSignature)
  }

  /// Shows that checkpoint to the witness of that key.
  public init(note: SignedNote, size: UInt64, key: VerifierKey) {
    self.note = note
    self.size = size
    self.key = key
  }

  /// The body to send, with the proof from `oldSize`.
  public func request(hashes: [Digest]) -> [UInt8] {
    AddCheckpointRequest(oldSize: oldSize, hashes: hashes, note: note).bytes
  }

  /// Takes the answer to what was sent last.
  public mutating func take(status: Int, body: [UInt8]) throws(WitnessExchangeError) -> Step {
    rounds += 1
    switch status {
    case 200: return try cosignature(in: body)
    case 409:
      guard let text = String(validating: body, as: UTF8.self), text.last == "\n",
        let known = UInt64(text.dropLast()), "\(known)\n" == text
      else { throw .malformed("expected a size behind 409") }
      guard known <= size else { throw .witnessIsAhead(size: known, of: size) }
      guard known != oldSize, rounds < Limits.witnessRounds else { throw .tooManyRounds }
      oldSize = known
      return .again
    case 422: throw .inconsistent(message: WitnessExchange.message(body))
    default: throw .refused(status: status, message: WitnessExchange.message(body))
    }
  }

  /// The line of the key that is expected; those of unknown keys are ignored.
  private func cosignature(in body: [UInt8]) throws(WitnessExchangeError) -> Step {
    guard let text = String(validating: body, as: UTF8.self), text.last == "\n" else {
      throw .malformed("expected signature lines")
    }
    var found: Step?
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      guard let signature = NoteSignature(String(line)) else {
        throw .malformed("expected signature lines and nothing else")
      }
      guard signature.name == key.name, signature.keyID == key.id else { continue }
      guard let cosignature = Cosignature(signature.bytes),
        cosignature.verify(of: Array(note.text.utf8), by: key.publicKey)
      else { throw .badCosignature }
      found = .cosigned(signature, VerifiedSignature(key: key, time: cosignature.time))
    }
    guard let found else { throw .noCosignature }
    return found
  }

  /// The first line of what a witness says, cut to what a person wants to read.
  private static func message(_ body: [UInt8]) -> String {
    let line = body.prefix { $0 != 0x0a }.prefix(200)
    return line.isEmpty ? "no reason given" : String(decoding: line, as: UTF8.self)
  }
}
