// Code of a routine, changed word by word as an input says.

import WritBytecode

/// Code and what is done to it.
struct CodeDamage {
  private(set) var code: [Instruction]
  /// The first register that is not shared.
  let firstOwn: Int

  /// Changes one word, or which words there are.
  mutating func change(_ feed: inout ByteFeed) {
    guard !code.isEmpty else { return append(&feed) }
    let place = feed.below(code.count)
    switch feed.byte() % 8 {
    case 0: code[place] = instruction(&feed)
    case 1: code.insert(instruction(&feed), at: place)
    case 2: code.remove(at: place)
    case 3: code.swapAt(place, feed.below(code.count))
    case 4: code.insert(code[feed.below(code.count)], at: place)
    default:
      let shift = UInt64([0, 0, 16, 16, 32, 32, 48, 56][Int(feed.byte() % 8)])
      let value = UInt64(feed.byte())
      code[place] = Instruction(word: code[place].word & ~(0xff << shift) | value << shift)
    }
  }

  /// Appends a word.
  mutating func append(_ feed: inout ByteFeed) {
    code.append(instruction(&feed))
  }

  /// A word of a known opcode whose operands are small, or small above the shared registers.
  private func instruction(_ feed: inout ByteFeed) -> Instruction {
    let opcodes = Opcode.allCases
    let opcode = opcodes[Int(feed.byte()) % opcodes.count]
    func operand() -> UInt16 {
      let byte = Int(feed.byte())
      return UInt16(byte < 128 ? byte : firstOwn + byte - 128)
    }
    return Instruction(opcode, a: operand(), b: operand(), c: operand(), d: feed.byte() % 16)
  }
}
