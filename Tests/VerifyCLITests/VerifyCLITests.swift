// The auditor's program from outside: exit codes, words, JSON.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// What a run of the program left.
private struct Outcome {
  let code: Int32
  let output: String
}

/// The program lies beside the tests' own.
private func program() throws -> String {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
  let bytes = buffer[..<max(count, 0)].map { UInt8(bitPattern: $0) }
  let path = String(decoding: bytes, as: UTF8.self)
  let slash = try #require(path.lastIndex(of: "/"))
  return path[..<slash] + "/writ-verify"
}

/// Runs the program with its output in a file of the directory.
private func run(_ arguments: [String], in directory: String) throws -> Outcome {
  let output = directory + "/output"
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  posix_spawn_file_actions_adddup2(&actions, 1, 2)
  var words = ([try program()] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  var process = pid_t()
  #expect(posix_spawn(&process, try program(), &actions, nil, &words, nil) == 0)
  var status: Int32 = 0
  waitpid(process, &status, 0)
  return Outcome(
    code: (status >> 8) & 0xff, output: String(decoding: try read(output), as: UTF8.self))
}

private func read(_ path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "rb"))
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
}

private func write(_ bytes: [UInt8], to path: String) throws {
  let file = try #require(fopen(path, "wb"))
  defer { fclose(file) }
  #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

@Suite final class VerifyCLITests {
  private let directory: String
  private var proof: String { directory + "/proof" }
  private var key: String { directory + "/k.pub" }

  /// A log of one decision, its proof and its key.
  init() throws {
    var template = Array("/tmp/writ-verify-XXXXXX".utf8CString)
    directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    let name = try #require(KeyName("log.example/writ"))
    let signer = NoteSigner(
      name: name, key: try #require(Ed25519PrivateKey(seed: (0..<32).map { UInt8($0) })))
    let entry = try EvidenceRecord(
      type: PredicateType.decision,
      subjects: [
        Subject(
          name: "Release/r42", uri: nil,
          digests: [NamedDigest(algorithm: "sha256", value: Digest(of: [1]).hex)])
      ],
      predicate: [
        "kind": "gate", "logged": "2026-11-19T10:00:01Z",
        "result": [
          "gate": "checkout.release.ship", "outcome": "deny", "now": "2026-11-19T10:00:00Z",
          "reasons": [
            [
              "clause": "criticalCVE", "kind": "deny", "at": "ship.writ:41:3",
              "message": "fraud has\u{1b}[2J an open CVE",
            ]
          ],
        ],
      ]
    ).bytes
    var tree = MerkleTree()
    var hasher = MerkleHasher()
    for leaf in [[1], entry, [2]] { tree.append(hasher.leaf(leaf), with: &hasher) }
    let checkpoint = Checkpoint(origin: "log.example/writ", size: 3, root: tree.root(of: 3))
    let bundle = ProofBundle(
      entry: entry, proof: InclusionProof(index: 1, size: 3, from: tree),
      checkpoint: signer.sign(checkpoint.text))
    try write(bundle.bytes, to: proof)
    try write(Array("\(signer.verifierKey)\n".utf8), to: key)
  }

  deinit {
    for name in ["proof", "k.pub", "output"] { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  @Test func aGoodProofIsExplained() throws {
    let outcome = try run([proof, "--vkey", key], in: directory)
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "verified   entry 1 of log.example/writ")
    #expect(lines[1].hasPrefix("log        3 entries, root "))
    #expect(
      lines[2...] == [
        "signed by  log.example/writ, key a5fb758f",
        "record     urn:writ:decision:v1",
        "subject    Release/r42 sha256:\(Digest(of: [1]).hex)",
        "kind       gate",
        "gate       checkout.release.ship",
        "outcome    deny",
        "time       2026-11-19T10:00:01Z",
        "reason     criticalCVE (deny) fraud has\u{fffd}[2J an open CVE [ship.writ:41:3]",
      ])
  }

  @Test func jsonIsOneDocument() throws {
    let outcome = try run(["--json", "--vkey", key, proof], in: directory)
    #expect(outcome.code == 0)
    let json = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(json["verified"]?.bool == true)
    #expect(json["index"]?.integer == 1)
    #expect(json["size"]?.integer == 3)
    #expect(json["origin"]?.string == "log.example/writ")
    #expect(json["statement"]?["predicate"]?["result"]?["outcome"]?.string == "deny")
  }

  @Test func changedProofsAreRefused() throws {
    let good = try read(proof)
    for index in stride(from: 0, to: good.count, by: 37) {
      var changed = good
      changed[index] ^= 1
      try write(changed, to: proof)
      #expect(try run([proof, "--vkey", key], in: directory).code == 1, "\(index)")
    }
    for wrong in [[], good + [0x0a], good + good, Array(good.dropLast())] {
      try write(wrong, to: proof)
      #expect(try run([proof, "--vkey", key], in: directory).code == 1)
    }
    try write([UInt8](repeating: 0x41, count: 3 << 20), to: proof)
    #expect(try run([proof, "--vkey", key], in: directory).code == 1)
  }

  @Test func aKeyFileHoldsOneKey() throws {
    let good = try read(key)
    for wrong in [[], good + good, good + [0x20], [0x20] + good, Array("hello\n".utf8)] {
      try write(wrong, to: key)
      #expect(try run([proof, "--vkey", key], in: directory).code == 65)
    }
    let name = try #require(KeyName("log.example/writ"))
    let other = try #require(Ed25519PrivateKey(seed: (32..<64).map { UInt8($0) }))
    let stranger = NoteSigner(name: name, key: other).verifierKey
    try write(Array("\(stranger)\n".utf8), to: key)
    #expect(try run([proof, "--vkey", key], in: directory).code == 1)
  }

  @Test func usageAndFiles() throws {
    for words in [
      [], [proof], ["--vkey", key], [proof, "--vkey"], [proof, proof, "--vkey", key],
    ] {
      #expect(try run(words, in: directory).code == 64, "\(words)")
    }
    #expect(try run([proof, "--vkey", key, "--more"], in: directory).code == 64)
    #expect(try run([proof, "--vkey", key, "--vkey", key], in: directory).code == 65)
    #expect(try run([proof, "--vkey", key, "--key", key], in: directory).code == 64)
    #expect(try run([proof, "--key", key, "--key", key], in: directory).code == 64)
    #expect(try run([proof, "--key", directory + "/none"], in: directory).code == 66)
    #expect(try run([directory + "/none", "--vkey", key], in: directory).code == 66)
    #expect(try run([proof, "--vkey", directory + "/none"], in: directory).code == 66)
    #expect(try run([directory, "--vkey", key], in: directory).code == 66)
    #expect(try run(["--help"], in: directory).output.hasPrefix("usage: writ-verify PROOF"))
    #expect(try run(["--help"], in: directory).code == 0)
    #expect(try run(["--version"], in: directory).output == "writ-verify 0.1.0\n")
    #expect(
      try run(["--version", "--json"], in: directory).output == "{\"writ-verify\":\"0.1.0\"}\n")
  }
}
