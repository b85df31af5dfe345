// A program to a bundle, and a bundle file to what the engine decides with.

public import WritBytecode
import WritCrypto
import WritEvidence
import WritModel

/// A bundle that cannot be made or read.
public struct BundleFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension LoadedBundle {
  /// Reads a bundle file; any other bytes than those that were written are refused.
  public convenience init(file bytes: [UInt8]) throws(BundleFileError) {
    let bundle: Bundle
    do throws(BundleError) {
      bundle = try decodeBundle(bytes)
    } catch {
      throw BundleFileError(error.description)
    }
    self.init(
      program: bundle.program,
      registry: try keyRegistry(of: bundle.keyRegistry, bundle.delegates),
      digest: Digest(of: bytes))
  }
}

extension LoadedBundle {
  /// Whether the policy says `callers unsigned`: something is done for a caller who has no key to sign with.
  public var allowsUnsignedCallers: Bool { program.program.allowsUnsignedCallers }
}

extension RegistryEntry {
  /// What its key is for: its roles say, or a mark in place of them.
  fileprivate var function: KeyFunction {
    switch roles {
    case [], [KeyFunction.tokenMark]: .actor
    case [KeyFunction.issuerMark]: .issuer
    default: .approver
    }
  }
}

/// The keys of a bundle as the evidence room knows them.
private func keyRegistry(
  of entries: [RegistryEntry], _ delegates: [DelegateEntry]
) throws(BundleFileError) -> KeyRegistry {
  var keys: [RegisteredKey] = []
  for entry in entries {
    guard let key = VerifierKey(entry.publicKey) else {
      throw BundleFileError("the key of `\(entry.name)` is no verifier key")
    }
    keys.append(
      RegisteredKey(
        function: entry.function, name: entry.name,
        publicKey: key.publicKey, node: entry.actor,
        roles: entry.roles, isAgent: entry.isAgent))
  }
  for delegate in delegates {
    guard let key = VerifierKey(delegate.publicKey) else {
      throw BundleFileError("the key of a delegate is no verifier key: `\(delegate.publicKey)`")
    }
    keys.append(
      RegisteredKey(
        function: .delegate, name: key.name.description, publicKey: key.publicKey, node: nil,
        roles: [], labels: delegate.labels))
  }
  do throws(KeyRegistryError) {
    return try KeyRegistry(keys: keys)
  } catch {
    throw BundleFileError("the keys of the bundle make no registry: \(error)")
  }
}

/// Values for parameters, as the command line gives them, who may approve or act, and what is said of delegates.
public struct BundleOptions: Sendable {
  /// `name=value` pairs.
  public let settings: [(name: String, value: String)]
  public let approvers: [RegistryEntry]
  public let delegates: [DelegateEntry]
  public let revision: Int64

  public init(
    settings: [(name: String, value: String)], approvers: [RegistryEntry],
    delegates: [DelegateEntry] = [], revision: Int64
  ) {
    self.delegates = delegates
    self.settings = settings
    self.approvers = approvers
    self.revision = revision
  }
}

/// The bytes of the bundle of a program.
public func bundleFile(
  _ program: VerifiedProgram, _ options: BundleOptions
) throws(BundleFileError) -> [UInt8] {
  var changed = program.program
  for setting in options.settings { try set(setting.name, setting.value, in: &changed) }
  _ = try keyRegistry(of: options.approvers, options.delegates)
  for approver in options.approvers {
    try check(approver, program.program)
  }
  do {
    let bundle = try Bundle(
      program: try VerifiedProgram(verifying: changed), keyRegistry: options.approvers,
      delegates: options.delegates, revision: options.revision, languageVersion: Versions.language,
      engineVersion: Versions.engine)
    return try bundle.encoded()
  } catch {
    throw BundleFileError("\(error)")
  }
}

/// Refuses an approver whose approval could never count, and a key of whoever could never act. An entry without roles is of a key
/// to act with.
private func check(_ approver: RegistryEntry, _ program: Program) throws(BundleFileError) {
  for role in approver.roles
  where approver.function == .approver && !program.roles.containsBytes(of: role) {
    throw BundleFileError("`\(approver.name)` holds a role that no module declares: `\(role)`")
  }
  let actor = approver.actor.halves(at: UInt8(ascii: "/"))
  let kinds = program.schema.kinds.map(\.name)
  let possible = kinds.containsBytes(of: "Identity") ? ["Identity"] : kinds
  guard let actor, !actor.behind.isEmpty, possible.containsBytes(of: actor.before) else {
    let known = possible.count == 1 ? possible[0] : "one of its kinds"
    throw BundleFileError(
      "the actor of `\(approver.name)` must be a node of \(known), such as `\(possible.first ?? "Identity")/ines`: "
        + "`\(approver.actor)`")
  }
  // Whoever asks could bring such a node, and with it say who may approve.
  let isBrought = program.schema.kinds.contains {
    hasSameBytes($0.name, actor.before) && $0.origin == .request
  }
  guard !isBrought else {
    throw BundleFileError(
      "the actor of `\(approver.name)` is of kind `\(actor.before)`, whose nodes requests bring: "
        + "`\(approver.actor)`")
  }
}

private func set(
  _ name: String, _ text: String, in program: inout Program
) throws(BundleFileError) {
  guard let index = program.parameters.firstIndex(where: { hasSameBytes($0.name, name) }) else {
    let names = program.parameters.map { "`\($0.name)`" }.joined(separator: ", ")
    throw BundleFileError("no parameter `\(name)`; there are \(names.isEmpty ? "none" : names)")
  }
  let type = program.parameters[index].type
  guard let value = constant(text, type.unwrapped, program.schema) else {
    let wanted = type.unwrapped.wanted(in: program.schema)
    throw BundleFileError("`\(text)` is no value for parameter `\(name)`: it is \(wanted)")
  }
  program.parameters[index].value = value
}

/// The value of a parameter from its text.
private func constant(_ text: String, _ type: ValueType, _ schema: Schema) -> ConstantValue? {
  switch type {
  case .bool: text == "true" ? .scalar(1) : text == "false" ? .scalar(0) : nil
  case .int: Int64(text).map { .scalar($0) }
  case .decimal: Decimal(text).map { .scalar($0.millionths) }
  case .string: .string(text)
  case .date: CalendarDate(text).map { .scalar($0.days) }
  case .instant: Instant(text).map { .scalar($0.microseconds) }
  case .duration: Duration(text).map { .scalar($0.microseconds) }
  case .enumeration(let index):
    schema.enums[index].members.firstIndex(of: text).map { .scalar(Int64($0)) }
  case .node, .edge, .optional, .set, .list: nil
  }
}
