// What of a graph and a request tells of people, and so must be erasable where it is recorded.

import WritGraph
import WritModel

/// Kinds and fields that tell of people, by name.
///
/// They are: the ids and all texts of nodes of kind `Identity`; the ids of the kinds that approvers are of; fields that the
/// schema marks `personal`, and the ids of a kind whose key is marked so. Of bundle and snapshot, what either says.
struct PersonalPlaces {
  private var kinds: Set<ByteText> = []
  private var fields: Set<ByteText> = []
  private var keys: Set<ByteText> = []

  /// Who asks and who approves is of this kind, where it is declared.
  private static let people = "Identity"

  init(_ schemas: [Schema], approvers: [String]) {
    for actor in approvers {
      if let kind = actor.halves(at: UInt8(ascii: "/"))?.before { kinds.insert(ByteText(kind)) }
    }
    for schema in schemas {
      for kind in schema.kinds { add(kind) }
      for edge in schema.edges {
        for field in edge.fields where field.isPersonal {
          let name = PersonalPlaces.name(edge.name, of: schema.kinds[edge.source].name, field.name)
          fields.insert(ByteText(name))
        }
      }
    }
  }

  private mutating func add(_ kind: NodeKind) {
    let isPerson = hasSameBytes(kind.name, PersonalPlaces.people)
    if isPerson || kind.fields.contains(where: { $0.isKey && $0.isPersonal }) {
      kinds.insert(ByteText(kind.name))
    }
    for field in kind.fields where field.isKey {
      keys.insert(ByteText(PersonalPlaces.name(kind.name, field.name)))
    }
    for field in kind.fields where !field.isKey && (isPerson || field.isPersonal) {
      guard [.string, .strings].contains(StorageForm(field.type)) else { continue }
      fields.insert(ByteText(PersonalPlaces.name(kind.name, field.name)))
    }
  }

  /// What a disclosure of a field's text is called.
  static func name(_ kind: String, _ field: String) -> String { "\(kind).\(field)" }

  /// The same of an edge's field.
  static func name(_ edge: String, of kind: String, _ field: String) -> String {
    "\(kind).\(edge).\(field)"
  }

  /// Whether the ids of a kind tell of people.
  func hasPersonalIDs(_ kind: String) -> Bool { kinds.contains(ByteText(kind)) }

  /// Whether what a disclosure of that name would hold tells of people.
  func isPersonal(_ name: String) -> Bool { fields.contains(ByteText(name)) }

  /// Whether a field is the id of its node under another name.
  func isKey(_ name: String) -> Bool { keys.contains(ByteText(name)) }

  /// Everything, each once, in one order: what a remembered form depends on.
  var description: String {
    (kinds.sorted().map(\.string) + [""] + fields.sorted().map(\.string)).joined(separator: "\n")
  }
}
