// Signed notes, verifier keys, checkpoints, cosignatures: published vectors and near misses.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct NoteTests {
  @Test func publishedNotes() throws {
    let cases = try #require(try vectors("notes/notes.json").array)
    #expect(cases.count > 20)
    for item in cases {
      let note = bytes(try text(item, "note"))
      let keys = try keys(item)
      let isCheckpoint = item["checkpoint"]?.bool == true
      let isValid =
        isCheckpoint
        ? (try? SignedCheckpoint(note, keys: keys)) != nil
        : (try? SignedNote(note).verify(with: keys)) != nil
      #expect(isValid == item["valid"]?.bool, "\(item["name"]?.string ?? "")")
      if isValid { #expect(try SignedNote(note).bytes == note) }
    }
  }

  @Test func workedCheckpointIsSignedToTheByte() throws {
    let root = try #require(
      Digest(hex: "d733c2f5ed8cb7a688108ab7498c16b87ee63ff082654ae990191ca99174b561"))
    let checkpoint = Checkpoint(origin: "log.example/writ", size: 3, root: root)
    let signer = try workedSigner()
    #expect(signer.sign(checkpoint.text).bytes == bytes(workedCheckpoint))
    #expect(
      signer.verifierKey.description
        == "log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
    let opened = try SignedCheckpoint(
      bytes(workedCheckpoint), keys: [signer.verifierKey], origin: "log.example/writ")
    #expect(opened.checkpoint == checkpoint)
    #expect(
      throws: CheckpointError.wrongOrigin(expected: "log.example/w", found: "log.example/writ")
    ) {
      try SignedCheckpoint(
        bytes(workedCheckpoint), keys: [signer.verifierKey], origin: "log.example/w")
    }
  }

  @Test func workedCosignature() throws {
    let vkey = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    let line =
      "— witness.example/w1 IDJKvgAAAABpVbkA64YBMYpKDv6AeujQ3gP2B7sWYD17Hbfh/v/8JLFXlW8YJlB0ch82yndRkAWqX92v4nRi7i2FEofiHAc/++51BQ=="
    let key = try #require(VerifierKey(vkey))
    #expect(key.description == vkey)
    let note = try SignedNote(bytes(workedCheckpoint + line + "\n"))
    let made = Cosignature(of: bytes(note.text), at: 1_767_225_600, by: try workedKey(from: 0x20))
    #expect(note.signatures[1].bytes == made.bytes)
    let verified = try note.verify(with: [key, workedSigner().verifierKey])
    #expect(verified.map(\.time) == [nil, 1_767_225_600])
    #expect(try note.verify(with: [key]).count == 1)
    for index in note.signatures[1].bytes.indices {
      var changed = note.signatures[1].bytes
      changed[index] ^= 1
      let signature = NoteSignature(name: key.name, keyID: key.id, bytes: changed)
      let other = SignedNote(text: note.text, signatures: [note.signatures[0], signature])
      #expect(throws: NoteError.badSignature(key.name)) {
        try other.verify(with: [key, workedSigner().verifierKey])
      }
    }
  }

  @Test func everyOneByteChangeIsRefused() throws {
    let note = bytes(workedCheckpoint)
    let keys = [try workedSigner().verifierKey]
    for index in note.indices {
      for change in 1...UInt8.max {
        var changed = note
        changed[index] ^= change
        mustFail("\(index)") { _ = try SignedCheckpoint(changed, keys: keys) }
      }
    }
    for index in note.indices {
      var shorter = note
      shorter.remove(at: index)
      mustFail("\(index)") { _ = try SignedCheckpoint(shorter, keys: keys) }
      for byte in [UInt8](arrayLiteral: 0x0a, 0x20, 0x41, 0x00, 0x0d) {
        var longer = note
        longer.insert(byte, at: index)
        mustFail("\(index)") { _ = try SignedCheckpoint(longer, keys: keys) }
      }
      mustFail("\(index)") {
        _ = try SignedCheckpoint(Array(note[..<index]), keys: keys)
      }
    }
  }

  @Test func signedButNoCheckpoint() throws {
    let signer = try workedSigner()
    let root = "1zPC9e2Mt6aIEIq3SYwWuH7mP/CCZUrpkBkcqZF0tWE="
    let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    let good = [
      "o\n3\n\(root)\n", "o\n0\n\(empty)\n", "o\n9223372036854775807\n\(root)\n",
      "o\n3\n\(root)\nmore\n",
    ]
    for text in good {
      #expect(throws: Never.self) {
        try SignedCheckpoint(signer.sign(text).bytes, keys: [signer.verifierKey])
      }
    }
    let bad = [
      "o\n03\n\(root)\n", "o\n+3\n\(root)\n", "o\n-3\n\(root)\n", "o\n\n\(root)\n",
      "\n3\n\(root)\n",
      "o\n0\n\(root)\n", "o\n9223372036854775808\n\(root)\n", "o\n3\n\(root)=\n", "o\n3\nAAAA\n",
      "o\n3\n",
      "o\n3\n\(root)\n\n", "o\n3\n\(root)\n\nmore\n", "o\n3 \n\(root)\n", "o\n0x3\n\(root)\n",
    ]
    for text in bad {
      #expect(throws: CheckpointError.self, "\(text)") {
        try SignedCheckpoint(signer.sign(text).bytes, keys: [signer.verifierKey])
      }
    }
  }

  @Test func manyLargeSignaturesAreCarried() throws {
    let signer = try workedSigner()
    let note = signer.sign("o\n")
    let name = try #require(KeyName("wïtness.example/größe"))
    let large = (0..<16).map {
      NoteSignature(
        name: name, keyID: signer.verifierKey.id, bytes: Array(repeating: $0, count: 5000))
    }
    let full = SignedNote(text: note.text, signatures: large + note.signatures)
    let read = try SignedNote(full.bytes)
    #expect(read == full)
    #expect(try read.verify(with: [signer.verifierKey]).count == 1)
    let tooMany = SignedNote(
      text: note.text, signatures: Array(repeating: note.signatures[0], count: 101))
    #expect(throws: NoteError.malformed) { try SignedNote(tooMany.bytes) }
  }

  @Test func onlyTheNameOrOnlyTheIDIsUnknown() throws {
    let signer = try workedSigner()
    let other = try #require(KeyName("other.example"))
    let note = signer.sign("o\n")
    let line = note.signatures[0]
    let renamed = SignedNote(
      text: note.text,
      signatures: [NoteSignature(name: other, keyID: line.keyID, bytes: line.bytes)])
    #expect(throws: NoteError.noKnownSignature) { try renamed.verify(with: [signer.verifierKey]) }
  }

  @Test(arguments: [
    "", "+", "++", "a+a5fb758f",
    "log.example/writ+a5fb758e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    "log.example/writ+A5FB758F+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    "log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n",
    " log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    "log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG",
    "log.example/writ+a5fb758f+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
  ])
  func refusedKeys(_ line: String) { #expect(VerifierKey(line) == nil) }

  @Test func aKeyFileHoldsOneLine() throws {
    let line = try workedSigner().verifierKey.description
    #expect(VerifierKey(file: bytes(line)) != nil)
    #expect(VerifierKey(file: bytes(line + "\n")) != nil)
    #expect(VerifierKey(file: bytes(line + "\n\n")) == nil)
    #expect(VerifierKey(file: bytes(line + "\n" + line + "\n")) == nil)
    #expect(VerifierKey(file: [0xff]) == nil)
  }

  @Test func names() {
    for name in ["a", "é", "sum.golang.org", "a/b?c=d", "a\u{301}"] {
      #expect(KeyName(name) != nil)
    }
    for name in ["", " ", "a b", "a+b", "a\u{a0}b", "a\u{2003}b", "a\nb", "a\u{0}"] {
      #expect(KeyName(name) == nil)
    }
    #expect(KeyName("\u{e9}") != KeyName("e\u{301}"))
  }
}
