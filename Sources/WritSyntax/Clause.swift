// Gates and what stands in them: clauses, guards, loops, filters, messages.

public import WritText

/// `gate ship(release: Release, env: Environment) waivable by role risk { … }`
public struct GateDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let parameters: [ParameterSyntax]
  /// Who may grant waivers of its clauses; `nil`: none of them can be waived.
  public let waivable: WaivableSyntax?
  /// In the order of the text.
  public let items: [GateItem]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `waivable by role risk except release.author`
public struct WaivableSyntax: Sendable {
  /// The role in which a waiver is granted.
  public let role: Name
  /// Who may not grant one, whatever their role.
  public let except: Expression?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `waiver W17 of remediation.tooOld for Service "billing" reason "…" expires 2026-12-01`
public struct WaiverDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// The gate, and a clause of it.
  public let gate: Name
  public let clause: Name
  /// Nodes that a finding must speak of, all of them; never empty.
  public let nodes: [WaivedNode]
  /// What it says to people.
  public let reason: StringLiteral
  /// A day or a moment: the first at which it is over.
  public let expires: ExpirySyntax
  /// From its first token to its last.
  public let range: SourceRange
}

/// `Service "billing"`, in a waiver.
public struct WaivedNode: Sendable {
  /// Of what kind.
  public let kind: Name
  /// Which one.
  public let id: StringLiteral
  /// From its first token to its last.
  public let range: SourceRange
}

/// `2026-12-01`, or `2026-12-01T12:00:00Z`
public struct ExpirySyntax: Sendable {
  /// As written, a day or a moment that exists; `nil` where it is missing.
  public let text: String?
  /// It is a day.
  public let isDate: Bool
  /// From its first token to its last.
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
  /// The two kinds of clauses.
  public enum Polarity: String, Hashable, Sendable {
    case require
    case deny
  }

  /// Which of the two.
  public let polarity: Polarity
  /// The clause's id.
  public let name: Name
  /// `for …`, if the clause ranges over something.
  public let loop: LoopSyntax?
  /// `nil` only for a `deny` that fires for every round of its loop.
  public let condition: Expression?
  /// What is said.
  public let message: TemplateSyntax?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `when condition { … }`
public struct WhenSyntax: Sendable {
  /// What is asked.
  public let condition: Expression
  /// In the order of the text.
  public let items: [GateItem]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `for d in a + b, v in f(d) where v.open`
public struct LoopSyntax: Sendable {
  /// Never empty; a later one may use the variables of the earlier.
  public let generators: [GeneratorSyntax]
  /// In the order of the text, perhaps none.
  public let filters: [FilterSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `d in a + b`
public struct GeneratorSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// What is gone through.
  public let set: Expression
  /// From its first token to its last.
  public let range: SourceRange
}

/// `where condition`, or `where let name = value`
public struct FilterSyntax: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    case condition(Expression)
    /// Binds the value where it is not absent, and drops the element where it is.
    case binding(Name, Expression)
  }

  /// Which form it has.
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
  /// Text, or what is put in its place.
  public enum Segment: Sendable {
    /// Escapes replaced; never empty.
    case text(String)
    case interpolation(Expression)
  }

  /// In the order of the text; none for an empty message.
  public let segments: [Segment]
  /// With its quotes.
  public let range: SourceRange
}
