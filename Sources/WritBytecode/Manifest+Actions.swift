// Actions in a manifest. The member `actions` is there only where there are actions, so that bundles without them have
// the bytes that they always had.
import WritModel

extension Program {
  /// `nil` where there are none.
  var actionsJSON: JSONValue? { actions.isEmpty ? nil : .array(actions.map(\.json)) }
}

extension ActionProgram {
  fileprivate var json: JSONValue {
    .object(of: [
      ("at", .string(position)), ("breakGlass", breakGlass?.json),
      ("command", .array(command.map { .array($0.pieces.map(\.json)) })),
      ("effect", .string(effect.rawValue)), ("guard", guardJSON),
      ("idempotent", .bool(isIdempotent)),
      ("impacts", .strings(impacts.map(\.rawValue))),
      ("irreversible", .bool(isIrreversible)), ("kind", .string(kind.rawValue)),
      ("labels", labels.isEmpty ? nil : .strings(labels)),
      ("name", .string(name)), ("parameters", .array(parameters.map(\.json))),
      ("rollback", rollback?.json), ("secrets", .strings(secrets)),
      ("timeout", timeout.map { .number(of: $0) }),
    ])
  }

  private var guardJSON: JSONValue? {
    guardGate.map {
      .object(of: [("arguments", .numbers(guardArguments)), ("gate", .number(of: $0))])
    }
  }
}

extension BreakGlass {
  fileprivate var json: JSONValue {
    .object(of: [("role", .string(role)), ("within", .number(of: within))])
  }
}

extension RollbackReference {
  fileprivate var json: JSONValue {
    .object(of: [("action", .number(of: action)), ("arguments", .numbers(arguments))])
  }
}

extension ManifestReader {
  /// None where the member is left out.
  func actions() throws(BundleError) -> [ActionProgram] {
    guard optional("actions") != nil else { return [] }
    return try list("actions") { (item) throws(BundleError) in try item.action() }
  }

  private func action() throws(BundleError) -> ActionProgram {
    let guardedBy = optional("guard")
    return ActionProgram(
      name: try text("name"), kind: try member("kind").named(),
      effect: try member("effect").named(),
      impacts: try list("impacts") { (item) throws(BundleError) in try item.named() },
      parameters: try variables("parameters"), guardGate: try guardedBy?.index("gate"),
      guardArguments: try guardedBy?.member("arguments").indexes() ?? [],
      rollback: try rollback(), isIrreversible: try truth("irreversible"),
      breakGlass: try breakGlass(),
      labels: try optional("labels") == nil ? [] : texts("labels"),
      command: try list("command") { (word) throws(BundleError) in
        CommandWord(pieces: try word.pieces())
      }, secrets: try texts("secrets"), timeout: try optional("timeout")?.number(),
      isIdempotent: try truth("idempotent"), position: try text("at"))
  }

  private func rollback() throws(BundleError) -> RollbackReference? {
    guard let rollback = optional("rollback") else { return nil }
    return RollbackReference(
      action: try rollback.index("action"),
      arguments: try rollback.member("arguments").indexes())
  }

  private func breakGlass() throws(BundleError) -> BreakGlass? {
    guard let glass = optional("breakGlass") else { return nil }
    return BreakGlass(role: try glass.text("role"), within: try glass.number("within"))
  }

  /// One of a closed list of words.
  func named<Word: RawRepresentable<String> & CaseIterable>() throws(BundleError) -> Word {
    guard let word = value.string.flatMap({ Word(rawValue: $0) }) else {
      throw error("expected one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return word
  }
}
