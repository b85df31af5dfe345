// Signed notes, checkpoints, verifier keys and cosignatures.

import WritCrypto
import WritEvidence
import WritModel

/// A note, after a byte that chooses: as it is; a text signed by the world's log, so that what reads signed text is reached;
/// a verifier key; or a cosignature.
@Sendable func fuzzNote(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  switch feed.byte() % 4 {
  case 0: try checkNote(Array(feed.rest))
  case 1: try checkSigned(String(decoding: feed.rest, as: UTF8.self))
  case 2: try checkKey(Array(feed.rest))
  default:
    guard let cosignature = Cosignature(Array(feed.rest)) else { return }
    try hold(cosignature.bytes == Array(feed.rest), "a cosignature is not written as it was read")
    let key = World.shared.logSigner.verifierKey.publicKey
    try hold(!cosignature.verify(of: [], by: key), "a cosignature was forged")
  }
}

private func checkNote(_ bytes: [UInt8]) throws {
  let keys = [World.shared.logSigner.verifierKey]
  guard let note = accepted({ () throws(NoteError) in try SignedNote(bytes) }) else { return }
  try hold(note.bytes == bytes, "a note is not written as it was read")
  for signature in note.signatures {
    try hold(
      NoteSignature(signature.description) == signature, "a signature line reads otherwise")
  }
  if let text = Checkpoint(note.text) {
    try hold(text.text == note.text, "a checkpoint is not written as it was read")
  }
  _ = accepted { () throws(NoteError) in try note.verify(with: keys) }
  _ = accepted { () throws(CheckpointError) in try SignedCheckpoint(bytes, keys: keys) }
}

private func checkSigned(_ text: String) throws {
  // Signing is for texts that end with a line break.
  guard text.utf8.last == 0x0a else { return }
  let signer = World.shared.logSigner
  let bytes = signer.sign(text).bytes
  guard let note = accepted({ () throws(NoteError) in try SignedNote(bytes) }) else { return }
  try hold(hasSameBytes(note.text, text), "a signed text reads otherwise")
  try hold(
    try note.verify(with: [signer.verifierKey]).count == 1, "a signed note does not verify")
  let signed = accepted { () throws(CheckpointError) in
    try SignedCheckpoint(bytes, keys: [signer.verifierKey])
  }
  try hold(
    (signed == nil) == (Checkpoint(text) == nil), "a checkpoint is one signed and not unsigned")
  try hold(signed.map { $0.checkpoint.text == text } ?? true, "a checkpoint reads otherwise")
}

private func checkKey(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  _ = VerifierKey(file: bytes)
  guard let key = VerifierKey(text) else { return }
  try hold(hasSameBytes(key.description, text), "a verifier key is not written as it was read")
  try hold(VerifierKey(file: bytes) == key, "a verifier key reads otherwise from a file")
}
