// What the steps of a pipeline come to for given arguments: conditions, words, and what calls are handed.

public import WritBytecode
public import WritModel

/// Whether a step runs, or a loop ends.
public enum ConditionResult: Hashable, Sendable {
  case yes
  case no
  /// It cannot be said, and why: never to be taken for either.
  case unknown(String)
  /// It looks at more than the fuel allows.
  case outOfFuel
}

/// What an action or a gate is called with.
public enum CallResult: Equatable, Sendable {
  /// In parameter order.
  case arguments([CallArgument])
  /// An argument is not known: which one, from 1, and why.
  case unknown(String)
  /// The arguments look at more than the fuel allows, all together.
  case outOfFuel
  /// The call must not be made: why.
  case refused(String)
}

/// Nodes that a value holds.
public enum NodesResult: Hashable, Sendable {
  /// As `Kind/id`.
  case nodes([String])
  /// They are not all known, and why.
  case unknown(String)
  case outOfFuel
}

/// An argument, as the machine holds it and as a request would bring it.
public struct CallArgument: Equatable, Sendable {
  public let slot: Slot
  public let value: JSONValue
}

extension Machine {
  /// Whether a condition of a pipeline holds: an index into its values, a Bool. Values are read as a gate reads them.
  ///
  /// The machine is bound to a request before, with `asOf` in microseconds since the epoch; `arguments` are the pipeline's, in
  /// parameter order and as many.
  public func condition(
    _ value: Int, of pipeline: PipelineProgram, arguments: [Slot], asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> ConditionResult {
    precondition(arguments.count == pipeline.parameters.count, "an argument for each parameter")
    var values = KnownValues(machine: self, arguments: arguments, asOf: asOf, fuel: fuel)
    do {
      let slot = try values.known(pipeline.values[value].routine, .bool)
      return slot == .yes ? .yes : slot == .no ? .no : .unknown("it is neither true nor false")
    } catch {
      switch error {
      case .unknown(let why): return .unknown(why)
      case .outOfFuel: return .outOfFuel
      case .nothing: return .unknown("it has no value")
      }
    }
  }

  /// The words of a run, as `command(of:arguments:asOf:fuel:)` makes those of an action.
  public func words(
    _ words: [PipelineWord], of pipeline: PipelineProgram, arguments: [Slot], asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> CommandResult {
    precondition(arguments.count == pipeline.parameters.count, "an argument for each parameter")
    let command = words.map { word in
      CommandWord(
        pieces: word.pieces.map { piece in
          switch piece {
          case .text(let text): .text(text)
          case .value(let value):
            .value(routine: pipeline.values[value].routine, type: pipeline.values[value].type)
          }
        })
    }
    return self.words(command, arguments: arguments, asOf: asOf, fuel: fuel)
  }

  /// What a call of a pipeline is handed: indexes into its values.
  public func callArguments(
    _ indexes: [Int], of pipeline: PipelineProgram, arguments: [Slot], asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> CallResult {
    precondition(arguments.count == pipeline.parameters.count, "an argument for each parameter")
    var values = KnownValues(machine: self, arguments: arguments, asOf: asOf, fuel: fuel)
    var found: [CallArgument] = []
    for (number, index) in indexes.enumerated() {
      let value = pipeline.values[index]
      do {
        let slot = try values.known(value.routine, value.type)
        guard isOf(value.type, slot) else { throw NoValue.nothing }
        found.append(CallArgument(slot: slot, value: json(slot, value.type, values.formatter)))
      } catch NoValue.unknown(let why) {
        return .unknown("argument \(number + 1): \(why)")
      } catch NoValue.outOfFuel {
        return .outOfFuel
      } catch {
        return .refused("argument \(number + 1) has no value")
      }
    }
    return .arguments(found)
  }

  /// The nodes that a value of a pipeline holds: people who may not approve. An index into its values, a node or a set of them.
  public func nodes(
    _ value: Int, of pipeline: PipelineProgram, arguments: [Slot], asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> NodesResult {
    precondition(arguments.count == pipeline.parameters.count, "an argument for each parameter")
    var values = KnownValues(machine: self, arguments: arguments, asOf: asOf, fuel: fuel)
    do throws(NoValue) {
      let numbers = try values.nodes(pipeline.values[value].routine)
      return .nodes(numbers.map(values.formatter.reference(to:)))
    } catch {
      switch error {
      case .unknown(let why): return .unknown(why)
      case .outOfFuel: return .outOfFuel
      case .nothing: return .unknown("it has no value")
      }
    }
  }

  /// A node is of a kind that the type names.
  private func isOf(_ type: ValueType, _ slot: Slot) -> Bool {
    guard case .node(let kinds) = type.unwrapped else { return true }
    return graph.kind(of: Int(slot.lower)).map(kinds.contains) ?? false
  }

  private func json(_ slot: Slot, _ type: ValueType, _ formatter: ValueFormatter) -> JSONValue {
    switch type.unwrapped {
    case .bool: .bool(slot == .yes)
    case .int where slot.lower.magnitude < 1 << 53: .integer(slot.lower)
    case .node: .string(formatter.reference(to: slot.lower))
    default: .string(formatter.text(.scalar(slot), type.unwrapped))
    }
  }
}
