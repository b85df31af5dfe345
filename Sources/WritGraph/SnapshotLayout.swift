// Which sections a snapshot of a schema has, and in which order.

import WritModel

/// What a section holds. `docs/snapshot-format.md` says it in full.
enum SectionRole: UInt32 {
  case kindRanges = 1
  case nodeIDs = 2
  case stringOffsets = 3
  case stringBytes = 4
  case sourceLines = 5
  case nodeSources = 6
  case nodeValues = 7
  case nodePresence = 8
  case nodeSetOffsets = 9
  case nodeSetMembers = 10
  case edgeOffsets = 11
  case edgeSources = 12
  case edgeTargets = 13
  case edgeValues = 14
  case edgePresence = 15
  case edgeSetOffsets = 16
  case edgeSetMembers = 17
  case inverseOffsets = 18
  case inverseEdges = 19
  case inverseSources = 20
}

/// A section's name: its role, and which kind or edge (`first`) and which field or target kind
/// (`second`) it is of.
struct SectionName: Hashable {
  let role: SectionRole
  var first = 0
  var second = 0
  /// Bytes of an element.
  let width: Int
}

extension Schema {
  /// The sections of a snapshot, in order: a file has exactly these.
  var sections: [SectionName] {
    var names = [
      SectionName(role: .kindRanges, width: 4), SectionName(role: .nodeIDs, width: 4),
      SectionName(role: .stringOffsets, width: 4), SectionName(role: .stringBytes, width: 1),
      SectionName(role: .sourceLines, width: 8),
    ]
    for kind in kinds.indices { appendSections(ofKind: kind, to: &names) }
    for edge in edges.indices { appendSections(ofEdge: edge, to: &names) }
    return names
  }

  private func appendSections(ofKind kind: Int, to names: inout [SectionName]) {
    if remembersSources(kind) {
      names.append(SectionName(role: .nodeSources, first: kind, width: 1))
    }
    for field in kinds[kind].fields.indices where isStored(kind: kind, field: field) {
      appendSections(
        of: kinds[kind].fields[field],
        roles: (.nodeValues, .nodePresence, .nodeSetOffsets, .nodeSetMembers),
        at: (kind, field), to: &names)
    }
  }

  private func appendSections(ofEdge edge: Int, to names: inout [SectionName]) {
    guard isStored(edge: edge) else { return }
    for role in [SectionRole.edgeOffsets, .edgeSources, .edgeTargets] {
      names.append(SectionName(role: role, first: edge, width: 4))
    }
    for field in edges[edge].fields.indices where isStored(edge: edge, field: field) {
      appendSections(
        of: edges[edge].fields[field],
        roles: (.edgeValues, .edgePresence, .edgeSetOffsets, .edgeSetMembers),
        at: (edge, field), to: &names)
    }
    for target in edges[edge].targets {
      for role in [SectionRole.inverseOffsets, .inverseEdges, .inverseSources] {
        names.append(SectionName(role: role, first: edge, second: target, width: 4))
      }
    }
  }

  private func appendSections(
    of field: FieldType,
    roles: (values: SectionRole, presence: SectionRole, offsets: SectionRole, members: SectionRole),
    at place: (Int, Int), to names: inout [SectionName]
  ) {
    func append(_ role: SectionRole, _ width: Int) {
      names.append(SectionName(role: role, first: place.0, second: place.1, width: width))
    }
    let form = StorageForm(field.type) ?? .string
    if form == .strings {
      append(roles.offsets, 4)
      append(roles.members, 4)
    } else {
      append(roles.values, form.width)
      append(roles.presence, 8)
    }
  }

  /// Whether nodes of the kind remember which of its sources brought them.
  func remembersSources(_ kind: Int) -> Bool {
    if case .sources(let sources) = kinds[kind].origin { sources.count > 1 } else { false }
  }

  /// Whether a snapshot holds values of the field.
  func isStored(kind: Int, field: Int) -> Bool {
    let type = kinds[kind].fields[field]
    return !type.isKey && type.origin != .request && kinds[kind].origin != .request
  }

  /// Whether a snapshot holds edges of the type.
  func isStored(edge: Int) -> Bool { edges[edge].origin != .request }

  /// Whether a snapshot holds values of the edge's field.
  func isStored(edge: Int, field: Int) -> Bool { edges[edge].fields[field].origin != .request }

  /// The kinds in the order in which their nodes are numbered: by the bytes of their names.
  var kindsByName: [Int] {
    kinds.indices.sorted { kinds[$0].name.utf8.lexicographicallyPrecedes(kinds[$1].name.utf8) }
  }
}
