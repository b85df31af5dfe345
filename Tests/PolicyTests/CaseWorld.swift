// A decision case as the oracle sees it, and through the engine with other facts.

import Testing
import Writ
import WritBytecode
import WritGraph
import WritModel
import WritOracle
import WritSemantics
import WritText

/// A case with its typed program and its facts as a draft.
struct CaseWorld {
  let one: DecisionCase
  let typed: TypedProgram
  let bundle: LoadedBundle
  let lines: FactLines
  let draft: WorldDraft

  init(_ path: String) throws {
    one = try DecisionCase(path)
    let compilation = one.compiled(one.sources)
    typed = try #require(compilation.typed, "\(rendered(compilation))")
    bundle = try one.bundle(compilation)
    lines = FactLines(schema: typed.schema)
    let facts = try one.facts.flatMap { try jsonLines($0.bytes) }
    draft = try lines.draft(facts + (one.request["facts"]?.array ?? []))
  }

  /// Imports the graph and decides, with another program where one is given.
  func decide(
    _ draft: WorldDraft, running program: VerifiedProgram? = nil
  ) throws -> DecisionRun {
    let running = LoadedBundle(
      program: program ?? bundle.program, registry: bundle.registry, digest: bundle.digest)
    let engine = Engine(bundle: running, snapshot: try snapshot(of: draft))
    return try one.decide(engine, bringing: lines.requestFacts(draft))
  }

  func snapshot(of draft: WorldDraft) throws -> Snapshot {
    let text = lines.snapshotLines(draft).map { $0.compact + "\n" }.joined()
    var builder = SnapshotBuilder(typed.schema)
    builder.read(Array(text.utf8), named: "facts")
    return try builder.build()
  }
}

extension CaseWorld {
  /// The decision of the oracle, and its gate.
  func judge(_ draft: WorldDraft) throws -> (gate: TypedGate, decision: OracleDecision) {
    let index = try gateIndex()
    let gate = typed.gates[index]
    let arguments = try gate.parameters.map { parameter in
      try argument(one.request["arguments"]?[parameter.name], parameter.type)
    }
    let oracle = Oracle(typed, World(draft), try oracleRequest())
    return (gate, oracle.decide(gate: index, arguments))
  }

  private func gateIndex() throws -> Int {
    // The typed program knows gates by their own names.
    let name = try #require(one.request["gate"]?.string)
    return try #require(
      typed.gates.firstIndex { $0.name == name || name.hasSuffix("." + $0.name) })
  }

  private func argument(_ json: JSONValue?, _ type: ValueType) throws -> ExpectedArgument {
    let text = try #require(json?.string)
    switch type {
    case .node: return .node(try lines.node(text))
    case .string: return .constant(.string(text))
    default: throw Unusable(description: "no case has an argument of such a type yet: \(text)")
    }
  }

  private func oracleRequest() throws -> OracleRequest {
    var request = OracleRequest(now: one.asking.now, asOf: one.asking.asOf)
    request.caller = try one.asking.caller.map { try lines.node($0) }
    request.approvals = try one.approvals.map { approval in
      WritOracle.Approval(
        giver: try lines.node(approval["approver"]?.string),
        role: approval["role"]?.string ?? "",
        signedAt: try microseconds(approval["signedAt"]),
        expiry: try microseconds(approval["expires"]))
    }
    request.grants = try one.grants.map { grant in
      let name = grant["waiver"]?.string ?? ""
      return Grant(
        waiver: try #require(typed.waivers.firstIndex { $0.name == name }),
        granter: try lines.node(grant["granter"]?.string), role: grant["role"]?.string ?? "",
        signedAt: try microseconds(grant["signedAt"]), expiry: try microseconds(grant["expires"]))
    }
    return request
  }

  /// A place as the compiler names it.
  func position(of range: SourceRange) -> String {
    let file = one.sources[range.file]
    let place = file.position(of: range.start)
    // A bundle names its one text without the folder that it lies in.
    let name = file.name.split(separator: "/").last.map(String.init) ?? file.name
    return "\(name):\(place.line):\(place.column)"
  }
}
