// The tests that a policy brings, run as a gate would be.

public import WritBytecode
import WritGraph
import WritModel
public import WritSemantics
public import WritText
import WritVM

/// How one expectation of a test came out.
public struct ExpectationResult: Sendable {
  public let range: SourceRange
  /// What was met instead, in words; `nil` if it was met.
  public let failure: String?
  /// The clauses that failed or are owed, with their messages.
  public let details: [String]
}

/// How one test came out.
public struct TestResult: Sendable {
  public let title: String
  public let range: SourceRange
  public let expectations: [ExpectationResult]
  /// The facts of the test make no graph.
  public let problem: String?

  public var hasPassed: Bool {
    problem == nil && expectations.allSatisfy { $0.failure == nil }
  }
}

/// Runs every test of a program, in order.
public func runTests(_ typed: TypedProgram, _ program: VerifiedProgram) -> [TestResult] {
  typed.tests.map { TestRun(test: $0, typed: typed, program: program).result() }
}

private struct TestRun {
  let test: TypedTest
  let typed: TypedProgram
  let program: VerifiedProgram

  func result() -> TestResult {
    let world = TestWorld(test, schema: typed.schema)
    do {
      let snapshot = try world.snapshot()
      let overlay = try world.overlay(snapshot)
      let expectations = try test.expectations.enumerated().map { index, expectation in
        try result(of: expectation, index, world, snapshot, overlay)
      }
      return TestResult(
        title: test.title, range: test.range, expectations: expectations, problem: nil)
    } catch {
      return TestResult(
        title: test.title, range: test.range, expectations: [], problem: "\(error)")
    }
  }

  private func result(
    of expectation: TypedExpectation, _ index: Int, _ world: TestWorld, _ snapshot: Snapshot,
    _ overlay: Overlay
  ) throws -> ExpectationResult {
    switch expectation.form {
    case .gate(let gate, let arguments, let caller, let verdict, let waiving):
      let machine = try machine(snapshot, overlay, caller)
      let grants = grants(world, gate, caller, machine)
      let decided = try decide(gate, arguments, world, grants, machine)
      return ExpectationResult(
        range: expectation.range,
        failure: mismatch(decided, verdict) ?? mismatch(decided, gate, waiving: waiving),
        details: decided.reasons.map { "\($0.clause): \($0.message)" }
          + decided.obligations.map { "\($0.clause): awaits \($0.count) by role \($0.role)" })
    case .holds(let expression):
      let value = try evaluate(expression, snapshot, overlay)
      guard !value.isTrue else {
        return ExpectationResult(range: expectation.range, failure: nil, details: [])
      }
      let sides = try sides(of: expression, snapshot, overlay).map { ": \($0)" } ?? ""
      return ExpectationResult(
        range: expectation.range, failure: "it is \(value.text)\(sides)",
        details: value.reason.map { [$0] } ?? [])
    case .isUnknown(let expression):
      let value = try evaluate(expression, snapshot, overlay)
      let failure = value.isUnknown ? nil : "it is \(value.text)"
      return ExpectationResult(range: expectation.range, failure: failure, details: [])
    }
  }

  private func machine(
    _ snapshot: Snapshot, _ overlay: Overlay, _ caller: NodeName?
  ) throws -> Machine {
    try link(
      program, snapshot, overlay,
      Circumstances(now: test.at, asOf: test.at, caller: caller.map { ($0.kind, $0.id) }))
  }

  private func decide(
    _ gate: Int, _ arguments: [ExpectedArgument], _ world: TestWorld, _ grants: [GrantedWaiver],
    _ machine: Machine
  ) throws -> GateResult {
    let slots = try arguments.map { try slot($0, machine) }
    let approvals = world.approvals.compactMap { approval -> GrantedApproval? in
      guard let giver = machine.node(kind: approval.approver.kind, id: approval.approver.id) else {
        return nil
      }
      return GrantedApproval(
        role: approval.role, approver: giver, signedAt: approval.signedAt,
        expires: approval.expires)
    }
    return machine.decide(
      gate: gate, arguments: slots, approvals: approvals, waivers: grants, asOf: test.at)
  }

  /// The grants that the gate takes: in the role that it names.
  private func grants(
    _ world: TestWorld, _ gate: Int, _ caller: NodeName?, _ machine: Machine
  ) -> [GrantedWaiver] {
    world.grants.compactMap { grant in
      let role = typed.gates[gate].waivable?.role
      guard typed.waivers[grant.waiver].gate == gate,
        role.map({ hasSameBytes($0, grant.role) }) == true,
        let granter = machine.node(kind: grant.granter.kind, id: grant.granter.id)
      else { return nil }
      return GrantedWaiver(
        waiver: grant.waiver, granter: granter, isCaller: grant.granter == caller,
        signedAt: grant.signedAt,
        expires: min(grant.expires, typed.waivers[grant.waiver].expires))
    }
  }

  private func slot(_ argument: ExpectedArgument, _ machine: Machine) throws -> Slot {
    switch argument {
    case .node(let name):
      guard let number = machine.node(kind: name.kind, id: name.id) else {
        throw RequestError("no node `\(typed.schema.kinds[name.kind].name)/\(name.id)` in the test")
      }
      return Slot(exact: number)
    case .constant(.scalar(let number)): return Slot(exact: number)
    case .constant(.string(let text)): return Slot(exact: machine.number(ofString: text))
    case .constant(.absent): return .nothing
    }
  }
}

extension TestRun {
  private func mismatch(_ decided: GateResult, _ verdict: Verdict) -> String? {
    let failing = distinct(decided.reasons.map(\.clause))
    let owed = distinct(decided.obligations.map(\.clause))
    switch verdict {
    case .allowed: return decided.outcome == .allow ? nil : described(decided, failing, owed)
    case .denied(let clauses):
      let isMet = decided.outcome == .deny && isSame(clauses ?? failing, failing)
      return isMet ? nil : described(decided, failing, owed)
    case .held(let clauses):
      let isMet = decided.outcome == .hold && isSame(clauses ?? owed, owed)
      return isMet ? nil : described(decided, failing, owed)
    }
  }

  /// Of which clauses findings are waived, where the test says that; `nil` if it is of those.
  private func mismatch(
    _ decided: GateResult, _ gate: Int, waiving expected: [String]?
  ) -> String? {
    guard let expected else { return nil }
    let waived = distinct(decided.waived.map(\.finding.clause))
    if isSame(expected, waived) { return nil }
    return waived.isEmpty
      ? "nothing is waived" : "it waives \(waived.joined(separator: ", "))"
  }

  /// Each once, by bytes.
  private func distinct(_ clauses: [String]) -> [String] {
    Set(clauses.map { ByteText($0) }).sorted().map(\.string)
  }

  private func isSame(_ left: [String], _ right: [String]) -> Bool {
    left.map { ByteText($0) } == right.map { ByteText($0) }
  }

  private func described(_ decided: GateResult, _ failing: [String], _ owed: [String]) -> String {
    switch decided.outcome {
    case .allow: "it is allowed"
    case .deny: "it is denied by \(failing.joined(separator: ", "))"
    case .hold: "it is held by \(owed.joined(separator: ", "))"
    }
  }

  /// Both sides of a comparison, as far as they are known: `88.5 == 66`.
  private func sides(
    of expression: TypedExpression, _ snapshot: Snapshot, _ overlay: Overlay
  ) throws -> String? {
    guard case .compare(let comparison, let left, let right) = expression.form else { return nil }
    let (first, second) = (
      try evaluate(left, snapshot, overlay).text, try evaluate(right, snapshot, overlay).text
    )
    return "\(first) \(comparison.sign) \(second)"
  }

  /// Compiles the expression as the one column of a query, and reads only what is vouched for, as a gate would.
  private func evaluate(
    _ expression: TypedExpression, _ snapshot: Snapshot, _ overlay: Overlay
  ) throws -> (isTrue: Bool, isUnknown: Bool, text: String, reason: String?) {
    let machine = try link(
      try compile(expression, in: typed), snapshot, overlay,
      Circumstances(now: test.at, asOf: test.at, caller: nil))
    guard case .scalar(let slot)? = machine.evaluate(query: 0) else {
      return (false, true, "unknown", "the expression looked at more than its limit allows")
    }
    let text = machine.text(.scalar(slot), expression.type)
    let isKnown = slot.isExact || slot.isAbsent
    return (slot.isCertain, !isKnown, text, isKnown ? nil : machine.reason(slot, asOf: test.at))
  }
}

extension Comparison {
  /// As the text has it.
  fileprivate var sign: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }
}
