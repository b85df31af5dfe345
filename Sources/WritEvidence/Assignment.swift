// What a delegate is to do: one action on resolved values, in canonical JSON.
//
//     {"action":"checkout.deploy","actor":"Identity/deploy-bot",
//      "arguments":{"env":"Environment/production-eu","release":"Release/r42"},
//      "artifacts":["sha256:…"],"bundle":"sha256:…","command":["kubectl","apply","-f","r42.yaml"],
//      "effect":"production","idempotent":false,"kind":"deploy","onBehalfOf":"Identity/anna",
//      "run":{"attempt":1,"id":"20261129-171500123-3f9a2c","round":1,"step":"production/ship"},
//      "salt":"<base64 of 16 bytes>","secrets":["kubeconfig"],"snapshot":"sha256:…",
//      "timeout":900000000}
//
// The salt is drawn anew for each: a log keeps the digest for ever, and without it who acted could
// be guessed from the rest long after it was erased.
//
// The action digest is the SHA-256 of these bytes: decisions and permits are for one digest, so whoever changes anything holds a leave for something else. `onBehalfOf`, `run`, `timeout`
// `impacts`, what it may harm, and `breakGlass`, `{"reason":"…","role":"…"}`, are left out where there is none; artifacts and secrets are in the order of their bytes, each
// once. Only the one spelling is read.
public import WritCrypto
public import WritModel

/// Why a text is no assignment; says what was expected.
public struct AssignmentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case, no full stop.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// One action, ready to be carried out.
public struct Assignment: Hashable, Sendable {
  /// The action by its full name: 1 to 1024 bytes, as all texts here that are not words.
  public let action: String
  /// What sort of action it is: `deploy`, `migrate`, …
  public let kind: String
  /// What it changes.
  public let effect: ActionEffect
  /// What it may harm, as the policy says: `outage`, … in the order of their bytes, each once.
  public let impacts: [String]
  /// Who acts, as a node.
  public let actor: String
  /// The person whom the actor represents, as a node.
  public let onBehalfOf: String?
  /// For which attempt of which run; `nil` of what belongs to no run.
  public let run: RunPlace?
  /// Why the glass is broken, and in which role somebody looks at it afterwards; `nil` of what goes the usual way.
  public let breakGlass: BreakGlassGround?
  /// Every argument of the action by its name, as a reference or a text.
  public let arguments: [JSONMember]
  /// What is built, by content.
  public let artifacts: [Digest]
  /// Of the bundle that decided.
  public let bundle: Digest
  /// Of the snapshot that was decided on.
  public let snapshot: Digest
  /// A program and its arguments; there is no shell.
  public let command: [String]
  /// 16 random bytes.
  public let salt: [UInt8]
  /// Names of the secrets that the program gets, each as a variable of that name.
  public let secrets: [String]
  /// Microseconds after which the program is killed; at least 1.
  public let timeout: Int64?
  /// Whether doing it twice is as good as once.
  public let isIdempotent: Bool
  /// Canonical JSON, at most `Limits.assignmentByteCount` bytes.
  public let bytes: [UInt8]

  /// Of `bytes`: what decisions, approvals and permits are for.
  public var digest: Digest { Digest(of: bytes) }

  /// What an assignment is made of; `Assignment.init(_:)` orders it and checks it.
  public struct Parts: Hashable, Sendable {
    /// The action by its full name.
    public var action: String
    /// What sort of action it is.
    public var kind: String
    /// What it changes.
    public var effect: ActionEffect
    /// What it may harm, in any order.
    public var impacts: [String] = []
    /// Who acts, as a node.
    public var actor: String
    /// The person whom the actor represents, as a node.
    public var onBehalfOf: String?
    /// For which attempt of which run.
    public var run: RunPlace?
    /// Why the glass is broken.
    public var breakGlass: BreakGlassGround?
    /// Names and texts, in any order.
    public var arguments: [(name: String, text: String)] {
      get { members.map { ($0.name, $0.value.string ?? "") } }
      set { members = newValue.map { JSONMember($0.name, .string($0.text)) } }
    }
    /// What is built, by content, in any order.
    public var artifacts: [Digest] = []
    /// Of the bundle that decided.
    public var bundle: Digest
    /// Of the snapshot that was decided on.
    public var snapshot: Digest
    /// A program and its arguments.
    public var command: [String]
    /// 16 bytes that nobody can guess.
    public var salt: [UInt8]
    /// Names, in any order.
    public var secrets: [String] = []
    /// Microseconds, at least 1.
    public var timeout: Int64?
    /// Whether doing it twice is as good as once.
    public var isIdempotent = false

    fileprivate var members: [JSONMember] = []

    /// Bytes in a salt.
    public static let saltByteCount = 16

    /// An action without arguments, artifacts, secrets and timeout.
    public init(
      action: String, kind: String, effect: ActionEffect, actor: String, bundle: Digest,
      snapshot: Digest, command: [String], salt: [UInt8]
    ) {
      self.salt = salt
      self.action = action
      self.kind = kind
      self.effect = effect
      self.actor = actor
      self.bundle = bundle
      self.snapshot = snapshot
      self.command = command
    }

    fileprivate var json: JSONValue {
      var members: [JSONMember] = [
        JSONMember("action", .string(action)), JSONMember("actor", .string(actor)),
        JSONMember("arguments", .object(self.members)),
        JSONMember("artifacts", .array(Set(artifacts).sorted().map { .string($0.description) })),
        JSONMember("bundle", .string(bundle.description)),
        JSONMember("command", .array(command.map { .string($0) })),
        JSONMember("effect", .string(effect.rawValue)),
        JSONMember("idempotent", .bool(isIdempotent)), JSONMember("kind", .string(kind)),
      ]
      if let breakGlass { members.append(JSONMember("breakGlass", breakGlass.json)) }
      if let onBehalfOf { members.append(JSONMember("onBehalfOf", .string(onBehalfOf))) }
      if let run { members.append(JSONMember("run", run.json)) }
      if !impacts.isEmpty {
        let sorted = Set(impacts.map { ByteText($0) }).sorted()
        members.append(JSONMember("impacts", .array(sorted.map { .string($0.string) })))
      }
      let names = Set(secrets.map { ByteText($0) }).sorted().map(\.string)
      members.append(JSONMember("salt", .string(Base64.encode(salt))))
      members.append(JSONMember("secrets", .array(names.map { .string($0) })))
      members.append(JSONMember("snapshot", .string(snapshot.description)))
      if let timeout { members.append(JSONMember("timeout", .integer(timeout))) }
      return .object(members)
    }
  }

  /// The assignment of these parts.
  public init(_ parts: Parts) throws(AssignmentError) {
    guard let bytes = try? parts.json.ownCanonicalBytes() else {
      throw AssignmentError(
        "expected the name of each argument once and a timeout of at most 2^53 - 1")
    }
    try self.init(bytes)
  }

  /// Reads what `bytes` holds and nothing else.
  public init(_ bytes: [UInt8]) throws(AssignmentError) {
    let limits = JSONLimits(depth: 4, byteCount: Limits.assignmentByteCount)
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes, limits: limits)
    } catch {
      throw AssignmentError("no JSON: \(error)")
    }
    let parts = try Parts(value)
    // Missing and further members, another order and repetitions show here, all of them.
    guard (try? parts.json.ownCanonicalBytes()) == bytes else {
      throw AssignmentError("expected its canonical form and no other members")
    }
    (action, kind, effect, actor) = (parts.action, parts.kind, parts.effect, parts.actor)
    (onBehalfOf, arguments, artifacts) = (parts.onBehalfOf, parts.members, parts.artifacts)
    (bundle, snapshot, command) = (parts.bundle, parts.snapshot, parts.command)
    (secrets, timeout, isIdempotent) = (parts.secrets, parts.timeout, parts.isIdempotent)
    (salt, run, breakGlass) = (parts.salt, parts.run, parts.breakGlass)
    impacts = parts.impacts
    self.bytes = bytes
  }

  /// Whether a text can name a secret, and so a variable: a letter or `_`, then digits too; not one
  /// that every program gets, nor one that changes how programs are found and loaded.
  public static func isSecretName(_ name: String) -> Bool {
    guard 1...Limits.secretNameByteCount ~= name.utf8.count, let first = name.utf8.first,
      !(0x30...0x39 ~= first), name.utf8.allSatisfy(isOfIdentifier)
    else { return false }
    let isLoader = name.utf8.starts(with: "LD_".utf8) || name.utf8.starts(with: "GLIBC_".utf8)
    let others = ["PATH", "HOME", "LANG", "IFS", "ENV", "BASH_ENV", "_"]
    return !isLoader && !others.containsBytes(of: name)
  }

  private static func isOfIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
    default: false
    }
  }
}

// Reading.
extension Assignment.Parts {
  fileprivate init(_ value: JSONValue) throws(AssignmentError) {
    self.init(
      action: try text(value, "action"), kind: try text(value, "kind"),
      effect: try Assignment.Parts.effect(value), actor: try text(value, "actor"),
      bundle: try digest(value, "bundle"), snapshot: try digest(value, "snapshot"),
      command: try list(value, "command", atMost: Limits.commandWords),
      salt: try Assignment.Parts.salt(value))
    if value["onBehalfOf"] != nil { onBehalfOf = try text(value, "onBehalfOf") }
    if value["impacts"] != nil {
      impacts = try list(value, "impacts", atMost: Limits.assignmentEntries)
      guard impacts.allSatisfy({ 1...Limits.nameByteCount ~= $0.utf8.count }) else {
        throw AssignmentError("expected names in `impacts`")
      }
    }
    if let place = value["run"] {
      guard let run = RunPlace(place) else {
        throw AssignmentError("expected `run`: attempt, id, round and step")
      }
      self.run = run
    }
    if let ground = value["breakGlass"] {
      guard let breakGlass = BreakGlassGround(ground) else {
        throw AssignmentError("expected `breakGlass`: reason and role")
      }
      self.breakGlass = breakGlass
    }
    members = try Assignment.Parts.arguments(value)
    for item in try list(value, "artifacts", atMost: Limits.assignmentEntries) {
      guard let digest = Digest(item) else {
        throw AssignmentError("expected `artifacts`, digests `sha256:…`")
      }
      artifacts.append(digest)
    }
    secrets = try list(value, "secrets", atMost: Limits.assignmentEntries)
    try checkWords()
    if let number = value["timeout"] {
      guard let timeout = number.integer, timeout > 0 else {
        throw AssignmentError("expected `timeout`, microseconds, at least 1")
      }
      self.timeout = timeout
    }
    guard let isIdempotent = value["idempotent"]?.bool else {
      throw AssignmentError("expected `idempotent`, true or false")
    }
    self.isIdempotent = isIdempotent
  }

  private func checkWords() throws(AssignmentError) {
    guard let program = command.first, !program.isEmpty else {
      throw AssignmentError("expected `command`, a program and its arguments")
    }
    // U+0000, which would end a word early for the system, is in no text that was read.
    for name in secrets where !Assignment.isSecretName(name) {
      throw AssignmentError("`\(name)` cannot name a secret")
    }
  }

  private static func salt(_ value: JSONValue) throws(AssignmentError) -> [UInt8] {
    guard let salt = value["salt"]?.string.flatMap(Base64.decode), salt.count == saltByteCount
    else {
      throw AssignmentError("expected `salt`, \(saltByteCount) bytes in base64")
    }
    return salt
  }

  private static func effect(_ value: JSONValue) throws(AssignmentError) -> ActionEffect {
    guard let effect = value["effect"]?.string.flatMap(ActionEffect.init(rawValue:)) else {
      throw AssignmentError("expected `effect`: none, staging or production")
    }
    return effect
  }

  private static func arguments(_ value: JSONValue) throws(AssignmentError) -> [JSONMember] {
    guard let arguments = value["arguments"]?.object,
      arguments.count <= Limits.assignmentEntries,
      arguments.allSatisfy({ $0.value.string != nil })
    else {
      throw AssignmentError(
        "expected `arguments`, at most \(Limits.assignmentEntries) names and texts")
    }
    return arguments
  }
}

private func text(_ value: JSONValue, _ name: String) throws(AssignmentError) -> String {
  guard let text = value[name]?.string, 1...Limits.nameByteCount ~= text.utf8.count else {
    throw AssignmentError("expected `\(name)`, 1 to \(Limits.nameByteCount) bytes")
  }
  return text
}

private func digest(_ value: JSONValue, _ name: String) throws(AssignmentError) -> Digest {
  guard let digest = value[name]?.string.flatMap({ Digest($0) }) else {
    throw AssignmentError("expected `\(name)`, a digest `sha256:…`")
  }
  return digest
}

private func list(
  _ value: JSONValue, _ name: String, atMost limit: Int
) throws(AssignmentError) -> [String] {
  guard let list = value[name]?.array, list.count <= limit else {
    throw AssignmentError("expected `\(name)`, at most \(limit) texts")
  }
  let texts = list.compactMap(\.string)
  guard texts.count == list.count else { throw AssignmentError("expected texts in `\(name)`") }
  return texts
}
