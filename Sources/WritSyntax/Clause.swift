// Gates and what stands in them: clauses, guards, loops, filters, messages.

public import WritText

/// `gate ship(release: Release, env: Environment) { … }`
public struct GateDeclaration: Sendable {
  public let name: Name
  public let parameters: [ParameterSyntax]
  public let items: [GateItem]
  public let range: SourceRange
}

/// An item of a gate's body or of a `when`'s.
public enum GateItem: Sendable {
  case binding(LetSyntax)
  case clause(ClauseSyntax)
  case when(WhenSyntax)

  /// All of the item.
  public var range: SourceRange {
    switch self {
    case .binding(let binding): binding.range
    case .clause(let clause): clause.range
    case .when(let when): when.range
    }
  }
}

/// `require id: … else "…"` and `deny id: … "…"`
public struct ClauseSyntax: Sendable {
  public enum Polarity: String, Hashable, Sendable {
    case require
    case deny
  }

  public let polarity: Polarity
  /// The clause's id.
  public let name: Name
  /// `for …`, if the clause ranges over something.
  public let loop: LoopSyntax?
  /// `nil` only for a `deny` that fires for every round of its loop.
  public let condition: Expression?
  public let message: TemplateSyntax?
  public let range: SourceRange
}

/// `when condition { … }`
public struct WhenSyntax: Sendable {
  public let condition: Expression
  public let items: [GateItem]
  public let range: SourceRange
}

/// `for d in a + b, v in f(d) where v.open`
public struct LoopSyntax: Sendable {
  /// Never empty; a later one may use the variables of the earlier.
  public let generators: [GeneratorSyntax]
  public let filters: [FilterSyntax]
  public let range: SourceRange
}

/// `d in a + b`
public struct GeneratorSyntax: Sendable {
  public let name: Name
  public let set: Expression
  public let range: SourceRange
}

/// `where condition`, or `where let name = value`
public struct FilterSyntax: Sendable {
  public enum Kind: Sendable {
    case condition(Expression)
    /// Binds the value where it is not absent, and drops the element where it is.
    case binding(Name, Expression)
  }

  public let kind: Kind
  /// From `where` on.
  public let range: SourceRange

  /// The condition, or the value that is bound.
  public var value: Expression {
    switch kind {
    case .condition(let condition): condition
    case .binding(_, let value): value
    }
  }
}

/// A message: text with `{expression}` in it.
public struct TemplateSyntax: Sendable {
  public enum Segment: Sendable {
    /// Escapes replaced; never empty.
    case text(String)
    case interpolation(Expression)
  }

  public let segments: [Segment]
  /// With its quotes.
  public let range: SourceRange
}
