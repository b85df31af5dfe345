// What the oracle answers, in names rather than numbers.

public import WritModel
public import WritSemantics

/// The answer of a gate.
public struct OracleDecision: Hashable, Sendable {
  /// In the order of the clauses; of one clause its bindings in order, then its open ranges.
  public internal(set) var findings: [OracleFinding] = []
  public internal(set) var obligations: [OracleObligation] = []
  /// Findings that are waived, in the same order.
  public internal(set) var waived: [OracleFinding] = []
  /// What became of each waiver of the gate, in the order of the program.
  public internal(set) var waivers: [OracleWaiverUse] = []
  /// How often terms that had people enough each for itself lacked them together.
  public internal(set) var overstretched = 0
  /// What the clauses charged, messages aside.
  public internal(set) var fuel = 0

  public var outcome: Outcome {
    findings.isEmpty ? obligations.isEmpty ? .allow : .hold : .deny
  }

  /// Whether something unknown was the reason.
  public var isIndeterminate: Bool {
    switch outcome {
    case .deny: !findings.contains(where: \.isCertain)
    case .hold: obligations.contains(where: \.isIndeterminate)
    case .allow: false
    }
  }
}

/// One binding for which a clause speaks against the request.
public struct OracleFinding: Hashable, Sendable {
  public let clause: String
  public let bindings: [Binding]
  /// Nil if the finding is certain.
  public let cause: Cause?
  /// The nodes on the way to the first binding that was reached by one, from its start.
  public let witness: [NodeName]
  /// Nodes that the finding binds or, without a loop, those of the gate that the clause speaks of.
  public let subjects: [NodeName]
  /// About elements that a loop's range may lack, or a clause that ran out of fuel: no binding of its own.
  public let isOpenRange: Bool
  public let message: String

  public var isCertain: Bool { cause == nil }
}

/// What became of a waiver.
public struct OracleWaiverUse: Hashable, Sendable {
  /// Index into the program's waivers.
  public let waiver: Int
  public let state: WaiverState
}

/// A loop variable and its value.
public struct Binding: Hashable, Sendable {
  public let name: String
  public let value: ShownValue

  public init(name: String, value: ShownValue) {
    self.name = name
    self.value = value
  }
}

/// A clause that further approvals would satisfy.
public struct OracleObligation: Hashable, Sendable {
  public let clause: String
  /// Each once, in the order in which the clause came to them.
  public let missing: [OracleMissing]
  public let isIndeterminate: Bool
  /// What the clause says; `nil` where it says nothing.
  public let message: String?
}

/// Approvals of one term that are wanting.
public struct OracleMissing: Hashable, Sendable {
  public let role: String
  /// Distinct people still needed.
  public let count: Int
  /// Who may not give it: those of `except` in order, then the caller.
  public let except: [NodeName]
  public let withinMicroseconds: Int64?
}

/// The answer of a query.
public struct OracleAnswer: Hashable, Sendable {
  public internal(set) var rows: [OracleRow] = []
  /// Why there may be rows that are not shown.
  public internal(set) var open: Cause?
}

public struct OracleRow: Hashable, Sendable {
  public let values: [ShownValue]
  /// Why the row is only possible; nil if it is not.
  public let cause: Cause?

  public init(values: [ShownValue], cause: Cause?) {
    self.values = values
    self.cause = cause
  }
}

/// A value that means the same in every graph: nodes by name, texts as they are.
public enum ShownValue: Hashable, Sendable {
  case absent(Cause?)
  case number(Int64, Cause?)
  case text(String, Cause?)
  case node(NodeName, Cause?)
  /// By type, ends and, of parallel ones, place among them.
  case edge(Int, NodeName, NodeName, place: Int, Cause?)
  /// Not exact.
  case between(Int64, Int64, Cause?)
  case elements([ShownElement], open: Cause?)

  public var cause: Cause? {
    switch self {
    case .absent(let cause), .number(_, let cause), .text(_, let cause), .node(_, let cause),
      .edge(_, _, _, _, let cause), .between(_, _, let cause):
      cause
    case .elements(let elements, let open): open ?? elements.lazy.compactMap(\.value.cause).first
    }
  }
}

public struct ShownElement: Hashable, Sendable {
  public let value: ShownValue
  public let isDefinite: Bool
}
