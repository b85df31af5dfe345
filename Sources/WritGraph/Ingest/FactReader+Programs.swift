// Facts that a program adds, checked like those that are read from text.

import WritModel

extension FactReader {
  /// Adds a node; see `SnapshotBuilder.addNode`.
  mutating func addNode(_ node: NodeKey, _ properties: [Property], source: Int?) {
    guard let reference = reference(node) else { return }
    let origin = draft.schema.kinds[node.kind].origin
    guard draft.layer == .overlay || origin != .request else {
      return report(.onlyFromRequest(draft.schema.kinds[node.kind].name), at: .nowhere)
    }
    guard draft.mayBeSaid(reference) else {
      return report(.notFromRequest(draft.text(reference)), at: .nowhere)
    }
    stage.clear(draft.names.kindSlots[node.kind].count)
    for property in properties { setProperty(property, of: .kind(node.kind)) }
    let field = draft.names.keyFields[node.kind]
    if field >= 0, stage.has(field) {
      let isID = draft.isID(stage.cells[field], node.kind, field, reference)
      stage.unset(field)
      if !isID {
        let name = draft.schema.kinds[node.kind].fields[field].name
        report(.keyDiffers(property: name, node: draft.text(reference)), at: .nowhere)
      }
    }
    guard let byte = sourceByte(source, node.kind) else { return }
    guard draft.add(reference, source: byte, stage) else {
      return report(.conflictingNode(draft.text(reference)), at: .nowhere)
    }
  }

  private mutating func sourceByte(_ source: Int?, _ kind: Int) -> UInt8? {
    guard let source else { return 0 }
    guard draft.schema.sources.indices.contains(source),
      let byte = draft.sourceByte(source, ofKind: kind)
    else {
      report(.notItsSource("source \(source)", kind: draft.schema.kinds[kind].name), at: .nowhere)
      return nil
    }
    return byte
  }

  /// Adds an edge; see `SnapshotBuilder.addEdge`.
  mutating func addEdge(_ edge: Int, from: NodeKey, to: NodeKey, _ properties: [Property]) {
    guard draft.schema.edges.indices.contains(edge), draft.schema.edges[edge].source == from.kind
    else {
      return report(.unknownEdge("edge \(edge)", kind: "\(from)", nearest: nil), at: .nowhere)
    }
    guard let source = reference(from), let target = reference(to) else { return }
    let type = draft.schema.edges[edge]
    guard (type.origin == .request) == (draft.layer == .overlay) else {
      let isFromRequest = type.origin == .request
      return report(
        isFromRequest ? .onlyFromRequest(type.name) : .notFromRequest(type.name), at: .nowhere)
    }
    guard type.targets.contains(to.kind) else {
      return report(draft.wrongTarget(edge, to.kind), at: .nowhere)
    }
    stage.clear(type.fields.count)
    for property in properties { setProperty(property, of: .edge(edge)) }
    draft.add(edge, from: source, to: target, stage, at: .nowhere)
  }

  /// Adds a source line; see `SnapshotBuilder.addSource`.
  mutating func addSource(_ source: Int, _ cover: SourceCover, of: Int?, at: Int64) {
    let sources = draft.schema.sources.indices
    guard sources.contains(source), of.map(sources.contains) ?? true else {
      return report(.unknownSource("source \(source)", nearest: nil), at: .nowhere)
    }
    guard Instant.earliest.microseconds...Instant.latest.microseconds ~= at else {
      return report(.wrongMember("at", wanted: StorageForm.instant.wanted), at: .nowhere)
    }
    let draftCover: DraftCover
    switch cover {
    case .everything: draftCover = .everything
    case .kind(let kind):
      guard draft.schema.kinds.indices.contains(kind) else {
        return report(draft.unknownKind("kind \(kind)"), at: .nowhere)
      }
      draftCover = .kind(kind)
    case .node(let node):
      guard let reference = reference(node) else { return }
      draftCover = .node(reference)
    }
    draft.add(source: source, draftCover, of: of ?? -1, at: at, .nowhere)
  }

  private mutating func reference(_ node: NodeKey) -> UInt32? {
    guard draft.schema.kinds.indices.contains(node.kind) else {
      report(draft.unknownKind("kind \(node.kind)"), at: .nowhere)
      return nil
    }
    guard let id = intern(node.id) else { return nil }
    return draft.reference(node.kind, id)
  }

  /// The number of a string that holds no U+0000.
  private mutating func intern(_ text: String) -> UInt32? {
    guard !text.utf8.contains(0) else {
      report(.malformed(.zero), at: .nowhere)
      return nil
    }
    return withPadded(text) { draft.strings.intern($0) }
  }

  private mutating func setProperty(_ property: Property, of owner: PropertyOwner) {
    let fields = draft.fields(owner)
    guard fields.indices.contains(property.field) else {
      return report(
        .unknownProperty("field \(property.field)", of: draft.name(owner), nearest: nil),
        at: .nowhere)
    }
    let field = fields[property.field]
    guard field.isKey || (field.origin == .request) == (draft.layer == .overlay) else {
      let name = "\(draft.name(owner)).\(field.name)"
      return report(
        field.origin == .request ? .onlyFromRequest(name) : .notFromRequest(name), at: .nowhere)
    }
    guard let cell = cell(property.value, field.type) else {
      let form = StorageForm(field.type) ?? .string
      return report(
        .wrongType(property: field.name, of: draft.name(owner), wanted: form.wanted), at: .nowhere)
    }
    stage.set(property.field, cell)
  }

  private mutating func cell(_ value: PropertyValue, _ type: ValueType) -> UInt64? {
    let form = StorageForm(type) ?? .string
    switch value {
    case .number(let number):
      return draft.schema.isInRange(number, type) ? UInt64(bitPattern: number) : nil
    case .text(let text):
      return form == .string ? intern(text).map(UInt64.init) : nil
    case .texts(let texts):
      guard form == .strings, texts.count <= Limits.setElements else { return nil }
      var numbers: [UInt32] = []
      for text in texts {
        guard let number = intern(text) else { return nil }
        numbers.append(number)
      }
      return draft.addSet(numbers)
    }
  }
}

extension Schema {
  /// Whether a column of that type may hold the number: ordinals are of a member, times within the
  /// years 0000 to 9999.
  func isInRange(_ number: Int64, _ type: ValueType) -> Bool {
    range(of: type).map { $0.contains(number) } ?? false
  }

  /// The numbers that a column of that type may hold; `nil` for types that are no numbers.
  func range(of type: ValueType) -> ClosedRange<Int64>? {
    switch type.unwrapped {
    case .bool: 0...1
    case .int, .decimal, .duration: .min ... .max
    case .date: CalendarDate.earliest.days...CalendarDate.latest.days
    case .instant: Instant.earliest.microseconds...Instant.latest.microseconds
    case .enumeration(let index): 0...Int64(enums[index].members.count - 1)
    case .string, .node, .edge, .optional, .set, .list: nil
    }
  }
}
