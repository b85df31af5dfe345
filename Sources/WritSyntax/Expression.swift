// The expressions of the tree. No name in them is resolved, no operator typed.

public import WritText

/// An expression as written.
public struct Expression: Sendable {
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

  public let kind: Kind
  public let range: SourceRange
}

/// `-` or `not`, with its place.
public struct UnaryOperator: Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case negate = "-"
    case not
  }

  public let kind: Kind
  public let range: SourceRange
}

/// An operator between two operands, with its place.
public struct BinaryOperator: Sendable {
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

  public let kind: Kind
  public let range: SourceRange
}

/// `x in set`, `x not in low ..< high`
public struct MembershipSyntax: Sendable {
  public enum Container: Sendable {
    case set(Expression)
    /// `..<`: the upper bound is not in it.
    case halfOpen(Expression, Expression)
    /// `..`: both bounds are in it.
    case closed(Expression, Expression)
  }

  public let value: Expression
  public let isNegated: Bool
  public let container: Container
  /// `in`, or `not in`.
  public let operatorRange: SourceRange
}

/// `x is absent`, `x is not empty`, `x is Service | Library`
public struct TestForm: Sendable {
  public enum Kind: Sendable {
    case absent
    case empty
    /// Never empty.
    case kinds([Name])
  }

  public let value: Expression
  public let isNegated: Bool
  public let kind: Kind
  /// `is`, or `is not`.
  public let operatorRange: SourceRange
}

/// `any x in set has condition`; without a variable the set's element is the scope, as in a `where`.
public struct QuantifiedSyntax: Sendable {
  public enum Quantifier: String, CaseIterable, Hashable, Sendable {
    case any
    case all
    case no
  }

  public let quantifier: Quantifier
  public let variable: Name?
  public let set: Expression
  public let condition: Expression
  /// The word `any`, `all` or `no`.
  public let operatorRange: SourceRange
}

/// `f(a, label: b)`
public struct CallSyntax: Sendable {
  public let name: Name
  public let arguments: [ArgumentSyntax]
}

/// An argument of a call, with its label if it has one.
public struct ArgumentSyntax: Sendable {
  public let label: Name?
  public let value: Expression
}

/// `Service "legacy/billing:v1"`
public struct NodeLiteral: Sendable {
  public let kind: Name
  public let id: StringLiteral
}

/// `count(distinct x)`
public struct AggregateSyntax: Sendable {
  public enum Function: String, CaseIterable, Hashable, Sendable {
    case count
    case sum
    case min
    case max
  }

  public let function: Function
  /// The function's word.
  public let functionRange: SourceRange
  public let isDistinct: Bool
  public let argument: Expression
}

/// `.(edge where …)`
public struct StepSyntax: Sendable {
  public let edge: Name
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
  public let role: Name
  /// How many people; `nil` where there is no `count`.
  public let count: IntegerLiteral?
  public let except: Expression?
  public let within: DurationLiteral?
}
