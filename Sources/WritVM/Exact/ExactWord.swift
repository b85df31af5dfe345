// Code for what is known: the words that a routine becomes where no fact is unknown, and the values that they work on.

/// A value of the exact executor.
struct ExactValue {
  var number: Int64
  var tag: Tag

  enum Tag: UInt8 {
    case known
    /// The optional is absent, and known to be.
    case absent
    /// What it is does not matter unless something is decided by it: then the scalar executor is asked.
    case unknown
  }

  static let unknown = ExactValue(number: 0, tag: .unknown)
  static let absent = ExactValue(number: 0, tag: .absent)

  @inline(__always)
  init(number: Int64, tag: Tag = .known) {
    self.number = number
    self.tag = tag
  }

  @inline(__always)
  init(_ truth: Bool) {
    self.init(number: truth ? 1 : 0)
  }

  init(_ slot: Slot) {
    if slot.cause.isNone && slot.lower == slot.upper {
      self.init(number: slot.lower)
    } else {
      self = slot == .absent ? .absent : .unknown
    }
  }

  /// For an operation that only the scalar executor has.
  var slot: Slot {
    switch tag {
    case .known: Slot(exact: number)
    case .absent: .absent
    case .unknown: .unknownNumber(Cause(.absentOperand))
    }
  }
}

/// One operation. `R` are registers, `S` sets, `C` cursors; a *target* is the place of another word.
enum ExactOperation: UInt8 {
  /// `R[a] = R[b]`
  case move
  /// `R[a] =` the number in `target`
  case constant
  /// `R[a] =` field `c` of `R[b]`
  case field
  /// `R[a] =` the one target of `R[b]` along step `c`
  case follow
  /// `R[a] = R[b]` compared with `R[c]` as `d` says
  case compare
  case not, and, or
  case isAbsent
  case isKind
  /// `R[a] =` what the scalar executor makes of `R[b]` and `R[c]` by the word of the routine at `target`
  case scalar
  /// Go to the target.
  case jump
  /// Go to the target if `R[a]` is the truth `d`.
  case jumpIf
  /// Go to the target if whether `R[a]` is absent is `d`.
  case jumpIfAbsence
  /// Go to the target if what comparing `R[b]` with `R[c]` yields is bit 2 of `d`; the lower bits are the comparison.
  case jumpIfCompare
  /// The same of field `b` of `R[a]` and `R[c]`.
  case jumpIfFieldCompare
  /// `C[a]` goes through `S[b]`: `R[c]` is its first element; to the target if there is none.
  case loop
  /// `R[b] =` the next element of `C[a]`, and go to the target; on with the next word if there is none.
  case next
  /// A loop over `S[b]` with the element in `R[c]`, of which the next `d` words are all conditions: go to the word behind them with
  /// the first element that meets all of them; to the target if there is none.
  case search
  /// `S[a]` has nothing.
  case clear
  /// `S[a]` has `R[b]` alone, or nothing where that is absent.
  case single
  /// `S[a] =` every node of kind `c`
  case nodes
  /// `S[a] =` the strings of field `c` of `R[b]`
  case fieldSet
  /// `S[a] =` the nodes one step along `c` from `S[b]`; where `d` is 1, some may stand there twice.
  case reach
  /// `S[a] =` what closure `c` reaches from `S[b]`
  case closure
  /// `S[a] = S[b]`
  case copy
  /// `S[a] = S[b] + S[c]`, `S[b] - S[c]`, `S[b] & S[c]`
  case union, difference, intersection
  /// Add `R[b]` to `S[a]`, unless it is absent.
  case append
  /// `R[a]` is true if `R[b]` is there.
  case appendTruth
  /// Nothing more if `R[a]` is true; else the scalar executor is asked.
  case certain
  /// Keep of equal elements of `S[a]` one.
  case distinct
  /// `S[a] =` the edges along step `c` from `S[b]`
  case edges
  /// `R[a] =` the sum, the least, the greatest of `S[b]`
  case sum, least, greatest
  /// Add a check to buffer `a`: guard `R[b]`, condition `R[c]`.
  case check
  /// `R[a] =` what scorecard `c` makes of buffer `b`: the score, or the level where `d` is 1.
  case score
  /// `R[a] =` is `R[b]` in `S[c]`
  case member
  /// `R[a] =` is `R[b]` among the strings of field `target` of `R[c]`
  case memberOfField
  /// `R[a] =` how many elements `S[b]` has
  case count
  /// Nothing was found.
  case pass
  /// Something was found, and that is certain.
  case fire
}

/// An operation with its operands.
struct ExactWord {
  var operation: ExactOperation
  var d: UInt8 = 0
  var a: UInt16 = 0
  var b: UInt16 = 0
  var c: UInt16 = 0
  var target: Int32 = 0
}

/// What is known of a clause without looking at anything unknown.
enum ExactAnswer {
  case passes, fires
  /// It rests on something unknown, or on what exact code cannot do.
  case unsure
}
