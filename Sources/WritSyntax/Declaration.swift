// The declarations of the tree; the grammar's productions of the same names.

public import WritText

/// One declaration of a file.
public enum Declaration: Sendable {
  case enumeration(EnumDeclaration)
  case source(SourceDeclaration)
  case roles(RoleDeclaration)
  case node(NodeDeclaration)
  case param(ParamDeclaration)
  case rule(RuleDeclaration)
  case scorecard(ScorecardDeclaration)
  case gate(GateDeclaration)
  case waiver(WaiverDeclaration)
  case query(QueryDeclaration)
  case action(ActionDeclaration)
  case pipeline(PipelineDeclaration)
  case fixture(FixtureDeclaration)
  case test(TestDeclaration)

  /// From its keyword to its last token.
  public var range: SourceRange {
    switch self {
    case .enumeration(let declaration): declaration.range
    case .source(let declaration): declaration.range
    case .roles(let declaration): declaration.range
    case .node(let declaration): declaration.range
    case .param(let declaration): declaration.range
    case .rule(let declaration): declaration.range
    case .scorecard(let declaration): declaration.range
    case .gate(let declaration): declaration.range
    case .waiver(let declaration): declaration.range
    case .query(let declaration): declaration.range
    case .action(let declaration): declaration.range
    case .pipeline(let declaration): declaration.range
    case .fixture(let declaration): declaration.range
    case .test(let declaration): declaration.range
    }
  }
}

/// `enum Severity { low < high }`
public struct EnumDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let members: [Name]
  /// The members stand between `<`, lowest first.
  public let isOrdered: Bool
  /// From its first token to its last.
  public let range: SourceRange
}

/// `source scanner fresh 24h`
public struct SourceDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// `nil` where there is no `fresh`.
  public let fresh: DurationLiteral?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `role owner, sre_lead`
public struct RoleDeclaration: Sendable {
  /// In the order of the text, never empty.
  public let names: [Name]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `node Service from catalog { … }`
public struct NodeDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// `nil` where there is no `from`.
  public let origin: OriginSyntax?
  /// In the order of the text.
  public let members: [NodeMember]
  /// From its first token to its last.
  public let range: SourceRange
}

/// A field or an edge of a node.
public enum NodeMember: Sendable {
  case field(FieldDeclaration)
  case edge(EdgeDeclaration)

  /// All of the member.
  public var range: SourceRange {
    switch self {
    case .field(let field): field.range
    case .edge(let edge): edge.range
    }
  }
}

/// `from request`, or `from a | b`
public struct OriginSyntax: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    case request
    /// Never empty. A field or an edge has exactly one.
    case sources([Name])
  }

  /// Which form it has.
  public let kind: Kind
  /// From `from` to the last name.
  public let range: SourceRange
}

/// `coverage: Decimal? from ci`
public struct FieldDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// Its type as written.
  public let type: TypeSyntax
  /// `key` behind the type: the field is the node's id.
  public let isKey: Bool
  /// `personal` behind the type: it tells of a person.
  public let isPersonal: Bool
  /// `from …`, `nil` where there is none.
  public let origin: OriginSyntax?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `dependsOn -> many Service | Library from catalog inverse dependents { … }`
public struct EdgeDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// `many` before the kinds.
  public let isMany: Bool
  /// Kinds of the node at the other end; never empty.
  public let targets: [Name]
  /// `?` behind the targets.
  public let isOptional: Bool
  /// `from …`, `nil` where there is none.
  public let origin: OriginSyntax?
  /// The name of the edge the other way round.
  public let inverse: Name?
  /// Empty both for `{ }` and for no braces.
  public let fields: [FieldDeclaration]
  /// From its first token to its last.
  public let range: SourceRange
}

/// A type as written.
public struct TypeSyntax: Sendable {
  /// The forms that it can have.
  public indirect enum Kind: Sendable {
    /// A scalar, an enum or kinds of nodes; never empty, one for all but kinds.
    case named([Name])
    case set(TypeSyntax)
    case list(TypeSyntax)
    /// The parser found no type here and has said so.
    case missing
  }

  /// Which form it has.
  public let kind: Kind
  /// `?` behind it.
  public let isOptional: Bool
  /// From its first token to its last.
  public let range: SourceRange
}

/// `param minimum: Level = silver`
public struct ParamDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// Its type as written.
  public let type: TypeSyntax
  /// The expression behind the sign.
  public let value: Expression
  /// From its first token to its last.
  public let range: SourceRange
}

/// `rule f(s: Service) -> Int = …`
public struct RuleDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let parameters: [ParameterSyntax]
  /// `nil` where there is no `->`.
  public let result: TypeSyntax?
  /// What it says.
  public let body: Expression
  /// From its first token to its last.
  public let range: SourceRange
}

/// `s: Service`
public struct ParameterSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// Its type as written.
  public let type: TypeSyntax
  /// From its first token to its last.
  public let range: SourceRange
}

/// `let x = …`
public struct LetSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// The expression behind the sign.
  public let value: Expression
  /// From its first token to its last.
  public let range: SourceRange
}

/// `scorecard readiness(s: Service) -> Level sum { … }`
public struct ScorecardDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let parameters: [ParameterSyntax]
  /// The enum that its levels are of; missing where the text has none.
  public let result: Name
  /// `sum` behind the enum: weights are counted without the ratio.
  public let isSum: Bool
  /// In the order of the text.
  public let items: [ScorecardItem]
  /// From its first token to its last.
  public let range: SourceRange
}

/// An item of a scorecard's body.
public enum ScorecardItem: Sendable {
  case binding(LetSyntax)
  case check(CheckSyntax)
  case level(LevelSyntax)

  /// All of the item.
  public var range: SourceRange {
    switch self {
    case .binding(let binding): binding.range
    case .check(let check): check.range
    case .level(let level): level.range
    }
  }
}

/// `check coverage weight 20 "at least 80 %" when s.tier == 1: s.coverage >= 80`
public struct CheckSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// How much it counts.
  public let weight: IntegerLiteral
  /// What the check says to people.
  public let title: StringLiteral?
  /// The expression behind `when`.
  public let guardCondition: Expression?
  /// What is asked.
  public let condition: Expression
  /// From its first token to its last.
  public let range: SourceRange
}

/// `level silver at 70 with noCriticals`
public struct LevelSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// An integer or a decimal, never negative.
  public let score: Literal
  /// Checks that must pass as well.
  public let checks: [Name]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `query blast(p: Package) { … }` and `query toxic = for …`
public struct QueryDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// `nil` where there are no parentheses.
  public let parameters: [ParameterSyntax]?
  /// What it says.
  public let body: QueryBody
  /// From its first token to its last.
  public let range: SourceRange
}

/// What a query asks for.
public enum QueryBody: Sendable {
  /// `{ packages: count(p.dependents+) }`: one row.
  case columns([ColumnSyntax])
  /// `for … select { … }`: a table.
  case rows(RowQuery)
  /// `shortest a.dependsOn+ to b`
  case path(PathQuery)
  /// The parser could not make it out and has said so.
  case missing
}

/// `name: expression`, in a query's columns and behind `group by`.
public struct ColumnSyntax: Sendable {
  /// What it is called.
  public let name: Name
  /// The expression behind the sign.
  public let value: Expression
  /// From its first token to its last.
  public let range: SourceRange
}

/// `for x in S group by k: x.a select { k, n: count(x) } order by n desc limit 10`
public struct RowQuery: Sendable {
  /// What it goes over.
  public let loop: LoopSyntax
  /// Empty where there is no `group by`.
  public let keys: [ColumnSyntax]
  /// In the order of the text.
  public let columns: [SelectItem]
  /// Empty where there is no `order by`.
  public let order: [OrderKey]
  /// How many rows at most; `nil` where there is no `limit`.
  public let limit: IntegerLiteral?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `pipelines: count(x)`, or the bare name of a variable or group key.
public struct SelectItem: Sendable {
  /// What it is called.
  public let name: Name
  /// `nil` for a bare name.
  public let value: Expression?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `pipelines desc`
public struct OrderKey: Sendable {
  /// What it is called.
  public let name: Name
  /// `desc` behind the column.
  public let isDescending: Bool
  /// From its first token to its last.
  public let range: SourceRange
}

/// `shortest a.dependsOn+ to b`
public struct PathQuery: Sendable {
  /// Ends in a closure where the text is right; the checker looks.
  public let path: Expression
  /// Where the path leads.
  public let target: Expression
  /// From its first token to its last.
  public let range: SourceRange
}
