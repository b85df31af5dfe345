// What a witness answers: the checks of C2SP tlog-witness, in the order of the protocol.
//
//     400  malformed
//     404  the origin is unknown
//     403  no trusted key of the origin has signed, or a line of one does not verify
//     400  old size > checkpoint size
//     409  old size ≠ size of the checkpoint cosigned last, 0 if none
//     422  size 0 with another root than that of no entries; old size 0 with a proof; a wrong proof;
//          the same size with another root
//     200  cosigned
//
// A witness is a function of the request and of what it cosigned last. Keeping that is somebody
// else's work (WitnessStore).
import WritCrypto

/// Why a witness does not cosign.
public enum WitnessRefusal: Error, Hashable, Sendable {
  /// It is no request; says what was expected.
  case malformed(String)
  /// No log of that origin is trusted.
  case unknownOrigin(String)
  /// No trusted key of the origin has signed, or a line of one does not verify.
  case notSigned(NoteError)
  /// The proof begins behind the checkpoint.
  case oldSizeTooLarge(old: UInt64, size: UInt64)
  /// The proof does not begin where this witness cosigned last.
  case otherSize(UInt64)
  /// The checkpoint does not extend the one cosigned last.
  case inconsistent(String)
  /// The log has signed two roots for one size: these two notes prove it to anybody.
  case forked(size: UInt64)

  /// The code of the answer.
  public var status: Int {
    switch self {
    case .malformed, .oldSizeTooLarge: 400
    case .unknownOrigin: 404
    case .notSigned: 403
    case .otherSize: 409
    case .inconsistent, .forked: 422
    }
  }
}

extension WitnessRefusal: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): "malformed request: \(expectation)"
    case .unknownOrigin(let origin): "unknown log `\(origin)`"
    case .notSigned(let error): error.description
    case .oldSizeTooLarge(let old, let size):
      "old size \(old) is larger than the checkpoint's, \(size)"
    case .otherSize(let size): "the checkpoint cosigned last has size \(size)"
    case .inconsistent(let reason): reason
    case .forked(let size): "another root was cosigned for size \(size): the log is forked"
    }
  }
}

/// A request that a trusted log has signed.
public struct WitnessSubmission: Hashable, Sendable {
  /// What the log has signed.
  public let checkpoint: Checkpoint
  /// The checkpoint with the lines of trusted keys alone.
  public let note: SignedNote
  private let oldSize: UInt64
  private let hashes: [Digest]

  /// The checks that need nothing but the request and the keys of trusted logs, whose names are
  /// their origins.
  public init(_ bytes: [UInt8], logs: [VerifierKey]) throws(WitnessRefusal) {
    let head = try AddCheckpointRequest.Head(bytes)
    guard let text = SignedNote.text(of: head.note), let checkpoint = Checkpoint(form: text) else {
      throw .malformed("expected a checkpoint")
    }
    let known = logs.filter { $0.name.description.utf8.elementsEqual(checkpoint.origin.utf8) }
    guard !known.isEmpty else { throw .unknownOrigin(checkpoint.origin) }
    let keys = known.filter { $0.sizes.contains(checkpoint.size) }
    let request: SignedNote
    do throws(NoteError) {
      request = try SignedNote(head.note)
      _ = try request.verify(with: keys)
    } catch {
      throw .notSigned(error)
    }
    guard head.oldSize <= checkpoint.size else {
      throw .oldSizeTooLarge(old: head.oldSize, size: checkpoint.size)
    }
    self.checkpoint = checkpoint
    note = SignedNote(
      text: text,
      signatures: request.signatures.filter { line in
        keys.contains { $0.name == line.name && $0.id == line.keyID }
      })
    (oldSize, hashes) = (head.oldSize, head.hashes)
  }

  /// The checks against the checkpoint of this origin that was cosigned last, `nil` if none was.
  /// When they pass, `checkpoint` is the new one.
  public func judge(latest: Checkpoint?) throws(WitnessRefusal) {
    let size = latest?.size ?? 0
    guard oldSize == size else { throw .otherSize(size) }
    guard checkpoint.size > 0 || checkpoint.root == Merkle.emptyRoot else {
      throw .inconsistent("a log of no entries has another root")
    }
    if oldSize == 0 {
      guard hashes.isEmpty else {
        throw .inconsistent("there is no consistency proof from size 0: expected no hashes")
      }
      return
    }
    let oldRoot = latest?.root ?? Merkle.emptyRoot
    if checkpoint.size == oldSize && checkpoint.root != oldRoot { throw .forked(size: oldSize) }
    let proof = ConsistencyProof(oldSize: oldSize, size: checkpoint.size, hashes: hashes)
    do throws(ProofError) {
      try proof.verify(oldRoot: oldRoot, root: checkpoint.root)
    } catch {
      throw .inconsistent("the consistency proof from size \(oldSize) does not verify")
    }
  }
}
