// A small world that accepted inputs are tried on: a compiled policy, a snapshot, keys.

import Writ
import WritBytecode
import WritCrypto
import WritEvidence
import WritGraph
import WritModel
import WritText
import WritVM

/// Made once, never changed.
struct World: Sendable {
  /// 2026-11-19T10:00:00Z.
  static let now: Int64 = 1_795_082_400_000_000
  static let shared: World = {
    do {
      return try World()
    } catch {
      preconditionFailure("the fuzzers' own world is broken: \(error)")
    }
  }()

  let program: VerifiedProgram
  let bundle: Bundle
  let bundleBytes: [UInt8]
  /// Of a policy of a few lines.
  let smallBundle: Bundle
  let smallBundleBytes: [UInt8]
  /// Of a policy of actions.
  let actingBundle: Bundle
  let actingBundleBytes: [UInt8]
  let snapshot: Snapshot
  let plan: OverlayPlan
  /// The facts of a request, laid over the snapshot.
  let overlay: Overlay
  let engine: Engine
  /// An approver's, a log's and a witness's.
  let approverKey: Ed25519PrivateKey
  let logSigner: NoteSigner

  var schema: Schema { program.program.schema }
  var asking: Asking {
    Asking(caller: "Person/bo", now: World.now, asOf: World.now, isQuestion: false)
  }

  private static func compiled(_ text: String) throws -> VerifiedProgram {
    let compilation = compile([SourceFile(name: "world.writ", text: text)], root: 0)
    if let program = compilation.program { return program }
    let renderer = DiagnosticRenderer(files: compilation.files, isColoured: false)
    throw BrokenInvariant(description: renderer.render(compilation.diagnostics))
  }

  private init() throws {
    program = try World.compiled(World.policyText)
    smallBundleBytes = try bundleFile(
      try World.compiled(World.smallText),
      BundleOptions(settings: [], approvers: [], revision: 0))
    smallBundle = try decodeBundle(smallBundleBytes)
    guard let delegate = Ed25519PrivateKey(seed: [UInt8](repeating: 3, count: 32)),
      let delegateName = KeyName("eu-1")
    else { throw BrokenInvariant(description: "a seed makes no key") }
    let delegateKey = VerifierKey(
      name: delegateName, algorithm: .ed25519, publicKey: delegate.publicKey)
    actingBundleBytes = try bundleFile(
      try World.compiled(World.actingText),
      BundleOptions(
        settings: [], approvers: [],
        delegates: [DelegateEntry(publicKey: delegateKey.description, labels: ["eu", "fast"])],
        revision: 0))
    actingBundle = try decodeBundle(actingBundleBytes)
    guard let approver = Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32)),
      let log = Ed25519PrivateKey(seed: [UInt8](repeating: 2, count: 32)),
      let approverName = KeyName("bo"), let logName = KeyName("log.example/writ")
    else { throw BrokenInvariant(description: "a seed makes no key") }
    let verifierKey = VerifierKey(
      name: approverName, algorithm: .ed25519, publicKey: approver.publicKey)
    let entry = RegistryEntry(
      name: "bo", publicKey: verifierKey.description, actor: "Person/bo",
      roles: ["lead", "compliance"])
    bundleBytes = try bundleFile(
      program, BundleOptions(settings: [], approvers: [entry], revision: 3))
    bundle = try decodeBundle(bundleBytes)
    var builder = SnapshotBuilder(program.program.schema)
    builder.read(Array(World.factsText.utf8), named: "facts")
    snapshot = try builder.build()
    plan = try OverlayPlan(snapshot, program.program.schema)
    var overlayBuilder = OverlayBuilder(plan)
    overlayBuilder.read(Array(World.requestFacts.utf8), named: "request")
    overlay = try overlayBuilder.build()
    engine = Engine(bundle: try LoadedBundle(file: bundleBytes), snapshot: snapshot)
    approverKey = approver
    logSigner = NoteSigner(name: logName, key: log)
  }

}
