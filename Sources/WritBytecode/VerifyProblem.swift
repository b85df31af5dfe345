// The rules of the verifier, each as what is wrong where it is broken.

/// Which rule is broken. Texts name the part that breaks it: `weight`, `set`, `kind`.
public enum VerifyProblem: Hashable, Sendable {
  // Tables.
  case tooMany(String, count: Int, limit: Int)
  case empty(String)
  /// Empty, longer than `Limits.textBytes`, or with U+0000 in it.
  case badText(String)
  case duplicate(String, String)
  /// An index or a register number that is out of range.
  case noSuch(String, Int)
  case notAscending(String)
  case outOfBounds(String, Int64)
  case badType(String)
  /// A value that is none of its type.
  case misfit(String)
  case badDigest
  case unknownRole(String)
  /// Kinds of one field reference have fields of that index with different names or types.
  case fieldsDiffer
  /// A key has no column.
  case keyField

  // What calls routines.
  case inputs(Int, expected: Int)
  case captures(Int, expected: Int)
  /// A set where a scalar is promised, or the other way round.
  case wrongCapture(Int)
  case noEmission
  /// A column whose source fits neither its query nor the captures.
  case badColumn(Int)
  /// A path query has groups, or a query without groups has group keys.
  case badGrouping
  /// Approvals stand in `require` clauses that say so, and nowhere else.
  case strayApproval(routine: Int)
  /// An approval beside another that does not stand right behind it, or behind too many.
  case brokenRow
  /// A waiver of a clause that asks for an approval, or of a gate of which nobody grants any.
  case notWaivable

  // Actions.
  /// A production effect that no gate decides on.
  case unguarded
  /// Arguments for a gate that is not there.
  case strayArguments
  case handedOn(Int, expected: Int)
  /// A production effect with neither, or anything with both a rollback and the word that there is none.
  case rollbackForm
  case rollbackCycle
  /// The first word of a command is not one text.
  case openProgram
  /// A word of a command asks when, or who calls.
  case readsMoment(routine: Int)

  /// Break-glass as a step of a pipeline, or as what takes an action back.
  case misplacedBreakGlass
  /// A gate that decides on break-glass and on something else.
  case sharedGate(Int)

  // Pipelines.
  /// A request over HTTP that is none, and why.
  case request(String)
  /// Production that no step behind it verifies.
  case unverified
  case tainted
  /// Stages or steps that wait for each other.
  case orderCycle
  /// A retry, a time or a word where it says nothing.
  case strayOption
  /// Marks of stages and steps that are not the numbers from 0 on, each once.
  case badMarks

  // Words.
  case unknownOpcode(Int)
  case unusedOperand(String)
  case writesShared(Int)
  /// Read, but not written before on every path; "register" or "set".
  case unassigned(String, Int)
  case badDivisor(Int)
  /// A set field where a scalar one is needed, or the other way round.
  case wrongField(Int)
  /// `follow` takes edges forwards that have at most one target.
  case wrongStep(Int)
  /// The set that a word writes is also one that it reads.
  case aliased(Int)
  /// Written while a loop ranges over it, or touched while a filtered closure collects in it.
  case setInUse(Int)

  // Control.
  case noHalt
  case jumpOutside(Int)
  case jumpIntoLoop(Int)
  case jumpOutOfClosure(Int)
  /// Not directly behind its `loop` or `closureStart`, or not followed by a `jump`.
  case brokenLoop
  /// `repeat` or `closureRepeat` that does not end the innermost open loop.
  case strayRepeat
  /// The exit does not lie behind the loop's end.
  case badExit(Int)
  case cursorInUse(Int)
  case cursorNotOpen(Int)
  case strayClosure(Int)
  case unclosed(Int)
  /// On two ways to a word, a score buffer holds different numbers of checks.
  case buffersDiffer
  case checks(Int, expected: Int)
  case tooNested
  /// Following the jumps takes more memory than is reasonable.
  case tooComplex
}

extension VerifyProblem {
  /// Whether the program is well made but larger than a limit: a compiler says so, everything else
  /// is its defect.
  public var isTooLarge: Bool {
    switch self {
    case .tooMany, .tooNested, .tooComplex: true
    default: false
    }
  }
}

extension VerifyProblem: CustomStringConvertible {
  /// One line, lower case, without a full stop.
  public var description: String {
    switch self {
    case .tooMany(let what, let count, let limit): "\(count) \(what), at most \(limit)"
    case .empty(let what): "no \(what)"
    case .badText(let what): "the \(what) is empty, too long or has U+0000 in it"
    case .duplicate(let what, let name): "the \(what) `\(name)` stands here twice"
    case .noSuch(let what, let index): "there is no \(what) \(index)"
    case .notAscending(let what): "the \(what) are not in rising order"
    case .outOfBounds(let what, let value): "the \(what) \(value) is out of bounds"
    case .badType(let what): "the type of the \(what) is not one that it may have"
    case .misfit(let what): "the \(what) is no value of its type"
    case .badDigest: "expected `sha256:` and 64 lower-case hexadecimal digits"
    case .unknownRole(let name): "there is no role `\(name)`"
    case .fieldsDiffer: "the fields differ in name or type"
    case .keyField: "a key field has no column"
    case .inputs(let count, let expected):
      "its routine has \(count) inputs, expected \(expected)"
    case .captures(let count, let expected):
      "emission 0 of its routine has \(count) captures, expected \(expected)"
    case .wrongCapture(let index): "capture \(index) of its routine is of the wrong sort"
    case .noEmission: "its routine has no emission"
    case .badColumn(let index): "column \(index) takes what the rows do not have"
    case .badGrouping: "groups where there are none"
    case .notWaivable: "nobody may waive that clause"
    case .strayApproval(let routine):
      "routine \(routine) asks for an approval, which only a `require` that says so may"
    case .brokenRow:
      "an approval beside others stands right behind them, nothing jumps to it, and at most \(Limits.approvalsTogether) are asked for together"
    case .unguarded: "an effect on production, or break-glass, without a gate"
    case .misplacedBreakGlass: "break-glass is no step and takes nothing back"
    case .sharedGate(let gate): "gate \(gate) decides on break-glass and on something else"
    case .strayArguments: "arguments for a gate that is not there"
    case .handedOn(let count, let expected): "\(count) arguments, expected \(expected)"
    case .rollbackForm: "expected a rollback or the word that there is none, not both"
    case .rollbackCycle: "taking it back never ends"
    case .openProgram: "the first word of a command must be a text"
    case .readsMoment(let routine):
      "routine \(routine) asks when or who calls, which no word and no argument may"
    case .request(let why): "its request cannot be made: \(why)"
    case .unverified: "nothing verifies what it does to production"
    case .tainted: "the word of an agent reaches production, and no gate is handed it"
    case .orderCycle: "what waits for each other never begins"
    case .strayOption: "an option that says nothing of such a step"
    case .badMarks: "marks of stages and steps must be the numbers from 0 on, each once"
    case .unknownOpcode(let code): "\(code) is no opcode"
    case .unusedOperand(let name): "operand \(name) is not used and must be 0"
    case .writesShared(let register): "register \(register) is shared or an input: read only"
    case .unassigned(let what, let index): "\(what) \(index) may be read before it is written"
    case .badDivisor(let register): "register \(register) is no constant above 0"
    case .wrongField(let field): "field \(field) is of the wrong sort"
    case .wrongStep(let step): "step \(step) may lead to several nodes"
    case .aliased(let set): "set \(set) is both read and written"
    case .setInUse(let set): "set \(set) is in use by an open loop"
    case .noHalt: "the last word is no `halt`"
    case .jumpOutside(let target): "word \(target) lies outside the routine"
    case .jumpIntoLoop(let source): "the jump at word \(source) enters a loop"
    case .jumpOutOfClosure(let target): "a jump to word \(target) leaves a filtered closure"
    case .brokenLoop: "a loop begins with `loop`, `next`, `jump`, or the same of a closure"
    case .strayRepeat: "this does not end the innermost open loop"
    case .badExit(let target): "the exit to word \(target) does not lead past the loop"
    case .cursorInUse(let cursor): "cursor \(cursor) is in use by an open loop"
    case .cursorNotOpen(let cursor): "cursor \(cursor) stands in no open loop here"
    case .strayClosure(let set): "set \(set) is not the innermost open filtered closure"
    case .unclosed(let start): "the loop at word \(start) has no end"
    case .buffersDiffer: "two ways lead here with different numbers of checks"
    case .checks(let count, let expected): "\(count) checks were made, expected \(expected)"
    case .tooNested: "more than \(Limits.nesting) loops inside one another"
    case .tooComplex: "too many jumps for so many registers"
    }
  }
}
