// Deltas drawn at random, and the facts that they should come to, kept by a plain model.
import WritGraph
import WritModel

/// Facts as a person would keep them: lines by what they are about.
struct FactModel {
  var nodes: [String: String] = [:]
  /// Lines of the edges of one label between two nodes, by `label from to`.
  var edges: [String: Set<String>] = [:]
  var sources: [(line: String, node: String?)] = []

  /// All facts, in some order.
  var lines: [String] {
    nodes.keys.sorted().compactMap { nodes[$0] }
      + edges.keys.sorted().flatMap { (edges[$0] ?? []).sorted() } + sources.map(\.line)
  }

  /// Draws one change and makes it, as a line of a delta; `nil` where the draw came to nothing.
  ///
  /// - Parameter led: Nodes whose edge to one node this delta has led already.
  mutating func change(_ random: inout SeededGenerator, _ led: inout Set<String>) -> String? {
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1, 2: return sayNode(&random)
    case 3: return sayPlainNode(&random)
    case 4: return removeNode(&random)
    case 5, 6: return sayDependency(&random)
    case 7: return removeEdge(&random, led)
    case 8, 9: return lead(&random, &led)
    default: return speak(&random)
    }
  }

  private func pick(_ kind: String, _ random: inout SeededGenerator) -> String? {
    nodes.keys.filter { $0.hasPrefix(kind + "/") }.sorted().randomElement(using: &random)
  }

  private mutating func sayNode(_ random: inout SeededGenerator) -> String? {
    let id = "s\(Int.random(in: 0..<8, using: &random))"
    let tier = Int.random(in: 0..<5, using: &random)
    let text = ["alpha", "beta", "a\\\"b", ""].randomElement(using: &random) ?? ""
    let tags = ["x", "y", "z"].shuffled(using: &random)
      .prefix(Int.random(in: 0..<3, using: &random)).map { "\"\($0)\"" }.joined(separator: ",")
    let line =
      #"{"node":"Service","id":"\#(id)","props":{"tier":\#(tier),"summary":"\#(text)","tags":[\#(tags)]}}"#
    nodes["Service/\(id)"] = line
    return line
  }

  private mutating func sayPlainNode(_ random: inout SeededGenerator) -> String? {
    let kind = ["Team", "Person"].randomElement(using: &random) ?? ""
    let id = "p\(Int.random(in: 0..<4, using: &random))"
    let line = #"{"node":"\#(kind)","id":"\#(id)"}"#
    nodes["\(kind)/\(id)"] = line
    return line
  }

  private mutating func removeNode(_ random: inout SeededGenerator) -> String? {
    guard let node = nodes.keys.sorted().randomElement(using: &random) else { return nil }
    nodes[node] = nil
    edges = edges.filter { !$0.key.split(separator: " ").contains(Substring(node)) }
    sources.removeAll { $0.node == node }
    return #"{"remove":"\#(node)"}"#
  }

  private mutating func sayDependency(_ random: inout SeededGenerator) -> String? {
    guard let from = pick("Service", &random), let to = pick("Service", &random) else { return nil }
    let group = Int.random(in: 0..<3, using: &random)
    let line =
      #"{"edge":"dependsOn","from":"\#(from)","to":"\#(to)","props":{"group":\#(group)}}"#
    edges["dependsOn \(from) \(to)", default: []].insert(line)
    return line
  }

  private mutating func lead(
    _ random: inout SeededGenerator, _ led: inout Set<String>
  ) -> String? {
    let kind = ["Team", "Person"].randomElement(using: &random) ?? ""
    guard let from = pick("Service", &random), let to = pick(kind, &random),
      led.insert(from).inserted
    else { return nil }
    edges = edges.filter { !$0.key.hasPrefix("owner \(from) ") }
    let line = #"{"edge":"owner","from":"\#(from)","to":"\#(to)"}"#
    edges["owner \(from) \(to)"] = [line]
    return line
  }

  private mutating func removeEdge(
    _ random: inout SeededGenerator, _ led: Set<String>
  ) -> String? {
    guard let key = edges.keys.sorted().randomElement(using: &random) else { return nil }
    let parts = key.split(separator: " ")
    edges[key] = nil
    return #"{"removeEdge":"\#(parts[0])","from":"\#(parts[1])","to":"\#(parts[2])"}"#
  }

  private mutating func speak(_ random: inout SeededGenerator) -> String? {
    let node = Bool.random(using: &random) ? pick("Service", &random) : nil
    let covers = node ?? ["*", "Service", "Team"].randomElement(using: &random) ?? "*"
    let second = Int.random(in: 10..<60, using: &random)
    let source = ["catalog", "scanner"].randomElement(using: &random) ?? ""
    let line = #"{"source":"\#(source)","at":"2026-11-18T22:00:\#(second)Z","covers":"\#(covers)"}"#
    sources.append((line, node))
    return line
  }
}

/// A delta of some lines, and the model after it.
func randomDelta(_ model: inout FactModel, _ random: inout SeededGenerator) -> GraphDelta {
  var led: Set<String> = []
  var lines: [String] = []
  for _ in 0..<Int.random(in: 0..<12, using: &random) {
    if let line = model.change(&random, &led) { lines.append(line) }
  }
  return GraphDelta(Array(lines.joined(separator: "\n").utf8), named: "delta")
}
