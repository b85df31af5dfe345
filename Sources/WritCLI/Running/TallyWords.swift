// Who has agreed to a step of a run, who is missing and whose word does not count: for people and for programs.

import WritModel
import WritPipeline

extension Tally {
  /// `2 of 3: eu_compliance by Identity/ines (until …); missing: release_manager 1`
  ///
  /// - Parameter showsEnds: Also until when each counts.
  func words(showsEnds: Bool) -> String {
    let clause = clause.isEmpty ? "" : "\(clause): "
    let who = seats.map { seat in
      "\(seat.role) by \(seat.person)"
        + (showsEnds && seat.hasEnd ? " (until \(Instant(microseconds: seat.expires)))" : "")
    }
    let missing = gaps.map { "\($0.role) \($0.count)" }
    return "\(clause)\(seats.count) of \(wanted)"
      + (who.isEmpty ? "" : ": " + who.joined(separator: ", "))
      + (missing.isEmpty ? "" : "; missing: " + missing.joined(separator: ", "))
  }

  /// The same for programs.
  var json: JSONValue {
    var members: [JSONMember] = clause.isEmpty ? [] : [JSONMember("clause", .string(clause))]
    members += [
      JSONMember("wanted", .integer(Int64(wanted))), JSONMember("has", .array(seats.map(\.json))),
      JSONMember(
        "missing",
        .array(gaps.map { ["role": .string($0.role), "count": .integer(Int64($0.count))] })),
    ]
    return .object(members)
  }
}

extension Tally.Seat {
  /// Whether their word ends at a time that can be told.
  fileprivate var hasEnd: Bool { expires <= PipelineLimits.latest }

  fileprivate var json: JSONValue {
    var members = [JSONMember("person", .string(person)), JSONMember("role", .string(role))]
    if hasEnd {
      members.append(JSONMember("until", .string(Instant(microseconds: expires).description)))
    }
    return .object(members)
  }
}

extension VoteRefusal {
  /// Why a word does not count, behind whose it is.
  var words: String {
    switch self {
    case .agent: "is an agent's"
    case .requester: "is of whoever asked for the run"
    case .contributor: "is of somebody who contributed to what is run"
    case .excepted: "is of somebody who is excepted"
    case .expired: "is too old to count"
    case .otherSubject: "is for something else than is asked now"
    case .noRule: "is in no role that is asked for, or of somebody who is excepted"
    case .repeated: "was there already"
    }
  }
}

extension Vote {
  /// `the yes by Identity/ines as boss`
  var words: String {
    "the \(approves ? "yes" : "no") by \(person) as \(roles.joined(separator: ", "))"
  }

  /// For programs; with why it does not count, if it does not.
  func json(_ refusal: String? = nil) -> JSONValue {
    var members = [
      JSONMember("person", .string(person)), JSONMember("approves", .bool(approves)),
      JSONMember("roles", .array(roles.map { .string($0) })),
      JSONMember("counts", .bool(refusal == nil)),
    ]
    if let refusal { members.append(JSONMember("why", .string(refusal))) }
    if !reason.isEmpty { members.append(JSONMember("reason", .string(reason))) }
    return .object(members)
  }
}

extension Run {
  /// What people were asked at a node and have said; `nil` where nobody was, or has said anything and nothing is missing any more.
  ///
  /// - Parameter now: In microseconds since 1970; of what is waited for only what counts then is counted, and of what has expired
  ///   what counted when it did.
  func agreement(at node: Int, now: Int64) -> Agreement? {
    guard let ballot = ballots[node] else { return nil }
    let isWaiting = states[node].phase == .holding
    guard isWaiting || !ballot.votes.isEmpty || !ballot.refused.isEmpty else { return nil }
    let moment = isWaiting ? now : result(of: node) == .expired ? ballot.until : nil
    return Agreement(
      tallies: ballot.tallies(at: moment),
      lapsed: moment.map { ballot.lapsed(at: $0) } ?? [], refused: ballot.refused,
      rejections: ballot.votes.filter { !$0.approves }, isWaiting: isWaiting)
  }
}

/// What people have said at a step.
struct Agreement {
  let tallies: [Tally]
  /// Words that have counted, and are too old now.
  let lapsed: [Vote]
  let refused: [Ballot.RefusedVote]
  let rejections: [Vote]
  let isWaiting: Bool

  /// A line for each clause, and one for each word that does not count.
  var lines: [String] {
    tallies.map { $0.words(showsEnds: isWaiting) }
      + lapsed.map {
        "\($0.words) is too old to count: it did until \(Instant(microseconds: $0.expires))"
      } + refused.map { "\($0.vote.words) does not count: it \($0.reason.words)" }
  }

  /// Members of a node for programs.
  var members: [JSONMember] {
    var members = [JSONMember("approvals", .array(tallies.map(\.json)))]
    let uncounted =
      lapsed.map { $0.json("is too old to count") } + refused.map { $0.vote.json($0.reason.words) }
    if !uncounted.isEmpty { members.append(JSONMember("uncounted", .array(uncounted))) }
    if !rejections.isEmpty {
      members.append(JSONMember("rejections", .array(rejections.map { $0.json() })))
    }
    return members
  }
}
