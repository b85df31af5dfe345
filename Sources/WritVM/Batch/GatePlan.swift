// Clauses of a gate over a block of requests: which of them have a finding.

import WritBytecode
import WritModel

/// Operations that tell for each request of a block which clauses have a finding.
final class GatePlan {
  let tables: BlockTables
  /// What is to be known of whole tables before.
  let steps: BlockSteps
  /// Over the requests.
  let last: BlockStage
  /// The truth that a clause of the gate has a finding; clauses that blocks cannot do have none.
  let findings: [(clause: Int, truth: Int)]

  /// `nil` for a gate of which blocks can do no clause. O(size of the program + nodes and edges of the walks).
  init?(_ machine: Machine, gate index: Int) {
    let gate = machine.program.gates[index]
    var graph = BlockGraph()
    var roots: [(clause: Int, expression: Int)] = []
    for (place, clause) in gate.clauses.enumerated() where !clause.hasApproval {
      guard let lowered = BlockLowering.lower(machine, clause, of: gate, graph) else { continue }
      graph = lowered.graph
      roots.append((place, lowered.finding))
    }
    if roots.isEmpty { return nil }
    tables = BlockTables(machine)
    steps = BlockSteps(graph, machine, tables, roots.map(\.expression))
    var compiler = BlockCompiler(graph, machine, tables, .requests)
    compiler.compile(roots.map(\.expression))
    findings = roots.map { ($0.clause, compiler.truth($0.expression)) }
    last = compiler.stage
    guard max(truthCount, numberCount) <= BlockPlan.maximumRegisters else { return nil }
  }

  var truthCount: Int { max(steps.truthCount, last.truthCount) }
  var numberCount: Int { max(steps.numberCount, last.numberCount) }
}

extension BlockLowering {
  /// The truth of requests that a clause has a finding, among expressions that other clauses may share; `nil` if blocks cannot tell.
  fileprivate static func lower(
    _ machine: Machine, _ clause: ClauseProgram, of gate: GateProgram, _ graph: BlockGraph
  ) -> (graph: BlockGraph, finding: Int)? {
    let routine = machine.program.routines[clause.routine]
    guard routine.inputCount == gate.parameters.count, routine.code.count <= maximumWords else {
      return nil
    }
    var lowering = BlockLowering(machine, .clause(gate.parameters), routine, graph, .requests)
    for (argument, parameter) in gate.parameters.enumerated() {
      let type: BlockType =
        switch parameter.type {
        case .bool: .truth
        case .optional(.bool): .optionalTruth
        default: .number
        }
      let expression = lowering.graph.add(.argument(argument), .requests, type)
      lowering.registers[machine.program.globalCount + argument] = Symbol(
        expression: expression, depth: 0)
    }
    guard lowering.follow(0..<routine.code.count), !lowering.hasLostFindings,
      lowering.openSets.isEmpty, lowering.uncounted.isEmpty, lowering.fuel <= Double(Limits.fuel)
    else { return nil }
    var finding = lowering.graph.constant(.no)
    for (place, one) in lowering.findings.enumerated() {
      finding = place == 0 ? one : lowering.graph.add(.or(finding, one), .requests, .truth)
    }
    return (lowering.graph, finding)
  }
}

extension ValueType {
  /// The kind of all nodes of the type, if there is but one.
  var onlyKind: Int? {
    if case .node(let kinds) = unwrapped, kinds.count == 1 { kinds[0] } else { nil }
  }
}
