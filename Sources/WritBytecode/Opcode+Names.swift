// Names of opcodes, and of the choices that their operand d makes.

extension Opcode {
  /// The word of the assembly language: the name of the case.
  public var name: String { String(describing: self) }

  /// What the values of d are called, from 0; empty where d is no choice or has no names.
  public var choices: [String] {
    switch self {
    case .edgeEnd: ["from", "to"]
    case .instantPart:
      ["year", "month", "day", "hour", "minute", "second", "weekday", "date"]
    case .stringTest: ["starts", "ends", "contains", "like"]
    case .approval: ["alone", "beside"]
    case .score: ["score", "level"]
    case .loop: ["charged", "free"]
    case .append: ["set", "list", "written", "optional"]
    case .seal, .union, .difference, .intersection: ["numbers", "strings"]
    default: []
    }
  }

  /// Whether the word goes elsewhere, forwards, by its distance.
  public var isForwardJump: Bool { shape.b == .forward }
}
