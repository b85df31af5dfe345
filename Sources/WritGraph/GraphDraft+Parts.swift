// A draft made of drafts of the parts of an input, in order.

import WritModel

extension GraphDraft {
  /// Adds the facts of a draft of what follows, as if they had been read here.
  ///
  /// Nothing was removed in the part, and no problem was met in it.
  ///
  /// - Returns: Whether that went well. If a node was said here with other values, nothing can be done with the draft any more.
  mutating func add(_ part: borrowing GraphDraft) -> Bool {
    let strings = strings.intern(part.strings)
    var numbers: [UInt32] = []
    numbers.reserveCapacity(part.references.count)
    for node in part.references {
      numbers.append(reference(Int(node.kind), strings[Int(node.id)]))
    }
    for kind in schema.kinds.indices {
      guard addNodes(kind, part, numbers, strings) else { return false }
    }
    for type in schema.edges.indices { addEdges(type, part, numbers, strings) }
    for line in part.lines {
      var cover = line.cover
      if case .node(let reference) = cover { cover = .node(numbers[Int(reference)]) }
      add(source: line.source, cover, of: line.of, at: line.at, .nowhere)
    }
    return true
  }

  private mutating func addNodes(
    _ kind: Int, _ part: borrowing GraphDraft, _ numbers: [UInt32], _ strings: [UInt32]
  ) -> Bool {
    let rows = part.nodes[kind]
    guard !rows.references.isEmpty else { return true }
    let references = rows.references.map { numbers[Int($0)] }
    guard references.allSatisfy({ !isSaid($0) }) else {
      return addNodes(references, rows, part, strings)
    }
    setRows(of: references, from: nodes[kind].references.count)
    nodes[kind].references += references
    nodes[kind].sources += rows.sources
    let properties = moved(rows.properties, names.kindSlots[kind], part, strings)
    nodes[kind].properties.append(properties)
    return true
  }

  /// Adds nodes of one kind of which some were said before.
  private mutating func addNodes(
    _ references: [UInt32], _ rows: NodeRows, _ part: borrowing GraphDraft, _ strings: [UInt32]
  ) -> Bool {
    var stage = PropertyStage(schema)
    for (row, reference) in references.enumerated() {
      let slots = names.kindSlots[Int(self.references[Int(reference)].kind)]
      stage.clear(slots.count)
      for field in slots.indices {
        guard let cell = rows.properties.cell(row, field) else { continue }
        stage.set(field, moved(cell, slots[field].form, part, strings))
      }
      guard add(reference, source: rows.sources[row], stage) else { return false }
    }
    return true
  }

  private mutating func addEdges(
    _ type: Int, _ part: borrowing GraphDraft, _ numbers: [UInt32], _ strings: [UInt32]
  ) {
    let rows = part.edges[type]
    guard !rows.froms.isEmpty else { return }
    for from in rows.froms { edges[type].froms.append(numbers[Int(from)]) }
    for to in rows.tos { edges[type].tos.append(numbers[Int(to)]) }
    let properties = moved(rows.properties, names.edgeSlots[type], part, strings)
    edges[type].properties.append(properties)
  }

  /// The rows with the numbers that their strings and sets have here.
  private mutating func moved(
    _ rows: PropertyRows, _ slots: UnsafeBufferPointer<PropertySlot>,
    _ part: borrowing GraphDraft, _ strings: [UInt32]
  ) -> PropertyRows {
    var rows = rows
    for field in slots.indices {
      switch slots[field].form {
      case .string: rows.change(field) { UInt64(strings[Int($0)]) }
      case .strings:
        rows.change(field) { cell in addSet(part.setMembers(cell).map { strings[Int($0)] }) }
      default: continue
      }
    }
    return rows
  }

  /// The cell of the same value here.
  private mutating func moved(
    _ cell: UInt64, _ form: StorageForm, _ part: borrowing GraphDraft, _ strings: [UInt32]
  ) -> UInt64 {
    switch form {
    case .string: UInt64(strings[Int(cell)])
    case .strings: addSet(part.setMembers(cell).map { strings[Int($0)] })
    default: cell
    }
  }
}
