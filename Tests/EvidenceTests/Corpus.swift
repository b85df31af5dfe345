// The published vectors, read from corpus/evidence/vectors, and small things that tests share.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// Where the repository is.
let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// The directory of the vectors.
let vectorDirectory = repository + "/corpus/evidence/vectors"

/// All bytes of a file.
func contents(of path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "rb"), "\(path)")
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// A JSON file of the vectors.
func vectors(_ name: String) throws -> JSONValue {
  try JSONValue(parsing: contents(of: "\(vectorDirectory)/\(name)"))
}

/// The text of a member that must be there.
func text(_ value: JSONValue, _ name: String) throws -> String {
  try #require(value[name]?.string, "\(name)")
}

/// The verifier keys of a case.
func keys(_ value: JSONValue) throws -> [VerifierKey] {
  try #require(value["vkeys"]?.array).compactMap { $0.string.flatMap { VerifierKey($0) } }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The log key of evidence-formats: seed 00 01 … 1f; the witness: 20 21 … 3f.
func workedKey(from first: UInt8) throws -> Ed25519PrivateKey {
  try #require(Ed25519PrivateKey(seed: (first..<first + 32).map { $0 }))
}

/// The signer of evidence-formats' examples.
func workedSigner() throws -> NoteSigner {
  NoteSigner(name: try #require(KeyName("log.example/writ")), key: try workedKey(from: 0))
}

/// The checkpoint of evidence-formats, section 3.
let workedCheckpoint = """
  log.example/writ
  3
  1zPC9e2Mt6aIEIq3SYwWuH7mP/CCZUrpkBkcqZF0tWE=

  — log.example/writ pft1j6sLOm0gtjCtPTCvVPoji1GA3ek8LLHkLq1oM7yS4/0R9t0Gk7FUbGJD8M5gp/kfni3OdT1kn4AQvqWYrekoXgs=

  """

/// A tree of that many entries, each its number in decimal.
func smallTree(_ count: Int) -> (tree: MerkleTree, leaves: [Digest]) {
  var tree = MerkleTree()
  var hasher = MerkleHasher()
  let leaves = (0..<count).map { hasher.leaf(bytes(String($0))) }
  for leaf in leaves { tree.append(leaf, with: &hasher) }
  return (tree, leaves)
}

/// Records an issue unless the act throws; cheaper than `#expect` in a loop of many thousands.
func mustFail(_ what: @autoclosure () -> String, _ act: () throws -> Void) {
  do { try act() } catch { return }
  Issue.record("accepted: \(what())")
}

/// Records an issue if the act throws.
func mustHold(_ what: @autoclosure () -> String, _ act: () throws -> Void) {
  do { try act() } catch { Issue.record("\(error): \(what())") }
}
