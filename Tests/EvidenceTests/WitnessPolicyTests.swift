// Policy files: what is read, what is refused with which line, and which signatures are a quorum.
import Testing
import WritCrypto
import WritEvidence

/// A witness of that name; its key's seed begins with that byte.
func witness(_ name: String, _ first: UInt8) throws -> CosignatureSigner {
  CosignatureSigner(name: try #require(KeyName(name)), key: try workedKey(from: first))
}

private let logKey = "log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
private let w1 = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"

/// Reads a policy; `{log}`, `{1}` … `{6}` stand for keys.
private func policy(_ text: String) throws -> WitnessPolicy {
  var text = text.replacing("{log}", with: logKey)
  for number in 1...6 {
    let key = try witness("w\(number)", UInt8(number * 32)).verifierKey
    text = text.replacing("{\(number)}", with: key.description)
  }
  return try WitnessPolicy(bytes(text))
}

/// The worked checkpoint with the lines of those witnesses, numbered from 1.
private func signatures(of numbers: [Int], key: VerifierKey? = nil) throws -> [VerifiedSignature] {
  let note = try SignedNote(bytes(workedCheckpoint))
  let signers = try numbers.map { try witness("w\($0)", UInt8($0 * 32)) }
  let all = try #require(note.adding(signers.map { $0.cosign(note.text, at: 1) }))
  return try all.verify(with: signers.map(\.verifierKey) + [workedSigner().verifierKey])
}

@Suite struct WitnessPolicyTests {
  @Test func allThatAPolicyCanSay() throws {
    let read = try policy(
      """
      # Comments, empty lines, spaces and tabs say nothing.
         \t
      \tlog  {log} \thttps://log.example/
      witness X1 {1} http://127.0.0.1:1
      witness X2 {2}
      witness größe {3}
        # indented
      group X 2 X1 X2 größe
      witness Y1 {4}
      witness Y2 {5}
      group Y any Y1 Y2
      group X-and-Y all X Y
      quorum X-and-Y

      """)
    #expect(read.logs.map(\.key.description) == [logKey])
    #expect(read.logs[0].url == "https://log.example/")
    #expect(read.witnesses.map(\.name) == ["X1", "X2", "größe", "Y1", "Y2"])
    #expect(read.witnesses.map(\.url) == ["http://127.0.0.1:1", nil, nil, nil, nil])
    #expect(read.groups.map(\.threshold) == [2, 1, 2])
    #expect(read.groups[2].members == [.group(0), .group(1)])
    #expect(read.quorum == .group(2))
    #expect(read.quorumName == "X-and-Y")
    // Every set of the five, against the rule in words.
    for set in 0..<32 {
      let there = (1...5).filter { set >> ($0 - 1) & 1 == 1 }
      let expected = there.count { $0 <= 3 } >= 2 && there.contains { $0 >= 4 }
      #expect(read.isSatisfied(by: try signatures(of: there)) == expected, "\(there)")
    }
  }

  @Test func oneWitnessOrNone() throws {
    let one = try policy("witness w1 {1}\nquorum w1\n")
    #expect(one.isSatisfied(by: try signatures(of: [1, 2])))
    #expect(!one.isSatisfied(by: try signatures(of: [2])))
    #expect(!one.isSatisfied(by: []))
    #expect(one.cosigners(among: try signatures(of: [2, 1])).map(\.name) == ["w1"])
    let none = try policy("quorum none\n")
    #expect(none.isSatisfied(by: []))
    #expect(none.quorumName == "none")
  }

  @Test func aWitnessCountsOnce() throws {
    let read = try policy("witness a {1}\nwitness b {2}\ngroup g 2 a b\nquorum g\n")
    let twice = try signatures(of: [1]) + signatures(of: [1])
    #expect(!read.isSatisfied(by: twice))
  }

  @Test func theSameKeyUnderAnotherNameIsAnother() throws {
    let renamed = try witness("other", 32).verifierKey
    let read = try WitnessPolicy(bytes("witness w1 \(renamed)\nquorum w1\n"))
    #expect(!read.isSatisfied(by: try signatures(of: [1])))
  }

  @Test func aCheckpointIsOpenedByAPolicy() throws {
    let read = try policy("log {log}\nwitness a {1}\nwitness b {2}\ngroup g all a b\nquorum g\n")
    let note = try SignedNote(bytes(workedCheckpoint))
    let lines = try [1, 2].map { try witness("w\($0)", UInt8($0 * 32)).cosign(note.text, at: 5) }
    let both = try #require(note.adding(lines))
    let opened = try read.open(both.bytes)
    #expect(opened.checkpoint.size == 3)
    #expect(opened.signatures.map(\.time) == [nil, 5, 5])
    let one = try #require(note.adding([lines[1]]))
    #expect(throws: WitnessPolicyRefusal.noQuorum(cosigners: ["b"], quorum: "g")) {
      try read.open(one.bytes)
    }
    // The witnesses alone are not the log.
    let unsigned = SignedNote(text: note.text, signatures: lines)
    #expect(throws: WitnessPolicyRefusal.notSignedByLog) { try read.open(unsigned.bytes) }
    // Nor is another log's name in front of a root that this log's key has signed.
    let signer = try workedSigner()
    let other = signer.sign(note.text.replacing("log.example/writ", with: "log.example/other"))
    let cosigned = try #require(
      other.adding(
        try [1, 2].map { try witness("w\($0)", UInt8($0 * 32)).cosign(other.text, at: 5) }))
    #expect(throws: WitnessPolicyRefusal.notSignedByLog) { try read.open(cosigned.bytes) }
  }

  @Test(arguments: [
    ("", nil, "expected a line `quorum`"),
    ("quorum none", nil, "expected a newline behind the last line"),
    ("quorum\n", 1, "expected `quorum NAME`, or `quorum none`"),
    ("quorum none none\n", 1, "expected `quorum NAME`, or `quorum none`"),
    ("quorum w\n", 1, "no witness or group `w` is defined before"),
    ("quorum none\nquorum none\n", 2, "the quorum is already said on line 1"),
    ("quorum w1\nwitness w1 {1}\n", 1, "no witness or group `w1` is defined before"),
    ("Quorum none\n", 1, "expected log, witness, group or quorum, found `Quorum`"),
    ("quorum\u{a0}none\n", 1, "expected log, witness, group or quorum, found `quorum\u{a0}none`"),
    ("quorum none\r\n", 1, "expected no control characters but tabs"),
    ("quorum none\n\u{7f}\n", 2, "expected no control characters but tabs"),
    ("log\n", 1, "expected `log VKEY [URL]`"),
    ("log {log} u v\n", 1, "expected `log VKEY [URL]`"),
    ("log {1}\n", 1, "`w1` is not the key of a log"),
    ("log x\n", 1, "`x` is no verifier key whose type is known and whose ID fits"),
    ("\nlog {log}\nlog {log}\n", 3, "the key of the log `log.example/writ` stands twice"),
    ("witness w1\n", 1, "expected `witness NAME VKEY [URL]`"),
    ("witness w1 {log}\n", 1, "`log.example/writ` is not the key of a witness"),
    ("witness none {1}\n", 1, "`none` is no name to define"),
    ("witness a {1}\nwitness b {1}\n", 2, "the key of the witness `b` stands twice"),
    ("witness a {1}\nwitness a {2}\n", 2, "`a` is already defined"),
    ("witness a {1}\ngroup a all a\n", 2, "`a` is already defined"),
    ("group g all\n", 1, "expected `group NAME all|any|COUNT MEMBER...`"),
    ("group g all a\n", 1, "no witness or group `a` is defined before"),
    ("group g all g\n", 1, "no witness or group `g` is defined before"),
    ("witness a {1}\ngroup g all none\n", 2, "no witness or group `none` is defined before"),
    ("witness a {1}\ngroup g all a a\n", 2, "`a` is already a member of the group on line 2"),
    (
      "witness a {1}\ngroup g all a\ngroup h all a\n", 3,
      "`a` is already a member of the group on line 2"
    ),
    ("witness a {1}\ngroup g 0 a\n", 2, "expected all, any or a number from 1 to 1, found `0`"),
    ("witness a {1}\ngroup g 2 a\n", 2, "expected all, any or a number from 1 to 1, found `2`"),
    ("witness a {1}\ngroup g 01 a\n", 2, "expected all, any or a number from 1 to 1, found `01`"),
    ("witness a {1}\ngroup g +1 a\n", 2, "expected all, any or a number from 1 to 1, found `+1`"),
  ])
  func refused(_ text: String, _ line: Int?, _ message: String) throws {
    do {
      _ = try policy(text)
      Issue.record("accepted: \(text)")
    } catch let error as WitnessPolicyError {
      #expect(error.line == line, "\(text)")
      #expect(error.message == message)
    }
  }

  @Test func namesAreBytes() throws {
    let key = try witness("a", 32).verifierKey
    let other = try witness("b", 64).verifierKey
    // Not UTF-8; and two spellings that look alike.
    let text =
      bytes("witness ") + [0xff] + bytes(" \(key)\nwitness \u{e9} \(other)\nquorum ") + [
        0xff, 0x0a,
      ]
    #expect(try WitnessPolicy(text).quorum == .witness(0))
    let decomposed = bytes("witness \u{e9} \(key)\nquorum e\u{301}\n")
    #expect(throws: WitnessPolicyError.self) { try WitnessPolicy(decomposed) }
  }

  @Test func limits() throws {
    let few = (0..<256).map { "group g\($0) any \($0 == 0 ? "w" : "g\($0 - 1)")\n" }.joined()
    let start = "witness w {1}\n"
    #expect(throws: Never.self) { try policy(start + few + "quorum g255\n") }
    #expect(throws: WitnessPolicyError(line: 258, message: "at most 256 groups")) {
      try policy(start + few + "group more any g255\nquorum none\n")
    }
    let long = Array(repeating: UInt8(ascii: "\n"), count: 1 << 20)
    #expect(throws: WitnessPolicyError(line: nil, message: "at most 1048576 bytes")) {
      try WitnessPolicy(long + [0x0a])
    }
  }

  @Test func theWorkedWitness() throws {
    let read = try WitnessPolicy(bytes("log \(logKey)\nwitness w \(w1)\nquorum w\n"))
    let line =
      "— witness.example/w1 IDJKvgAAAABpVbkA64YBMYpKDv6AeujQ3gP2B7sWYD17Hbfh/v/8JLFXlW8YJlB0ch82yndRkAWqX92v4nRi7i2FEofiHAc/++51BQ==\n"
    #expect(try read.open(bytes(workedCheckpoint + line)).signatures.count == 2)
    let signer = try witness("witness.example/w1", 0x20)
    #expect(signer.verifierKey.description == w1)
    let note = try SignedNote(bytes(workedCheckpoint))
    #expect("\(signer.cosign(note.text, at: 1_767_225_600))\n" == line)
  }
}
