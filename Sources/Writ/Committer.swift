// Requests and graphs in committed form: each personal text replaced by the token of its disclosure.

import WritEvidence
import WritGraph
import WritModel

/// Replaces what tells of people, and keeps it where it can be erased.
struct Committer {
  let places: PersonalPlaces
  let session: DisclosureSession

  /// An id as it is recorded. One that looks as if it held a token is committed too, whatever its kind: so in the
  /// committed form every token is one of the log's own.
  func id(_ id: String, of kind: String) throws(LogError) -> String {
    guard places.hasPersonalIDs(kind) || looksCommitted(id) else { return id }
    return try session.digest(of: .string(id), name: kind).token
  }

  /// `Kind/id` as it is recorded.
  func reference(_ text: String) throws(LogError) -> String {
    guard let (kind, id) = text.halves(at: UInt8(ascii: "/")) else { return text }
    return "\(kind)/\(try self.id(id, of: kind))"
  }

  /// A text as it is recorded: `name` says what it is, `node` whose.
  func text(_ text: String, name: String, of node: String?) throws(LogError) -> String {
    guard places.isPersonal(name) || looksCommitted(text) else { return text }
    return try session.digest(of: .string(text), name: name, of: node.map { [$0] } ?? []).token
  }

  /// Why somebody breaks the glass, as it is recorded: free text that may tell of anybody, and goes with whoever wrote it.
  func reason(_ text: String, of caller: String?) throws(LogError) -> String {
    try session.digest(of: .string(text), name: "reason", of: caller.map { [$0] } ?? ["reason"])
      .token
  }

  /// What would be done, as it is recorded: a digest of words that can be guessed, so it goes with all who are named there.
  func does(_ digest: String, _ request: Request, _ caller: String?) throws(LogError) -> String {
    let named = (request.call?.arguments ?? []).compactMap(\.value.string)
      .filter { $0.halves(at: UInt8(ascii: "/")) != nil }
    let nodes = Set(((caller.map { [$0] } ?? []) + named).map { ByteText($0) }).sorted()
    return try session.digest(of: .string(digest), name: "does", of: nodes.map(\.string)).token
  }

  private func looksCommitted(_ text: String) -> Bool {
    !DisclosureDigest.all(in: text).isEmpty
  }
}

/// The members of a record that list what can be erased of it; none where that is nothing.
func erasable(_ digests: Set<DisclosureDigest>) -> [JSONMember] {
  guard !digests.isEmpty else { return [] }
  return [
    JSONMember("_sd", .array(digests.sorted().map { .string($0.description) })),
    JSONMember("_sd_alg", "sha-256"),
  ]
}

// Requests.
extension Committer {
  /// The arguments of a gate; those of node kinds are references.
  func arguments(
    _ arguments: [JSONMember], nodes: (String) -> Bool
  ) throws(LogError) -> [JSONMember] {
    var committed: [JSONMember] = []
    for argument in arguments {
      var value = argument.value
      if let text = value.string {
        value = .string(
          nodes(argument.name)
            ? try reference(text) : try self.text(text, name: "argument", of: nil))
      }
      committed.append(JSONMember(argument.name, value))
    }
    return committed
  }

  /// A fact that fits the schema.
  func fact(_ fact: JSONValue) throws(LogError) -> JSONValue {
    let kind = fact["node"]?.string
    let node = kind.flatMap { kind in fact["id"]?.string.map { "\(kind)/\($0)" } }
    let from = fact["from"]?.string
    var members: [JSONMember] = []
    for member in fact.object ?? [] {
      members.append(
        JSONMember(
          member.name, try value(member, kind: kind, node: node, from, fact["edge"]?.string)))
    }
    return .object(members)
  }

  private func value(
    _ member: JSONMember, kind: String?, node: String?, _ from: String?, _ edge: String?
  ) throws(LogError) -> JSONValue {
    switch (member.name, member.value) {
    case ("id", .string(let text)): return .string(try id(text, of: kind ?? ""))
    case ("from", .string(let text)), ("to", .string(let text)), ("covers", .string(let text)),
      ("remove", .string(let text)):
      return .string(try reference(text))
    case ("props", .object(let properties)):
      var committed: [JSONMember] = []
      for property in properties {
        let source = from?.halves(at: UInt8(ascii: "/"))?.before ?? ""
        let name =
          edge.map { PersonalPlaces.name($0, of: source, property.name) }
          ?? PersonalPlaces.name(kind ?? "", property.name)
        if let kind, places.isKey(name), case .string(let text) = property.value {
          committed.append(JSONMember(property.name, .string(try id(text, of: kind))))
          continue
        }
        let value = try self.property(property.value, name: name, of: node ?? from)
        committed.append(JSONMember(property.name, value))
      }
      return .object(committed)
    default: return member.value
    }
  }

  private func property(
    _ value: JSONValue, name: String, of node: String?
  ) throws(LogError) -> JSONValue {
    switch value {
    case .string(let text): return .string(try self.text(text, name: name, of: node))
    case .array(let elements):
      var committed: [JSONValue] = []
      for element in elements {
        committed.append(try property(element, name: name, of: node))
      }
      return .array(committed)
    default: return value
    }
  }
}

// Graphs.
extension Committer {
  /// What is replaced in a graph of that schema.
  func replacement(_ schema: Schema) -> TextReplacement {
    TextReplacement(
      in: { place in
        switch place {
        case .id(let kind): places.hasPersonalIDs(schema.kinds[kind].name)
        case .field, .edgeField: places.isPersonal(name(place, schema))
        }
      },
      where: looksCommitted
    ) { place, node, text in
      switch place {
      case .id(let kind): try id(text, of: schema.kinds[kind].name)
      case .field, .edgeField: try self.text(text, name: name(place, schema), of: node)
      }
    }
  }

  private func name(_ place: TextPlace, _ schema: Schema) -> String {
    switch place {
    case .id(let kind): return schema.kinds[kind].name
    case .field(let kind, let field):
      let kind = schema.kinds[kind]
      return PersonalPlaces.name(kind.name, kind.fields[field].name)
    case .edgeField(let edge, let field):
      let edge = schema.edges[edge]
      return PersonalPlaces.name(
        edge.name, of: schema.kinds[edge.source].name, edge.fields[field].name)
    }
  }
}

/// Committed texts back to what they were; throws where one was erased.
struct Opener {
  let disclosures: OpenDisclosures

  /// A digest that has no disclosure any more.
  struct Missing: Error {
    let digest: DisclosureDigest
  }

  /// The text that a token stands for; any other text as it is.
  func text(_ text: String) throws(Missing) -> String {
    guard let digest = DisclosureDigest(token: text) else { return text }
    guard let value = disclosures.text(digest) else { throw Missing(digest: digest) }
    return value
  }

  /// The same of `Kind/~…`.
  func reference(_ text: String) throws(Missing) -> String {
    guard let (kind, id) = text.halves(at: UInt8(ascii: "/")),
      DisclosureDigest(token: id) != nil
    else { return try self.text(text) }
    return "\(kind)/\(try self.text(id))"
  }

  /// A committed argument or fact as it was.
  func json(_ value: JSONValue) throws(Missing) -> JSONValue {
    switch value {
    case .null, .bool, .number: return value
    case .string(let text): return .string(try reference(text))
    case .array(let elements):
      var opened: [JSONValue] = []
      for element in elements { opened.append(try json(element)) }
      return .array(opened)
    case .object(let members): return .object(try self.members(members))
    }
  }

  /// Committed arguments as they were.
  func members(_ members: [JSONMember]) throws(Missing) -> [JSONMember] {
    var opened: [JSONMember] = []
    for member in members { opened.append(JSONMember(member.name, try json(member.value))) }
    return opened
  }

  /// What is replaced in a committed graph.
  var replacement: TextReplacement {
    TextReplacement(
      in: { _ in false }, where: { DisclosureDigest(token: $0) != nil }
    ) { _, _, text in try self.text(text) }
  }
}
