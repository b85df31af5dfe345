// A change of a log's keys, as an entry of the log says it.
//
//     subject    the log by its name, and the SHA-256 of the SPKI of the key that comes or goes
//     predicate  {"act":"add","note":"<note>","validFrom":5,"vkey":"<verifier key>",…}
//                {"act":"retire","note":"<note>","validTo":9,"vkey":"<verifier key>",…}
//
// The note is over four lines, which no reader takes for a checkpoint, since the second is no size:
//
//     urn:writ:key:v1
//     add                                       or `retire`
//     log.example/writ+90ab1dd7+AWdaNq…         the key
//     5                                         the first size that it signs, or the last
//
// A key that comes is vouched for by one that the log has, and signs itself, so that nobody can
// bring in a key that is another's. A key that goes is signed away by one that stays.
import WritCrypto
public import WritModel

/// Why a change of keys does not count.
public enum KeyRecordError: Error, Hashable, Sendable {
  /// It is none; says what was expected.
  case malformed(String)
  /// Its note says nothing.
  case note(NoteError)
  /// No key that the log had then has signed it, or not the one that comes.
  case notVouchedFor
  /// It would count for sizes that were signed before it was there.
  case backdated(index: UInt64, from: UInt64)
}

extension KeyRecordError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .note(let error): error.description
    case .notVouchedFor: "no key that the log had then vouches for it"
    case .backdated(let index, let from):
      "entry \(index) says that a key counts from size \(from), which is before it"
    }
  }
}

/// A key that comes, or one that goes.
public struct KeyRecord: Hashable, Sendable {
  /// What becomes of the key.
  public enum Act: Hashable, Sendable {
    /// It signs from that size on.
    case add(validFrom: UInt64)
    /// That is the last size that it counts for.
    case retire(validTo: UInt64)
  }

  /// What becomes of the key.
  public let act: Act
  /// The key, without bounds on its sizes.
  public let key: VerifierKey
  /// Who says so.
  public let note: SignedNote

  /// A change that these keys vouch for: for a key that comes, those of the log and itself; for one
  /// that goes, those that stay.
  public init(_ act: Act, key: VerifierKey, signedBy signer: NoteSigner) {
    self.act = act
    self.key = key
    note = signer.sign(KeyRecord.text(act, key))
  }

  private static func text(_ act: Act, _ key: VerifierKey) -> String {
    let (word, size) =
      switch act {
      case .add(let size): ("add", size)
      case .retire(let size): ("retire", size)
      }
    return "\(PredicateType.key)\n\(word)\n\(key)\n\(size)\n"
  }

  /// Reads the statement of an entry.
  public init(_ statement: Statement) throws(KeyRecordError) {
    let predicate = statement.predicate
    guard hasSameBytes(statement.predicateType, PredicateType.key),
      let key = predicate["vkey"]?.string.flatMap({ VerifierKey($0) }), key.algorithm == .ed25519,
      let noteText = predicate["note"]?.string, let act = Act(predicate)
    else { throw .malformed("expected `act`, `note`, `vkey`, and `validFrom` or `validTo`") }
    do throws(NoteError) {
      note = try SignedNote(Array(noteText.utf8))
    } catch {
      throw .note(error)
    }
    self.act = act
    self.key = key
    guard hasSameBytes(note.text, KeyRecord.text(act, key)) else {
      throw .malformed("expected the note to say the same as the record")
    }
    guard statement.subjects.count == 1, let subject = statement.subjects.first,
      subject.name.map({ hasSameBytes($0, key.name.description) }) == true,
      subject.digest("sha256").map({ hasSameBytes($0, key.publicKey.fingerprint) }) == true
    else { throw .malformed("expected the log and the key's fingerprint as the one subject") }
  }

  /// What the record is about.
  public var subject: Subject {
    Subject(
      name: key.name.description, uri: nil,
      digests: [NamedDigest(algorithm: "sha256", value: key.publicKey.fingerprint)])
  }

  /// What the predicate says of the key.
  public var members: [JSONMember] {
    let (word, name, size) =
      switch act {
      case .add(let size): ("add", "validFrom", size)
      case .retire(let size): ("retire", "validTo", size)
      }
    return [
      JSONMember("act", .string(word)),
      JSONMember("note", .string(String(decoding: note.bytes, as: UTF8.self))),
      JSONMember(name, .integer(Int64(clamping: size))), JSONMember("vkey", .string("\(key)")),
    ]
  }
}

extension KeyRecord.Act {
  fileprivate init?(_ predicate: JSONValue) {
    func size(_ name: String) -> UInt64? {
      predicate[name]?.integer.flatMap { UInt64(exactly: $0) }
    }
    switch predicate["act"]?.string {
    case "add":
      guard let size = size("validFrom") else { return nil }
      self = .add(validFrom: size)
    case "retire":
      guard let size = size("validTo") else { return nil }
      self = .retire(validTo: size)
    default: return nil
    }
  }
}

/// The keys of a log as its own entries tell of them, from keys that are trusted to begin with.
public struct KeyHistory: Hashable, Sendable {
  /// Each with the sizes for which it counts.
  public private(set) var keys: [VerifierKey]

  /// Begins with keys that came from elsewhere.
  public init(trusting keys: LogVerifierKeys) { self.keys = keys.keys }

  /// Takes the change that the entry of that index says, in the order of the log.
  ///
  /// Said again, a change says nothing new; the first counts.
  public mutating func take(_ record: KeyRecord, at index: UInt64) throws(KeyRecordError) {
    let known = keys.firstIndex { $0.publicKey == record.key.publicKey }
    let others = keys.filter { $0.publicKey != record.key.publicKey && $0.sizes.contains(index) }
    guard record.key.name == keys.first?.name else { throw .notVouchedFor }
    switch record.act {
    case .add(let size):
      guard size > index else { throw .backdated(index: index, from: size) }
      let signers = try KeyHistory.signers(of: record, others + [record.key])
      guard signers.contains(record.key), signers.count > 1 || known != nil else {
        throw .notVouchedFor
      }
      let dated = record.key.restricted(to: size...Limits.treeSize)
      if known == nil { keys.append(dated) }
      // A key that was given without sizes has those that its log tells.
      if let known, keys[known] == record.key, signers.count > 1 { keys[known] = dated }
    case .retire(let size):
      guard !(try KeyHistory.signers(of: record, others)).isEmpty else { throw .notVouchedFor }
      guard let known, keys[known].sizes.contains(size) else { return }
      keys[known] = keys[known].restricted(to: keys[known].sizes.lowerBound...size)
    }
  }

  private static func signers(
    of record: KeyRecord, _ keys: [VerifierKey]
  ) throws(KeyRecordError) -> Set<VerifierKey> {
    do throws(NoteError) {
      return Set(try record.note.verify(with: keys).map(\.key))
    } catch .noKnownSignature {
      return []
    } catch {
      throw .note(error)
    }
  }
}
