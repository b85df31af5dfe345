// Which facts the sources of a graph vouch for, and which they do not any more.

import WritModel
import WritSemantics

extension World {
  /// Why a fact of this origin about this node is not vouched for at `asOf`; nil where it is.
  func doubt(_ origin: Origin, node index: Int, asOf: Int64) -> Cause? {
    let node = nodes[index]
    return sources(of: origin, node).lazy.compactMap { source in
      doubt(source, .node(node.name), asOf)
    }.first
  }

  /// Why nodes of the kind, or what leaves them, may be missing; nil where none can be.
  func doubt(_ origin: Origin, wholeKind kind: Int, asOf: Int64) -> Cause? {
    guard case .sources(let sources) = origin else { return nil }
    return sources.lazy.compactMap { doubt($0, .kind(kind), asOf) }.first
  }

  /// Each of them must vouch: of several, only the one that brought the node if that is remembered.
  func sources(of origin: Origin, _ node: Node) -> [Int] {
    guard case .sources(let sources) = origin else { return [] }
    if sources.count > 1, let source = node.source, sources.contains(source) { return [source] }
    return sources
  }

  private func doubt(_ source: Int, _ subject: Subject, _ asOf: Int64) -> Cause? {
    let spoken = lines.filter { line in
      line.source == source && line.at <= asOf && covers(line.covers, subject)
    }
    guard let last = spoken.map(\.at).max() else { return .silent(source: source, about: subject) }
    guard let limit = schema.sources[source].freshMicroseconds else { return nil }
    let (age, overflowed) = asOf.subtractingReportingOverflow(last)
    let isFresh = !overflowed && age <= limit
    return isFresh ? nil : .stale(source: source, about: subject, spokeAt: last)
  }

  private func covers(_ coverage: Coverage, _ subject: Subject) -> Bool {
    switch (coverage, subject) {
    case (.everything, _): true
    case (.kind(let covered), .kind(let kind)): covered == kind
    case (.kind(let covered), .node(let name)): covered == name.kind
    case (.node, .kind): false
    case (.node(let covered), .node(let name)): covered.key == name.key
    }
  }
}
