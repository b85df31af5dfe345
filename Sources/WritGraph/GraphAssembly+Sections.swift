// A finished graph's sections: columns, sets, offsets both ways.

import WritModel

extension GraphAssembly {
  /// The sections of a snapshot, in the order of `Schema.sections`.
  func snapshotTable() -> SectionTable {
    let schema = draft.schema
    var writer = SectionWriter(atMost: sectionBound())
    writer.append(.words(nodeRanges.flatMap { [UInt32($0.lowerBound), UInt32($0.upperBound)] }))
    writer.append(.words(nodeIDs()))
    writer.append(stringPayloads())
    writer.append(.longs(sourceLines().flatMap(\.words)))
    for kind in schema.kinds.indices {
      if schema.remembersSources(kind) {
        writer.append(.bytes(nodeOrder[kind].map { draft.nodes[kind].sources[Int($0)] }))
      }
      for field in schema.kinds[kind].fields.indices
      where schema.isStored(kind: kind, field: field) {
        writer.append(
          fieldPayloads(
            draft.nodes[kind].properties, nodeOrder[kind], field, draft.names.kindSlots[kind][field]
          ))
      }
    }
    for edge in schema.edges.indices where schema.isStored(edge: edge) {
      writeEdges(edge, to: &writer)
    }
    return writer.table()
  }

  /// What the sections come to at most, in bytes.
  private func sectionBound() -> Int {
    let schema = draft.schema
    func rows(_ count: Int, _ fields: [FieldType]) -> Int {
      fields.reduce(0) { $0 + (count + 1) * ((StorageForm($1.type) ?? .string).width + 1) }
    }
    var bound =
      schema.sections.count * 128 + ownStrings.count * 4 + draft.strings.byteCount
      + draft.setMembers.count * 4 + draft.lines.count * 24
    for kind in schema.kinds.indices {
      bound += nodeOrder[kind].count * 5 + rows(nodeOrder[kind].count, schema.kinds[kind].fields)
    }
    for (edge, type) in schema.edges.enumerated() {
      let count = edgeOrder[edge].count
      bound += (nodeRanges[type.source].count + count * 2) * 4 + rows(count, type.fields)
      for kind in type.targets { bound += (nodeRanges[kind].count + count * 2) * 4 }
    }
    return bound
  }

  private func writeEdges(_ edge: Int, to writer: inout SectionWriter) {
    let schema = draft.schema
    let ends = ends(of: edge)
    writer.append(
      .words(offsets(ofNodes: ends.froms, in: nodeRanges[schema.edges[edge].source])))
    writer.append([.words(ends.froms), .words(ends.tos)])
    writer.append(edgeFieldPayloads(edge) { schema.isStored(edge: edge, field: $0) })
    for kind in schema.edges[edge].targets {
      let inverse = inverse(ends.froms, ends.tos, nodeRanges[kind])
      writer.append(.words(offsets(ofNodes: inverse.targets, in: nodeRanges[kind])))
      writer.append([.words(inverse.edges), .words(inverse.sources)])
    }
  }

  /// The ids of the nodes that the graph holds itself.
  func nodeIDs() -> [UInt32] {
    var ids: [UInt32] = []
    for kind in draft.schema.kindsByName where draft.isOwn(kind: kind) {
      for row in nodeOrder[kind] {
        let reference = draft.nodes[kind].references[Int(row)]
        ids.append(stringNumbers[Int(draft.references[Int(reference)].id)])
      }
    }
    return ids
  }

  /// Offsets and bytes of the used strings.
  func stringPayloads() -> [Payload] {
    var offsets: [UInt32] = [0]
    var bytes: [UInt8] = []
    offsets.reserveCapacity(ownStrings.count + 1)
    bytes.reserveCapacity(draft.strings.byteCount)
    for string in ownStrings {
      bytes.append(contentsOf: draft.strings.bytes(string))
      offsets.append(UInt32(truncatingIfNeeded: bytes.count))
    }
    return [.words(offsets), .bytes(bytes)]
  }

  /// The values of one field of the rows of the draft, in that order.
  func fieldPayloads(
    _ properties: PropertyRows, _ rows: [UInt32], _ field: Int, _ slot: PropertySlot
  ) -> [Payload] {
    if slot.form == .strings { return setPayloads(properties, rows, field) }
    var presence = [UInt64](repeating: 0, count: (rows.count + 63) / 64)
    var values = [UInt64](repeating: 0, count: rows.count)
    for (index, row) in rows.enumerated() {
      guard let cell = properties.cell(Int(row), field) else { continue }
      values[index] = cell
      presence[index &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: index & 63)
    }
    let column: Payload =
      switch slot.form.width {
      case 1: .bytes(values.map { UInt8(truncatingIfNeeded: $0) })
      case 4: .words(ranks(values, presence))
      default: .longs(values)
      }
    return [column, .longs(presence)]
  }

  /// Numbers of the draft's strings as ranks; 0 where no value is present.
  private func ranks(_ values: [UInt64], _ presence: [UInt64]) -> [UInt32] {
    values.indices.map { index in
      let isPresent = presence[index &>> 6] &>> UInt64(truncatingIfNeeded: index & 63) & 1 != 0
      return isPresent ? stringNumbers[Int(values[index])] : 0
    }
  }

  private func setPayloads(
    _ properties: PropertyRows, _ rows: [UInt32], _ field: Int
  ) -> [Payload] {
    var offsets: [UInt32] = [0]
    var members: [UInt32] = []
    for row in rows {
      if let cell = properties.cell(Int(row), field) {
        members += draft.setMembers(cell).map { stringNumbers[Int($0)] }.sorted()
      }
      offsets.append(UInt32(truncatingIfNeeded: members.count))
    }
    return [.words(offsets), .words(members)]
  }

  /// The fields of an edge type, those that are stored.
  func edgeFieldPayloads(_ edge: Int, _ isStored: (Int) -> Bool) -> [Payload] {
    var payloads: [Payload] = []
    for field in draft.schema.edges[edge].fields.indices where isStored(field) {
      payloads += fieldPayloads(
        draft.edges[edge].properties, edgeOrder[edge], field, draft.names.edgeSlots[edge][field])
    }
    return payloads
  }

  /// Offsets for the nodes of a range into ascending nodes.
  func offsets(ofNodes nodes: [UInt32], in range: Range<Int>) -> [UInt32] {
    let first = UInt32(range.lowerBound)
    return WritGraph.offsets(ofRows: nodes.lazy.map { $0 - first }, count: range.count)
  }

  /// The edges that reach nodes in a range, by the node that they reach.
  func inverse(
    _ froms: [UInt32], _ tos: [UInt32], _ range: Range<Int>
  ) -> (targets: [UInt32], edges: [UInt32], sources: [UInt32]) {
    var reaching: [UInt32] = []
    for (edge, to) in tos.enumerated() where range.contains(Int(to)) {
      reaching.append(UInt32(truncatingIfNeeded: edge))
    }
    let sorted = countingSorted(reaching, by: tos, below: range.upperBound)
    return (sorted.map { tos[Int($0)] }, sorted, sorted.map { froms[Int($0)] })
  }

  /// The source lines that still speak of something, sorted and distinct.
  private func sourceLines() -> [SourceLine] {
    var lines: [SourceLine] = []
    for line in draft.lines where !isVoid(line) {
      let cover: SourceLine.Cover
      switch line.cover {
      case .everything: cover = .everything
      case .kind(let kind): cover = .kind(kind)
      case .node(let reference):
        guard nodeNumbers[Int(reference)] != .max else { continue }
        cover = .node(Int(nodeNumbers[Int(reference)]))
      }
      lines.append(
        SourceLine(
          source: line.source, cover: cover, of: line.of < 0 ? nil : line.of, at: line.at))
    }
    lines.sort()
    var last: SourceLine?
    return lines.filter { line in
      defer { last = line }
      return line != last
    }
  }

  private func isVoid(_ line: DraftLine) -> Bool {
    guard case .node(let reference) = line.cover else { return false }
    return draft.isVoid(reference, line.moment)
  }

  /// Source lines about nodes that are nowhere.
  func sourceLineProblems() -> [AssemblyProblem] {
    draft.lines.compactMap { line in
      guard case .node(let reference) = line.cover, !isVoid(line), !draft.isSaid(reference) else {
        return nil
      }
      return AssemblyProblem(cause: .missingNode(draft.text(reference)), place: line.place)
    }
  }

  /// The bound that the graph passes, if it passes one.
  func limitProblem() -> GraphProblem.Cause? {
    if nodeNumbers.count > Limits.elements { return .limit("nodes") }
    if draft.strings.count > Limits.elements || draft.strings.byteCount > Limits.elements {
      return .limit("strings")
    }
    if edgeOrder.contains(where: { $0.count > Limits.elements }) { return .limit("edges") }
    return draft.setMembers.count > Limits.elements ? .limit("elements of sets") : nil
  }
}
