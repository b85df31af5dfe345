// What a record of a decision says beside the decision: what it was about, and what of a run it was asked with.

public import WritCrypto
public import WritModel

/// What a record tells beside its decision; a replay needs none of it.
public struct DecisionNotes: Sendable {
  /// The digest of the action that was decided on, as a delegate will be told it.
  public var action: Digest?
  /// What steps of a run have given out that the gate was asked with, as far as `Engine.mayNote` lets it be told.
  public var outputs: [OutputNote]

  public init(action: Digest? = nil, outputs: [OutputNote] = []) {
    self.action = action
    self.outputs = outputs
  }

  /// Members of a record.
  var members: [JSONMember] {
    (action.map { [JSONMember("action", .string($0.description))] } ?? [])
      + (outputs.isEmpty ? [] : [JSONMember("outputs", .array(outputs.map(\.json)))])
  }
}

extension Engine {
  /// Whether the digest of an output of that type may stand in a record: not where it may hold what tells of a person, which the
  /// digest of a short text would tell for ever.
  public func mayNote(_ type: ValueType) -> Bool {
    guard case .node(let kinds) = type.unwrapped else { return true }
    let schema = program.schema
    let places = PersonalPlaces([schema, snapshot.schema], approvers: bundle.registry.keys.compactMap(\.node))
    return kinds.allSatisfy { kind in
      guard !places.hasPersonalIDs(schema.kinds[kind].name) else { return false }
      guard schema.kinds[kind].origin == .request else { return true }
      return !schema.kinds[kind].fields.contains(where: \.isPersonal)
        && schema.edges.allSatisfy { edge in
          edge.source != kind
            || edge.targets.allSatisfy { !places.hasPersonalIDs(schema.kinds[$0].name) }
        }
    }
  }
}

/// An output that a gate was asked with.
public struct OutputNote: Hashable, Sendable {
  /// As the pipeline calls it.
  public let name: String
  /// The run and the step that gave it out.
  public let origin: String
  /// Of its canonical form.
  public let digest: Digest

  public init(name: String, origin: String, digest: Digest) {
    self.name = name
    self.origin = origin
    self.digest = digest
  }

  fileprivate var json: JSONValue {
    [
      "digest": .string(digest.description), "from": .string(origin), "output": .string(name),
    ]
  }
}
