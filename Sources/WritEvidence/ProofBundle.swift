// One entry, its inclusion proof and the checkpoint, in one file that is verified offline: C2SP tlog-proof.
//
//     c2sp.org/tlog-proof@v1
//     extra <base64>                        optional; Writ puts the entry here
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
}

/// The parts of a bundle, which nobody has verified yet.
public struct ProofBundle: Hashable, Sendable {
  /// The entry, where the bundle carries it.
  public let extra: [UInt8]?
  public let index: UInt64
  /// At most 63.
  public let hashes: [Digest]
  public let note: SignedNote

  public init(entry: [UInt8]?, proof: InclusionProof, checkpoint: SignedNote) {
    extra = entry
    index = proof.index
    hashes = proof.hashes
    note = checkpoint
  }

  private static let header = "c2sp.org/tlog-proof@v1"

  /// Reads a bundle; only the one spelling that `bytes` writes.
  public init(_ bytes: [UInt8]) throws(ProofBundleError) {
    guard bytes.count <= Limits.proofBundleByteCount else {
      throw .malformed("at most \(Limits.proofBundleByteCount) bytes")
    }
    guard
      let end = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }
      ),
      let head = String(validating: bytes[..<end], as: UTF8.self)
    else { throw .malformed("expected an empty line in front of the checkpoint") }
    var lines = head.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    guard let first = lines.popFirst(), hasSameBytes(first, ProofBundle.header) else {
      throw .malformed("expected the line `\(ProofBundle.header)`")
    }
    if let line = lines.first, line.utf8.starts(with: "extra ".utf8) {
      lines.removeFirst()
      guard let content = Base64.decode(String(line.dropFirst(6))) else {
        throw .malformed("expected base64 behind `extra`")
      }
      extra = content
    } else {
      extra = nil
    }
    guard let line = lines.popFirst(), line.utf8.starts(with: "index ".utf8),
      let index = UInt64(line.dropFirst(6)), index <= Limits.treeSize
    else { throw .malformed("expected `index` and a number") }
    self.index = index
    guard lines.count <= Limits.proofHashes else {
      throw .malformed("at most \(Limits.proofHashes) hashes")
    }
    var hashes: [Digest] = []
    for line in lines {
      guard let hash = Base64.decode(line).flatMap({ Digest($0) }) else {
        throw .malformed("expected a hash in base64")
      }
      hashes.append(hash)
    }
    self.hashes = hashes
    do throws(NoteError) {
      note = try SignedNote(Array(bytes[(end + 2)...]))
    } catch {
      throw .checkpoint(.note(error))
    }
    guard self.bytes == bytes else { throw .malformed("expected the canonical spelling") }
  }

  /// The bytes of the file.
  public var bytes: [UInt8] {
    var lines = [ProofBundle.header]
    if let extra { lines.append("extra " + Base64.encode(extra)) }
    lines.append("index \(index)")
    lines += hashes.map { Base64.encode($0.bytes) }
    return Array(lines.map { $0 + "\n" }.joined().utf8) + [0x0a] + note.bytes
  }
}

/// An entry that is surely in a log.
public struct VerifiedEntry: Hashable, Sendable {
  public let entry: [UInt8]
  public let index: UInt64
  public let checkpoint: Checkpoint
  /// Of the log, and of the witnesses whose keys were given.
  public let signatures: [VerifiedSignature]
}

extension ProofBundle {
  /// The entry that the bundle carries, once it is shown to be in the log of that origin.
  public func verify(
    keys: [VerifierKey], origin: String
  ) throws(ProofBundleError) -> VerifiedEntry {
    guard let extra else { throw .noEntry }
    return try verify(entry: extra, keys: keys, origin: origin)
  }

  /// That entry, once it is shown to be in the log of that origin, signed by a log's key among `keys`.
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
      entry: entry, index: index, checkpoint: signed.checkpoint, signatures: signed.signatures)
  }
}
