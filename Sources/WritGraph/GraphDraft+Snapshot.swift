// A snapshot's facts back into a draft, for a delta to change.

import WritModel

extension GraphDraft {
  /// Adds all facts of a snapshot with the draft's own schema to the draft, which is empty.
  mutating func add(_ snapshot: Snapshot) {
    // Strings are added by rank, so that each has its rank as its number.
    for number in 0..<snapshot.strings.count {
      // The bytes behind the last string are part of the memory's spare ones.
      _ = strings.intern(snapshot.strings.bytes(number))
    }
    var stage = PropertyStage(schema)
    var references = [UInt32](repeating: 0, count: snapshot.nodeCount)
    for kind in schema.kinds.indices {
      for node in snapshot.nodeRanges[kind] {
        let row = node - snapshot.nodeRanges[kind].lowerBound
        copy(snapshot.fields[kind], row, to: &stage)
        references[node] = reference(kind, snapshot.nodeIDs[node])
        _ = add(references[node], source: snapshot.nodeSources[kind]?[row] ?? 0, stage)
      }
    }
    for edge in schema.edges.indices {
      let index = snapshot.edges[edge]
      for number in 0..<index.count {
        copy(index.fields, number, to: &stage)
        add(
          edge, from: references[Int(index.sources[number])],
          to: references[Int(index.targets[number])], stage, at: .nowhere)
      }
    }
    addSources(of: snapshot, references)
  }

  /// Adds the source lines of a snapshot whose nodes have these references, by number.
  mutating func addSources(of snapshot: Snapshot, _ references: [UInt32]) {
    for line in snapshot.sourceLines {
      let cover: DraftCover =
        switch line.cover {
        case .everything: .everything
        case .kind(let kind): .kind(kind)
        case .node(let node): .node(references[node])
        }
      add(source: line.source, cover, of: line.of ?? -1, at: line.at, .nowhere)
    }
  }

  private mutating func copy(_ fields: [FieldStorage], _ row: Int, to stage: inout PropertyStage) {
    stage.clear(fields.count)
    for (field, storage) in fields.enumerated() {
      switch storage {
      case .none: continue
      case .scalar:
        if let cell = storage.cell(row) { stage.set(field, cell) }
      case .strings:
        let members = storage.members(row)
        if !members.isEmpty { stage.set(field, addSet(Array(members))) }
      }
    }
  }
}
