// One line, one fact: its members, and what they say of nodes and edges.

import WritModel

extension FactReader {
  /// Reads one line and puts its fact into the draft.
  mutating func readFact(_ cursor: inout JSONCursor) throws(JSONFault) {
    let start = cursor.position
    var members = FactMembers(texts)
    try cursor.expect(123)
    cursor.skipSpace()
    if !cursor.take(125) {
      repeat {
        cursor.skipSpace()
        try readMember(&cursor, &members)
        cursor.skipSpace()
      } while cursor.take(44)
      try cursor.expect(125)
    }
    let end = cursor.position
    if members.has(.node) {
      try finishNode(&cursor, &members, start)
    } else if members.has(.edge) {
      try finishEdge(&cursor, &members, start)
    } else {
      try finishRare(members, start)
    }
    isAtFirstFact = false
    cursor.position = end
  }

  private mutating func readMember(
    _ cursor: inout JSONCursor, _ members: inout FactMembers
  ) throws(JSONFault) {
    let start = cursor.position
    let key = try cursor.string()
    guard let member = FactMember(key) else {
      report(.unknownMember(spelled(key)), at: start)
      throw .reported
    }
    guard members.meet(member) else {
      report(.duplicateMember(spelled(key)), at: start)
      throw .reported
    }
    cursor.skipSpace()
    try cursor.expect(58)
    cursor.skipSpace()
    if member == .props { return try meetProperties(&cursor, &members) }
    guard cursor.position.pointee == 34 else {
      report(.wrongMember(spelled(key), wanted: "a string"), at: cursor.position)
      throw .reported
    }
    members.keep(member, try cursor.string())
  }

  /// Reads the properties at once if what they belong to is known, else remembers where they stand.
  private mutating func meetProperties(
    _ cursor: inout JSONCursor, _ members: inout FactMembers
  ) throws(JSONFault) {
    guard cursor.position.pointee == 123 else {
      report(.wrongMember("props", wanted: "an object"), at: cursor.position)
      throw .reported
    }
    members.props = cursor.position
    if members.has(.node) || (members.has(.edge) && members.has(.from)) {
      try settleProperties(&cursor, &members)
    } else {
      try cursor.skipValue()
    }
  }

  /// Finds what the properties belong to and reads them, or none, onto the stage; once for a line.
  private mutating func settleProperties(
    _ cursor: inout JSONCursor, _ members: inout FactMembers
  ) throws(JSONFault) {
    guard members.owner == nil else { return }
    let owner: FactOwner
    if let node = members[.node] {
      owner = try nodeOwner(node)
    } else if let edge = members[.edge], let from = members[.from] {
      owner = try edgeOwner(edge, from)
    } else {
      return
    }
    members.owner = owner
    if let props = members.props { cursor.position = props }
    switch owner {
    case .node(let kind):
      stage.clear(draft.names.kindSlots[kind].count)
      if members.props != nil { try readProperties(&cursor, of: .kind(kind)) }
    case .edge(let edge, _):
      stage.clear(draft.names.edgeSlots[edge].count)
      if members.props != nil { try readProperties(&cursor, of: .edge(edge)) }
    case .dropped:
      if members.props != nil { try cursor.skipValue() }
    }
  }

  private mutating func finishNode(
    _ cursor: inout JSONCursor, _ members: inout FactMembers, _ start: UnsafePointer<UInt8>
  ) throws(JSONFault) {
    try check(members, FactForm.node)
    let id = try need(members, .id, "id", start)
    try settleProperties(&cursor, &members)
    guard case .node(let kind) = members.owner else {
      dropped.nodes += 1
      return
    }
    guard id.count > 0 else {
      return report(.wrongMember("id", wanted: "a string that is not empty"), at: id.start)
    }
    let reference = draft.reference(kind, try intern(id))
    var source: UInt8 = 0
    if let name = members[.source] { source = try remembered(name, kind) }
    checkKey(kind, reference, at: id.start)
    guard draft.mayBeSaid(reference) else {
      return report(.notFromRequest(draft.text(reference)), at: id.start)
    }
    guard draft.add(reference, source: source, stage) else {
      return report(.conflictingNode(draft.text(reference)), at: id.start)
    }
    counts.nodes += 1
  }

  private mutating func finishEdge(
    _ cursor: inout JSONCursor, _ members: inout FactMembers, _ start: UnsafePointer<UInt8>
  ) throws(JSONFault) {
    try check(members, FactForm.edge)
    _ = try need(members, .from, "from", start)
    let to = try need(members, .to, "to", start)
    try settleProperties(&cursor, &members)
    guard case .edge(let edge, let from) = members.owner, let target = try reference(to) else {
      dropped.edges += 1
      return
    }
    let kind = Int(draft.references[Int(target)].kind)
    guard draft.schema.edges[edge].targets.contains(kind) else {
      return report(draft.wrongTarget(edge, kind), at: to.start)
    }
    draft.add(edge, from: from, to: target, stage, at: place(to.start))
    counts.edges += 1
  }

  /// The text of a member that the fact needs.
  mutating func need(
    _ members: FactMembers, _ member: FactMember, _ name: StaticString,
    _ start: UnsafePointer<UInt8>
  ) throws(JSONFault) -> RawText {
    guard let text = members[member] else {
      report(.missingMember("\(name)"), at: start)
      throw .reported
    }
    return text
  }

  /// Reports a member that means nothing in this fact.
  mutating func check(_ members: FactMembers, _ allowed: UInt16) throws(JSONFault) {
    guard let stranger = members.stranger(to: allowed) else { return }
    report(.unknownMember("\(stranger)"), at: members[stranger]?.start ?? members.props)
    throw .reported
  }

  /// The number of a text in the draft's strings.
  mutating func intern(_ text: RawText) throws(JSONFault) -> UInt32 {
    draft.strings.intern(try resolve(text))
  }
}
