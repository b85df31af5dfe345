// Random graphs of a schema, with holes in them and sources that fell silent.

import WritModel
import WritOracle
import WritSemantics

/// 2026-11-19T10:00:00Z, in microseconds: when everything is asked.
public let generatedNow: Int64 = 1_795_082_400_000_000

/// Makes graphs, and values that programs may compare with theirs.
struct WorldGenerator {
  var random: SplitMix64
  let schema: Schema
  /// How many times as many nodes as usual.
  var growth = 1

  mutating func world() -> WorldDraft {
    var draft = WorldDraft(schema: schema)
    for kind in schema.kinds.indices {
      for number in 0..<(2 + random.below(11)) * growth { draft.nodes.append(node(kind, number)) }
    }
    for node in draft.nodes { addEdges(of: node, to: &draft) }
    for source in schema.sources.indices { draft.lines += lines(of: source, draft) }
    return draft
  }

  private mutating func node(_ kind: Int, _ number: Int) -> WorldDraft.Node {
    var node = WorldDraft.Node(NodeName(kind: kind, id: Self.id(number)))
    let type = schema.kinds[kind]
    for (index, field) in type.fields.enumerated() where !field.isKey && random.chance(85) {
      node.fields[index] = value(field.type)
    }
    if case .sources(let sources) = type.origin, sources.count > 1, random.chance(50) {
      node.source = random.pick(sources)
    }
    return node
  }

  /// Ids whose byte order is not that of their numbers.
  static func id(_ number: Int) -> String {
    ["a", "B", "z/", "é", "10:", "9"][number % 6] + "\(number)"
  }

  private mutating func value(_ type: ValueType) -> FieldValue {
    switch type.unwrapped {
    case .string: return .string(text())
    case .set:
      let texts = random.some(Self.texts, percent: 40)
      return .strings(texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    default: return .scalar(number(type.unwrapped))
    }
  }

  /// Few, so that they meet; one is a prefix of another, and two differ in nothing but their bytes.
  static let texts = ["", "a", "ab", "aba", "b*", "\u{E9}", "e\u{301}"]

  mutating func text() -> String { random.pick(Self.texts) ?? "" }

  /// A number of a scalar type: mostly near the others, at times far off.
  mutating func number(_ type: ValueType) -> Int64 {
    switch type {
    case .bool: random.number(0...1)
    case .int:
      random.chance(4) ? random.pick([.max, .min + 1, 1 << 40]) ?? 0 : random.number(-3...9)
    case .decimal: random.number(-30...120) * (random.chance(30) ? 123_457 : 500_000)
    case .date: generatedNow / (24 * hour) + random.number(-40...10)
    case .instant:
      random.chance(2)
        ? .min / 2 : generatedNow + random.number(-400...60) * hour + random.number(0...1) * 7
    case .duration: random.number(-3...90) * (random.chance(50) ? hour : 60_500_000)
    case .enumeration(let index): random.number(0...Int64(schema.enums[index].members.count - 1))
    case .string, .node, .edge, .optional, .set, .list: 0
    }
  }

  private mutating func addEdges(of node: WorldDraft.Node, to draft: inout WorldDraft) {
    for (index, type) in schema.edges.enumerated() where type.source == node.name.kind {
      let targets = draft.nodes.filter { type.targets.contains($0.name.kind) }
      let count =
        switch type.cardinality {
        case .one: random.chance(92) ? 1 : 0
        case .optional: random.chance(55) ? 1 : 0
        case .many: random.below(5)
        }
      for _ in 0..<count {
        guard let target = random.pick(targets) else { continue }
        var edge = WorldDraft.Edge(index, node.name, target.name)
        for (place, field) in type.fields.enumerated() where random.chance(85) {
          edge.fields[place] = value(field.type)
        }
        // Edges that agree in everything are one.
        if !draft.edges.contains(edge) { draft.edges.append(edge) }
      }
    }
  }

  private mutating func lines(of source: Int, _ draft: WorldDraft) -> [SourceLine] {
    switch random.below(12) {
    case 0: return []
    case 1: return [SourceLine(source: source, at: time(), covers: .everything)]
    case 2, 3, 4, 5, 6, 7, 8:
      return [SourceLine(source: source, at: generatedNow - hour / 2, covers: .everything)]
    default: break
    }
    var lines: [SourceLine] = []
    for kind in schema.kinds.indices where random.chance(60) {
      lines.append(SourceLine(source: source, at: time(), covers: .kind(kind)))
    }
    for node in draft.nodes where random.chance(50) {
      lines.append(SourceLine(source: source, at: time(), covers: .node(node.name)))
    }
    return lines
  }

  /// Now, a while ago, long ago, or later.
  private mutating func time() -> Int64 {
    switch random.below(6) {
    case 0: generatedNow - random.number(1...60) * hour
    case 1: generatedNow + hour
    default: generatedNow - random.number(0...30) * 60_000_000
    }
  }
}
