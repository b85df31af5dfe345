// All that an overlay says, for comparing two of them.

public import WritGraph

/// Nodes, strings, values and edges of an overlay with their numbers: the same text for the same overlay, however it was made.
public func contents(of overlay: Overlay) -> String {
  var lines = ["strings from \(overlay.strings.first)"]
  for string in 0..<overlay.strings.count {
    lines.append("  \(overlay.strings.string(overlay.strings.first + string))")
  }
  lines.append("ids \(Array(overlay.nodeIDs)) of \(overlay.nodeCount)")
  for (kind, fields) in overlay.fields.enumerated() {
    lines.append("\(overlay.schema.kinds[kind].name) \(overlay.nodeRanges[kind].map { $0 })")
    for (field, table) in fields.enumerated() {
      let rows = (0..<table.rows.count).map(table.rows.node(of:))
      lines.append("  \(field) of \(rows): \(values(table.storage, rows.count))")
    }
  }
  for (edge, index) in overlay.edges.enumerated() {
    let rows = (0..<index.rows.count).map(index.rows.node(of:))
    lines.append("\(overlay.schema.edges[edge].name) \(index.count)")
    for row in rows {
      lines.append("  \(row) to \(index.edges(from: row).map { index.targets[$0] })")
    }
    lines.append("  from \((0..<index.count).map { index.sources[$0] })")
    lines += index.fields.map { "  \(values($0, index.count))" }
    for inverse in index.inverses {
      let reached = (0..<inverse.rows.count).map(inverse.rows.node(of:))
      lines.append("  inverse \(inverse.count)")
      for node in reached {
        let places = inverse.places(to: node)
        lines.append(
          "    \(node) by \(places.map { inverse.edges[$0] }) of \(places.map { inverse.sources[$0] })"
        )
      }
    }
  }
  return lines.joined(separator: "\n")
}

private func values(_ storage: FieldStorage, _ count: Int) -> String {
  switch storage {
  case .none: "none"
  case .scalar(let column):
    "width \(column.width), \(column.count) rows, "
      + "\((0..<count).map { column.isPresent($0) ? column.value($0) : nil })"
  case .strings(let sets):
    "\(sets.count) sets, \((0..<count).map { sets.range($0).map { sets.members[$0] } })"
  }
}
