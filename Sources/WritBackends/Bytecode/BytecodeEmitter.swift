// A module of the intermediate form to a program for the virtual machine.

public import WritBytecode
public import WritIR
import WritModel
import WritSemantics
public import WritText

/// What the emitter needs to know of the texts.
public struct SourceNames: Sendable {
  /// For each module of the program, `sha256:` and the hex digest of its text.
  public let digests: [String]
  /// `path:line:column` of a range's beginning.
  public let position: @Sendable (SourceRange) -> String
  /// The text of a range.
  public let text: @Sendable (SourceRange) -> String

  public init(
    digests: [String], position: @escaping @Sendable (SourceRange) -> String,
    text: @escaping @Sendable (SourceRange) -> String
  ) {
    self.digests = digests
    self.position = position
    self.text = text
  }
}

/// A declaration needs more registers, sets, loops or words than an instruction can name.
public struct EmissionError: Error, Equatable, Sendable {
  /// Name of the gate, scorecard, query, action or pipeline, or of the clause in it.
  public let name: String
  public let range: SourceRange
}

/// The program of a module. The constants' registers come before any routine's own, so routines are emitted twice: once to
/// learn the constants, once to place the rest behind them.
public func emit(
  _ module: IRModule, names: SourceNames
) throws(EmissionError) -> Program {
  var first = BytecodeEmitter(module: module, names: names, tables: ProgramTables())
  _ = try first.program()
  var second = BytecodeEmitter(
    module: module, names: names, tables: first.tables.withoutRoutines())
  return try second.program()
}

private struct BytecodeEmitter {
  let module: IRModule
  let names: SourceNames
  private(set) var tables: ProgramTables
  let globalCount: Int
  /// By the file that the module's text is.
  private let moduleNames: [Int: String]

  init(module: IRModule, names: SourceNames, tables: ProgramTables) {
    self.module = module
    self.names = names
    self.tables = tables
    globalCount = 2 + module.typed.parameters.count + tables.constants.count
    moduleNames = Dictionary(
      module.typed.modules.map { ($0.file, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func program() throws(EmissionError) -> Program {
    let typed = module.typed
    var program = Program(schema: typed.schema)
    program.modules = zip(typed.modules, names.digests).map {
      ModuleReference(name: $0.name, version: $0.version, digest: $1)
    }
    program.allowsUnsignedCallers = typed.modules.last?.allowsUnsignedCallers ?? false
    program.roles = typed.roles
    program.parameters = typed.parameters.map {
      ParameterValue(name: $0.name, type: $0.type, value: value($0.defaultValue))
    }
    program.approvals = module.approvals.map {
      ApprovalReference(
        role: $0.role, count: $0.count, withinMicroseconds: $0.withinMicroseconds)
    }
    for (gate, lowered) in zip(typed.gates, module.gates) {
      program.gates.append(try emit(gate, lowered))
    }
    for (waiver, routine) in zip(typed.waivers, module.waivers) {
      program.waivers.append(try emit(waiver, routine))
    }
    for (scorecard, routine) in zip(typed.scorecards, module.scorecards) {
      program.scorecards.append(try emit(scorecard, routine))
    }
    for (query, routine) in zip(typed.queries, module.queries) {
      program.queries.append(try emit(query, routine))
    }
    for (action, lowered) in zip(typed.actions, module.actions) {
      program.actions.append(try emit(action, lowered))
    }
    for (pipeline, lowered) in zip(typed.pipelines, module.pipelines) {
      program.pipelines.append(try emit(pipeline, lowered))
    }
    program.constants = tables.constants
    program.fields = tables.fields
    program.steps = tables.steps
    program.kindSets = tables.kindSets
    program.closures = tables.closures
    program.routines = tables.routines
    return program
  }

  private func value(_ constant: Constant) -> ConstantValue {
    switch constant {
    case .scalar(let number): .scalar(number)
    case .string(let text): .string(text)
    case .absent: .absent
    }
  }

  /// Index of the routine.
  private mutating func emit(
    _ routine: IRRoutine, _ name: String, _ range: SourceRange
  ) throws(EmissionError) -> Int {
    var emitter = RoutineEmitter(
      tables: ProgramTables(), parameterCount: module.typed.parameters.count,
      globalCount: globalCount, inputs: routine.inputs)
    // Lent and taken back: a copy for each of many routines would take time in the square of their number.
    swap(&tables, &emitter.tables)
    do {
      let emitted = try emitter.emit(routine)
      swap(&tables, &emitter.tables)
      return tables.add(emitted)
    } catch {
      throw EmissionError(name: name, range: range)
    }
  }
}

extension BytecodeEmitter {
  private mutating func emit(
    _ gate: TypedGate, _ lowered: IRGate
  ) throws(EmissionError) -> GateProgram {
    var clauses: [ClauseProgram] = []
    for (clause, lowered) in zip(gate.clauses, lowered.clauses) {
      clauses.append(try emit(clause, lowered))
    }
    return GateProgram(
      name: qualified(gate.name, gate.range), parameters: named(gate.parameters),
      waivingRole: gate.waivable?.role, clauses: clauses)
  }

  private mutating func emit(
    _ waiver: TypedWaiver, _ routine: IRRoutine
  ) throws(EmissionError) -> WaiverProgram {
    WaiverProgram(
      name: qualified(waiver.name, waiver.range),
      findings: WaivedFindings(
        gate: waiver.gate, clause: waiver.clause,
        nodes: waiver.nodes.map { WaivedNode(kind: $0.kind, id: $0.id) }),
      reason: waiver.reason, expires: waiver.expires,
      routine: try emit(routine, waiver.name, waiver.range), position: names.position(waiver.range))
  }

  private mutating func emit(
    _ clause: TypedClause, _ lowered: IRClause
  ) throws(EmissionError) -> ClauseProgram {
    let routine = try emit(lowered.routine, clause.name, clause.range)
    let message = try emit(lowered.message, clause.name, clause.range)
    return ClauseProgram(
      name: clause.name, isDeny: clause.kind == .deny, position: names.position(clause.range),
      routine: routine, bindings: named(lowered.bindings), subjects: named(lowered.subjects),
      message: message, hasApproval: lowered.hasApproval)
  }

  /// The pieces, each value with a routine of its own.
  private mutating func emit(
    _ parts: [IRMessagePart], _ name: String, _ range: SourceRange
  ) throws(EmissionError) -> [MessagePiece] {
    var pieces: [MessagePiece] = []
    for part in parts {
      switch part {
      case .text(let text): pieces.append(.text(text))
      case .value(let routine, let type):
        pieces.append(.value(routine: try emit(routine, name, range), type: type))
      }
    }
    return pieces
  }

  private mutating func emit(
    _ action: TypedAction, _ lowered: IRAction
  ) throws(EmissionError) -> ActionProgram {
    var command: [CommandWord] = []
    for word in lowered.command {
      command.append(CommandWord(pieces: try emit(word, action.name, action.range)))
    }
    return ActionProgram(
      name: qualified(action.name, action.range), kind: action.kind, effect: action.effect,
      impacts: action.impacts, parameters: named(action.parameters),
      guardGate: action.guardedBy?.target, guardArguments: action.guardedBy?.arguments ?? [],
      rollback: action.rollback.map {
        RollbackReference(action: $0.target, arguments: $0.arguments)
      }, isIrreversible: action.isIrreversible, breakGlass: action.breakGlass,
      labels: action.labels,
      command: command, secrets: action.secrets, timeout: action.timeoutMicroseconds,
      isIdempotent: action.isIdempotent,
      position: names.position(action.range))
  }

  private mutating func emit(
    _ pipeline: TypedPipeline, _ lowered: IRPipeline
  ) throws(EmissionError) -> PipelineProgram {
    var values: [PipelineValue] = []
    let (told, handed) = (pipeline.toldValues, pipeline.handedValues)
    for (index, (value, routine)) in zip(pipeline.values, lowered.values).enumerated() {
      let range = value.expression.range
      let emitted = try emit(routine, pipeline.name, pipeline.range)
      let isMade =
        handed.contains(index)
        && tables.routines[emitted].registerCount > globalCount + routine.inputs.count
      values.append(
        PipelineValue(
          routine: emitted, type: value.expression.type,
          reads: value.reads.map(\.read), asks: value.asks.map(\.read),
          text: told.contains(index) || isMade ? oneLine(names.text(range)) : ""))
    }
    return PipelineProgram(
      name: qualified(pipeline.name, pipeline.range), parameters: named(pipeline.parameters),
      concurrency: pipeline.concurrency, deadline: pipeline.deadlineMicroseconds,
      isUnverified: pipeline.isUnverified, freeze: pipeline.freeze, stages: pipeline.stages,
      hooks: pipeline.hooks, values: values,
      places: pipeline.places.map { names.position($0) },
      position: names.position(pipeline.range),
      outputs: pipeline.outputs.map { NamedType(name: $0.name, type: $0.type) })
  }

  private mutating func emit(
    _ scorecard: TypedScorecard, _ routine: IRRoutine
  ) throws(EmissionError) -> ScorecardProgram {
    ScorecardProgram(
      name: qualified(scorecard.name, scorecard.range),
      parameters: named(scorecard.parameters),
      levelEnum: scorecard.levelEnum, isSum: scorecard.isSum,
      checks: scorecard.checks.map {
        CheckProgram(
          name: $0.name, title: $0.title, weight: $0.weight, position: names.position($0.range))
      },
      levels: scorecard.levels.map {
        LevelProgram(
          ordinal: $0.ordinal, threshold: $0.threshold, requiredChecks: $0.requiredChecks)
      },
      routine: try emit(routine, scorecard.name, scorecard.range))
  }

  private mutating func emit(
    _ query: TypedQuery, _ routine: IRRoutine
  ) throws(EmissionError) -> QueryProgram {
    let index = try emit(routine, query.name, query.range)
    switch query.body {
    case .path(let path):
      let column = ColumnProgram(
        name: "node", type: path.start.type.element ?? path.start.type.unwrapped,
        source: .value(capture: 0))
      return QueryProgram(
        name: qualified(query.name, query.range), parameters: named(query.parameters),
        routine: index, isPath: true,
        isGrouped: false, groupKeys: [], columns: [column], order: [], limit: nil)
    case .rows(let rows):
      return QueryProgram(
        name: qualified(query.name, query.range), parameters: named(query.parameters),
        routine: index, isPath: false,
        isGrouped: !rows.groupKeys.isEmpty, groupKeys: rows.groupKeys.map(\.type),
        columns: columns(of: rows),
        order: rows.order.map {
          OrderProgram(column: $0.column, isDescending: $0.isDescending)
        }, limit: rows.limit)
    }
  }

  /// Captures: the group keys, then the operand of each column that has one.
  private func columns(of rows: RowQuery) -> [ColumnProgram] {
    var capture = rows.groupKeys.count
    return rows.columns.map { column in
      let source: ColumnSource
      switch column.value {
      case .groupKey(let key): source = .groupKey(capture: key)
      case .row:
        source = .value(capture: capture)
        capture += 1
      case .aggregate(let aggregate, _):
        source = .aggregate(kind(of: aggregate), capture: capture)
        capture += 1
      }
      return ColumnProgram(name: column.name, type: column.type, source: source)
    }
  }

  private func kind(of aggregate: Aggregate) -> AggregateKind {
    switch aggregate {
    case .count: .count
    case .countDistinct: .countDistinct
    case .sum: .sum
    case .least: .least
    case .greatest: .greatest
    }
  }

  /// `module.name` for a declaration that stands in a module's text.
  private func qualified(_ name: String, _ range: SourceRange) -> String {
    moduleNames[range.file].map { "\($0).\(name)" } ?? name
  }

  private func named(_ variables: [TypedVariable]) -> [NamedType] {
    variables.map { NamedType(name: $0.name, type: $0.type) }
  }
}
