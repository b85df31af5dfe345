// Good inputs of HTTP and of what witnesses speak.

import WritCrypto
import WritEvidence
import WritModel
import WritTransport

let httpSeeds: [FuzzSeed] = [
  FuzzSeed(
    "requests", choice: 0,
    "POST /add HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n"
  ),
  FuzzSeed(
    "expect", choice: 0,
    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"),
  FuzzSeed(
    "answer",
    [1]
      + HTTPResponse(
        status: 409, fields: [HTTPField("Content-Type", "text/x.tlog.size")], body: [0x33, 0x0a]
      )
      .bytes(keepsConnection: true)),
  // Thirty bytes come, all of the answer is read, some time passes, and it begins anew.
  FuzzSeed(
    "connection",
    [2, 8] + Array("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET ".utf8) + [253, 2, 12]
      + Array("/ HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + [253, 253, 254, 254, 254]),
]

func witnessSeeds(_ world: World) -> [FuzzSeed] {
  let signer = world.logSigner
  var tree = MerkleTree()
  var hasher = MerkleHasher()
  for byte in UInt8(0)..<7 { tree.append(hasher.leaf([byte]), with: &hasher) }
  let origin = signer.name.description
  let note = signer.sign(Checkpoint(origin: origin, size: 7, root: tree.root(of: 7)).text)
  let proof = ConsistencyProof(oldSize: 3, size: 7, from: tree)
  let request = AddCheckpointRequest(oldSize: 3, hashes: proof.hashes, note: note)
  let witness = CosignatureSigner(name: signer.name, key: world.approverKey)
  let policy = """
    # Both sides.
    log \(signer.verifierKey) http://log.example/
    witness w \(witness.verifierKey)
    group g any w
    quorum g

    """
  let memory: JSONValue = [
    "checkpoint": .string(String(decoding: note.bytes, as: UTF8.self)),
    "since": "2026-11-19T10:00:00Z",
  ]
  let later = signer.sign(Checkpoint(origin: origin, size: 9, root: Merkle.emptyRoot).text)
  let waiting: JSONValue = [
    "checkpoint": .string(String(decoding: note.bytes, as: UTF8.self)),
    "pending": ["checkpoint": .string(String(decoding: later.bytes, as: UTF8.self)), "looks": 2],
    "since": "2026-11-19T10:00:00Z",
  ]
  let head = ["old 3"] + proof.hashes.map { Base64.encode($0.bytes) }
  return [
    FuzzSeed("policy", choice: 0, policy), FuzzSeed("request", [1] + request.bytes),
    FuzzSeed("submission", [2, 3, 0, 7, 0] + Array(head.map { $0 + "\n" }.joined().utf8)),
    FuzzSeed("exchange", [3, 1] + Array("3\n".utf8) + [0, 2] + Array("no\n".utf8)),
    FuzzSeed("memory", choice: 4, memory.compact + "\n"),
    FuzzSeed("memory-pending", choice: 4, waiting.compact + "\n"),
  ]
}
