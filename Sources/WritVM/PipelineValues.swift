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

/// What a pipeline's values are made of: its arguments, in parameter order, and what its steps have given out so far.
public struct PipelineArguments {
  public let arguments: [Slot]
  /// For each of the pipeline's outputs; `nil`: it was not made.
  public let outputs: [Slot?]
  /// How stages and steps ended, by their marks.
  public let results: [PartResult]

  /// As many arguments as parameters, and as many outputs as the pipeline has. Results that are left out are not known.
  public init(arguments: [Slot], outputs: [Slot?], results: [PartResult] = []) {
    self.arguments = arguments
    self.outputs = outputs
    self.results = results
  }

  /// What the routine of a value takes. An output that was not made is absent where the value deals with that.
  fileprivate func inputs(
    of value: PipelineValue, in pipeline: PipelineProgram
  ) throws(NoValue) -> [Slot] {
    precondition(
      arguments.count == pipeline.parameters.count && outputs.count == pipeline.outputs.count,
      "an argument for each parameter, and a place for each output")
    var inputs = arguments
    for read in value.reads {
      guard let slot = outputs[read.output] ?? (read.mayBeAbsent ? .nothing : nil) else {
        throw .unknown("`\(pipeline.outputs[read.output].name)` was not given out")
      }
      inputs.append(slot)
    }
    for ask in value.asks {
      guard results.indices.contains(ask.mark) else {
        throw .unknown("it is not known how a stage or a step ended")
      }
      inputs.append(ask.results.contains(results[ask.mark]) ? .yes : .no)
    }
    return inputs
  }
}

extension Machine {
  /// Whether a condition of a pipeline holds: an index into its values, a Bool. Values are read as a gate reads them.
  ///
  /// The machine is bound to a request before, with `asOf` in microseconds since the epoch.
  public func condition(
    _ value: Int, of pipeline: PipelineProgram, _ inputs: PipelineArguments, asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> ConditionResult {
    var values = KnownValues(machine: self, asOf: asOf, fuel: fuel)
    let value = pipeline.values[value]
    do {
      let slot = try values.known(
        value.routine, .bool, try inputs.inputs(of: value, in: pipeline))
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
    _ words: [PipelineWord], of pipeline: PipelineProgram, _ inputs: PipelineArguments, asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> CommandResult {
    var command: [[WordPiece]] = []
    for (index, word) in words.enumerated() {
      var pieces: [WordPiece] = []
      for piece in word.pieces {
        switch piece {
        case .text(let text): pieces.append(.text(text))
        case .value(let value):
          let value = pipeline.values[value]
          do {
            let inputs = try inputs.inputs(of: value, in: pipeline)
            pieces.append(.value(value.routine, value.type, inputs: inputs))
          } catch NoValue.unknown(let why) {
            return .unknown("word \(index + 1): \(why)")
          } catch {
            return .refused("word \(index + 1) has no value")
          }
        }
      }
      command.append(pieces)
    }
    return self.words(command, asOf: asOf, fuel: fuel)
  }

  /// What a call of a pipeline is handed: indexes into its values.
  public func callArguments(
    _ indexes: [Int], of pipeline: PipelineProgram, _ inputs: PipelineArguments, asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> CallResult {
    var values = KnownValues(machine: self, asOf: asOf, fuel: fuel)
    var found: [CallArgument] = []
    for (number, index) in indexes.enumerated() {
      let value = pipeline.values[index]
      do {
        let slot = try values.known(
          value.routine, value.type, try inputs.inputs(of: value, in: pipeline))
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
    _ value: Int, of pipeline: PipelineProgram, _ inputs: PipelineArguments, asOf: Int64,
    fuel: Int64 = Limits.fuel
  ) -> NodesResult {
    var values = KnownValues(machine: self, asOf: asOf, fuel: fuel)
    let value = pipeline.values[value]
    do throws(NoValue) {
      let numbers = try values.nodes(
        value.routine, try inputs.inputs(of: value, in: pipeline))
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
