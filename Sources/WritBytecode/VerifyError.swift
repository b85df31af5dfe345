// Why a program is refused: the place, and the rule that it breaks.

/// A rule of the verifier that a program breaks, and where.
public struct VerifyError: Error, Hashable, Sendable, CustomStringConvertible {
  public let place: VerifyPlace
  public let problem: VerifyProblem

  public init(_ place: VerifyPlace, _ problem: VerifyProblem) {
    self.place = place
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }
}

/// A list of a program or of its schema.
public enum ProgramTable: String, Hashable, Sendable, CaseIterable {
  case enums, sources, kinds, edges, modules, roles, parameters, constants, fields, steps
  case kindSets, closures, approvals, scorecards, gates, waivers, queries, actions, pipelines
  case routines
}

/// A place in a program.
public enum VerifyPlace: Hashable, Sendable, CustomStringConvertible {
  case program
  case entry(ProgramTable, Int)
  case clause(gate: Int, clause: Int)
  case step(pipeline: Int, path: String)
  case emission(routine: Int, emission: Int)
  case word(routine: Int, word: Int)

  public var description: String {
    switch self {
    case .program: "program"
    case .entry(let table, let index): "\(table.rawValue)[\(index)]"
    case .clause(let gate, let clause): "gates[\(gate)].clauses[\(clause)]"
    case .step(let pipeline, let path): "pipelines[\(pipeline)] \(path)"
    case .emission(let routine, let index): "routines[\(routine)].emissions[\(index)]"
    case .word(let routine, let word): "routines[\(routine)].code[\(word)]"
    }
  }
}
