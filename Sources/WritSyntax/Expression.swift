// The expressions of the tree. No name in them is resolved, no operator typed.

public import WritText

/// An expression as written.
public struct Expression: Sendable {
  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
  /// Height of the tree: 1 for a leaf. At most `SyntaxLimits.depth` in a tree of the parser's, so
  /// that a function which calls itself for every child is safe.
  public let depth: Int

  /// Makes an expression, and knows how deep it is.
  public init(_ kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
    var deepest = 0
    kind.forEachChild { deepest = max(deepest, $0.depth) }
    depth = 1 + deepest
  }

  /// What kind of expression it is; the grammar's productions.
  public indirect enum Kind: Sendable {
    /// The parser found no expression here, or none that it could keep, and has said so.
    case missing
    case literal(Literal)
    /// A bare name: a variable, a field of the element, a param, a kind or a member of an enum.
    case name(Name)
    /// `.name`: a field of the element in a `where`.
    case field(Name)
    /// `$name`: a name from outside of the `where`.
    case outer(Name)
    /// `it`: the element in a `where`.
    case element
    /// `now`
    case now
    /// `caller`
    case caller
    /// `(…)`, kept so that the text can be had back.
    case group(Expression)
    case list([Expression])
    case call(CallSyntax)
    case node(NodeLiteral)
    case aggregate(AggregateSyntax)
    case approval(ApprovalTerm)
    /// `base.name`
    case member(Expression, Name)
    /// `base.(edge where …)`
    case step(Expression, StepSyntax)
    /// `base+`, `base*`
    case closure(Expression, ClosureSyntax)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case membership(MembershipSyntax)
    case test(TestForm)
    case quantified(QuantifiedSyntax)
    /// `base where …`
    case filter(Expression, FilterSyntax)
    /// `base select …`
    case select(Expression, Expression)
  }
}

/// A literal of the grammar, with the sign of a number.
public struct Literal: Sendable {
  /// The forms that it can have.
  public enum Kind: Hashable, Sendable {
    /// `nil`: it does not fit in 64 bits, and the parser has said so.
    case integer(Int64?)
    /// The digits as written, without `_`, with their sign: `-12.50`. At most six behind the point.
    case decimal(String)
    /// Escapes replaced.
    case string(String)
    /// Microseconds. `nil`: it does not fit in 64 bits, and the parser has said so.
    case duration(Int64?)
    /// `2026-11-19`, a day that exists.
    case date(String)
    /// `2026-11-19T10:00:00Z` as written, a day and a time that exist.
    case instant(String)
    case boolean(Bool)
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// `-` or `not`, with its place.
public struct UnaryOperator: Sendable {
  /// The forms that it can have.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case negate = "-"
    case not
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// An operator between two operands, with its place.
public struct BinaryOperator: Sendable {
  /// The forms that it can have.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case or
    case and
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case within
    case starts
    case ends
    case contains
    case like
    case coalesce = "??"
    /// On sets: union.
    case add = "+"
    /// On sets: difference.
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case intersect = "&"
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// `x in set`, `x not in low ..< high`
public struct MembershipSyntax: Sendable {
  /// What something can be in.
  public enum Container: Sendable {
    case set(Expression)
    /// `..<`: the upper bound is not in it.
    case halfOpen(Expression, Expression)
    /// `..`: both bounds are in it.
    case closed(Expression, Expression)
  }

  /// The expression behind the sign.
  public let value: Expression
  /// `not` stands in it.
  public let isNegated: Bool
  /// What the value is or is not in.
  public let container: Container
  /// `in`, or `not in`.
  public let operatorRange: SourceRange
}

/// `x is absent`, `x is not empty`, `x is Service | Library`
public struct TestForm: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    case absent
    case empty
    /// Never empty.
    case kinds([Name])
  }

  /// The expression behind the sign.
  public let value: Expression
  /// `not` stands in it.
  public let isNegated: Bool
  /// Which form it has.
  public let kind: Kind
  /// `is`, or `is not`.
  public let operatorRange: SourceRange
}

/// `any x in set has condition`; without a variable the set's element is the scope, as in a
/// `where`.
public struct QuantifiedSyntax: Sendable {
  /// The three quantifiers.
  public enum Quantifier: String, CaseIterable, Hashable, Sendable {
    case any
    case all
    case no
  }

  /// Which of the three.
  public let quantifier: Quantifier
  /// The element's name, `nil` where there is none.
  public let variable: Name?
  /// What is gone through.
  public let set: Expression
  /// What is asked.
  public let condition: Expression
  /// The word `any`, `all` or `no`.
  public let operatorRange: SourceRange
}

/// `f(a, label: b)`
public struct CallSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let arguments: [ArgumentSyntax]
}

/// An argument of a call, with its label if it has one.
public struct ArgumentSyntax: Sendable {
  /// `nil` for an argument by its place.
  public let label: Name?
  /// The expression behind the sign.
  public let value: Expression
}

/// `Service "legacy/billing:v1"`
public struct NodeLiteral: Sendable {
  /// Which form it has.
  public let kind: Name
  /// Which node of its kind.
  public let id: StringLiteral
}

/// `count(distinct x)`
public struct AggregateSyntax: Sendable {
  /// The four aggregates.
  public enum Function: String, CaseIterable, Hashable, Sendable {
    case count
    case sum
    case min
    case max
  }

  /// Which of the four.
  public let function: Function
  /// The function's word.
  public let functionRange: SourceRange
  /// `distinct` before the argument.
  public let isDistinct: Bool
  /// What is counted or added up.
  public let argument: Expression
}

/// `.(edge where …)`
public struct StepSyntax: Sendable {
  /// The edge that is followed.
  public let edge: Name
  /// In the order of the text, perhaps none.
  public let filters: [FilterSyntax]
}

/// `+` or `*` behind an edge, with its bound.
public struct ClosureSyntax: Sendable {
  /// `*`: the start is in it.
  public let includesStart: Bool
  /// `up to n`
  public let bound: IntegerLiteral?
  /// The sign.
  public let operatorRange: SourceRange
}

/// `approval by role r count 2 except release.author within 72h`
public struct ApprovalTerm: Sendable {
  /// The role in which it is given.
  public let role: Name
  /// How many people; `nil` where there is no `count`.
  public let count: IntegerLiteral?
  /// Who does not count.
  public let except: Expression?
  /// How old the approval may be.
  public let within: DurationLiteral?
}
