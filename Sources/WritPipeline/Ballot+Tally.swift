// How far a ballot is met: who is counted for what, and who is missing.
import WritModel

/// What one clause of a gate, or an `approve` step, asks for, and what it has of that.
public struct Tally: Hashable, Sendable {
  /// A person who is counted.
  public struct Seat: Hashable, Sendable {
    /// Who, as a node.
    public let person: String
    /// The role of the rule that they are counted for.
    public let role: String
    /// The first moment at which their word counts no longer, in microseconds since 1970.
    public let expires: Int64
  }

  /// People who are missing in a role.
  public struct Gap: Hashable, Sendable {
    /// In which.
    public let role: String
    /// At least 1.
    public let count: Int
  }

  /// The clause; empty of an `approve` step.
  public let clause: String
  /// People who are asked for in all.
  public let wanted: Int
  /// Whom it has, in the order of its rules.
  public let seats: [Seat]
  /// Whom it has not, in the order of its rules.
  public let gaps: [Gap]
}

extension Ballot {
  /// A tally of each group of rules that belong together, in their order.
  ///
  /// - Parameter now: Votes that have expired then do not count, in microseconds since 1970; `nil` counts all that were taken.
  public func tallies(at now: Int64?) -> [Tally] {
    let counting = votes.filter { vote in
      vote.approves && (now.map { $0 < vote.expires } ?? true)
    }
    let people = Set(counting.map { ByteText($0.person) }).sorted()
    return Set(rules.map(\.group)).sorted().map { group in
      let asked = rules.filter { $0.group == group }
      let admitted = asked.map { rule in
        let admitted = Set(counting.filter(rule.admits).map { ByteText($0.person) })
        return people.map(admitted.contains)
      }
      let seats = WritModel.seats(asked.map(\.count), admitted: admitted)
      return tally(of: asked, people.map(\.string), seats, counting)
    }
  }

  private func tally(
    of rules: [ApprovalRule], _ people: [String], _ seats: [Int?], _ votes: [Vote]
  ) -> Tally {
    var taken: [Tally.Seat] = []
    var gaps: [Tally.Gap] = []
    for (place, rule) in rules.enumerated() {
      let own = people.indices.filter { seats[$0] == place }.map { person in
        let words = votes.filter { rule.admits($0) && hasSameBytes($0.person, people[person]) }
        return Tally.Seat(
          person: people[person], role: rule.role, expires: words.map(\.expires).max() ?? 0)
      }
      taken += own
      if own.count < rule.count {
        gaps.append(Tally.Gap(role: rule.role, count: rule.count - own.count))
      }
    }
    return Tally(
      clause: rules.first?.clause ?? "", wanted: rules.reduce(0) { $0 + $1.count }, seats: taken,
      gaps: gaps)
  }

  /// Votes that were taken and have expired since.
  ///
  /// - Parameter now: In microseconds since 1970.
  public func lapsed(at now: Int64) -> [Vote] {
    (past + votes).filter { $0.approves && $0.expires <= now }
  }
}
