// Which key may sign what, and for whom: one function a key.
//
// Canonical JSON, keys in the order given:
//
//     {"keys":[{"function":"approver","id":"<fingerprint>","key":"<base64>","name":"erik-2026",
//               "node":"Identity/erik","roles":["eu_compliance"]}]}
//
// `node` and `roles` are there for approvers; a delegate has `labels` in place of them. They are left out where they are empty. `"agent":true`
// stands first of the key of an agent. An agent is no approver, by this key or another: what people sign, it cannot.
public import WritCrypto
public import WritModel

/// What a key is for; a key in two functions is refused, so that one theft does one harm.
public enum KeyFunction: String, Hashable, Sendable, CaseIterable {
  /// Checkpoints.
  case log
  /// Leaves to act.
  case permit
  /// Bundles.
  case publisher
  /// Approvals and waivers.
  case approver
  /// Intents: whoever acts.
  case actor
  /// Tokens: who lets others act within bounds.
  case issuer
  /// Results of steps.
  case delegate
  /// Envelopes around what a log holds.
  case attestation
}

extension KeyFunction {
  /// What a registry writes in place of roles for a key of an issuer: no role of a policy has such a name.
  public static let issuerMark = "@issuer"
  /// The same for a key of somebody who acts under a token, and not without one.
  public static let tokenMark = "@token"
}

/// A key and what it may do.
public struct RegisteredKey: Hashable, Sendable {
  /// The one thing that the key is for.
  public let function: KeyFunction
  /// Not empty, one of its own in the registry.
  public let name: String
  /// The half that verifies.
  public let publicKey: Ed25519PublicKey
  /// Who signs with it, as a node: `Identity/erik`.
  public let node: String?
  /// The roles in which it may sign, each once.
  public let roles: [String]
  /// Whether the node is an agent or a service account, and no person.
  public let isAgent: Bool
  /// What is said of a delegate, each once; none of any other.
  public let labels: [String]

  /// An entry; the registry checks it beside the others.
  public init(
    function: KeyFunction, name: String, publicKey: Ed25519PublicKey, node: String?,
    roles: [String], isAgent: Bool = false, labels: [String] = []
  ) {
    self.labels = labels
    self.function = function
    self.name = name
    self.publicKey = publicKey
    self.node = node
    self.roles = roles
    self.isAgent = isAgent
  }

  /// Lower-case hexadecimal SHA-256 of the key's SPKI: what envelopes hint at.
  public var id: String { publicKey.fingerprint }
}

/// Why keys are no registry.
public enum KeyRegistryError: Error, Hashable, Sendable {
  /// It is no registry; says what was expected.
  case malformed(String)
  /// The key stands in two functions.
  case keyInTwoFunctions(String, KeyFunction, KeyFunction)
  /// The key stands twice in one function.
  case repeatedKey(String)
  /// Two keys have this name.
  case repeatedName(String)
  /// The key of an approver, or of whoever acts, must say whose it is.
  case keyWithoutNode(String)
  /// The key of that name is an agent's, and has roles in which people sign.
  case agentWithRoles(String)
  /// The key of that name is an approver's, whom another line calls an agent.
  case agentElsewhere(String, node: String)
}

extension KeyRegistryError: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .keyInTwoFunctions(let name, let one, let other):
      "the key of `\(name)` is there as \(one.rawValue) and as \(other.rawValue)"
    case .repeatedKey(let name): "the key of `\(name)` stands twice"
    case .repeatedName(let name): "two keys are called `\(name)`"
    case .keyWithoutNode(let name): "the key `\(name)` has no node"
    case .agentWithRoles(let name):
      "the line of `\(name)` is an agent's and has roles in which people sign: no agent's word counts as a person's, so leave out the roles or `agent`"
    case .agentElsewhere(let name, let node):
      "the line of `\(name)` has roles in which people sign, and another line says that `\(node)` is an agent: no agent's word counts as a person's, under whichever key"
    }
  }
}

/// The keys that a bundle trusts.
public struct KeyRegistry: Hashable, Sendable {
  /// In the order given.
  public let keys: [RegisteredKey]

  /// A registry without keys: nothing is trusted.
  public init() { keys = [] }

  /// Checks that each key has one function, one name and, if an approver's, a node that is nowhere an agent.
  public init(keys: [RegisteredKey]) throws(KeyRegistryError) {
    guard keys.count <= Limits.registryKeys else {
      throw .malformed("at most \(Limits.registryKeys) keys")
    }
    var functions: [Ed25519PublicKey: KeyFunction] = [:]
    var names: Set<[UInt8]> = []
    for key in keys {
      if let other = functions.updateValue(key.function, forKey: key.publicKey) {
        if other == key.function { throw .repeatedKey(key.name) }
        throw .keyInTwoFunctions(key.name, other, key.function)
      }
      guard !key.name.isEmpty else { throw .malformed("expected a name for every key") }
      guard names.insert(Array(key.name.utf8)).inserted else { throw .repeatedName(key.name) }
      guard Set(key.roles.map { Array($0.utf8) }).count == key.roles.count else {
        throw .malformed("expected each role of `\(key.name)` once")
      }
      guard key.labels.isEmpty || key.function == .delegate,
        Set(key.labels.map { Array($0.utf8) }).count == key.labels.count
      else { throw .malformed("expected labels of delegates only, each once: `\(key.name)`") }
      if key.node == nil, key.isAgent || [.approver, .actor, .issuer].contains(key.function) {
        throw .keyWithoutNode(key.name)
      }
    }
    try KeyRegistry.requirePeople(keys)
    self.keys = keys
  }

  /// Refuses approvers who are agents, by their own line or by another of the same node.
  private static func requirePeople(_ keys: [RegisteredKey]) throws(KeyRegistryError) {
    let agents = Set(keys.filter(\.isAgent).map { Array(($0.node ?? "").utf8) })
    guard !agents.isEmpty else { return }
    for key in keys where key.function == .approver {
      if key.isAgent { throw .agentWithRoles(key.name) }
      let node = key.node ?? ""
      if agents.contains(Array(node.utf8)) { throw .agentElsewhere(key.name, node: node) }
    }
  }

  /// The key with that fingerprint, if it has that function.
  public func key(id: String, function: KeyFunction) -> RegisteredKey? {
    keys.first { $0.function == function && hasSameBytes($0.id, id) }
  }

  /// Throws where the registry has the key in another function.
  public func check(
    _ key: Ed25519PublicKey, is function: KeyFunction
  ) throws(KeyRegistryError) {
    for other in keys where other.publicKey == key && other.function != function {
      throw .keyInTwoFunctions(other.name, other.function, function)
    }
  }

  /// Of those who handed a leave on, the last that is no agent: the person whom whoever acts under it represents.
  public func person(among givers: [String]) -> String? { givers.last { !isAgent($0) } }

  /// Whether any line says that somebody is an agent.
  public func isAgent(_ node: String) -> Bool {
    keys.contains { $0.isAgent && hasSameBytes($0.node ?? "", node) }
  }

  /// The agent whose key has that fingerprint, whichever function it has; `nil` where it is nobody's, or a person's.
  public func agent(id: String) -> String? {
    keys.first { hasSameBytes($0.id, id) }.flatMap(\.node).flatMap { isAgent($0) ? $0 : nil }
  }

  /// What is said of a delegate; `nil` where no line is of that name and key.
  public func labels(of delegate: DelegateIdentity) -> [String]? {
    key(id: delegate.fingerprint, function: .delegate).flatMap { key in
      hasSameBytes(key.name, delegate.name) ? key.labels : nil
    }
  }

  /// Whether somebody has a key to act with.
  public func hasActor(_ node: String) -> Bool {
    keys.contains { $0.function == .actor && hasSameBytes($0.node ?? "", node) }
  }

  /// Whether somebody acts under a token only.
  public func needsToken(_ node: String) -> Bool {
    keys.contains { key in
      key.function == .actor && hasSameBytes(key.node ?? "", node)
        && key.roles.containsBytes(of: KeyFunction.tokenMark)
    }
  }

  /// All keys of a function, in order.
  public func keys(function: KeyFunction) -> [RegisteredKey] {
    keys.filter { $0.function == function }
  }
}

// As canonical JSON.
extension KeyRegistry {
  /// The registry as it is written; members in canonical order.
  public var json: JSONValue {
    ["keys": .array(keys.map(\.json))]
  }

  /// Reads what `json` writes; other members, and an ID that is not the key's, are refused.
  public init(_ value: JSONValue) throws(KeyRegistryError) {
    guard let list = value["keys"]?.array, list.count <= Limits.registryKeys else {
      throw .malformed("expected `keys`, at most \(Limits.registryKeys)")
    }
    var keys: [RegisteredKey] = []
    for item in list {
      guard let key = RegisteredKey(item) else {
        throw .malformed("expected a key with function, id, key and name")
      }
      keys.append(key)
    }
    try self.init(keys: keys)
    guard let written = try? json.canonicalBytes(), let given = try? value.canonicalBytes(),
      written == given
    else { throw .malformed("expected no other members, and the ID of each key") }
  }
}

extension RegisteredKey {
  fileprivate var json: JSONValue {
    var members = isAgent ? [JSONMember("agent", .bool(true))] : []
    members += [
      JSONMember("function", .string(function.rawValue)),
      JSONMember("id", .string(id)),
      JSONMember("key", .string(Base64.encode(publicKey.bytes))),
    ]
    if !labels.isEmpty { members.append(JSONMember("labels", .array(labels.map { .string($0) }))) }
    members.append(JSONMember("name", .string(name)))
    if let node { members.append(JSONMember("node", .string(node))) }
    if !roles.isEmpty { members.append(JSONMember("roles", .array(roles.map { .string($0) }))) }
    return .object(members)
  }

  fileprivate init?(_ value: JSONValue) {
    guard let function = value["function"]?.string.flatMap(KeyFunction.init(rawValue:)),
      let name = value["name"]?.string,
      let key = value["key"]?.string.flatMap(Base64.decode).flatMap(Ed25519PublicKey.init)
    else { return nil }
    let roles = (value["roles"]?.array ?? []).compactMap(\.string)
    self.init(
      function: function, name: name, publicKey: key, node: value["node"]?.string, roles: roles,
      isAgent: value["agent"]?.bool ?? false,
      labels: (value["labels"]?.array ?? []).compactMap(\.string))
  }
}
