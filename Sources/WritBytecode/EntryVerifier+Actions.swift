// The verifier's rules about actions: no way round a gate, a way back that ends, a program that is fixed.
import WritModel

extension EntryVerifier {
  /// Every action on its own, and then that taking back ends.
  func verifyActions() throws(VerifyError) {
    try VerifierRules(.program).distinct(program.actions.map(\.name), of: "action")
    for (index, action) in program.actions.enumerated() {
      try verify(action, VerifierRules(.entry(.actions, index)))
    }
    try verifyRollbacksEnd()
    try verifyBreakGlass()
  }

  private func verify(_ action: ActionProgram, _ rules: VerifierRules) throws(VerifyError) {
    try rules.text(action.position, of: "position")
    try rules.variables(action.parameters, of: "parameter", in: program.schema)
    for parameter in action.parameters {
      try rules.require(parameter.type.isSingle, .badType("parameter"))
    }
    try rules.distinct(action.impacts.map(\.rawValue), of: "impact")
    try rules.count(action.labels.count, of: "labels", atMost: DelegateLabel.most)
    try rules.distinct(action.labels, of: "label")
    for label in action.labels {
      try rules.require(DelegateLabel.isName(label), .badText("label"))
    }
    try rules.count(action.secrets.count, of: "secrets", atMost: Limits.secrets)
    try rules.distinct(action.secrets, of: "secret")
    for secret in action.secrets {
      try rules.require(ActionSecret.isName(secret), .badText("secret"))
    }
    try rules.value(
      action.timeout ?? ActionTimeout.microseconds.lowerBound, of: "timeout",
      in: ActionTimeout.microseconds)
    try verifyGuard(of: action, rules)
    try verifyRollback(of: action, rules)
    try verifyCommand(of: action, rules)
  }

  /// What touches production is decided on.
  private func verifyGuard(
    of action: ActionProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let gate = action.guardGate else {
      try rules.require(action.effect < .production, .unguarded)
      return try rules.require(action.guardArguments.isEmpty, .strayArguments)
    }
    try rules.index(gate, of: "gate", below: program.gates.count)
    try verify(action.guardArguments, of: action, for: program.gates[gate].parameters, rules)
  }

  /// What touches production says how it is taken back, or that it is not.
  private func verifyRollback(
    of action: ActionProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    guard let rollback = action.rollback else {
      return try rules.require(
        action.isIrreversible || action.effect < .production, .rollbackForm)
    }
    try rules.require(!action.isIrreversible, .rollbackForm)
    try rules.index(rollback.action, of: "action", below: program.actions.count)
    try verify(
      rollback.arguments, of: action, for: program.actions[rollback.action].parameters, rules)
  }

  /// One parameter of the action for each that is wanted, of a type that fits.
  private func verify(
    _ arguments: [Int], of action: ActionProgram, for wanted: [NamedType], _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.require(
      arguments.count == wanted.count,
      .handedOn(arguments.count, expected: wanted.count))
    for (argument, parameter) in zip(arguments, wanted) {
      try rules.index(argument, of: "parameter", below: action.parameters.count)
      let fits = action.parameters[argument].type.isPart(of: parameter.type)
      try rules.require(fits, .badType("argument"))
    }
  }

  /// The program is a text of the policy; values are single, and asked of the action's parameters alone.
  private func verifyCommand(
    of action: ActionProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    try rules.count(action.command.count, of: "words", atMost: Limits.commandWords)
    guard let first = action.command.first, first.pieces.count == 1,
      case .text(let name) = first.pieces[0], !name.isEmpty
    else { throw VerifyError(rules.place, .openProgram) }
    for word in action.command {
      try rules.count(word.pieces.count, of: "pieces of a word", atMost: Limits.messagePieces)
      for piece in word.pieces { try verify(piece, of: action, rules) }
    }
    if action.isRequest { try verifyRequest(of: action, rules) }
  }

  /// What a value is makes no other request of it: it is all of a word but for the tag before it. Secrets are the action's own.
  private func verifyRequest(
    of action: ActionProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    var words: [String] = []
    for word in action.command {
      var text = ""
      for piece in word.pieces {
        switch piece {
        case .text(let part): text += part
        case .value:
          try rules.require(text == "value:" || text == "number:", .request("an open word"))
          text += "0"
        }
      }
      words.append(text)
    }
    let order: HTTPOrder
    do throws(HTTPOrderError) {
      order = try HTTPOrder(words: words)
    } catch {
      throw VerifyError(rules.place, .request(error.description))
    }
    for case .secret(let name) in order.headers.flatMap(\.pieces) {
      let isOwn = action.secrets.contains { hasSameBytes($0, name) }
      try rules.require(isOwn, .request("a secret that it is not handed"))
    }
  }

  private func verify(
    _ piece: MessagePiece, of action: ActionProgram, _ rules: VerifierRules
  ) throws(VerifyError) {
    switch piece {
    case .text(let text):
      try rules.name(text, of: "word")
      try rules.count(text.utf8.count, of: "bytes of a word", atMost: Limits.wordBytes)
    case .value(let routine, let type):
      try rules.type(type, of: "word", in: program.schema)
      try rules.require(type.isSingle, .badType("word"))
      let value = try emission(of: routine, inputCount: action.parameters.count, rules)
      try rules.require(!readsMoment[routine], .readsMoment(routine: routine))
      try rules.require(value.captures.count == 1, .captures(value.captures.count, expected: 1))
      try capture(value.captures, 0, holds: type, rules)
    }
  }

  /// Each action names at most one other: a walk that comes back to itself, begun anywhere, has met a circle. O(actions).
  private func verifyRollbacksEnd() throws(VerifyError) {
    var walks = [Int?](repeating: nil, count: program.actions.count)
    for start in program.actions.indices {
      var next: Int? = start
      while let action = next, walks[action] == nil {
        walks[action] = start
        next = program.actions[action].rollback?.action
      }
      if let closing = next, walks[closing] == start {
        throw VerifyError(.entry(.actions, closing), .rollbackCycle)
      }
    }
  }

  /// Break-glass is decided on by a gate that decides on nothing else, takes nothing back, and is reviewed by somebody in time.
  private func verifyBreakGlass() throws(VerifyError) {
    let usual = Set(program.actions.filter { $0.breakGlass == nil }.compactMap(\.guardGate))
    for (index, action) in program.actions.enumerated() {
      let rules = VerifierRules(.entry(.actions, index))
      if let back = action.rollback?.action {
        try rules.require(program.actions[back].breakGlass == nil, .misplacedBreakGlass)
      }
      guard let glass = action.breakGlass else { continue }
      try rules.require(
        program.roles.contains { hasSameBytes($0, glass.role) }, .unknownRole(glass.role))
      try rules.value(glass.within, of: "time of a review", in: BreakGlass.microseconds)
      guard let gate = action.guardGate else { throw VerifyError(rules.place, .unguarded) }
      try rules.require(!usual.contains(gate), .sharedGate(gate))
    }
  }
}
