// Which registers and sets of a routine hold something that is still to be looked at.

import WritBytecode

/// Of each word: what is looked at from there on before it is written anew. Registers first, sets behind them.
struct Liveness {
  private let registerCount: Int
  private let wordsPerPlace: Int
  private var bits: [UInt64]

  /// O(words x operands / 64) for each nesting of loops.
  init(_ code: [Instruction], _ opcodes: [Opcode], registerCount: Int, setCount: Int) {
    self.registerCount = registerCount
    wordsPerPlace = (registerCount + setCount + 63) / 64
    bits = Array(repeating: 0, count: (code.count + 1) * wordsPerPlace)
    var isChanged = true
    while isChanged {
      isChanged = false
      for place in code.indices.reversed() where update(place, code[place], opcodes[place]) {
        isChanged = true
      }
    }
  }

  func isLive(register: Int, at place: Int) -> Bool { has(register, place) }
  func isLive(set: Int, at place: Int) -> Bool { has(registerCount + set, place) }

  private func has(_ bit: Int, _ place: Int) -> Bool {
    bits[place * wordsPerPlace + bit / 64] >> UInt64(bit % 64) & 1 == 1
  }

  /// What is live in front of a word; whether that is more than was known.
  private mutating func update(_ place: Int, _ word: Instruction, _ opcode: Opcode) -> Bool {
    var live = Array(repeating: UInt64(0), count: wordsPerPlace)
    for next in Liveness.successors(of: place, word, opcode) {
      for index in live.indices { live[index] |= bits[next * wordsPerPlace + index] }
    }
    let operands = opcode.operands(of: word)
    for (role, operand) in operands {
      switch role {
      case .write: live[operand / 64] &= ~(1 << UInt64(operand % 64))
      case .setWrite:
        let bit = registerCount + operand
        live[bit / 64] &= ~(1 << UInt64(bit % 64))
      default: break
      }
    }
    for (role, operand) in operands {
      switch role {
      case .read: live[operand / 64] |= 1 << UInt64(operand % 64)
      case .setRead, .setUpdate:
        let bit = registerCount + operand
        live[bit / 64] |= 1 << UInt64(bit % 64)
      default: break
      }
    }
    var isChanged = false
    for index in live.indices where bits[place * wordsPerPlace + index] != live[index] {
      bits[place * wordsPerPlace + index] = live[index]
      isChanged = true
    }
    return isChanged
  }

  /// A `next` writes nothing where the loop ends, but then nothing of the loop is looked at.
  private static func successors(
    of place: Int, _ word: Instruction, _ opcode: Opcode
  ) -> [Int] {
    switch opcode {
    case .halt: []
    case .jump: [place + 1 + word.distance]
    case .repeat, .closureRepeat: [place - word.distance]
    case .next, .closureNext: [place + 1, place + 2]
    case .jumpIfFalse, .jumpIfTrue, .jumpIfDropped, .jumpIfAbsent, .jumpIfPresent:
      [place + 1, place + 1 + word.distance]
    default: [place + 1]
    }
  }
}

extension Opcode {
  /// What a word reads and writes; the distance of a jump, which stands in b and c, is no operand.
  func operands(of word: Instruction) -> [(OperandRole, Int)] {
    let shape = shape
    if shape.b == .forward || shape.b == .backward { return [(shape.a, word.a)] }
    return [(shape.a, word.a), (shape.b, word.b), (shape.c, word.c)]
  }
}
