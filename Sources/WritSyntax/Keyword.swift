// The words that the grammar quotes.

/// A word with a meaning of its own. The grammar's `ReservedWord` is the list of those that cannot
/// be names; the others are keywords only where the grammar expects them.
public enum Keyword: String, CaseIterable, Hashable, Sendable {
  // Reserved: a name so called stands in backticks or behind a dot.
  case policy
  case `import`
  case `enum`
  case source
  case role
  case node
  case param
  case rule
  case scorecard
  case gate
  case query
  case fixture
  case test
  case `let`
  case require
  case deny
  case when
  case `for`
  case `in`
  case `is`
  case and
  case or
  case not
  case `where`
  case select
  case `else`
  case within
  case any
  case all
  case no
  case has
  case `true`
  case `false`
  case now
  case caller
  case it
  case absent
  case count
  case sum
  case min
  case max
  case approval
  case expect
  case given

  // Contextual.
  case version
  case pinned
  case fresh
  case from
  case request
  case key
  case personal
  case many
  case inverse
  case setType = "Set"
  case listType = "List"
  case check
  case weight
  case level
  case at
  case with
  case group
  case by
  case order
  case limit
  case asc
  case desc
  case shortest
  case to
  case unknown
  case remove
  case silent
  case covers
  case `as`
  case until
  case allowed
  case denied
  case held
  case empty
  case starts
  case ends
  case contains
  case like
  case up
  case distinct
  case except
  case action
  case kind
  case guarded
  case effect
  case impact
  case rollback
  case irreversible
  case breakGlass
  case reviewed
  case delegate
  case labelled
  case run
  case secrets
  case timeout
  case idempotent
  case http
  case header
  case body
  case field
  case status
  case answer
  case pipeline
  case stage
  case step
  case after
  case parallel
  case concurrency
  case supersede
  case unverified
  case deadline
  case matrix
  case `repeat`
  case every
  case most
  case unchanged
  case approve
  case wait
  case retry
  case backoff
  case factor
  case jitter
  case needs
  case on
  case onSuccess
  case onFailure
  case onError
  case onAbort
  case ensure
  case agent
  case budget
  case calls
  case tokens
  case waivable
  case waiver
  case waived
  case waiving
  case of
  case reason
  case expires
  case freeze
  case gives
  case callers
  case signed
  case unsigned

  /// It cannot be a name.
  public var isReserved: Bool {
    switch self {
    case .policy, .import, .enum, .source, .role, .node, .param, .rule, .scorecard, .gate,
      .query, .fixture, .test, .let, .require, .deny, .when, .for, .in, .is, .and, .or, .not,
      .where, .select, .else, .within, .any, .all, .no, .has, .true, .false, .now, .caller,
      .it, .absent, .count, .sum, .min, .max, .approval, .expect, .given:
      true
    default:
      false
    }
  }
}
