// The names in a fact: kinds, edges, sources, references to nodes; and the rarer kinds of facts.

import WritCrypto
import WritModel

extension FactReader {
  /// The kind of a `node` fact.
  mutating func nodeOwner(_ name: RawText) throws(JSONFault) -> FactOwner {
    guard let kind = kind(try resolve(name)) else {
      if lenience.contains(.unknownKinds) { return .dropped }
      report(draft.unknownKind(spelled(name)), at: name.start)
      throw .reported
    }
    let isFromRequest = draft.schema.kinds[kind].origin == .request
    if isFromRequest, draft.layer == .snapshot {
      report(.onlyFromRequest(spelled(name)), at: name.start)
      throw .reported
    }
    return .node(kind)
  }

  /// The type of an `edge` fact, by its label and the kind that it leaves.
  mutating func edgeOwner(_ label: RawText, _ from: RawText) throws(JSONFault) -> FactOwner {
    guard let source = try sameReference(from) else { return .dropped }
    let kind = Int(draft.references[Int(source)].kind)
    if let last = lastEdge, last.kind == kind, last.text.count == label.count,
      isEqual(UnsafeRawPointer(last.text.start), label.bytes)
    {
      return .edge(last.edge, from: source)
    }
    guard let edge = draft.names.edge(try resolve(label), leaving: kind) else {
      if lenience.contains(.unknownKinds) { return .dropped }
      let names = draft.schema.edges.filter { $0.source == kind }.map(\.name)
      let name = spelled(label)
      report(
        .unknownEdge(
          name, kind: draft.schema.kinds[kind].name, nearest: nearest(name, of: names)),
        at: label.start)
      throw .reported
    }
    switch (draft.schema.edges[edge].origin == .request, draft.layer) {
    case (true, .snapshot): report(.onlyFromRequest(spelled(label)), at: label.start)
    case (false, .overlay): report(.notFromRequest(spelled(label)), at: label.start)
    case (true, .overlay), (false, .snapshot):
      if !label.isEscaped { lastEdge = (label, kind, edge) }
      return .edge(edge, from: source)
    }
    throw .reported
  }

  /// The node that `Kind/id` names, split at the first slash; `nil` if its kind is one to leave
  /// out.
  mutating func reference(_ text: RawText) throws(JSONFault) -> UInt32? {
    let bytes = try resolve(text)
    var slash = 0
    while slash < bytes.count, bytes[slash] != 47 { slash &+= 1 }
    guard slash < bytes.count, slash > 0 else {
      report(.badReference(String(decoding: bytes, as: UTF8.self)), at: text.start)
      throw .reported
    }
    guard let kind = kind(UnsafeBufferPointer(rebasing: bytes[..<slash])) else {
      if lenience.contains(.unknownKinds) { return nil }
      report(
        draft.unknownKind(String(decoding: bytes[..<slash], as: UTF8.self)), at: text.start)
      throw .reported
    }
    guard slash + 1 < bytes.count else {
      report(.badReference(String(decoding: bytes, as: UTF8.self)), at: text.start)
      throw .reported
    }
    let id = UnsafeBufferPointer(rebasing: bytes[(slash + 1)...])
    return draft.reference(kind, draft.strings.intern(id))
  }

  /// The kind of that name, which is often the one that was named last.
  private mutating func kind(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
    if draft.schema.kinds.count > 0, draft.names.isName(name, ofKind: lastKind) { return lastKind }
    guard let kind = draft.names.kind(name) else { return nil }
    lastKind = kind
    return kind
  }

  /// As `reference`, for a text that is often that of the line before.
  private mutating func sameReference(_ text: RawText) throws(JSONFault) -> UInt32? {
    if let last = lastReference, last.text.count == text.count,
      isEqual(UnsafeRawPointer(last.text.start), text.bytes)
    {
      return last.node
    }
    let node = try reference(text)
    if let node, !text.isEscaped { lastReference = (text, node) }
    return node
  }

  /// The byte by which a node of `kind` remembers that source.
  mutating func remembered(_ name: RawText, _ kind: Int) throws(JSONFault) -> UInt8 {
    guard draft.layer == .snapshot else {
      report(.refusedInRequest("source"), at: name.start)
      throw .reported
    }
    let source = try self.source(name)
    guard let byte = draft.sourceByte(source, ofKind: kind) else {
      report(
        .notItsSource(spelled(name), kind: draft.schema.kinds[kind].name), at: name.start)
      throw .reported
    }
    return byte
  }

  private mutating func source(_ name: RawText) throws(JSONFault) -> Int {
    guard let source = draft.names.source(try resolve(name)) else {
      let text = spelled(name)
      let hint = nearest(text, of: draft.schema.sources.map(\.name))
      report(.unknownSource(text, nearest: hint), at: name.start)
      throw .reported
    }
    return source
  }

  /// A fact that is no node and no edge.
  mutating func finishRare(
    _ members: FactMembers, _ start: UnsafePointer<UInt8>
  ) throws(JSONFault) {
    if let text = members[.base] { return try finishBase(text, members) }
    let name =
      members.has(.remove) ? "remove" : members.has(.removeEdge) ? "removeEdge" : "source"
    if draft.layer == .overlay, let text = members[.remove] ?? members[.removeEdge] {
      report(.refusedInRequest(name), at: text.start)
    } else if draft.layer == .overlay, let text = members[.source] {
      report(.refusedInRequest(name), at: text.start)
    } else if let text = members[.remove] {
      try check(members, FactForm.remove)
      try remove(text)
    } else if let label = members[.removeEdge] {
      try removeEdge(label, members, start)
    } else if let text = members[.source] {
      try finishSource(text, members, start)
    } else {
      report(.noFact, at: start)
    }
  }

  private mutating func remove(_ text: RawText) throws(JSONFault) {
    guard let node = try reference(text) else { return }
    guard draft.remove(node) else {
      return report(.missingNode(spelled(text)), at: text.start)
    }
    counts.removals += 1
  }

  /// The snapshot that a delta is for.
  private mutating func finishBase(
    _ text: RawText, _ members: FactMembers
  ) throws(JSONFault) {
    guard draft.layer == .snapshot else { return report(.refusedInRequest("base"), at: text.start) }
    try check(members, FactForm.base)
    guard draft.repetition == .replaces, let base, isAtFirstFact else {
      return report(.misplacedBase, at: text.start)
    }
    guard let wanted = Digest(spelled(text)) else {
      return report(
        .wrongMember("base", wanted: "`sha256:` and 64 hexadecimal digits"), at: text.start)
    }
    if wanted != base { refuse(.otherBase(wanted: wanted, found: base), at: text.start) }
  }

  private mutating func removeEdge(
    _ label: RawText, _ members: FactMembers, _ start: UnsafePointer<UInt8>
  ) throws(JSONFault) {
    try check(members, FactForm.removeEdge)
    let from = try need(members, .from, "from", start)
    let to = try need(members, .to, "to", start)
    guard case .edge(let edge, let source) = try edgeOwner(label, from),
      let target = try reference(to)
    else { return }
    draft.remove(edge, from: source, to: target, at: place(label.start))
    counts.removals += 1
  }

  private mutating func finishSource(
    _ name: RawText, _ members: FactMembers, _ start: UnsafePointer<UInt8>
  ) throws(JSONFault) {
    try check(members, FactForm.source)
    let source = try source(name)
    let at = try need(members, .at, "at", start)
    guard let instant = Instant(try resolve(at).span) else {
      report(.wrongMember("at", wanted: StorageForm.instant.wanted), at: at.start)
      throw .reported
    }
    let covers = try need(members, .covers, "covers", start)
    var of = -1
    if let name = members[.of] { of = try self.source(name) }
    guard let cover = try cover(covers) else {
      dropped.sourceLines += 1
      return
    }
    draft.add(
      source: source, cover, of: of, at: instant.microseconds, place(covers.start))
    counts.sourceLines += 1
  }

  /// `*`, a kind, or a reference to a node.
  private mutating func cover(_ text: RawText) throws(JSONFault) -> DraftCover? {
    let bytes = try resolve(text)
    if bytes.count == 1, bytes[0] == 42 { return .everything }
    if bytes.contains(47) { return try reference(text).map(DraftCover.node) }
    if let kind = draft.names.kind(bytes) { return .kind(kind) }
    if lenience.contains(.unknownKinds) { return nil }
    report(draft.unknownKind(spelled(text)), at: text.start)
    throw .reported
  }
}

extension GraphDraft {
  /// The problem that there is no such kind.
  func unknownKind(_ name: String) -> GraphProblem.Cause {
    .unknownKind(name, nearest: nearest(name, of: schema.kinds.map(\.name)))
  }

  /// The problem that an edge may not lead to `kind`.
  func wrongTarget(_ edge: Int, _ kind: Int) -> GraphProblem.Cause {
    let wanted = schema.edges[edge].targets.map { "`\(schema.kinds[$0].name)`" }
    return .wrongTarget(
      edge: schema.edges[edge].name, found: schema.kinds[kind].name,
      wanted: wanted.joined(separator: " or "))
  }
}
