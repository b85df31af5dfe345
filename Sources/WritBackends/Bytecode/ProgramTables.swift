// The tables of a program while it is being written: each distinct entry once.

import WritBytecode
import WritIR

/// Interns what operands refer to. Indexes are in order of first use, so the same module gives the same program.
struct ProgramTables {
  private(set) var constants: [ConstantValue] = []
  private(set) var fields: [FieldReference] = []
  private(set) var steps: [StepReference] = []
  private(set) var kindSets: [[Int]] = []
  private(set) var closures: [ClosureReference] = []
  private(set) var routines: [Routine] = []
  private var constantIndexes: [ConstantValue: Int] = [:]
  private var fieldIndexes: [FieldReference: Int] = [:]
  private var stepIndexes: [StepReference: Int] = [:]
  private var kindSetIndexes: [[Int]: Int] = [:]
  private var closureIndexes: [ClosureReference: Int] = [:]

  mutating func constant(_ constant: IRConstant) -> Int {
    let value: ConstantValue =
      switch constant {
      case .scalar(let number): .scalar(number)
      case .string(let text): .string(text)
      case .node(let kind, let id): .node(kind: kind, id: id)
      case .absent: .absent
      }
    return intern(value, in: &constants, &constantIndexes)
  }

  mutating func field(_ field: IRField) -> Int {
    let reference: FieldReference =
      switch field {
      case .node(let fields): .node(fields.map { KindField(kind: $0.kind, field: $0.field) })
      case .edge(let edge, let field): .edge(edge: edge, field: field)
      }
    return intern(reference, in: &fields, &fieldIndexes)
  }

  mutating func step(_ directions: [IRDirection]) -> Int {
    let edges = directions.map { EdgeDirection(edge: $0.edge, isInverse: $0.isInverse) }
    return intern(StepReference(edges: edges), in: &steps, &stepIndexes)
  }

  mutating func kindSet(_ kinds: [Int]) -> Int {
    intern(kinds, in: &kindSets, &kindSetIndexes)
  }

  mutating func closure(step: Int, includesStart: Bool, layerLimit: Int?) -> Int {
    let closure = ClosureReference(
      step: step, includesStart: includesStart, layerLimit: layerLimit)
    return intern(closure, in: &closures, &closureIndexes)
  }

  mutating func add(_ routine: Routine) -> Int {
    routines.append(routine)
    return routines.count - 1
  }
}

extension ProgramTables {
  /// The same tables for routines that are to be written again.
  func withoutRoutines() -> ProgramTables {
    var tables = self
    tables.routines = []
    return tables
  }
}

/// The index of the entry, which is added if it is new.
private func intern<Entry: Hashable>(
  _ entry: Entry, in entries: inout [Entry], _ indexes: inout [Entry: Int]
) -> Int {
  if let index = indexes[entry] { return index }
  indexes[entry] = entries.count
  entries.append(entry)
  return entries.count - 1
}
