// The instruction set on one page: what each opcode does, and what its operands are.

/// An operation of the virtual machine.
///
/// `R[x]` is a scalar register, `S[x]` a set register, `C[x]` a loop cursor, `B[x]` a score buffer. Registers hold
/// intervals, sets hold elements that are definite or possible (docs/decisions/0001-evaluation.md). The
/// assembler, the disassembler, the verifier and docs/bytecode.md all read `shape`.
public enum Opcode: UInt8, CaseIterable, Sendable {
  // Scalars.
  /// `R[a] = R[b]`
  case move
  /// `R[a] = R[b]`, which is there: what is unknown about it is not whether it is absent
  case present
  /// `R[a] = R[c]`, in place of `R[b]`, which is absent: if that has a cause, `R[a]` takes it
  case alternative
  /// `R[a] =` the id of node `R[b]`, a string
  case identifier
  /// `R[a] =` field `fields[c]` of the node or edge `R[b]`
  case field
  /// `R[a] =` the one target of node `R[b]` along `steps[c]`
  case follow
  /// `R[a] =` the node that edge `R[b]` leaves (d = 0) or reaches (d = 1)
  case edgeEnd
  /// `R[a] =` the node that edge `R[b]` leads to when walked as `steps[c]` says
  case edgeTarget
  /// `R[a] =` is node `R[b]` of one of the kinds `kindSets[c]`
  case isKind
  /// `R[a] = R[b] == R[c]`
  case equal
  /// `R[a] = R[b] != R[c]`
  case notEqual
  /// `R[a] = R[b] < R[c]`
  case less
  /// `R[a] = R[b] <= R[c]`
  case lessOrEqual
  /// `R[a] = not R[b]`
  case not
  /// `R[a] = R[b] and R[c]`
  case and
  /// `R[a] = R[b] or R[c]`
  case or
  /// `R[a] = -R[b]`
  case negate
  /// `R[a] = R[b] + R[c]`
  case add
  /// `R[a] = R[b] - R[c]`
  case subtract
  /// `R[a] = R[b] * R[c]`
  case multiply
  /// `R[a] = R[b] * R[c]`, in millionths
  case multiplyDecimal
  /// `R[a] = R[b] / R[c]`, towards zero
  case divide
  /// `R[a] = R[b] / R[c]`, in millionths
  case divideDecimal
  /// `R[a] =` the remainder of `R[b] / R[c]`, with the sign of `R[b]`
  case remainder
  /// `R[a] = R[b] / R[c]`, rounded down; `R[c]` is a constant above 0
  case floorDivide
  /// `R[a] =` part d of the instant `R[b]`: year, month, day, hour, minute, second, weekday, date
  case instantPart
  /// `R[a] =` `R[b]` starts with, ends with, contains, is like `R[c]`, as d says
  case stringTest
  /// `R[a] =` is the optional `R[b]` absent
  case isAbsent
  /// `R[a] =` has the approval `approvals[c]` been given, by others than those in `S[b]`; d = 1: and those of the words right before it, nobody being counted for two
  case approval
  /// append guard `R[b]` and condition `R[c]` of a check to `B[a]`
  case check
  /// `R[a] =` the score (d = 0) or level (d = 1) of scorecard `scorecards[c]` from the checks in `B[b]`, which is empty then
  case score

  // Control: jumps go forward only, but for `repeat` and `closureRepeat`.
  /// go on `bc` words further
  case jump
  /// jump if `R[a]` is exactly false without a cause
  case jumpIfFalse
  /// jump if `R[a]` is exactly true without a cause
  case jumpIfTrue
  /// jump if `R[a]` is exactly false
  case jumpIfDropped
  /// jump if `R[a]` is absent
  case jumpIfAbsent
  /// jump unless `R[a]` is absent
  case jumpIfPresent
  /// end
  case halt

  // Loops.
  /// `C[a]` stands before the first element of `S[b]`; d = 0: fuel is spent for them, 1: it was
  case loop
  /// move `C[a]` on: `R[b] =` the element, `R[c] =` is it definite, and skip a word; at the end go on with that word, a `jump`
  case next
  /// back to the `next` of `C[a]`, `bc` words before
  case `repeat`

  // Sets.
  /// `S[a] =` nothing
  case clear
  /// `S[a] =` the node or edge `R[b]` alone
  case single
  /// `S[a] =` every node of kind c
  case nodes
  /// `S[a] =` the strings of field `fields[c]` of `R[b]`
  case fieldSet
  /// `S[a] =` the edges along `steps[c]` from the nodes in `S[b]`
  case edges
  /// `S[a] =` the nodes one step along `steps[c]` from the nodes in `S[b]`
  case reach
  /// `S[a] =` the nodes reached from `S[b]` along `closures[c]`
  case closure
  /// begin the filtered closure `closures[c]` from `S[b]`: `S[a]` collects what is found
  case closureStart
  /// the closure that has just begun, `S[a]`, becomes the shortest way to one of `S[b]`: it ends at the layer that finds one
  case closureGoal
  /// `S[b] =` the nodes that `S[a]` has found and not yet expanded, and skip a word; if there are none, go on with that word, a `jump`
  case closureNext
  /// found: node `R[b]` as far as `R[c]` holds, via the element at `C[d]`
  case closureFound
  /// back to the `closureNext` of `S[a]`, `bc` words before
  case closureRepeat
  /// `S[a]` is what was found, in order, for `closures[c]`
  case closureEnd
  /// append `R[b]` to `S[a]` as far as `R[c]` holds; d = 0: a set, 1: a list, 2: a list written out, 3: a list
  /// whose values may be absent
  case append
  /// as `append` to a set, keeping the `via` of the element at `C[d]`
  case appendVia
  /// `S[a]` is open if `S[b]` is
  case openFrom
  /// put `S[a]` in order and make it distinct; d = 1: strings
  case seal
  /// `S[a] = S[b]`
  case copy
  /// `S[a] = S[b] + S[c]`; d as in `seal`
  case union
  /// `S[a] = S[b] - S[c]`; d as in `seal`
  case difference
  /// `S[a] = S[b] & S[c]`; d as in `seal`
  case intersection
  /// `R[a] =` is `R[b]` in `S[c]`
  case member
  /// `R[a] =` has `S[b]` no element
  case isEmpty
  /// `R[a] =` how many elements `S[b]` has
  case count
  /// `R[a] =` the sum of `S[b]`
  case sum
  /// `R[a] =` the least of `S[b]`, an enum of d members or (0) a number
  case least
  /// `R[a] =` the greatest of `S[b]`, likewise
  case greatest
  /// spend fuel for the elements of `S[a]`
  case charge

  // What a program tells.
  /// unless `R[a]` is exactly false, record what `emissions[c]` names
  case emit
  /// if `S[a]` is open and `R[b]` is not exactly false, record that, for generator d of `emissions[c]`, once
  case emitOpen
}

/// What an operand field of an instruction holds.
public enum OperandRole: Sendable, Equatable {
  case unused
  case write, read
  case setWrite, setRead, setUpdate
  case cursor
  case scoreBuffer
  case field, step, kindSet, kind, closure, scorecard, approval, emission
  /// With `c`, a 32-bit distance in words, forwards or backwards.
  case forward, backward
}

/// What the operand `d` of an instruction holds.
public enum SmallRole: Sendable, Equatable {
  /// Must be 0.
  case unused
  /// Below this bound.
  case below(UInt8)
  case cursor
  /// Any value.
  case any
}

/// The operands of an opcode.
public struct Shape: Sendable {
  public let a: OperandRole
  public let b: OperandRole
  public let c: OperandRole
  public let d: SmallRole

  init(
    _ a: OperandRole = .unused, _ b: OperandRole = .unused, _ c: OperandRole = .unused,
    d: SmallRole = .unused
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
  }
}

extension Opcode {
  /// What the word holds, and which registers it reads and writes.
  public var shape: Shape {
    switch self {
    case .move, .present, .identifier, .not, .negate, .isAbsent: Shape(.write, .read)
    case .alternative: Shape(.write, .read, .read)
    case .field: Shape(.write, .read, .field)
    case .follow, .edgeTarget: Shape(.write, .read, .step)
    case .edgeEnd: Shape(.write, .read, d: .below(2))
    case .isKind: Shape(.write, .read, .kindSet)
    case .equal, .notEqual, .less, .lessOrEqual, .and, .or, .add, .subtract, .multiply,
      .multiplyDecimal, .divide, .divideDecimal, .remainder, .floorDivide:
      Shape(.write, .read, .read)
    case .instantPart: Shape(.write, .read, d: .below(8))
    case .stringTest: Shape(.write, .read, .read, d: .below(4))
    case .approval: Shape(.write, .setRead, .approval, d: .below(2))
    case .check: Shape(.scoreBuffer, .read, .read)
    case .score: Shape(.write, .scoreBuffer, .scorecard, d: .below(2))
    case .jump: Shape(.unused, .forward)
    case .jumpIfFalse, .jumpIfTrue, .jumpIfDropped, .jumpIfAbsent, .jumpIfPresent:
      Shape(.read, .forward)
    case .halt: Shape()
    case .loop: Shape(.cursor, .setRead, d: .below(2))
    case .next: Shape(.cursor, .write, .write)
    case .repeat: Shape(.cursor, .backward)
    case .clear: Shape(.setWrite)
    case .single: Shape(.setWrite, .read)
    case .nodes: Shape(.setWrite, .unused, .kind)
    case .fieldSet: Shape(.setWrite, .read, .field)
    case .edges, .reach: Shape(.setWrite, .setRead, .step)
    case .closure, .closureStart: Shape(.setWrite, .setRead, .closure)
    case .closureGoal: Shape(.setUpdate, .setRead)
    case .closureNext: Shape(.setUpdate, .setWrite)
    case .closureFound: Shape(.setUpdate, .read, .read, d: .cursor)
    case .closureRepeat: Shape(.setUpdate, .backward)
    case .closureEnd: Shape(.setUpdate, .unused, .closure)
    case .append: Shape(.setUpdate, .read, .read, d: .below(4))
    case .appendVia: Shape(.setUpdate, .read, .read, d: .cursor)
    case .openFrom: Shape(.setUpdate, .setRead)
    case .seal: Shape(.setUpdate, d: .below(2))
    case .copy: Shape(.setWrite, .setRead)
    case .union, .difference, .intersection: Shape(.setWrite, .setRead, .setRead, d: .below(2))
    case .member: Shape(.write, .read, .setRead)
    case .isEmpty, .count, .sum: Shape(.write, .setRead)
    case .least, .greatest: Shape(.write, .setRead, d: .any)
    case .charge: Shape(.setRead)
    case .emit: Shape(.read, .unused, .emission)
    case .emitOpen: Shape(.setRead, .read, .emission, d: .below(UInt8(Limits.generators)))
    }
  }
}
