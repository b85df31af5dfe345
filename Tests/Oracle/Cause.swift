// Why a value is not known, or only known with a doubt.

public import WritSemantics

/// The reason that a value or an element carries; where there is none, a value of `Cause?` is nil.
public enum Cause: Hashable, Sendable {
  /// The source never spoke of the subject, at `asOf` or before.
  case silent(source: Int, about: Subject)
  /// The source spoke too long ago; when it last did.
  case stale(source: Int, about: Subject, spokeAt: Int64)
  /// A field that is vouched for has no value, though its type is not optional.
  case missingField(node: NodeName, field: String)
  /// Likewise of an edge, named by its type's index and both ends.
  case missingEdgeField(edge: Int, from: NodeName, to: NodeName, field: String)
  /// A `one` edge that is vouched for has no target.
  case missingEdge(node: NodeName, edge: String)
  /// An argument, a literal or the caller names a node that the graph does not have.
  case noNode(NodeName)
  case overflow
  case divisionByZero
  case fuel
  /// No check of the scorecard applies; the file that declares it.
  case noCheck(String, file: Int)
  /// An operation met a value that is absent, as it can behind a guard that is false.
  case absent
}

/// What a source was asked to vouch for.
public enum Subject: Hashable, Sendable {
  case node(NodeName)
  /// The whole kind: that no node of it is missing.
  case kind(Int)
}
