// A log of an older release, whose records do not name those before them: found and shown, and no question is
// answered by it.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Old logs")
struct OldLogTests {
  private let scratch: Scratch

  /// A decision as release 0.1.0 recorded it at first: one subject, the gate; no `prev`, no `trace`.
  init() throws {
    scratch = try Scratch()
    for name in ["log.key", "log.key.pub"] {
      try scratch.write(Corpus.text("corpus/cli/shop/\(name)"), to: name)
    }
    let pem = try #require(Ed25519PrivateKey(pem: Corpus.text("corpus/cli/shop/log.key")))
    let signer = NoteSigner(name: try #require(KeyName("shop.example/log")), key: pem)
    let store = try LogStore.create(
      directory: scratch.path + "/log", origin: signer.name, keyPath: scratch.path + "/log.key")
    let record = try EvidenceRecord(
      type: PredicateType.decision,
      subjects: [
        Subject(
          name: "shop.ship", uri: nil,
          digests: [NamedDigest(algorithm: "sha256", value: Digest(of: [1]).hex)])
      ],
      predicate: [
        "kind": "gate", "logged": "2020-11-19T10:00:00Z", "arguments": ["release": "Release/r1"],
        "result": ["outcome": "allow", "gate": "shop.ship", "question": false],
      ])
    let writer = try LogWriter(store: store, signer: signer)
    _ = try writer.append(record.bytes)
    try writer.publish()
    writer.close()
  }

  private func run(_ words: String) throws -> Outcome {
    try Program.run(words.split(separator: " ").map(String.init), in: scratch.path)
  }

  @Test func itsRecordsAreFound() throws {
    let search = try run("log search log --subject r1")
    #expect(search.output.contains("Release/r1"))
    #expect(try run("log search log --subject r1 --full").output == search.output)
    #expect(try run("log search log --subject Release/r2").output.isEmpty)
  }

  @Test func itIsWholeAndSaidToBeOld() throws {
    let verify = try run("log verify log --vkey log.key.pub")
    #expect(verify.code == 0)
    #expect(verify.output.contains("1 record of 1 made by an older release"), "\(verify.output)")
  }

  @Test func noQuestionIsAnsweredByIt() throws {
    let prove = try run(
      "log prove log --subject Release/r1 --from 2020-01-01T00:00:00Z --to 2021-01-01T00:00:00Z -o p"
    )
    #expect(prove.code == 65)
    #expect(
      prove.messages.contains("entry 0 was recorded by an older release"), "\(prove.messages)")
    #expect(try run("log prove log --index 0 -o p").code == 0)
  }
}
