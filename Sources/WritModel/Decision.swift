// The whole answer to a request, and its one JSON form.

/// What a gate says, from the worst to the best.
public enum Outcome: String, Hashable, Sendable, Comparable {
  case deny, hold, allow

  private var rank: Int {
    switch self {
    case .deny: 0
    case .hold: 1
    case .allow: 2
    }
  }

  public static func < (left: Outcome, right: Outcome) -> Bool { left.rank < right.rank }
}

/// Something that was not known, and why.
public struct UnknownFact: Hashable, Sendable {
  /// `stale`, `silent`, `missing`, `noNode`, `overflow`, `divisionByZero`, `fuel` or `noCheck`.
  public let why: String
  /// The source that did not vouch.
  public let source: String?
  /// `Kind/id`, or a kind of which something may be missing, or a scorecard.
  public let subject: String?
  /// The field or edge that is missing.
  public let field: String?
  /// When the source last spoke, microseconds since the epoch.
  public let observed: Int64?
  /// For how long its word is good, microseconds.
  public let limit: Int64?

  public init(
    why: String, source: String?, subject: String?, field: String?, observed: Int64?, limit: Int64?
  ) {
    self.why = why
    self.source = source
    self.subject = subject
    self.field = field
    self.observed = observed
    self.limit = limit
  }
}

/// Why a clause failed, for one binding of its loop.
public struct Reason: Hashable, Sendable {
  public let clause: String
  public let isDeny: Bool
  public let message: String
  /// `Kind/id` of the nodes that it is about.
  public let subjects: [String]
  /// `path:line:column` of the clause.
  public let position: String
  public let unknown: UnknownFact?
  /// `Kind/id` of the nodes on the way from where the loop began to its element.
  public let witness: [String]

  public init(
    clause: String, isDeny: Bool, message: String, subjects: [String], position: String,
    unknown: UnknownFact?, witness: [String]
  ) {
    self.clause = clause
    self.isDeny = isDeny
    self.message = message
    self.subjects = subjects
    self.position = position
    self.unknown = unknown
    self.witness = witness
  }
}

/// What must still be met before a held decision can allow.
public struct Obligation: Hashable, Sendable {
  public let clause: String
  public let role: String
  /// Distinct people still needed.
  public let count: Int
  /// `Kind/id` of those who may not give it.
  public let except: [String]
  /// For how long an approval counts after it was signed, microseconds.
  public let within: Int64?
  /// What the clause says where it does not hold; `nil` if it says nothing.
  public let message: String?

  public init(
    clause: String, role: String, count: Int, except: [String], within: Int64?, message: String?
  ) {
    self.clause = clause
    self.role = role
    self.count = count
    self.except = except
    self.within = within
    self.message = message
  }
}

/// A person's signed yes that a clause counted.
public struct CountedApproval: Hashable, Sendable {
  /// `Kind/id`.
  public let approver: String
  public let role: String
  /// Microseconds since the epoch.
  public let signedAt: Int64
  public let expires: Int64

  public init(approver: String, role: String, signedAt: Int64, expires: Int64) {
    self.approver = approver
    self.role = role
    self.signedAt = signedAt
    self.expires = expires
  }
}

/// A waiver that spared a finding: whose, why, by whose leave and until when.
public struct AppliedWaiver: Hashable, Sendable {
  /// `module.waiver`
  public let waiver: String
  /// As the policy says it.
  public let reason: String
  /// Who granted it, `Kind/id`, and in which role.
  public let granter: String
  public let role: String
  /// When that was signed; microseconds since the epoch.
  public let signedAt: Int64
  /// The first moment at which it spares nothing any more: of the policy's and the grant's the earlier.
  public let expires: Int64

  public init(
    waiver: String, reason: String, granter: String, role: String, validity: Range<Int64>
  ) {
    self.waiver = waiver
    self.reason = reason
    self.granter = granter
    self.role = role
    signedAt = validity.lowerBound
    expires = validity.upperBound
  }
}

/// A finding that did not count, and the waiver that says so.
public struct WaivedFinding: Hashable, Sendable {
  public let finding: Reason
  public let waiver: AppliedWaiver

  public init(finding: Reason, waiver: AppliedWaiver) {
    self.finding = finding
    self.waiver = waiver
  }
}

/// What became of a waiver of the gate in one decision.
public enum WaiverState: String, Hashable, Sendable {
  /// It spared a finding.
  case applied
  /// It was granted, and there was no certain finding that it is about.
  case unmatched
  /// Nobody granted it, as far as the request shows.
  case ungranted
  /// It is over, or every grant of it is.
  case expired
  /// It was granted by somebody who may not, or of whom that is not known, or later than now.
  case refused
}

/// A waiver of the gate that was asked, and what became of it.
public struct WaiverReport: Hashable, Sendable {
  /// `module.waiver`
  public let waiver: String
  public let clause: String
  public let state: WaiverState
  /// As the policy says it; microseconds since the epoch.
  public let expires: Int64

  public init(waiver: String, clause: String, state: WaiverState, expires: Int64) {
    self.waiver = waiver
    self.clause = clause
    self.state = state
    self.expires = expires
  }
}

/// The answer to a request: a function of bundle, snapshot, request, caller and who stands behind them, `now` and `asOf`, and of nothing else.
public struct Decision: Hashable, Sendable {
  public let gate: String
  public let outcome: Outcome
  /// The outcome rests on something that was not known.
  public let isIndeterminate: Bool
  /// Asked of another time than the clock's, or asked as a question: never a permit.
  public let isQuestion: Bool
  /// Microseconds since the epoch.
  public let now: Int64
  public let asOf: Int64
  /// `Kind/id`.
  public let caller: String?
  /// Who gave the leave under which the caller asks, from hand to hand, `Kind/id`: what is done is theirs too.
  public let onBehalfOf: [String]
  /// `sha256:` and hex.
  public let bundle: String
  public let snapshot: String
  public let request: String
  public let reasons: [Reason]
  public let obligations: [Obligation]
  /// Those that some clause counted, in the order of the request.
  public let approvals: [CountedApproval]
  /// Findings that did not count, in the order of the clauses.
  public let waived: [WaivedFinding]
  /// Every waiver of the gate that the bundle has, in its order.
  public let waivers: [WaiverReport]

  public init(
    gate: String, outcome: Outcome, isIndeterminate: Bool, isQuestion: Bool, now: Int64,
    asOf: Int64, caller: String?, onBehalfOf: [String] = [], bundle: String, snapshot: String,
    request: String, reasons: [Reason], obligations: [Obligation],
    approvals: [CountedApproval], waived: [WaivedFinding] = [], waivers: [WaiverReport] = []
  ) {
    self.gate = gate
    self.outcome = outcome
    self.isIndeterminate = isIndeterminate
    self.isQuestion = isQuestion
    self.now = now
    self.asOf = asOf
    self.caller = caller
    self.onBehalfOf = onBehalfOf
    self.bundle = bundle
    self.snapshot = snapshot
    self.request = request
    self.reasons = reasons
    self.obligations = obligations
    self.approvals = approvals
    self.waived = waived
    self.waivers = waivers
  }
}
