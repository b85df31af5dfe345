// Several verifier keys of a log, each for the sizes it counts for.
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// Two keys of one log, and one of another.
private struct Keys {
  let old: NoteSigner
  let new: NoteSigner
  let both: NoteSigner
  let stranger: NoteSigner

  init() throws {
    old = try workedSigner()
    let key = try #require(Ed25519PrivateKey(seed: (64..<96).map { UInt8($0) }))
    new = NoteSigner(name: old.name, key: key)
    both = NoteSigner(name: old.name, keys: old.keys + [key])
    stranger = NoteSigner(name: try #require(KeyName("log.example/other")), key: key)
  }
}

private func read(_ text: String) throws -> LogVerifierKeys {
  try LogVerifierKeys(files: [Array(text.utf8)])
}

@Suite struct VerifierKeyFileTests {
  @Test func linesAreKeysWithSizes() throws {
    let keys = try Keys()
    let (old, new) = (keys.old.verifierKey, keys.new.verifierKey)
    let text = "# the keys\n\n\(old) 0..140\n\(new) 120\n"
    let read = try read(text)
    #expect(read.keys.map(\.sizes.lowerBound) == [0, 120])
    #expect(read.keys.map(\.sizes.upperBound) == [140, Limits.treeSize])
    #expect(read.keys.map(\.fileLine) == ["\(old) 0..140", "\(new) 120"])
    #expect(read.origin == "log.example/writ")
    #expect(
      try LogVerifierKeys(files: [Array("\(old)".utf8), Array("\(new)\n".utf8)]).keys.count == 2)
    #expect(try LogVerifierKeys(files: [Array("\(old)".utf8)]).keys == [old])
    #expect(old.fileLine == "\(old)")
  }

  @Test func whatIsNotPlainIsRefused() throws {
    let keys = try Keys()
    let (old, new) = (keys.old.verifierKey, keys.new.verifierKey)
    let witness = VerifierKey(
      name: old.name, algorithm: .cosignature, publicKey: new.publicKey)
    let wrong = [
      "", "# nothing\n", "\(old) \n", " \(old)\n", "\(old) 1..0\n", "\(old) 1..\n", "\(old) ..1\n",
      "\(old) 1.2\n", "\(old) 1...2\n", "\(old) 01\n", "\(old) -1\n", "\(old) +1\n", "\(old) 1 2\n",
      "\(old) 18446744073709551615\n", "\(old)\n\(old)\n", "\(old) 0..1\n\(old) 5\n",
      "\(old)\n\(keys.stranger.verifierKey)\n", "\(witness)\n", "\(old)\r\n", "\(old)\nhello\n",
    ]
    for text in wrong { #expect(throws: VerifierKeyFileError.self, "\(text)") { try read(text) } }
    #expect(throws: VerifierKeyFileError.self) {
      try LogVerifierKeys(files: [Array("\(old)\n".utf8), Array("\(old)\n".utf8)])
    }
  }

  /// Signers × sizes × keys: a checkpoint counts where a key counts for its size and has signed it.
  @Test func aCheckpointNeedsAKeyOfItsSize() throws {
    let keys = try Keys()
    let old = keys.old.verifierKey.restricted(to: 0...140)
    let new = keys.new.verifierKey.restricted(to: 120...Limits.treeSize)
    for size in [1, 119, 120, 130, 140, 141, 500] as [UInt64] {
      let checkpoint = Checkpoint(
        origin: "log.example/writ", size: size, root: Merkle.leafHash(of: [1]))
      for (signer, counts) in [
        (keys.old, size <= 140), (keys.new, size >= 120), (keys.both, true),
      ] {
        let note = signer.sign(checkpoint.text)
        #expect(note.signatures.count == signer.keys.count)
        let opened = try? SignedCheckpoint(note.bytes, keys: [old, new])
        #expect((opened != nil) == counts, "size \(size)")
        #expect(opened?.signatures.allSatisfy { $0.key.sizes.contains(size) } ?? true)
        if !counts {
          #expect(throws: CheckpointError.keyOutOfRange(size: size)) {
            try SignedCheckpoint(note.bytes, keys: [old, new])
          }
        }
      }
    }
  }

  /// Old readers, who know one key, read what two have signed.
  @Test func eitherKeyIsEnough() throws {
    let keys = try Keys()
    let checkpoint = Checkpoint(
      origin: "log.example/writ", size: 3, root: Merkle.leafHash(of: [1]))
    let note = keys.both.sign(checkpoint.text).bytes
    for key in keys.both.verifierKeys {
      #expect(try SignedCheckpoint(note, keys: [key]).checkpoint == checkpoint)
    }
    #expect(throws: CheckpointError.note(.noKnownSignature)) {
      try SignedCheckpoint(note, keys: [keys.stranger.verifierKey])
    }
  }
}
