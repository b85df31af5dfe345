// A control plane in memory: keys, a log, decisions in it, and orders that are right in every way.

import Foundation
import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel
import WritTesting

let minute: Int64 = 60_000_000

/// 2026-11-19T10:00:00Z.
let noon = Instant(microseconds: 1_795_082_400_000_000)

extension Instant {
  func later(_ microseconds: Int64) -> Instant {
    Instant(microseconds: self.microseconds + microseconds)
  }
}

func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8)) }

func secret(_ text: String) -> SecretBytes {
  Array(text.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
}

func key(_ seed: UInt8) throws -> Ed25519PrivateKey {
  try #require(Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)))
}

/// What a decision's record says, and how it may be wrong.
struct DecisionText {
  var type = PredicateType.decision
  var outcome = "allow"
  var question: JSONValue? = false
  var action: Digest?
  var isUnsigned = false
  var labels: [String] = []

  func entry(_ id: Int) throws -> [UInt8] {
    var result: [JSONMember] = [
      JSONMember("gate", "checkout.ship"), JSONMember("outcome", .string(outcome)),
      JSONMember("caller", "Identity/deploy-bot"),
    ]
    if let question { result.append(JSONMember("question", question)) }
    var members: [JSONMember] = [
      JSONMember("id", .string("\(id)")), JSONMember("kind", "gate"),
      JSONMember("logged", .string(noon.description)),
      JSONMember("prev", ["Service/checkout": .integer(-1)]),
      JSONMember("result", .object(result)),
    ]
    if let action { members.append(JSONMember("action", .string(action.description))) }
    if isUnsigned { members.append(JSONMember("unsigned", true)) }
    if !labels.isEmpty { members.append(JSONMember("labels", DelegateLabel.json(of: labels))) }
    let named = NamedDigest(algorithm: "sha256", value: digest("Service/checkout").hex)
    return try EvidenceRecord(
      type: type, subjects: [Subject(name: "Service/checkout", uri: nil, digests: [named])],
      predicate: .object(members)
    ).bytes
  }
}

/// A log, the keys around it, and one delegate.
struct World {
  let permitKey: Ed25519PrivateKey
  let logSigner: NoteSigner
  private(set) var delegateKey: Ed25519PrivateKey
  var delegateName = "eu-1"
  private(set) var entries: [[UInt8]] = []
  private var tree = MerkleTree()
  private var permits = 0

  init() throws {
    permitKey = try key(1)
    logSigner = NoteSigner(name: try #require(KeyName("log.example/writ")), key: try key(2))
    delegateKey = try key(3)
    for text in ["one", "two", "three"] { append(Array(text.utf8)) }
  }

  /// The same world with another delegate.
  func with(delegateKey: Ed25519PrivateKey) throws -> World {
    var other = self
    other.delegateKey = delegateKey
    return other
  }

  var size: UInt64 { UInt64(entries.count) }

  var origin: String { logSigner.name.description }

  var identity: DelegateIdentity {
    DelegateIdentity(name: delegateName, key: delegateKey.publicKey)
  }

  func trust() throws -> DelegateTrust {
    DelegateTrust(
      permitKey: permitKey.publicKey, log: try LogVerifierKeys(keys: [logSigner.verifierKey]),
      identity: identity)
  }

  mutating func append(_ entry: [UInt8]) {
    var hasher = MerkleHasher()
    tree.append(hasher.leaf(entry), with: &hasher)
    entries.append(entry)
  }

  func checkpoint(_ size: UInt64? = nil) -> Checkpoint {
    let size = size ?? self.size
    return Checkpoint(origin: origin, size: size, root: tree.root(of: size))
  }

  func proof(of index: UInt64, in size: UInt64? = nil) -> ProofBundle {
    let checkpoint = checkpoint(size)
    return ProofBundle(
      entry: entries[Int(index)],
      proof: InclusionProof(index: index, size: checkpoint.size, from: tree),
      checkpoint: logSigner.sign(checkpoint.text))
  }

  func step(from old: UInt64, to size: UInt64? = nil) -> CheckpointStep {
    let proof = ConsistencyProof(oldSize: old, size: size ?? self.size, from: tree)
    return CheckpointStep(oldSize: old, hashes: proof.hashes)
  }

  /// Records a decision about an assignment and says where.
  mutating func decide(_ assignment: Assignment, _ text: DecisionText = DecisionText()) throws
    -> LogPlace
  {
    var text = text
    text.action = text.action ?? assignment.digest
    append(try text.entry(entries.count))
    return LogPlace(origin: origin, index: size - 1)
  }

  /// A permit for an assignment, with a number that no other has.
  mutating func permit(
    for assignment: Assignment, at place: LogPlace, issued: Instant = noon, fence: Int64 = 7,
    isUnsigned: Bool = false, labels: [String] = []
  ) -> Permit {
    permits += 1
    let number = String(permits, radix: 16)
    return Permit(
      for: assignment, id: String(repeating: "0", count: 32 - number.count) + number,
      delegate: identity, fence: fence, validity: issued..<issued.later(minute), decision: place,
      isUnsigned: isUnsigned, labels: labels)
  }

  /// An order that is right in every way, for a delegate that has seen `seen` entries.
  mutating func order(
    _ assignment: Assignment, seen: UInt64 = 0, issued: Instant = noon, fence: Int64 = 7
  ) throws -> (order: WorkOrder, permit: Permit) {
    let place = try decide(assignment)
    let permit = permit(for: assignment, at: place, issued: issued, fence: fence)
    let order = WorkOrder(
      assignment: assignment, permit: permit.signed(by: permitKey), proof: proof(of: place.index),
      consistency: seen > 0 ? step(from: seen) : nil)
    return (order, permit)
  }
}

/// An assignment, by what matters to a test.
func assignment(
  _ command: [String] = ["true"], service: String = "Service/a", image: String = "image",
  effect: ActionEffect = .production, secrets: [String] = [], timeout: Int64? = nil,
  isIdempotent: Bool = false
) throws -> Assignment {
  var parts = Assignment.Parts(
    action: "checkout.deploy", kind: "deploy", effect: effect, actor: "Identity/deploy-bot",
    bundle: digest("bundle"), snapshot: digest("snapshot"), command: command, salt: Array(0..<16))
  parts.onBehalfOf = "Identity/anna"
  parts.arguments = [("service", service), ("env", "Environment/production")]
  parts.artifacts = [digest(image)]
  parts.secrets = secrets
  parts.timeout = timeout
  parts.isIdempotent = isIdempotent
  return try Assignment(parts)
}

/// Nothing was used before.
let nothingSpent = SpentTest(isSpent: { _ in false }, isDecisionSpent: { _ in false })

/// An empty folder for the time of a test, for the owner alone.
final class Scratch {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "writ-delegate-" + UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  /// Only the owner may read the file.
  func write(_ bytes: [UInt8], to name: String) throws {
    let target = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: target))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
  }
}

/// The program beside the tests, which is its own launcher.
let delegateProgram: String = {
  let own = CommandLine.arguments.first.map { URL(fileURLWithPath: $0) }
  let beside = own?.deletingLastPathComponent().path ?? ""
  let usual = [beside, Corpus.root + "/.build/debug", Corpus.root + "/.build/release"]
  let folder = usual.first {
    FileManager.default.isExecutableFile(atPath: $0 + "/writ-delegate")
  }
  return (folder ?? "") + "/writ-delegate"
}()

/// Whether some bytes stand in others.
func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
  guard let first = wanted.first, wanted.count <= bytes.count else { return false }
  return (0...bytes.count - wanted.count).contains { start in
    bytes[start] == first && bytes[start...].starts(with: wanted)
  }
}

/// Whether a process is there and no zombie.
func isAlive(_ process: String) -> Bool {
  let status = FileManager.default.contents(atPath: "/proc/\(process)/status")
  return status.map { !String(decoding: $0, as: UTF8.self).contains("State:\tZ") } ?? false
}

/// What is there at last, asked for every few milliseconds.
@discardableResult
func waitFor<Value>(_ value: () throws -> Value?) throws -> Value {
  let limit = currentTime().milliseconds + 60_000
  while currentTime().milliseconds < limit {
    if let found = try value() { return found }
    usleep(2000)
  }
  throw WaitedInVain()
}

struct WaitedInVain: Error {}
