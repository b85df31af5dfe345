// The tree of actions; the grammar's productions of the same names.

public import WritText

/// `action deploy(release: Release) kind deploy … { run "./deploy.sh" release.image }`
public struct ActionDeclaration: Sendable {
  /// What it is called.
  public let name: Name
  /// In the order of the text.
  public let parameters: [ParameterSyntax]
  /// What stands before the brace, in the order of the text.
  public let heads: [ActionHead]
  /// What stands between the braces, in the order of the text.
  public let items: [ActionItem]
  /// From its first token to its last.
  public let range: SourceRange
}

/// What is said of an action before its body.
public struct ActionHead: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `kind deploy`
    case kind(Name)
    /// `guarded by ship(release, env)`
    case guarded(ActionCall)
    /// `effect production`
    case effect(Name)
    /// `impact outage, regulatory`; never empty.
    case impact([Name])
    /// `rollback undo(release, env)`
    case rollback(ActionCall)
    /// `irreversible`
    case irreversible
    /// `breakGlass reviewed by role incident_commander within 24h`
    case breakGlass(role: Name, within: DurationLiteral)
    /// `delegate labelled eu, production`; never empty.
    case delegate([Name])
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// `ship(release, env)`: a gate or an action, and parameters that are handed on to it.
public struct ActionCall: Sendable {
  /// Of what is called.
  public let name: Name
  /// Names of parameters, in the order of the text.
  public let arguments: [Name]
  /// From its first token to its last.
  public let range: SourceRange
}

/// What an action does, or how.
public struct ActionItem: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `run "kubectl" "apply" release.manifest`
    case run([ActionWord])
    /// `http POST "https://pager.example/v2/{service.id}" header … status 202`
    case http(HTTPSyntax)
    /// `secrets deploy_token`; never empty.
    case secrets([Name])
    /// `timeout 15m`
    case timeout(DurationLiteral)
    /// `idempotent`
    case idempotent
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// A request over HTTP.
public struct HTTPSyntax: Sendable {
  /// `POST`
  public let method: Name
  public let url: TemplateSyntax
  /// In the order of the text.
  public let parts: [HTTPPartSyntax]
}

/// What is sent with a request, or made of its answer.
public struct HTTPPartSyntax: Sendable {
  /// The forms that it can have.
  public enum Kind: Sendable {
    /// `header "Authorization" "Bearer {token}"`
    case header(TemplateSyntax, TemplateSyntax)
    /// `body "up"`
    case body(ActionWord)
    /// `field "service" service.name`
    case field(TemplateSyntax, ActionWord)
    /// `status 200, 204`; never empty.
    case status([IntegerLiteral])
    /// `answer json "/data/id"`
    case answer(Name, TemplateSyntax?)
  }

  /// Which form it has.
  public let kind: Kind
  /// From its first token to its last.
  public let range: SourceRange
}

/// One word of a command: an argument of the program, however many spaces there are in it.
public enum ActionWord: Sendable {
  /// `"--image={release.image}"`
  case text(TemplateSyntax)
  /// `release.image`
  case value(Expression)

  /// All of the word.
  public var range: SourceRange {
    switch self {
    case .text(let template): template.range
    case .value(let expression): expression.range
    }
  }
}
