// One entry, its inclusion proof and the checkpoint, in one file that is verified offline: C2SP
// tlog-proof.
//
//     c2sp.org/tlog-proof@v1
//     extra <base64>                        optional; Writ puts the entry here, and behind it what is
//                                           disclosed of it: `~<disclosure>` each, and a `~`
//     index <decimal>
//     <base64 of a hash>                    the leaf's sibling first; may be none
//     …
//     <empty line>
//     <checkpoint note, with cosignatures>
public import WritCrypto
import WritModel

/// Why a proof bundle proves nothing.
public enum ProofBundleError: Error, Hashable, Sendable {
  /// It is no proof bundle; says what was expected.
  case malformed(String)
  /// Its checkpoint is not taken.
  case checkpoint(CheckpointError)
  /// Only witnesses have signed the checkpoint, not the log.
  case notSignedByLog
  /// The entry is neither in the file nor given.
  case noEntry
  /// The hashes do not lead from the entry to the signed root.
  case proof(ProofError)
  /// Something is disclosed that the record does not name.
  case undisclosed(DisclosureDigest)
}

/// The parts of a bundle, which nobody has verified yet.
public struct ProofBundle: Hashable, Sendable {
  /// The entry, where the bundle carries it.
  public let extra: [UInt8]?
  /// Place of the entry in the log.
  public let index: UInt64
  /// At most 63.
  public let hashes: [Digest]
  /// The checkpoint that the proof leads to.
  public let note: SignedNote

  /// The bundle of a proof, with the entry or without.
  public init(entry: [UInt8]?, proof: InclusionProof, checkpoint: SignedNote) {
    extra = entry
    index = proof.index
    hashes = proof.hashes
    note = checkpoint
  }

  /// Reads a bundle; only the one spelling that `bytes` writes.
  public init(_ bytes: [UInt8]) throws(ProofBundleError) {
    guard bytes.count <= Limits.proofBundleByteCount else {
      throw .malformed("at most \(Limits.proofBundleByteCount) bytes")
    }
    // The first empty line: the note has another one behind it.
    let newlines = bytes.indices.dropLast().first { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }
    guard let end = newlines, let text = String(validating: bytes[..<end], as: UTF8.self) else {
      throw .malformed("expected an empty line in front of the checkpoint")
    }
    let head = try Head(text)
    (extra, index, hashes) = (head.extra, head.index, head.hashes)
    do throws(NoteError) {
      note = try SignedNote(Array(bytes[(end + 2)...]))
    } catch {
      throw .checkpoint(.note(error))
    }
    guard self.bytes == bytes else { throw .malformed("expected the canonical spelling") }
  }

  /// The bytes of the file.
  public var bytes: [UInt8] {
    var lines = [Head.firstLine]
    if let extra { lines.append("extra " + Base64.encode(extra)) }
    lines.append("index \(index)")
    lines += hashes.map { Base64.encode($0.bytes) }
    return Array(lines.map { $0 + "\n" }.joined().utf8) + [0x0a] + note.bytes
  }
}

/// What stands in front of the checkpoint.
private struct Head {
  static let firstLine = "c2sp.org/tlog-proof@v1"

  var extra: [UInt8]?
  let index: UInt64
  var hashes: [Digest] = []

  init(_ text: String) throws(ProofBundleError) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    guard let first = lines.popFirst(), hasSameBytes(first, Head.firstLine) else {
      throw .malformed("expected the line `\(Head.firstLine)`")
    }
    if let line = lines.first, line.utf8.starts(with: "extra ".utf8) {
      lines.removeFirst()
      guard let content = Base64.decode(String(line.dropFirst(6))) else {
        throw .malformed("expected base64 after `extra`")
      }
      extra = content
    }
    guard let line = lines.popFirst(), line.utf8.starts(with: "index ".utf8),
      let index = UInt64(line.dropFirst(6)), index <= Limits.treeSize
    else { throw .malformed("expected `index` and a number") }
    self.index = index
    guard lines.count <= Limits.proofHashes else {
      throw .malformed("at most \(Limits.proofHashes) hashes")
    }
    for line in lines {
      guard let hash = Base64.decode(line).flatMap({ Digest($0) }) else {
        throw .malformed("expected a hash in base64")
      }
      hashes.append(hash)
    }
  }
}

/// An entry that is surely in a log.
public struct VerifiedEntry: Hashable, Sendable {
  /// The bytes that are in the log.
  public let entry: [UInt8]
  /// Their place.
  public let index: UInt64
  /// The head of the log that they are in.
  public let checkpoint: Checkpoint
  /// Of the log, and of the witnesses whose keys were given.
  public let signatures: [VerifiedSignature]
  /// What the record holds by digest and the file shows.
  public let disclosures: [Disclosure]
}

extension ProofBundle {
  /// The entry that the bundle carries, once it is shown to be in the log of that origin.
  public func verify(
    keys: [VerifierKey], origin: String
  ) throws(ProofBundleError) -> VerifiedEntry {
    guard let extra else { throw .noEntry }
    let (entry, disclosures) = ProofBundle.parts(of: extra)
    let verified = try verify(entry: entry, keys: keys, origin: origin)
    let named = (try? Statement(parsing: entry))?.disclosureDigests ?? []
    for disclosure in disclosures where !named.contains(disclosure.digest) {
      throw .undisclosed(disclosure.digest)
    }
    return VerifiedEntry(
      entry: verified.entry, index: verified.index, checkpoint: verified.checkpoint,
      signatures: verified.signatures, disclosures: disclosures)
  }

  /// The bundle with something that its entry holds by digest shown.
  public func disclosing(_ disclosures: [Disclosure]) -> ProofBundle {
    guard let extra, let last = disclosures.last else { return self }
    let texts = disclosures.dropLast().map { "~\($0.text)" }.joined() + "~\(last.text)~"
    return ProofBundle(
      extra: ProofBundle.parts(of: extra).entry + Array(texts.utf8), index: index, hashes: hashes,
      note: note)
  }

  private init(extra: [UInt8]?, index: UInt64, hashes: [Digest], note: SignedNote) {
    self.extra = extra
    self.index = index
    self.hashes = hashes
    self.note = note
  }

  /// An entry and the disclosures behind it. An entry of Writ's is an object, so it ends before the first of these.
  private static func parts(of extra: [UInt8]) -> (entry: [UInt8], disclosures: [Disclosure]) {
    guard extra.last == UInt8(ascii: "~"), let end = extra.lastIndex(of: UInt8(ascii: "}")) else {
      return (extra, [])
    }
    let texts = extra[(end + 1)...].split(separator: 0x7e, omittingEmptySubsequences: false)
    // Nothing in front of the first tilde and behind the last one.
    guard texts.count > 2, texts.first?.isEmpty == true, texts.last?.isEmpty == true else {
      return (extra, [])
    }
    let read = texts.dropFirst().dropLast().compactMap {
      Disclosure(String(decoding: $0, as: UTF8.self))
    }
    guard read.count == texts.count - 2 else { return (extra, []) }
    return (Array(extra[...end]), read)
  }

  /// That entry, once it is shown to be in the log of that origin, signed by a log's key among
  /// `keys`.
  public func verify(
    entry: [UInt8], keys: [VerifierKey], origin: String
  ) throws(ProofBundleError) -> VerifiedEntry {
    let signed: SignedCheckpoint
    do throws(CheckpointError) {
      signed = try SignedCheckpoint(note.bytes, keys: keys, origin: origin)
    } catch {
      throw .checkpoint(error)
    }
    guard signed.signatures.contains(where: { $0.key.algorithm == .ed25519 }) else {
      throw .notSignedByLog
    }
    let proof = InclusionProof(index: index, size: signed.checkpoint.size, hashes: hashes)
    do throws(ProofError) {
      try proof.verify(leaf: Merkle.leafHash(of: entry), root: signed.checkpoint.root)
    } catch {
      throw .proof(error)
    }
    return VerifiedEntry(
      entry: entry, index: index, checkpoint: signed.checkpoint, signatures: signed.signatures,
      disclosures: [])
  }
}
