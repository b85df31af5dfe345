// Offline proofs: published ones, our own, and every near miss.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct ProofBundleTests {
  @Test func publishedProofs() throws {
    let cases = try #require(try vectors("proofs/proofs.json").array)
    #expect(cases.count > 40)
    for item in cases {
      let keys = try keys(item)
      let entry = try #require(Base64.decode(try text(item, "entry_base64")))
      let proof = bytes(try text(item, "proof"))
      let origin = try #require(keys.first).name.description
      let isValid =
        (try? ProofBundle(proof).verify(entry: entry, keys: keys, origin: origin)) != nil
      #expect(isValid == (item["valid"]?.bool ?? true), "\(item["name"]?.string ?? "")")
      if isValid { #expect(try ProofBundle(proof).bytes == proof) }
    }
  }

  private func workedBundle() throws -> (bundle: ProofBundle, key: VerifierKey) {
    var tree = MerkleTree()
    var hasher = MerkleHasher()
    for entry in ["", "alpha", "beta"] { tree.append(hasher.leaf(bytes(entry)), with: &hasher) }
    let proof = InclusionProof(index: 1, size: 3, from: tree)
    let note = try SignedNote(bytes(workedCheckpoint))
    return (
      ProofBundle(entry: bytes("alpha"), proof: proof, checkpoint: note),
      try workedSigner().verifierKey
    )
  }

  @Test func workedExample() throws {
    let (bundle, key) = try workedBundle()
    #expect(
      bundle.bytes
        == bytes(
          """
          c2sp.org/tlog-proof@v1
          extra YWxwaGE=
          index 1
          bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=
          4jU3sFDoSvLLqrRvL4PY07X+vI5axiANMGKE9ofUaSQ=


          """) + bytes(workedCheckpoint))
    let verified = try ProofBundle(bundle.bytes).verify(keys: [key], origin: "log.example/writ")
    #expect(verified.entry == bytes("alpha"))
    #expect(verified.index == 1)
    #expect(verified.checkpoint.size == 3)
  }

  @Test func everyOneByteChangeIsRefused() throws {
    let (bundle, key) = try workedBundle()
    let file = bundle.bytes
    func verify(_ bytes: [UInt8]) throws {
      _ = try ProofBundle(bytes).verify(keys: [key], origin: "log.example/writ")
    }
    for index in file.indices {
      for change in (0..<8).map({ UInt8(1) << $0 }) + [0xff, 0x2a] {
        var changed = file
        changed[index] ^= change
        mustFail("\(index)") { try verify(changed) }
      }
      mustFail("\(index)") { try verify(Array(file[..<index])) }
      var shorter = file
      shorter.remove(at: index)
      mustFail("\(index)") { try verify(shorter) }
      for byte in [UInt8](arrayLiteral: 0x0a, 0x20, 0x30, 0x3d) {
        var longer = file
        longer.insert(byte, at: index)
        mustFail("\(index)") { try verify(longer) }
      }
    }
    mustFail("a newline more") { try verify(file + [0x0a]) }
  }

  @Test func aWitnessAloneIsNotTheLog() throws {
    let (bundle, _) = try workedBundle()
    let witness = try workedKey(from: 0x20)
    let name = try #require(KeyName("witness.example/w1"))
    let key = VerifierKey(name: name, algorithm: .cosignature, publicKey: witness.publicKey)
    let cosignature = Cosignature(of: bytes(bundle.note.text), at: 5, by: witness)
    let note = SignedNote(
      text: bundle.note.text,
      signatures: bundle.note.signatures
        + [NoteSignature(name: name, keyID: key.id, bytes: cosignature.bytes)])
    let proof = InclusionProof(index: 1, size: 3, hashes: bundle.hashes)
    let cosigned = ProofBundle(entry: bundle.extra, proof: proof, checkpoint: note)
    #expect(throws: ProofBundleError.notSignedByLog) {
      try cosigned.verify(keys: [key], origin: "log.example/writ")
    }
    let verified = try cosigned.verify(
      keys: [key, workedSigner().verifierKey], origin: "log.example/writ")
    #expect(verified.signatures.count == 2)
  }

  @Test func anEntryMustBeThere() throws {
    let (bundle, key) = try workedBundle()
    let proof = InclusionProof(index: 1, size: 3, hashes: bundle.hashes)
    let bare = ProofBundle(entry: nil, proof: proof, checkpoint: bundle.note)
    #expect(throws: ProofBundleError.noEntry) {
      try bare.verify(keys: [key], origin: "log.example/writ")
    }
    #expect(throws: Never.self) {
      try bare.verify(entry: bytes("alpha"), keys: [key], origin: "log.example/writ")
    }
  }
}
