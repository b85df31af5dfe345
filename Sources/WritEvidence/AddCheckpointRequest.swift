// What a log sends to a witness: C2SP tlog-witness, add-checkpoint.
//
//     old <size of the checkpoint that the witness cosigned last>
//     <base64 of a hash>                     the consistency proof from there; 0…63
//     …
//     <empty line>
//     <checkpoint note>
public import WritCrypto
import WritModel

/// A checkpoint with the proof that it extends an older one, which nobody has verified yet.
public struct AddCheckpointRequest: Hashable, Sendable {
  /// Size of the tree that the proof begins at; 0 where the witness is thought to know none.
  public let oldSize: UInt64
  /// At most 63.
  public let hashes: [Digest]
  /// The checkpoint, signed by its log.
  public let note: SignedNote

  /// A request as it will be sent.
  public init(oldSize: UInt64, hashes: [Digest], note: SignedNote) {
    self.oldSize = oldSize
    self.hashes = hashes
    self.note = note
  }

  /// Reads exactly what `bytes` writes; anything else is `malformed`.
  public init(_ bytes: [UInt8]) throws(WitnessRefusal) {
    let head = try Head(bytes)
    do throws(NoteError) {
      note = try SignedNote(head.note)
    } catch {
      throw .malformed("expected a signed note behind the empty line")
    }
    oldSize = head.oldSize
    hashes = head.hashes
  }

  /// The body of the request.
  public var bytes: [UInt8] {
    let lines = ["old \(oldSize)"] + hashes.map { Base64.encode($0.bytes) }
    return Array(lines.map { $0 + "\n" }.joined().utf8) + [0x0a] + note.bytes
  }
}

extension AddCheckpointRequest {
  /// What stands in front of the checkpoint, and the bytes behind it.
  struct Head {
    let oldSize: UInt64
    private(set) var hashes: [Digest] = []
    /// Said to be a signed note.
    let note: [UInt8]

    /// Reads the one spelling that `bytes` writes.
    init(_ bytes: [UInt8]) throws(WitnessRefusal) {
      guard bytes.count <= Limits.addCheckpointByteCount else {
        throw .malformed("at most \(Limits.addCheckpointByteCount) bytes")
      }
      // The first empty line: the note has another one behind it.
      let newlines = bytes.indices.dropLast().first {
        bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a
      }
      guard let end = newlines, let text = String(validating: bytes[..<end], as: UTF8.self) else {
        throw .malformed("expected an empty line in front of the checkpoint")
      }
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
      guard let first = lines.popFirst(), first.utf8.starts(with: "old ".utf8),
        let size = UInt64(first.dropFirst(4)), size <= Limits.treeSize,
        hasSameBytes("old \(size)", String(first))
      else { throw .malformed("expected `old` and a size") }
      guard lines.count <= Limits.proofHashes else {
        throw .malformed("at most \(Limits.proofHashes) hashes")
      }
      oldSize = size
      note = Array(bytes[(end + 2)...])
      for line in lines {
        // Only canonical base64 is decoded.
        guard let hash = Base64.decode(String(line)).flatMap({ Digest($0) }) else {
          throw .malformed("expected a hash in base64")
        }
        hashes.append(hash)
      }
    }
  }
}
