// A bundle: a verified program, the keys whose approvals count, and a revision; one file, named by
// its digest.

public import WritModel

/// Everything that a decision needs but the graph and the request, as it is stored and passed on.
public struct Bundle: Hashable, Sendable {
  public let program: VerifiedProgram
  /// Keys whose signed approvals count, distinct in name.
  public let keyRegistry: [RegistryEntry]
  /// Delegates of which something is said, distinct in key.
  public let delegates: [DelegateEntry]
  /// Never goes down from one bundle of a policy to the next: `revision ≥ 0`.
  public let revision: Int64
  public let languageVersion: String
  public let engineVersion: String

  /// Throws `badPart` for a registry, revision or version that no file may hold.
  public init(
    program: VerifiedProgram, keyRegistry: [RegistryEntry], delegates: [DelegateEntry] = [],
    revision: Int64, languageVersion: String, engineVersion: String
  ) throws(BundleError) {
    guard revision >= 0 else { throw .badPart("revision", "expected 0 or more") }
    for (text, name) in [(languageVersion, "language"), (engineVersion, "engine")] {
      guard isName(text) else { throw .badPart(name, "expected a version") }
    }
    try Bundle.check(keyRegistry)
    try Bundle.check(delegates)
    self.program = program
    self.keyRegistry = keyRegistry
    self.delegates = delegates
    self.revision = revision
    self.languageVersion = languageVersion
    self.engineVersion = engineVersion
  }

  /// Every key has a name of its own, a holder, and roles that stand once.
  private static func check(_ keys: [RegistryEntry]) throws(BundleError) {
    guard keys.count <= Limits.registryKeys else {
      throw .badPart("keys", "expected at most \(Limits.registryKeys)")
    }
    var names: Set<String> = []
    for (index, key) in keys.enumerated() {
      let part = "keys[\(index)]"
      guard isName(key.name), names.insert(key.name).inserted else {
        throw .badPart(part, "expected a name of its own")
      }
      guard isName(key.publicKey) else { throw .badPart(part, "expected a verifier key") }
      let actor = key.actor.halves(at: UInt8(ascii: "/"))
      guard isName(key.actor), let actor, !actor.before.isEmpty, !actor.behind.isEmpty else {
        throw .badPart(part, "expected an actor `Kind/id`")
      }
      guard key.roles.count <= Limits.registryKeys, key.roles.allSatisfy(isName),
        Set(key.roles).count == key.roles.count
      else { throw .badPart(part, "expected roles, each once") }
    }
  }
}

extension Bundle {
  /// Every delegate stands once, and each of its labels too.
  private static func check(_ delegates: [DelegateEntry]) throws(BundleError) {
    guard delegates.count <= Limits.registryKeys else {
      throw .badPart("delegates", "expected at most \(Limits.registryKeys)")
    }
    var keys: Set<String> = []
    for (index, delegate) in delegates.enumerated() {
      let part = "delegates[\(index)]"
      guard isName(delegate.publicKey), keys.insert(delegate.publicKey).inserted else {
        throw .badPart(part, "expected a verifier key that stands once")
      }
      guard delegate.labels.count <= DelegateLabel.most,
        delegate.labels.allSatisfy(DelegateLabel.isName),
        Set(delegate.labels).count == delegate.labels.count
      else {
        throw .badPart(part, "expected at most \(DelegateLabel.most) labels, each once")
      }
    }
  }
}

/// Whether a text may stand for a name.
private func isName(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count <= Limits.textBytes && !text.utf8.contains(0)
}

/// A key, who holds it, and the roles in which it may approve.
public struct RegistryEntry: Hashable, Sendable {
  public let name: String
  /// The text form of a verifier key: `name+hash+key`. Who checks signatures parses it.
  public let publicKey: String
  /// The node that holds the key: `Kind/id`.
  public let actor: String
  public let roles: [String]
  /// Whether the holder is an agent or a service account, and no person.
  public let isAgent: Bool

  public init(
    name: String, publicKey: String, actor: String, roles: [String], isAgent: Bool = false
  ) {
    self.name = name
    self.publicKey = publicKey
    self.actor = actor
    self.roles = roles
    self.isAgent = isAgent
  }
}

/// A delegate, and what whoever built the bundle says of it.
public struct DelegateEntry: Hashable, Sendable {
  /// The text form of a verifier key, which has the delegate's name: `name+hash+key`. Who checks signatures parses it.
  public let publicKey: String
  /// Each once; names as of `DelegateLabel`.
  public let labels: [String]

  public init(publicKey: String, labels: [String]) {
    self.publicKey = publicKey
    self.labels = labels
  }
}

/// Why bytes are no bundle.
public enum BundleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file does not begin with the magic line.
  case noMagic
  case tooLarge(byteCount: Int)
  case manifestTooLarge(byteCount: Int)
  /// The file ends too early, or goes on behind its end.
  case wrongLength(expected: Int, found: Int)
  /// The manifest is no JSON; the offset counts from its beginning.
  case notJSON(JSONError)
  /// A member of the manifest, as `program.fields[3].edge`, and what was expected there.
  case badPart(String, String)
  /// Not the bytes that writing this bundle would give; the offset is that of the first byte that
  /// differs.
  case notCanonical(offset: Int)
  case notVerified(VerifyError)

  public var description: String {
    switch self {
    case .noMagic: "expected the line `writ-bundle-v1`"
    case .tooLarge(let count): "\(count) bytes, at most \(Limits.bundleBytes)"
    case .manifestTooLarge(let count):
      "its tables are \(count) bytes, at most \(Limits.manifestBytes)"
    case .wrongLength(let expected, let found): "\(found) bytes, expected \(expected)"
    case .notJSON(let error): "manifest: \(error)"
    case .badPart(let path, let expectation): "manifest: \(path): \(expectation)"
    case .notCanonical(let offset): "byte \(offset) is not as a bundle is written"
    case .notVerified(let error): "\(error)"
    }
  }
}
