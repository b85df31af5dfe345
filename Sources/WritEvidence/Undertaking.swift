// What would be done by an action, whoever does it, whenever and by whatever snapshot: what people agree to.
//
//     {"action":"checkout.deploy","arguments":{"env":"Environment/eu","release":"Release/r42"},
//      "artifacts":["sha256:…"],"command":["kubectl","apply","-f","r42.yaml"],
//      "effect":"production","idempotent":false,"kind":"deploy","labels":["region:eu"],
//      "secrets":["kubeconfig"],"timeout":900000000}
//
// It is an assignment without `actor`, `onBehalfOf`, `bundle`, `snapshot`, `run`, `breakGlass` and `salt`, and with the labels that a
// delegate must have, where it must have any. Its digest is what an approval names as what it lets be done; only the one spelling is
// read.
public import WritCrypto
public import WritModel

/// What one action would do, every word of it.
public struct Undertaking: Hashable, Sendable {
  /// As it is shown to people.
  public let json: JSONValue
  /// The action by its full name.
  public let action: String
  /// A program and its arguments.
  public let command: [String]
  /// What is built, by content, in their order.
  public let artifacts: [Digest]
  /// Of its canonical form: what approvals are for.
  public let digest: Digest

  /// What is of one assignment alone.
  private static let others = [
    "actor", "onBehalfOf", "bundle", "snapshot", "run", "breakGlass", "salt",
  ]

  /// What an assignment would do.
  ///
  /// - Parameter labels: What its delegate must have, in the policy's order.
  public init(_ assignment: Assignment, labels: [String]) {
    // An assignment is canonical JSON; whoever made it has checked it.
    let whole = (try? JSONValue(parsing: assignment.bytes))?.object ?? []
    var members = whole.filter { !Undertaking.others.containsBytes(of: $0.name) }
    if !labels.isEmpty {
      members.append(JSONMember("labels", .array(labels.map { .string($0) })))
    }
    json = .object(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    action = assignment.action
    command = assignment.command
    artifacts = assignment.artifacts
    digest = Digest(of: (try? json.ownCanonicalBytes()) ?? [])
  }

  /// Reads what was put before people, and nothing else.
  public init(_ json: JSONValue) throws(AssignmentError) {
    guard let object = json.object,
      !object.contains(where: { Undertaking.others.containsBytes(of: $0.name) })
    else { throw AssignmentError("expected what would be done") }
    let labels = (json["labels"]?.array ?? []).compactMap(\.string)
    guard labels.count == json["labels"]?.array?.count ?? 0, json["labels"] != .array([]) else {
      throw AssignmentError("expected texts in `labels`")
    }
    // Anybody's, by any bundle: what is left is held to the form of an assignment.
    let nothing = Digest(of: []).description
    let members =
      object.filter { !hasSameBytes($0.name, "labels") } + [
        JSONMember("actor", .string("-")), JSONMember("bundle", .string(nothing)),
        JSONMember("snapshot", .string(nothing)),
        JSONMember(
          "salt",
          .string(
            Base64.encode([UInt8](repeating: 0, count: Assignment.Parts.saltByteCount)))),
      ]
    guard let bytes = try? JSONValue.object(members).ownCanonicalBytes() else {
      throw AssignmentError("expected the canonical form of what would be done")
    }
    self.init(try Assignment(bytes), labels: labels)
    guard (try? json.ownCanonicalBytes()) == (try? self.json.ownCanonicalBytes()) else {
      throw AssignmentError("expected the canonical form of what would be done")
    }
  }
}
