// A generated case as the engine sees it: bytecode over columns.

import WritBackends
import WritBytecode
import WritGeneration
import WritGraph
import WritIR
import WritModel
import WritOracle
import WritSemantics
import WritText
import WritVM

/// Compiles and links what the oracle walks.
enum MachineFactory {
  /// Generated programs have no texts.
  private static let digest = "sha256:" + String(repeating: "0", count: 64)

  static func program(_ generated: GeneratedCase) throws -> VerifiedProgram {
    let names = SourceNames(
      digests: generated.program.modules.map { _ in digest }, position: position,
      text: { _ in "" })
    var program = try emit(optimise(try lower(generated.program)), names: names)
    for (index, constant) in (generated.request.parameters ?? []).enumerated() {
      program.parameters[index].value = value(constant)
    }
    return try VerifiedProgram(verifying: program)
  }

  static func machine(
    _ generated: GeneratedCase, running program: VerifiedProgram
  ) throws -> Machine {
    let schema = generated.program.schema
    let draft = generated.world.draft
    let snapshot = try snapshot(of: draft, schema)
    let overlay = try overlay(of: draft, schema, snapshot)
    let request = generated.request
    return try link(
      program, snapshot, overlay,
      Circumstances(
        now: request.now, asOf: request.asOf, caller: request.caller.map { ($0.kind, $0.id) }))
  }

  /// Generated clauses stand at places of their own, in no text.
  static func position(of range: SourceRange) -> String { "generated:\(range.start)" }

  static func slot(_ argument: ExpectedArgument, _ machine: Machine) -> Slot {
    switch argument {
    case .node(let name):
      machine.node(kind: name.kind, id: name.id).map { Slot(exact: $0) }
        ?? machine.noNode(kind: name.kind)
    case .constant(.scalar(let number)): Slot(exact: number)
    case .constant(.string(let text)): Slot(exact: machine.number(ofString: text))
    case .constant(.absent): .nothing
    }
  }

  /// The grants that gates take: in the roles that they name.
  static func grants(_ generated: GeneratedCase, _ machine: Machine) -> [GrantedWaiver] {
    let (program, request) = (generated.program, generated.request)
    return request.grants.compactMap { grant in
      let waiver = program.waivers[grant.waiver]
      guard program.gates[waiver.gate].waivable?.role == grant.role else { return nil }
      let giver = grant.granter
      let node = machine.node(kind: giver.kind, id: giver.id)
      let stranger = -2 - machine.number(ofString: "\(giver.kind)/\(giver.id)")
      return GrantedWaiver(
        waiver: grant.waiver, granter: node ?? stranger, isCaller: giver == request.caller,
        signedAt: grant.signedAt ?? request.now,
        expires: min(grant.expiry ?? .max, waiver.expires))
    }
  }

  private static func value(_ constant: Constant) -> ConstantValue {
    switch constant {
    case .scalar(let number): .scalar(number)
    case .string(let text): .string(text)
    case .absent: .absent
    }
  }

  static func snapshot(of draft: WorldDraft, _ schema: Schema) throws -> Snapshot {
    var builder = SnapshotBuilder(schema)
    for node in draft.nodes where schema.kinds[node.name.kind].origin != .request {
      let fields = schema.kinds[node.name.kind].fields
      builder.addNode(
        key(node.name),
        properties(node.fields) { fields[$0].origin != .request && !fields[$0].isKey },
        source: node.source)
    }
    for edge in draft.edges where schema.edges[edge.type].origin != .request {
      builder.addEdge(
        edge.type, from: key(edge.from), to: key(edge.to), properties(edge.fields) { _ in true })
    }
    let names = Set(draft.nodes.map(\.name))
    for line in draft.lines {
      // An import refuses a line about a node that is nowhere.
      if case .node(let name) = line.covers, !names.contains(name) { continue }
      let cover: SourceCover =
        switch line.covers {
        case .everything: .everything
        case .kind(let kind): .kind(kind)
        case .node(let name): .node(key(name))
        }
      builder.addSource(line.source, cover, at: line.at)
    }
    return try builder.build()
  }

  static func overlay(
    of draft: WorldDraft, _ schema: Schema, _ snapshot: Snapshot
  ) throws -> Overlay {
    var builder = OverlayBuilder(try OverlayPlan(snapshot, schema))
    for node in draft.nodes {
      let kind = schema.kinds[node.name.kind]
      let brought = properties(node.fields) {
        kind.fields[$0].origin == .request && !kind.fields[$0].isKey
      }
      if kind.origin == .request || !brought.isEmpty { builder.addNode(key(node.name), brought) }
    }
    for edge in draft.edges where schema.edges[edge.type].origin == .request {
      builder.addEdge(
        edge.type, from: key(edge.from), to: key(edge.to), properties(edge.fields) { _ in true })
    }
    return try builder.build()
  }

  private static func key(_ name: NodeName) -> NodeKey { NodeKey(name.kind, name.id) }

  private static func properties(
    _ fields: [Int: FieldValue], where isWanted: (Int) -> Bool
  ) -> [Property] {
    fields.sorted { $0.key < $1.key }.filter { isWanted($0.key) }.map { field, value in
      switch value {
      case .scalar(let number): Property(field, .number(number))
      case .string(let text): Property(field, .text(text))
      case .strings(let texts): Property(field, .texts(texts))
      }
    }
  }
}
