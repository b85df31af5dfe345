// Signing keys from outside: behind passphrases, where they may lie, and in which functions.

import Foundation
import Testing
import WritTesting

@Suite("Keys behind passphrases")
struct PassphraseTests {
  private let shop: KeyShop

  init() throws {
    shop = try KeyShop()
    try shop.expect("writ key new shop.example/e -o e.key --encrypt --passphrase-fd 3 3<word")
  }

  @Test("an encrypted key signs with its passphrase, and not without")
  func signs() throws {
    let make = "writ log init log --origin shop.example/e --key e.key"
    try shop.expect(make, 64, says: "no terminal to ask at; give it by `--passphrase-fd N`")
    try shop.expect(make + " --passphrase-fd 3 3<wrong", 65, says: "does not open e.key")
    try shop.expect(make + " --passphrase-fd 3 3<word")
    let decide = "writ decide --bundle b --graph g --request request.json --log log"
    try shop.expect(decide, 74, says: "e.key needs a passphrase")
    try shop.expect(decide + " --passphrase-fd 3 3<wrong", 74, says: "so there is none")
    try shop.expect(decide + " --passphrase-fd 4 4<word", 1, says: "recorded as entry 0")
    // The public half lies open: reading needs no passphrase.
    try shop.expect("writ log search log && rm e.key.pub && writ log search log")
    // Any of the lines may be the right one.
    try shop.expect("cat wrong word > both; \(decide) --passphrase-fd 0 <both", 1)
  }

  @Test("descriptors that give no passphrase are refused")
  func descriptors() throws {
    let make = "writ log init log --origin shop.example/e --key e.key --passphrase-fd"
    try shop.expect("\(make) 7", 64, says: "is not open")
    try shop.expect("\(make) x", 64, says: "no number of a descriptor")
    try shop.expect("\(make) -1", 64, says: "no number of a descriptor")
    try shop.expect("\(make) 1", 64, says: "is written to")
    try shop.expect("\(make) 3 3</dev/null", 64, says: "holds no passphrase")
    try shop.expect("\(make) 3 3</dev/zero", 64)
    try shop.expect("head -c 2000 /dev/zero | tr '\\0' x > long; \(make) 3 3<long", 64)
    try shop.expect("printf 'a\\tb\\n' > tab; \(make) 3 3<tab", 64, says: "control characters")
    try shop.expect("\(make) 3 3>closed", 74)
    let approve = "writ approve --bundle b --request - --role r --as Person/bo --key bo.key"
    try shop.expect("\(approve) --passphrase-fd 0 <request.json", 64, says: "by another descriptor")
    try shop.expect("writ key new x -o x --passphrase-fd 3 3<word", 64, says: "for `--encrypt`")
    #expect(!FileManager.default.fileExists(atPath: shop.scratch.path + "/log"))
  }

  @Test("no passphrase is told by anything")
  func secrecy() throws {
    let outcome = try shop.run(
      """
      writ key show e.key; writ key show e.key --json; cat e.key e.key.pub
      writ log init log --origin shop.example/e --key e.key --passphrase-fd 3 3<word
      writ log init log2 --origin shop.example/e --key e.key --passphrase-fd 3 3<wrong
      find log -type f | xargs cat
      """)
    let told = outcome.output + outcome.messages
    #expect(told.contains("encrypted") && !told.contains("sesame") && !told.contains("caraway"))
  }

  @Test("a key goes behind a passphrase and out again")
  func encryptAndDecrypt() throws {
    let before = try shop.scratch.bytes("log.key")
    try shop.expect("writ key encrypt log.key --passphrase-fd 3 3<word && writ key show log.key")
    #expect(try shop.scratch.bytes("log.key") != before)
    try shop.expect("writ key show log.key --json", says: "\"encrypted\": true")
    try shop.expect("writ key encrypt log.key --passphrase-fd 3 3<word", 64, says: "decrypt")
    try shop.expect("writ key decrypt log.key --passphrase-fd 3 3<wrong", 65)
    try shop.expect("chmod 644 log.key; writ key decrypt log.key --passphrase-fd 3 3<word")
    #expect(try shop.scratch.bytes("log.key") == before)
    try shop.expect("[ $(stat -c %a log.key) = 600 ]; writ key decrypt log.key", 64)
    try shop.expect(
      "rm bo.key.pub; writ key encrypt bo.key --passphrase-fd 3 3<word", 64, says: "--name")
    try shop.expect("writ key encrypt bo.key --name bo --passphrase-fd 3 3<word")
    try shop.expect("writ key show bo.key", says: "bo+90476e62+")
    try shop.expect("cp log.key.pub bo.key.pub; cp log.key x.key; cp bo.key.pub x.key.pub")
    try shop.expect("writ key encrypt x.key --name other --passphrase-fd 3 3<word", 65)
  }

  @Test("a changed file is refused, not misread")
  func changed() throws {
    // A byte of the seed's first half, behind which CBC alone would find another key.
    try shop.expect(
      """
      writ key decrypt e.key --passphrase-fd 3 3<word; cp log.key f.key
      writ key encrypt f.key --name f --passphrase-fd 3 3<word
      tail -n +2 f.key > bare.key; chmod 600 bare.key
      writ key show bare.key --passphrase-fd 3 3<word
      { head -1 e.key.pub; cat bare.key; } > mixed.key; chmod 600 mixed.key
      """)
    try shop.expect(
      "writ log init log --origin x --key mixed.key --passphrase-fd 3 3<word", 65,
      says: "names another verifier key than its own")
  }

  @Test("a signing key that others may read is warned of, at every use")
  func permissions() throws {
    let words = "log.key is a private key that others may read"
    let make = "writ log init log --origin shop.example/log --key log.key"
    #expect(try !shop.run(make).messages.contains("warning"))
    for mode in ["640", "604", "602"] {
      try shop.expect("rm -rf log; chmod \(mode) log.key; \(make)", says: words)
    }
  }
}

@Suite("Keys at a terminal")
struct TerminalKeyTests {
  @Test("a person is asked, twice for a new key, and what is typed is not shown")
  func prompts() throws {
    let scratch = try Scratch()
    guard
      let new = try Dialogue(["writ", "key", "new", "a", "-o", "k", "--encrypt"], in: scratch.path)
    else { return }
    new.answer("new passphrase of k: ", with: "open sesame\n")
    new.answer("the same once more: ", with: "open sesame\n")
    #expect(new.end() == 0)
    #expect(!new.seen.contains("sesame"))
    #expect(new.seen.contains("wrote k, encrypted, and k.pub"))

    let open = try #require(try Dialogue(["writ", "key", "decrypt", "k"], in: scratch.path))
    open.answer("passphrase of k: ", with: "wrong\n")
    open.answer("passphrase of k: ", with: "open sesame\n")
    #expect(open.end() == 0)
    #expect(try String(decoding: scratch.bytes("k"), as: UTF8.self).hasPrefix("-----BEGIN PRIVATE"))
  }

  @Test("two different answers, Ctrl-C and three wrong ones end it")
  func refusals() throws {
    let scratch = try Scratch()
    let words = ["writ", "key", "new", "a", "-o", "k", "--encrypt"]
    guard let differing = try Dialogue(words, in: scratch.path) else { return }
    differing.answer("new passphrase of k: ", with: "one\n")
    differing.answer("the same once more: ", with: "two\n")
    #expect(differing.end() == 64)
    let stopped = try #require(try Dialogue(words, in: scratch.path))
    stopped.answer("new passphrase of k: ", with: "on\u{3}")
    #expect(stopped.end() == 74)
    let empty = try #require(try Dialogue(words, in: scratch.path))
    empty.answer("new passphrase of k: ", with: "\n")
    #expect(empty.end() == 64)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/k"))
  }
}

@Suite("Functions and places of keys")
struct KeyFunctionTests {
  private let shop: KeyShop

  init() throws {
    shop = try KeyShop()
    try shop.expect(
      """
      writ log init log --origin shop.example/log --key log.key
      \(KeyShop.decide)
      writ key new attest -o attest.key && writ key new publisher -o publisher.key
      """)
  }

  @Test("a key in a log is refused wherever it is named")
  func inside() throws {
    try shop.expect(
      "cp log.key log.key.pub log/; ln -s ../log/log.key.pub linked; mkdir d; mv linked d/")
    let words = "lies inside the log"
    for script in [
      "writ log init log/inner --origin shop.example/log --key log/log.key",
      "mkdir new; cp log.key new/; writ log init new --origin shop.example/log --key new/log.key",
      "writ log verify log --vkey log/log.key.pub", "writ log verify log --vkey d/linked",
      "writ log search log --vkey log/log.key.pub", "writ log show log --index 0 --vkey d/linked",
      "writ log prove log --index 0 -o p --vkey log/log.key.pub",
      "writ replay log --index 0 --vkey log/log.key.pub",
      "writ log keys log --vkey log/log.key.pub", "writ log rotate log --key log/log.key",
      "writ log attest log --index 0 --key log/log.key",
      "writ build shop.writ -o c --key log/log.key",
      "writ key new a -o log/a.key", "writ key new a -o log/tile/a.key",
      "writ log prove log --index 0 -o p && writ-verify p --vkey log/log.key.pub",
      "writ log attest log --index 0 --key attest.key -o e && writ-verify e --key d/linked",
    ] {
      try shop.expect(script, 64, says: words)
    }
  }

  @Test("a key in two functions is refused")
  func functions() throws {
    try shop.expect(
      """
      sed "s|bo+[^\\"]*|$(cat log.key.pub)|" registry.jsonl > both.jsonl
      writ build shop.writ -o both --registry both.jsonl
      """)
    try shop.expect(
      "writ decide --bundle both --graph g --request request.json --log log", 65,
      says: "is there as approver and as log")
    try shop.expect(
      "writ build shop.writ -o c --registry registry.jsonl --key bo.key", 65,
      says: "is there as approver and as publisher")
    try shop.expect("[ ! -e c ]")
    try shop.expect(
      "writ log attest log --index 0 --key log.key", 65, says: "a key of the log")
    try shop.expect(
      "writ log attest log --index 0 --key bo.key", 65, says: "as approver and as attestation")
    try shop.expect("writ build shop.writ -o c --registry registry.jsonl --key log.key")
    try shop.expect(
      "writ decide --bundle c --graph g --request request.json --log log --publisher log.key.pub",
      65, says: "the log's key signs bundles too")
  }

  @Test("a bundle counts only as its publisher has signed it, where one is named")
  func publisher() throws {
    try shop.expect(
      "writ build shop.writ -o b --registry registry.jsonl --revision 7 --key publisher.key")
    let commands = [
      "writ decide --bundle b --graph g --request request.json --ask",
      "writ score --bundle b --graph g readiness", "writ query --bundle b --graph g services",
    ]
    for command in commands {
      let code = try shop.run(command).code
      let trusted = command + " --publisher publisher.key.pub"
      try shop.expect(trusted, code)
      try shop.expect(command + " --publisher attest.key.pub", 65, says: "has not signed it")
      try shop.expect(command + " --publisher nobody.pub", 66)
      try shop.expect("cp b.sig kept; echo >> b.sig; echo x >> b.sig; \(trusted)", 65)
      try shop.expect("rm b.sig; \(trusted)", 65, says: "the bundle is not signed")
      try shop.expect("mv kept b.sig; \(trusted)", code)
    }
    // The signature of another build, and of another revision.
    try shop.expect("writ build shop.writ -o c --revision 8 --key publisher.key && cp c.sig b.sig")
    try shop.expect(
      commands[0] + " --publisher publisher.key.pub", 65, says: "signature of another bundle")
    try shop.expect(
      "writ decide --bundle - --graph g --request request.json --publisher publisher.key.pub <b",
      64, says: "a signed bundle is a file")
  }

  @Test("a replay can ask who published the bundle")
  func replay() throws {
    try shop.expect(
      """
      writ build shop.writ -o b --registry registry.jsonl --key publisher.key
      \(KeyShop.decide)
      """)
    let replay = "writ replay log --publisher publisher.key.pub"
    try shop.expect(replay + " --signature b.sig --index 1", says: "SAME")
    try shop.expect(replay + " --index 1", 64, says: "needs `--signature")
    try shop.expect(replay + " --signature gone --index 1", 65)
    try shop.expect("writ build shop.writ -o c --key publisher.key")
    try shop.expect(replay + " --signature c.sig --index 1", 65, says: "another bundle")
  }
}
