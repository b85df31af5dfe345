// People's votes on one thing, and whether they meet all rules: a matching of people to places.
public import WritCrypto
import WritModel

/// Somebody's word on one digest, as whoever verified it brings it.
public struct Vote: Hashable, Sendable {
  /// Who, as a node.
  public let person: String
  /// Whether it is no person.
  public let isAgent: Bool
  /// Roles held for this very purpose; an attribute that is asked for beside a role, such as a region, has been
  /// looked at by whoever says so.
  public let roles: [String]
  /// What it is about.
  public let subject: Digest
  /// The first moment at which it does not count, in microseconds since 1970.
  public let expires: Int64
  /// Yes or no.
  public let approves: Bool
  /// Whether its giver is one of those who are excepted where it was brought.
  public let isExcepted: Bool
  /// Why, where it was said: of a no, in its giver's words.
  public let reason: String

  /// A vote; of a longer reason the beginning.
  public init(
    person: String, isAgent: Bool, roles: [String], subject: Digest, expires: Int64,
    approves: Bool, isExcepted: Bool = false, reason: String = ""
  ) {
    self.isExcepted = isExcepted
    self.reason = cut(reason)
    self.person = person
    self.isAgent = isAgent
    self.roles = roles
    self.subject = subject
    self.expires = expires
    self.approves = approves
  }
}

extension Vote {
  /// Whether it is a yes or no by the same person, in all roles of the other.
  fileprivate func saysAll(of other: Vote) -> Bool {
    hasSameBytes(person, other.person) && other.roles.allSatisfy { roles.containsBytes(of: $0) }
  }
}

/// Why a vote does not count.
public enum VoteRefusal: String, Hashable, Sendable {
  case agent
  case requester
  case contributor
  /// Its giver is excepted, by what the step or its gate says of who may.
  case excepted
  case expired
  /// It is about something else than what would be done.
  case otherSubject
  /// No rule asks for a role that its giver holds, or each excludes them.
  case noRule
  /// The same person has voted in that role.
  case repeated
}

/// The votes on one thing.
public struct Ballot: Hashable, Sendable {
  /// What must be met.
  public let rules: [ApprovalRule]
  /// The first moment at which it is too late.
  public let until: Int64
  /// What is voted on; unknown at first.
  public private(set) var subject: Digest?
  /// Votes that count as long as they have not expired, in the order in which they came.
  public private(set) var votes: [Vote] = []
  /// Votes that counted and have expired since, as far as others have come after that; the newest `PipelineLimits.votes`.
  public private(set) var past: [Vote] = []
  /// Votes that do not, and why.
  public private(set) var refused: [RefusedVote] = []

  /// A vote that does not count.
  public struct RefusedVote: Hashable, Sendable {
    /// The vote.
    public let vote: Vote
    /// Why.
    public let reason: VoteRefusal
  }

  init(rules: [ApprovalRule], until: Int64, subject: Digest?) {
    self.rules = rules
    self.until = until
    self.subject = subject
  }

  /// Whether a vote is recorded: not the same again, and of those that do not count only so many, so that nobody
  /// can keep out the others by voting often.
  func takes(_ vote: Vote, at now: Int64, start: RunStart?) -> Bool {
    guard let start, !votes.contains(vote), !past.contains(vote),
      !refused.contains(where: { $0.vote == vote })
    else {
      return false
    }
    if refusal(of: vote, at: now, start: start) == nil { return votes.count < PipelineLimits.votes }
    return refused.count < PipelineLimits.votes
  }

  /// Whether a vote is new and would count, on what it is about: what people are asked may be told at the same time.
  public func counts(_ vote: Vote, at now: Int64, start: RunStart) -> Bool {
    var asked = self
    asked.setSubject(vote.subject)
    asked.retire(at: now)
    return !asked.votes.contains(vote) && asked.refusal(of: vote, at: now, start: start) == nil
  }

  /// Votes on anything else are void from now on.
  mutating func setSubject(_ subject: Digest) {
    guard subject != self.subject else { return }
    self.subject = subject
    dropOthers()
  }

  private mutating func dropOthers() {
    let all = votes
    votes = all.filter { $0.subject == subject }
    refused += all.filter { $0.subject != subject }
      .map { RefusedVote(vote: $0, reason: .otherSubject) }
  }

  /// Takes over the votes of another that are on the same thing.
  mutating func carry(from other: Ballot) {
    votes = other.votes
    past = other.past
    refused = other.refused
    dropOthers()
  }

  /// Takes a vote; says why it does not count.
  mutating func add(_ vote: Vote, at now: Int64, start: RunStart) -> VoteRefusal? {
    // A vote that has expired makes room for another of the same person.
    retire(at: now)
    if let reason = refusal(of: vote, at: now, start: start) {
      refused.append(RefusedVote(vote: vote, reason: reason))
      return reason
    }
    votes.append(vote)
    return nil
  }

  /// What has expired makes room, and is remembered.
  private mutating func retire(at now: Int64) {
    past += votes.filter { $0.expires <= now }
    past = past.suffix(PipelineLimits.votes)
    votes.removeAll { $0.expires <= now }
  }

  private func refusal(of vote: Vote, at now: Int64, start: RunStart) -> VoteRefusal? {
    if vote.isAgent { return .agent }
    if hasSameBytes(vote.person, start.requester) { return .requester }
    if start.contributors.contains(where: { hasSameBytes($0, vote.person) }) { return .contributor }
    if vote.isExcepted { return .excepted }
    if vote.expires <= now { return .expired }
    if vote.subject != subject { return .otherSubject }
    if !rules.contains(where: { $0.admits(vote) }) { return .noRule }
    // Everybody may still say no after a yes, and yes in another role.
    if vote.approves && votes.contains(where: { $0.saysAll(of: vote) }) { return .repeated }
    return nil
  }

  /// Whether every place of every rule can be given to somebody, nobody having two of one group.
  public func isMet(at now: Int64) -> Bool {
    let counting = votes.filter { $0.approves && now < $0.expires }
    let people = Set(counting.map { ByteText($0.person) }).sorted()
    return Set(rules.map(\.group)).allSatisfy { group in
      let asked = rules.filter { $0.group == group }
      let admitted = asked.map { rule in
        let admitted = Set(counting.filter(rule.admits).map { ByteText($0.person) })
        return people.map(admitted.contains)
      }
      return filledPlaces(asked.map(\.count), admitted: admitted) == asked.map(\.count)
    }
  }
}

extension ApprovalRule {
  /// Whether a vote could stand for this rule.
  func admits(_ vote: Vote) -> Bool {
    vote.roles.contains { hasSameBytes($0, role) }
      && !excluded.contains { hasSameBytes($0, vote.person) }
  }
}
