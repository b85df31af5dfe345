// The command of an action: its words, made of values that are known, or why there is none.

import WritBytecode
import WritModel

/// What becomes of an action's command for given arguments.
public enum CommandResult: Sendable {
  /// The program, then its arguments, each as it is to reach the program: nothing is quoted or split.
  case words([String])
  /// A value is not known: which word, and why.
  case unknown(String)
  /// The words look at more than the fuel allows, all together.
  case outOfFuel
  /// The words are known and must not be run: which one, and why.
  case refused(String)
}

extension CommandResult: Equatable {
  /// Words are the same byte for byte, as the program that gets them tells them apart.
  public static func == (left: CommandResult, right: CommandResult) -> Bool {
    switch (left, right) {
    case (.words(let a), .words(let b)):
      a.count == b.count && zip(a, b).allSatisfy { hasSameBytes($0, $1) }
    case (.unknown(let a), .unknown(let b)), (.refused(let a), .refused(let b)):
      hasSameBytes(a, b)
    case (.outOfFuel, .outOfFuel): true
    default: false
    }
  }
}

extension Machine {
  /// The words of an action's command; arguments in parameter order. Values are read as a gate reads them: what nobody
  /// vouches for is not known, and no such value comes into a command.
  ///
  /// The machine is bound to a request before. `action` is an index into `program.actions`; `asOf`, in microseconds since the
  /// epoch, is what the machine was bound to, and serves to tell how old a fact is. `fuel` is for all words together.
  public func command(
    of action: Int, arguments: [Slot], asOf: Int64, fuel: Int64 = Limits.fuel
  ) -> CommandResult {
    let action = program.actions[action]
    guard arguments.count == action.parameters.count else {
      return .refused(
        "`\(action.name)` takes \(action.parameters.count) arguments, not \(arguments.count)")
    }
    let command = action.command.map { word in
      word.pieces.map { piece -> WordPiece in
        switch piece {
        case .text(let text): .text(text)
        case .value(let routine, let type): .value(routine, type, inputs: arguments)
        }
      }
    }
    return words(command, asOf: asOf, fuel: fuel)
  }

  /// The words of a command, a list of pieces each.
  func words(_ command: [[WordPiece]], asOf: Int64, fuel: Int64) -> CommandResult {
    var builder = CommandBuilder(values: KnownValues(machine: self, asOf: asOf, fuel: fuel))
    do {
      for (index, word) in command.enumerated() { try builder.add(word, number: index + 1) }
    } catch {
      return error.result
    }
    return .words(builder.words)
  }
}

/// A piece of a word, with what its routine takes.
enum WordPiece {
  case text(String)
  case value(Int, ValueType, inputs: [Slot])
}

/// Why there is no command.
private struct NoCommand: Error {
  let result: CommandResult
}

private struct CommandBuilder {
  /// One supply of fuel for all words: many small ones cost what one large one may.
  private var values: KnownValues
  private(set) var words: [String] = []
  private var byteCount = 0

  init(values: KnownValues) {
    self.values = values
  }

  /// Makes one word, and holds it to the limits; `number` counts from 1.
  mutating func add(_ word: [WordPiece], number: Int) throws(NoCommand) {
    var text = ""
    var beginsWithValue = false
    for piece in word {
      let isFirst = text.isEmpty
      switch piece {
      case .text(let literal): text += literal
      case .value(let routine, let type, let inputs):
        text += try value(routine, type, inputs, number)
        if isFirst { beginsWithValue = true }
      }
      guard text.utf8.count <= WritBytecode.Limits.wordBytes else {
        throw refusal(number, "is longer than \(WritBytecode.Limits.wordBytes) bytes")
      }
    }
    if beginsWithValue, text.utf8.first == UInt8(ascii: "-") {
      throw refusal(number, "is a value that begins with `-`, as only options of the policy may")
    }
    guard !text.utf8.contains(0) else { throw refusal(number, "has U+0000 in it") }
    byteCount += text.utf8.count + 1
    guard byteCount <= Limits.commandBytes else {
      throw refusal(number, "makes the command longer than \(Limits.commandBytes) bytes")
    }
    words.append(text)
  }

  private func refusal(_ number: Int, _ why: String) -> NoCommand {
    NoCommand(result: .refused("word \(number) \(why)"))
  }

  /// A value as its word shows it.
  private mutating func value(
    _ routine: Int, _ type: ValueType, _ inputs: [Slot], _ number: Int
  ) throws(NoCommand) -> String {
    do {
      return values.formatter.text(.scalar(try values.known(routine, type, inputs)), type)
    } catch {
      switch error {
      case .outOfFuel: throw NoCommand(result: .outOfFuel)
      case .nothing: throw refusal(number, "has no value")
      case .unknown(let why): throw NoCommand(result: .unknown("word \(number): \(why)"))
      }
    }
  }
}
