// Fixtures and tests: facts that are given and verdicts that are expected.

public import WritText

/// `fixture calm with base { … }`
public struct FixtureDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// Fixtures that it builds on, in order.
  public let bases: [Name]
  /// In the order of the text.
  public let facts: [FactSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `test "…" { at … given … expect … }`
public struct TestDeclaration: Sendable {
  /// What the test is about.
  public let title: StringLiteral
  /// What `now` is.
  public let now: InstantLiteral
  /// In the order of the text.
  public let givens: [GivenSyntax]
  /// In the order of the text.
  public let expectations: [ExpectSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `given calm, base with { … }`
public struct GivenSyntax: Sendable {
  /// Fixtures, in order.
  public let fixtures: [Name]
  /// In the order of the text.
  public let facts: [FactSyntax]
  /// From its first token to its last.
  public let range: SourceRange
}

/// One fact of a fixture or a `given`.
public enum FactSyntax: Sendable {
  case node(NodeFact)
  case remove(NodeReference)
  case source(SourceFact)
  case approval(ApprovalFact)
  case waived(WaivedFact)

  /// All of the fact. That of a removal is its reference's, without the word `remove`.
  public var range: SourceRange {
    switch self {
    case .node(let fact): fact.range
    case .remove(let reference): reference.range
    case .source(let fact): fact.range
    case .approval(let fact): fact.range
    case .waived(let fact): fact.range
    }
  }
}

/// `Service "fraud"`, `Service fraud`, or `fraud` where the kind may be left out.
public struct NodeReference: Sendable {
  /// `nil` only where the grammar lets the kind be left out.
  public let kind: Name?
  /// Which node of its kind.
  public let id: NodeID
  /// From its first token to its last.
  public let range: SourceRange
}

/// A node's id, written as a name or as a string: the two mean the same.
public struct NodeID: Hashable, Sendable {
  /// Empty where the parser found none and has said so.
  public let text: String
  /// From its first token to its last.
  public let range: SourceRange
  /// It stood in double quotes.
  public let isString: Bool
}

/// `Service fraud { tier: 1, owner -> risk }`
public struct NodeFact: Sendable {
  /// Which node it is about.
  public let node: NodeReference
  /// In the order of the text.
  public let values: [FactValue]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `tier: 1`, or `owner -> risk`
public struct FactValue: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    case field(FieldFact)
    /// `name -> target` and `name -> [target, …]`
    case targets([FactTarget], isList: Bool)
    /// `name -> unknown`
    case unknownTargets
  }

  /// The field or the edge.
  public let name: Name
  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// What a fact says of a field.
public enum FieldFact: Sendable {
  case value(FactLiteral)
  case list([FactLiteral], range: SourceRange)
  case unknown(SourceRange)
  case absent(SourceRange)
}

/// A literal in a fact.
public enum FactLiteral: Sendable {
  case literal(Literal)
  /// A member of an enum.
  case name(Name)

  /// All of it.
  public var range: SourceRange {
    switch self {
    case .literal(let literal): literal.range
    case .name(let name): name.range
    }
  }
}

/// One end of an edge in a fact, with the edge's own fields.
public struct FactTarget: Sendable {
  /// Which node it is about.
  public let node: NodeReference
  /// Empty both for `{ }` and for no braces.
  public let values: [FactValue]
  /// From its first token to its last.
  public let range: SourceRange
}

/// `source scanner silent`, `source scanner at … covers Service fraud`
public struct SourceFact: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    case silent
    /// With neither kind nor node: all that the source vouches for.
    case spoke(InstantLiteral, kind: Name?, node: NodeID?)
  }

  /// What it is called.
  public let name: Name
  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// `approval by Person ann as sre_lead at … until …`
public struct ApprovalFact: Sendable {
  /// Who approved.
  public let approver: NodeReference
  /// The role in which it is given.
  public let role: Name
  /// When it was given.
  public let at: InstantLiteral?
  /// When it ends.
  public let until: InstantLiteral?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `waived W17 by Person ann as risk at … until …`
public struct WaivedFact: Sendable {
  /// Which waiver.
  public let waiver: Name
  /// Who granted it.
  public let granter: NodeReference
  /// The role in which it is granted.
  public let role: Name
  /// When it was granted.
  public let at: InstantLiteral?
  /// When the grant ends.
  public let until: InstantLiteral?
  /// From its first token to its last.
  public let range: SourceRange
}

/// One `expect` of a test.
public struct ExpectSyntax: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `expect ship(release: r42) by Person ann is denied by freeze`
    case verdict(GateCall, VerdictSyntax)
    /// `expect total(s) == 3`
    case holds(Expression)
    /// `expect total(s) == 3 is unknown`
    case isUnknown(Expression)
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// A gate as a test asks it.
public struct GateCall: Sendable {
  /// The gate's name.
  public let gate: Name
  /// In the order of the text.
  public let arguments: [FactArgument]
  /// Who asks, behind `by`.
  public let caller: NodeReference?
  /// From its first token to its last.
  public let range: SourceRange
}

/// `release: r42`
public struct FactArgument: Sendable {
  /// What an argument can be.
  public enum Value: Sendable {
    /// `Release r42`: a kind and an id.
    case node(NodeReference)
    /// A bare name is an id or a member, a string an id or a text: the parameter's type says which.
    case literal(FactLiteral)
  }

  /// What it is called.
  public let name: Name
  /// The expression behind the sign.
  public let value: Value
  /// From its first token to its last.
  public let range: SourceRange
}

/// `allowed`, `denied by a, b`, `held by c`, `allowed waiving d`
public struct VerdictSyntax: Sendable {
  /// The three outcomes of a gate.
  public enum Outcome: String, Hashable, Sendable {
    case allowed
    case denied
    case held
  }

  /// `nil` where the parser found none and has said so.
  public let outcome: Outcome?
  /// Exactly the clauses that fail, or are still owed; `nil` where there is no `by`.
  public let clauses: [Name]?
  /// Exactly the clauses of which a finding is waived; `nil` where there is no `waiving`.
  public let waived: [Name]?
  /// From its first token to its last.
  public let range: SourceRange
}
