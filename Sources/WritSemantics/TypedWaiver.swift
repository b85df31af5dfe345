// What the checker returns of waivers: which findings they are about, until when, and who may not grant them.

public import WritText

/// `waivable by role R except E`.
public struct TypedWaivable: Sendable {
  public let role: String
  /// A node or a set of nodes, over the gate's parameters.
  public let except: TypedExpression?

  public init(role: String, except: TypedExpression?) {
    self.role = role
    self.except = except
  }
}

/// A request that certain findings of one clause be waived: of itself it waives nothing.
public struct TypedWaiver: Sendable {
  public let name: String
  /// Index into `TypedProgram.gates`.
  public let gate: Int
  /// Index into the gate's clauses; one that asks for no approval.
  public let clause: Int
  /// A finding is meant if all of them are among its subjects; never empty, each once.
  public let nodes: [NodeName]
  public let reason: String
  /// Microseconds since the epoch: the first moment at which it is over.
  public let expires: Int64
  /// Over the gate's parameters: nodes and sets of nodes that may not grant it, besides the caller.
  public let excluded: [TypedExpression]
  public let range: SourceRange

  public init(
    name: String, gate: Int, clause: Int, nodes: [NodeName], expiring expires: Int64,
    because reason: String, excluded: [TypedExpression], range: SourceRange
  ) {
    self.name = name
    self.gate = gate
    self.clause = clause
    self.nodes = nodes
    self.reason = reason
    self.expires = expires
    self.excluded = excluded
    self.range = range
  }
}

/// A warning for each waiver that is over at that time, in microseconds since the epoch.
public func expiredWaivers(in program: TypedProgram, at time: Int64) -> [Diagnostic] {
  program.waivers.filter { $0.expires <= time }.map { .expiredWaiver($0) }
}
