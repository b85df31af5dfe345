// Compiled actions: what the evaluator of a gate's decision hands on to be run, and how its command is made.

public import WritModel

/// A compiled action.
public struct ActionProgram: Hashable, Sendable {
  /// `module.action`
  public let name: String
  public let kind: ActionKind
  public let effect: ActionEffect
  /// Each once.
  public let impacts: [ActionImpact]
  public let parameters: [NamedType]
  /// Index into `Program.gates` of the gate that decides; never `nil` where the effect is on production.
  public let guardGate: Int?
  /// Indexes into `parameters`, one for each parameter of the gate; empty where there is none.
  public let guardArguments: [Int]
  /// What takes the action back; following it from action to action ends.
  public let rollback: RollbackReference?
  /// Nothing takes it back; never with a rollback, and one of the two where the effect is on production.
  public let isIrreversible: Bool
  /// Who reviews it afterwards, of an action past the usual way. Such a one has a gate that decides on nothing else, is no step
  /// of a pipeline and takes nothing back.
  public let breakGlass: BreakGlass?
  /// What a delegate must be labelled to do it, each once; names as of `DelegateLabel`. None: any delegate does.
  public let labels: [String]
  /// 1 to `Limits.commandWords` words; the first is one text, which names the program.
  public let command: [CommandWord]
  /// Each once; names as of `ActionSecret`.
  public let secrets: [String]
  /// Microseconds, within `ActionTimeout.microseconds`.
  public let timeout: Int64?
  /// Running it twice does what running it once does.
  public let isIdempotent: Bool
  /// `path:line:column` of the action.
  public let position: String

  public init(
    name: String, kind: ActionKind, effect: ActionEffect, impacts: [ActionImpact],
    parameters: [NamedType], guardGate: Int?, guardArguments: [Int], rollback: RollbackReference?,
    isIrreversible: Bool, breakGlass: BreakGlass? = nil, labels: [String] = [],
    command: [CommandWord], secrets: [String], timeout: Int64?, isIdempotent: Bool, position: String
  ) {
    self.name = name
    self.kind = kind
    self.effect = effect
    self.impacts = impacts
    self.parameters = parameters
    self.guardGate = guardGate
    self.guardArguments = guardArguments
    self.rollback = rollback
    self.isIrreversible = isIrreversible
    self.breakGlass = breakGlass
    self.labels = labels
    self.command = command
    self.secrets = secrets
    self.timeout = timeout
    self.isIdempotent = isIdempotent
    self.position = position
  }
}

/// The action that takes another one back, and what is handed on to it.
public struct RollbackReference: Hashable, Sendable {
  /// Index into `Program.actions`.
  public let action: Int
  /// Indexes into the parameters of the action that is taken back, one for each parameter of the other.
  public let arguments: [Int]

  public init(action: Int, arguments: [Int]) {
    self.action = action
    self.arguments = arguments
  }
}

extension ActionProgram {
  /// It asks over HTTP, in place of running a program: the words are those of `HTTPOrder`.
  public var isRequest: Bool { command.first?.pieces == [.text(HTTPOrder.program)] }

  /// What comes of it can be given out.
  public var hasAnswer: Bool {
    isRequest
      && command.contains { word in
        if case .text(let text)? = word.pieces.first { text.hasPrefix("answer:") } else { false }
      }
  }

  /// It touches nothing and asks: its end says something of what was done before.
  public var looks: Bool { isRequest && effect == .none }
}

/// One word of a command.
public struct CommandWord: Hashable, Sendable {
  /// In order; a value's routine has the action's parameters for inputs. None: the empty word.
  public let pieces: [MessagePiece]

  public init(pieces: [MessagePiece]) {
    self.pieces = pieces
  }
}
