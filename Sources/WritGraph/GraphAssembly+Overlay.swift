// A finished overlay's sections: those of a snapshot that a request may bring, with the rows of
// snapshot nodes sparse.

import WritModel

extension GraphAssembly {
  /// The sections of an overlay, in the order in which `Overlay` takes them.
  func overlayPayloads() -> [Payload] {
    let schema = draft.schema
    var payloads: [Payload] = [.words(nodeIDs())]
    payloads += stringPayloads()
    for kind in schema.kinds.indices {
      for (field, type) in schema.kinds[kind].fields.enumerated() where type.isFromRequest {
        if !draft.isOwn(kind: kind) { payloads.append(.words(baseNodes(kind))) }
        payloads += fieldPayloads(
          draft.nodes[kind].properties, nodeOrder[kind], field, draft.names.kindSlots[kind][field])
      }
    }
    for (edge, type) in schema.edges.enumerated() where type.origin == .request {
      let ends = ends(of: edge)
      let (froms, tos) = (ends.froms, ends.tos)
      payloads += offsetPayloads(froms, type.source)
      payloads += [.words(froms), .words(tos)]
      payloads += edgeFieldPayloads(edge) { type.fields[$0].isFromRequest }
      for kind in type.targets {
        let range = draft.isOwn(kind: kind) ? nodeRanges[kind] : baseRange(kind)
        let inverse = inverse(froms, tos, range)
        payloads += offsetPayloads(inverse.targets, kind)
        payloads += [.words(inverse.edges), .words(inverse.sources)]
      }
    }
    return payloads
  }

  /// The nodes of a kind in the snapshot below.
  private func baseRange(_ kind: Int) -> Range<Int> {
    guard let base = draft.base, let own = base.kinds[kind] else { return 0..<0 }
    return base.snapshot.nodeRanges[own]
  }

  /// The nodes of the snapshot below that facts of this kind speak of.
  private func baseNodes(_ kind: Int) -> [UInt32] {
    nodeOrder[kind].map { nodeNumbers[Int(draft.nodes[kind].references[Int($0)])] }
  }

  /// Offsets for ascending nodes of a kind; in front of them the rows, where they are sparse.
  private func offsetPayloads(_ nodes: [UInt32], _ kind: Int) -> [Payload] {
    if draft.isOwn(kind: kind) { return [.words(offsets(ofNodes: nodes, in: nodeRanges[kind]))] }
    var rows: [UInt32] = []
    var offsets: [UInt32] = []
    for (place, node) in nodes.enumerated() where rows.last != node {
      rows.append(node)
      offsets.append(UInt32(truncatingIfNeeded: place))
    }
    offsets.append(UInt32(truncatingIfNeeded: nodes.count))
    return [.words(rows), .words(offsets)]
  }
}
