// A log whose keys change, and records that are signed for other tools.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Rotation")
struct RotationTests {
  private let shop: KeyShop

  init() throws {
    shop = try KeyShop()
    try shop.expect(
      """
      writ log init log --origin shop.example/log --key log.key
      writ key new shop.example/log -o new.key --encrypt --passphrase-fd 3 3<word
      \(KeyShop.decide)
      writ log prove log --index 0 -o old.proof
      """)
  }

  private func decide() throws {
    try shop.expect(
      """
      writ decide --bundle b --graph g --request request.json --log log --passphrase-fd 3 3<word \
        >/dev/null || [ $? -le 2 ]
      """)
  }

  private func rotate() throws {
    let line = try shop.expect("writ log rotate log --key new.key --passphrase-fd 3 3<word")
    try shop.expect("cat log.key.pub > keys")
    #expect(
      line
        == (try String(decoding: shop.scratch.bytes("new.key.pub"), as: UTF8.self)
          .dropLast()) + " 2\n")
  }

  @Test("both keys sign in the overlap, the new one alone behind it")
  func rotation() throws {
    try rotate()
    try decide()
    let signed = "[ $(grep -c '^—' log/checkpoint) = "
    try shop.expect(signed + "2 ]")
    for keys in ["log.key.pub", "new.key.pub"] {
      try shop.expect("writ log verify log --vkey \(keys)", says: "VERIFIED")
      try shop.expect("writ log prove log --index 1 -o p && writ-verify p --vkey \(keys)")
    }
    let retired = try shop.expect(
      "writ log rotate log --retire log.key --passphrase-fd 3 3<word")
    #expect(retired.hasSuffix(" 0..3\n"))
    try decide()
    try shop.expect(signed + "1 ]")
    // The old key is no longer asked for, nor enough.
    try shop.expect("rm log.key")
    try decide()
    try shop.expect("writ log verify log --vkey log.key.pub", 1, says: "no key that was given")
    try shop.expect("writ log verify log --vkey new.key.pub", says: "VERIFIED")
    try shop.expect("writ log search log", says: "urn:writ:key:v1")
  }

  @Test("a log tells its keys and their sizes, and what it tells verifies it")
  func keys() throws {
    try rotate()
    try shop.expect("writ log keys log --vkey log.key.pub > list")
    try shop.expect("[ $(wc -l < list) = 2 ] && writ log verify log --vkey list", says: "VERIFIED")
    try decide()
    try shop.expect("writ log rotate log --retire log.key.pub --passphrase-fd 3 3<word")
    let told = try shop.expect("writ log keys log")
    let lines = told.split(separator: "\n").map(String.init).sorted {
      $0.hasSuffix("..3") && !$1.hasSuffix("..3")
    }
    #expect(lines.count == 2 && lines[0].hasSuffix(" 0..3") && lines[1].hasSuffix(" 2"), "\(told)")
    try shop.expect("writ log keys log --vkey log.key.pub --vkey new.key.pub | sort > list")
    try shop.expect("writ log keys log | sort | cmp - list; writ log verify log --vkey list")
    try shop.expect("writ log keys log --json", says: "\"to\":3")
    // Old proofs hold by the list; sizes that it does not give to a key do not.
    try shop.expect("writ-verify old.proof --vkey list", says: "verified")
    try shop.expect("echo \"$(cat new.key.pub) 9\" > late; writ log verify log --vkey late", 1)
    try shop.expect(
      "echo \"$(cat log.key.pub) 2..3\" > early; writ-verify old.proof --vkey early", 1,
      says: "no key that counts for size 1")
    try shop.expect(
      "writ-verify old.proof --vkey list --vkey log.key.pub", 65, says: "stands twice")
  }

  @Test("what makes no sense is refused, and changes nothing")
  func refusals() throws {
    try shop.expect("cp -r log before")
    for (script, code, words) in [
      ("writ log rotate log", 64, "needs either"),
      ("writ log rotate log --key new.key --retire log.key", 64, "needs either"),
      ("writ log rotate log --key log.key", 64, "signs this log already"),
      ("writ log rotate log --key bo.key", 64, "not of `shop.example/log`"),
      ("writ log rotate log --key new.key", 64, "needs a passphrase"),
      ("writ log rotate log --key new.key --passphrase-fd 3 3<wrong", 65, "does not open"),
      ("writ log rotate log --retire log.key", 64, "no key that can be retired"),
      ("writ log rotate log --retire bo.key", 64, "no key that can be retired"),
      ("writ log rotate gone --key new.key", 66, "holds no log"),
    ] as [(String, Int32, String)] {
      try shop.expect(script, code, says: words)
    }
    try shop.expect("diff -r log before")
    try rotate()
    try shop.expect("writ log rotate log --retire log.key --passphrase-fd 3 3<word")
    try shop.expect(
      "writ log rotate log --retire new.key --passphrase-fd 3 3<word", 64, says: "the only key")
    try shop.expect(
      "writ log rotate log --key log.key --passphrase-fd 3 3<word", 64, says: "or did once")
  }

  @Test("a signing key that was replaced is noticed")
  func replaced() throws {
    try rotate()
    try shop.expect(
      """
      mv log.key away && writ key new shop.example/log -o x && mv x log.key
      writ decide --bundle b --graph g --request request.json --log log --passphrase-fd 3 3<word
      """, 74, says: "log.key is another key than the log has")
  }
}

@Suite("Attestations")
struct AttestationTests {
  private let shop: KeyShop

  init() throws {
    shop = try KeyShop()
    try shop.expect(
      """
      writ log init log --origin shop.example/log --key log.key
      writ key new attest -o attest.key
      writ key show attest.key --pem > attest.pem
      \(KeyShop.decide)
      writ decide --bundle b --graph g --request request.json --log log --ask > /dev/null || true
      """)
  }

  @Test("a record is signed as it is, and verified with either form of the key")
  func statement() throws {
    try shop.expect("writ log attest log --index 0 --key attest.key -o e")
    for key in ["attest.pem", "attest.key.pub"] {
      try shop.expect("writ-verify e --key \(key)", says: "urn:writ:decision:v1")
    }
    let told = try shop.expect("writ-verify e --key attest.pem --json")
    let json = try JSONValue(parsing: Array(told.utf8))
    let shown = try JSONValue(
      parsing: Array(try shop.expect("writ log show log --index 0 --json").utf8))
    #expect(json["statement"] == shown)
    #expect(json["verified"]?.bool == true)
  }

  @Test("every byte of an envelope counts, as far as it is signed")
  func changed() throws {
    try shop.expect("writ log attest log --index 0 --key attest.key > e")
    let good = try shop.scratch.bytes("e")
    let quote = try #require(
      String(decoding: good, as: UTF8.self).range(of: "\"sig\":\""))
    let start = String(decoding: good, as: UTF8.self)[..<quote.upperBound].utf8.count
    for place in [12, 100, good.count / 2, start, start + 40] {
      var changed = good
      changed[place] = changed[place] == 0x41 ? 0x42 : 0x41
      try Data(changed).write(to: URL(fileURLWithPath: shop.scratch.path + "/e"))
      try shop.expect("writ-verify e --key attest.pem", 1, says: "not verified")
    }
    try Data(good).write(to: URL(fileURLWithPath: shop.scratch.path + "/e"))
    try shop.expect("writ-verify e --key log.key.pub", 1, says: "this key has not signed it")
    try shop.expect("writ-verify e --key e", 65, says: "expected a public key")
    try shop.expect("writ-verify e --key gone", 66)
    try shop.expect("writ-verify log.key --key attest.pem", 1)
  }

  @Test("a decision has a summary, a question has none")
  func summary() throws {
    let attest = "writ log attest log --key attest.key --format vsa"
    try shop.expect("\(attest) --index 0 > e && writ-verify e --key attest.pem", says: "FAILED")
    try shop.expect(
      "writ-verify e --key attest.pem", says: "said to be entry 0 of shop.example/log")
    try shop.expect("\(attest) --index 1", 65, says: "it is a question")
    try shop.expect("\(attest) --index 2", 65, says: "there is no entry 2")
    try shop.expect("\(attest) --index 0 --verifier x", 64, says: "is no URI")
    try shop.expect("writ log attest log --key attest.key --format svr --index 0", 64)
    try shop.expect(
      "\(attest) --index 0 --resource pkg:oci/web > e && writ-verify e --key attest.pem",
      says: "pkg:oci/web")
  }
}
