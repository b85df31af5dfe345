// What can be wrong with a plan.
public import WritModel

/// Why a plan is refused.
public enum PlanError: Error, Hashable, Sendable {
  /// It is no JSON, or too much of it.
  case json(JSONError)
  /// Somewhere in it, by ids and members, something else was expected.
  case malformed(place: String, expectation: String)
  /// It is a plan, but not written in the one canonical form.
  case notCanonical
}

extension PlanError: CustomStringConvertible {
  /// What is wrong and where; lower case, no full stop.
  public var description: String {
    switch self {
    case .json(let error): "the plan is no JSON: \(error)"
    case .malformed(let place, let expectation): "the plan, \(place): expected \(expectation)"
    case .notCanonical: "the plan is not in canonical form: write it as RFC 8785 says"
    }
  }
}
