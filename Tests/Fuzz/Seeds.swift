// Good inputs for the fuzzers to begin with, made by the same code that makes them elsewhere.

import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel

/// An input that its target accepts, and its name in `corpus/fuzz/<target>/seeds`.
public struct FuzzSeed: Sendable {
  public let name: String
  public let bytes: [UInt8]

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  init(_ name: String, choice: UInt8, _ text: String) {
    self.init(name, [choice] + Array(text.utf8))
  }
}

/// The seeds of a target, the same every time.
public func fuzzSeeds(for target: String) -> [FuzzSeed] {
  let world = World.shared
  switch target {
  case "agent": return agentSeeds
  case "assembly":
    return [
      FuzzSeed("world", Array(disassemble(world.bundle).utf8)),
      FuzzSeed("small", Array(disassemble(world.smallBundle).utf8)),
      FuzzSeed("acting", Array(disassemble(world.actingBundle).utf8)),
    ]
  case "bundle":
    return [
      FuzzSeed("as-it-is", [0] + world.smallBundleBytes),
      FuzzSeed("mended", [1] + world.smallBundleBytes),
      FuzzSeed("acting", [0] + world.actingBundleBytes),
      FuzzSeed("damaged", [2, 0, 9, 0, 0, 5, 4, 60, 0, 1, 3, 1, 0, 2, 0]),
      FuzzSeed("routine", [3, 0, 0] + [Opcode.halt.rawValue, 0, 0, 0, 0]),
      FuzzSeed("changed", [4, 0, 0] + [0, 0, 5, 0, 129, 1, 0, 4, 2, 0]),
    ]
  case "client": return clientSeeds
  case "delegate": return delegateSeeds()
  case "disclosure": return disclosureSeeds
  case "facts": return factSeeds
  case "history": return historySeeds
  case "http": return httpSeeds
  case "journal": return journalSeeds
  case "json":
    return [FuzzSeed("request", Array(requests[0].utf8)), FuzzSeed("values", Array(values.utf8))]
  case "key": return keySeeds(world)
  case "log": return logSeeds
  case "mcp": return modelContextSeeds
  case "note": return noteSeeds(world)
  case "output":
    return [
      FuzzSeed("node", choice: 0, #"{"about":0.25,"box":"Box/a","n":3}"#),
      FuzzSeed("member", choice: 1, #""large""#),
    ]
  case "pack": return packSeeds
  case "permit": return permitSeeds()
  case "token": return tokenSeeds()
  case "plan": return planSeeds
  case "policy":
    return [
      FuzzSeed("world", Array(World.policyText.utf8)),
      FuzzSeed("small", Array(World.smallText.utf8)),
      FuzzSeed("tested", Array(World.testedText.utf8)),
      FuzzSeed("acting", Array(World.actingText.utf8)),
    ]
  case "proof": return proofSeeds(world)
  case "question": return questionSeeds
  case "request":
    return requests.enumerated().map { FuzzSeed("request-\($0)", Array($1.utf8)) }
  case "scalar":
    return scalars.enumerated().map { FuzzSeed("scalar-\($0)", Array($1.utf8)) }
  case "snapshot":
    return [
      FuzzSeed("as-it-is", [0] + world.snapshot.fileBytes),
      FuzzSeed("mended", [1] + world.snapshot.fileBytes),
    ]
  case "statement": return statementSeeds(world)
  case "store": return storeSeeds
  case "tls": return tlsSeeds
  case "witness": return witnessSeeds(world)
  default: return []
  }
}

private var factSeeds: [FuzzSeed] {
  [
    FuzzSeed("import", choice: 0, World.factsText),
    FuzzSeed("lenient", choice: 12, World.factsText),
    FuzzSeed("delta", choice: 2, World.factsText),
    FuzzSeed("overlay", choice: 3, World.requestFacts),
  ]
}

private var historySeeds: [FuzzSeed] {
  let base = World.shared.snapshot
  let delta = GraphDelta(Array(World.factsText.utf8), named: "delta")
  var bytes = GraphHistory.beginning(with: base.rootDigest, at: 1)
  if let first = try? GraphHistory(parsing: bytes).versions.first {
    bytes +=
      GraphHistory.record(of: delta, after: first, root: base.rootDigest, at: 2).bytes
  }
  return [FuzzSeed("whole", [0] + bytes), FuzzSeed("delta", choice: 1, World.factsText)]
}

private let values = """
  {"a":[1,-2.5e3,0.1,"\\u00e9\\ud83d\\ude00\\n",true,false,null],"b":{"":{},"c":[[]]},"n":9007199254740993}
  """

private let scalars = [
  "12.500000", "-9223372036854.775808", "2026-11-19T10:00:00.123456+01:00", "2024-02-29",
  "1d12h30m",
  "P1DT2H3M4.5S", "-1.5e-3",
]

private var requests: [String] {
  let facts = World.requestFacts.split(separator: "\n").joined(separator: ",")
  return [
    """
    {"gate":"ship","now":"2026-11-19T10:00:00Z","arguments":{"release":"Release/r1","caution":3},"facts":[\(facts)]}
    """,
    """
    {"gate":"world.touch","arguments":{"service":"Service/web"},"approvals":[]}
    """,
    """
    {"gate":"ship","arguments":{"release":"Release/r1","caution":3},"facts":[\(facts)],"waivers":[\(grants(World.shared))]}
    """,
  ]
}

private func keySeeds(_ world: World) -> [FuzzSeed] {
  let key = PublicKey.ed25519(world.approverKey.publicKey)
  return [
    FuzzSeed("public", choice: 0, key.pem),
    FuzzSeed("private", choice: 0, world.approverKey.pem),
    FuzzSeed("encrypted", choice: 0, encryptedKey),
    FuzzSeed("encrypted-named", choice: 0, "\(world.logSigner.verifierKey)\n" + encryptedKey),
    FuzzSeed(
      "verifier-keys", choice: 4,
      "# keys\n\(world.logSigner.verifierKey) 3..9\n\n\(stranger(world)) 7\n"),
    FuzzSeed("der", [1] + key.spki),
    FuzzSeed("registry", choice: 2, world.engine.bundle.registry.json.compact),
    FuzzSeed("digest", choice: 3, Merkle.emptyRoot.description),
  ]
}

/// Another key of the world's log.
private func stranger(_ world: World) -> VerifierKey {
  NoteSigner(name: world.logSigner.name, key: world.approverKey).verifierKey
}

/// Encrypted by OpenSSL: our own salts are another every time.
private let encryptedKey = """
  -----BEGIN ENCRYPTED PRIVATE KEY-----
  MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAi2hJffwh4E0wICBAAC
  AQgCAQEwHQYJYIZIAWUDBAEqBBAXn6T4G+8T5uD/rIkzmfl+BECfElofrxGKkywi
  O00gHky7q0gKDSP1cB9c7/7EyKhx2sNmHO3HDr02CpxLj45DwZoon34+SKLJLiId
  V1CXc5go
  -----END ENCRYPTED PRIVATE KEY-----

  """

private var logSeeds: [FuzzSeed] {
  [
    FuzzSeed("segment", [1, 7, 3, 0, 2, 1, 65, 2, 66, 67, 0, 1, 0, 1, 1, 1, 68]),
    FuzzSeed("entries", [2, 1, 0, 1, 65, 0, 2, 66, 67]),
    FuzzSeed("tile", [3, 1] + [UInt8](repeating: 5, count: 64)),
    FuzzSeed("path", choice: 4, "tile/entries/x001/234.p/5"),
  ]
}

private func noteSeeds(_ world: World) -> [FuzzSeed] {
  let signer = world.logSigner
  let checkpoint = Checkpoint(
    origin: signer.name.description, size: 0, root: Merkle.emptyRoot)
  let cosignature = Cosignature(
    of: Array(checkpoint.text.utf8), at: 1_795_082_400, by: world.approverKey)
  return [
    FuzzSeed("note", [0] + signer.sign(checkpoint.text).bytes),
    FuzzSeed("checkpoint", choice: 1, checkpoint.text),
    FuzzSeed("key", choice: 2, signer.verifierKey.description),
    FuzzSeed("cosignature", [3] + cosignature.bytes),
  ]
}

private func proofSeeds(_ world: World) -> [FuzzSeed] {
  let signer = world.logSigner
  var tree = MerkleTree()
  var hasher = MerkleHasher()
  for byte in UInt8(0)..<5 { tree.append(hasher.leaf([byte]), with: &hasher) }
  let note = signer.sign(
    Checkpoint(
      origin: signer.name.description, size: tree.size, root: tree.root(of: tree.size)
    ).text)
  let proof = InclusionProof(index: 3, size: tree.size, from: tree)
  return [
    FuzzSeed("bundle", [0] + ProofBundle(entry: [3], proof: proof, checkpoint: note).bytes),
    FuzzSeed("changed", [1, 4, 0, 1, 2, 3, 4, 5, 2, 0, 9, 0, 0]),
    FuzzSeed("inclusion", [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 7]),
    FuzzSeed(
      "consistency", [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 7, 6, 0]),
  ]
}

private func statementSeeds(_ world: World) -> [FuzzSeed] {
  let digest = Merkle.emptyRoot
  let moment = Instant(microseconds: World.now)
  let approval = Approval(
    gate: "world.ship", digest: digest, role: "lead", approver: "Person/bo",
    validity: moment..<Instant(microseconds: World.now + 1_000_000))
  let envelope = approval.signed(by: world.approverKey)
  let bound = Approval(
    gate: "world.deploy", digest: digest, does: digest, role: "lead", approver: "Person/bo",
    validity: approval.signedAt..<approval.expires)
  return [
    FuzzSeed("approval-of-a-command", [2] + bound.signed(by: world.approverKey).payload),
    FuzzSeed("envelope", choice: 0, envelope.json.compact),
    FuzzSeed("statement", [1] + envelope.payload),
    FuzzSeed("approval", [2] + envelope.payload),
    FuzzSeed("grant", [3] + grantBytes(world)),
    FuzzSeed("review", [4] + reviewBytes(world)),
    FuzzSeed("unlock", [6] + unlockBytes(world)),
    FuzzSeed("revocation", [7] + revocationBytes(world, nil)),
    FuzzSeed(
      "revocation-in-a-role",
      [7] + revocationBytes(world, TokenRevocation.Person(node: "Person/bo", role: "lead"))),
    FuzzSeed("rejection", [5] + rejectionBytes(world)),
    FuzzSeed("key-record", [1] + keyRecordBytes(world)),
    FuzzSeed("decision", [1] + decisionBytes()),
  ]
}

/// A grant that counts, and one of another text.
private func grants(_ world: World) -> String {
  let text = try? world.engine.bundle.waiver("W17")
  return [text?.digest ?? Merkle.emptyRoot, Merkle.emptyRoot].map { digest in
    WaiverGrant(
      waiver: "world.W17", digest: digest, role: "compliance", granter: "Person/bo",
      validity: Instant(microseconds: World.now - 1)..<Instant(microseconds: World.now + 1_000)
    ).signed(by: world.approverKey).json.compact
  }.joined(separator: ",")
}

/// A grant of the world's waiver.
private func grantBytes(_ world: World) -> [UInt8] {
  WaiverGrant(
    waiver: "world.W17", digest: Merkle.emptyRoot, role: "compliance", granter: "Person/bo",
    validity: Instant(microseconds: World.now)..<Instant(microseconds: World.now + 1_000_000)
  ).signed(by: world.approverKey).payload
}

/// A review of break-glass by the world's approver.
private func reviewBytes(_ world: World) -> [UInt8] {
  BreakGlassReview(
    of: LogPlace(origin: "log.example", index: 7), action: "world.take", leaf: Merkle.emptyRoot,
    reviewer: "Person/bo", role: "lead", verdict: .justified, note: "an outage",
    signedAt: Instant(microseconds: World.now)
  )?.signed(by: world.approverKey).payload ?? []
}

/// An unlock by the world's approver.
private func unlockBytes(_ world: World) -> [UInt8] {
  Unlock(
    of: DeployedVersion(action: "world.take", artifact: Merkle.emptyRoot),
    through: LogPlace(origin: "log.example", index: 7), leaf: Merkle.emptyRoot,
    by: (node: "Person/bo", role: "lead"), reason: "the probe was wrong",
    signedAt: Instant(microseconds: World.now)
  )?.signed(by: world.approverKey).payload ?? []
}

/// That the world's token is taken back, by its giver or by somebody in a role.
private func revocationBytes(_ world: World, _ person: TokenRevocation.Person?) -> [UInt8] {
  guard let token = try? world.token() else { return [] }
  return TokenRevocation(
    of: (token.last.id, token.digests[0]), in: "log.example", by: person,
    reason: "the agent is stopped", signedAt: Instant(microseconds: World.now)
  )?.signed(by: world.approverKey).payload ?? []
}

/// A no by the world's approver.
private func rejectionBytes(_ world: World) -> [UInt8] {
  Rejection(
    of: "world.ship", digest: Merkle.emptyRoot, role: "lead", rejecter: "Person/bo",
    reason: "not today", signedAt: Instant(microseconds: World.now)
  )?.signed(by: world.approverKey).payload ?? []
}

/// The record of a decision.
private func decisionBytes() -> [UInt8] {
  let digest = JSONValue.string(Merkle.emptyRoot.description)
  let moment = JSONValue.string(Instant(microseconds: World.now).description)
  let subject = Subject(
    name: "Service/api", uri: nil,
    digests: [NamedDigest(algorithm: "sha256", value: Merkle.emptyRoot.hex)])
  let entry = try? EvidenceRecord(
    type: PredicateType.decision, subjects: [subject],
    predicate: [
      "arguments": ["service": "Service/api"], "id": "1", "kind": "gate", "logged": moment,
      "prev": ["Service/api": -1],
      "replay": [
        "bundle": digest, "bytecode": "1", "engine": "0.1.0", "fuel": 7, "fuelLimit": 10_000_000,
        "language": "1", "request": digest, "result": digest, "snapshot": digest,
        "trace": [digest, digest],
      ],
      "result": [
        "approvals": [], "asOf": moment, "bundle": digest, "caller": "Person/bo",
        "gate": "world.ship", "now": moment, "obligations": [], "outcome": "deny",
        "question": false, "reasons": [["clause": "quiet", "message": "a \"b\" \\ c"]],
        "request": digest, "snapshot": digest,
      ],
    ])
  return entry?.bytes ?? []
}

/// The statement of a key that comes to the world's log.
private func keyRecordBytes(_ world: World) -> [UInt8] {
  let both = NoteSigner(
    name: world.logSigner.name, keys: world.logSigner.keys + [world.approverKey])
  let record = KeyRecord(.add(validFrom: 4), key: stranger(world), signedBy: both)
  let entry = try? EvidenceRecord(
    type: PredicateType.key, subjects: [record.subject], predicate: .object(record.members))
  return entry?.bytes ?? []
}

/// What an agent of lines says; the first byte says where it is cut in two.
private var agentSeeds: [FuzzSeed] {
  [
    FuzzSeed(
      "whole", choice: 40,
      #"{"call":{"id":1,"tool":"decide.w.g","arguments":{"a":1}}}"# + "\n"
        + #"{"usage":{"tokens":60}}"# + "\n" + #"{"output":{"n":3}}"# + "\n"),
    FuzzSeed("usage", choice: 3, #"{"usage":{"tokens":101}}"# + "\n"),
  ]
}
