// How numbers are spelled in the assembly language; assembler and disassembler both read this page.
//
//     now caller      the first two shared registers          s3   set register 3
//     p0 …            bundle parameters                        c0   cursor 0
//     k0 …            constants                                b1   score buffer 1
//     i0 …            inputs of the routine                    L7   label 7
//     r0 …            the routine's own registers              fields[2] …   entries of tables
//
// One entry a line; `;` begins a comment; texts stand in double quotes, with the escapes of JSON.
// `~` in front of a number means: against the edge's direction, or descending.

/// Names of registers: where each sort begins depends on the program and the routine.
struct RegisterNames {
  let parameterCount: Int
  let constantCount: Int
  let inputCount: Int

  var firstConstant: Int { 2 + parameterCount }
  var firstInput: Int { firstConstant + constantCount }
  var firstOwn: Int { firstInput + inputCount }

  func name(of register: Int) -> String {
    if register == 0 { return "now" }
    if register == 1 { return "caller" }
    if register < firstConstant { return "p\(register - 2)" }
    if register < firstInput { return "k\(register - firstConstant)" }
    if register < firstOwn { return "i\(register - firstInput)" }
    return "r\(register - firstOwn)"
  }

  /// `nil` for what is no name of a register, or names one that no operand can hold.
  func register(named name: String) -> Int? {
    if name == "now" { return 0 }
    if name == "caller" { return 1 }
    guard let number = numbered(name.dropFirst()) else { return nil }
    switch name.utf8.first {
    case UInt8(ascii: "p"): return number < parameterCount ? 2 + number : nil
    case UInt8(ascii: "k"): return number < constantCount ? firstConstant + number : nil
    case UInt8(ascii: "i"): return number < inputCount ? firstInput + number : nil
    case UInt8(ascii: "r"): return firstOwn + number
    default: return nil
    }
  }
}

/// A number as the disassembler writes it: at most 65,535, no sign, no leading zero.
func numbered(_ digits: Substring) -> Int? {
  guard let number = UInt16(digits), String(number) == digits else { return nil }
  return Int(number)
}

extension OperandRole {
  /// What stands before the number of a set, cursor or buffer: `s` in `s3`.
  var prefix: String? {
    switch self {
    case .setWrite, .setRead, .setUpdate: "s"
    case .cursor: "c"
    case .scoreBuffer: "b"
    default: nil
    }
  }

  /// The table that a number indexes: `fields` in `fields[3]`.
  var table: String? {
    switch self {
    case .field: "fields"
    case .step: "steps"
    case .kindSet: "kindSets"
    case .kind: "kinds"
    case .closure: "closures"
    case .scorecard: "scorecards"
    case .approval: "approvals"
    case .emission: "emissions"
    default: nil
    }
  }
}
