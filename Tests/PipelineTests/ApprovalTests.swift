// People's votes as a matching, and everybody who does not count.

import Testing
import WritCrypto
import WritPipeline

@Suite struct ApprovalTests {
  private static let subject = digest("release 42 to production")

  static func vote(
    _ person: String, _ roles: [String] = ["eu_compliance"], agent: Bool = false,
    on subject: Digest = ApprovalTests.subject, expires: Int64 = 100_000, yes: Bool = true,
    excepted: Bool = false
  ) -> Vote {
    Vote(
      person: "Identity/\(person)", isAgent: agent, roles: roles, subject: subject,
      expires: expires * second, approves: yes, isExcepted: excepted)
  }

  static func rule(_ role: String, _ count: Int, except: [String] = []) -> ApprovalRule {
    ApprovalRule(role: role, count: count, excluded: except.map { "Identity/\($0)" })
  }

  private func asking(_ rules: [ApprovalRule]) throws -> Driver {
    var driver = try Driver(
      plan([
        sequence(
          "prod", [PlanNode("ask", .approve(rules: rules, within: 4 * 3_600 * second)), step("go")])
      ]))
    let position = try driver.position("ask")
    let until = driver.now + 4 * 3_600 * second
    #expect(
      driver.effects == [
        .askApprovals(position, rules, until: until), .setTimer(position, .approval, at: until),
      ])
    try driver.send(.subjectKnown(position, ApprovalTests.subject))
    return driver
  }

  private func refusal(_ vote: Vote, _ driver: inout Driver) throws -> VoteRefusal? {
    let position = try driver.position("ask")
    let before = driver.run.ballots[position.node]?.refused.count ?? 0
    try driver.send(.voted(position, vote))
    guard let refused = driver.run.ballots[position.node]?.refused, refused.count > before else {
      return nil
    }
    return refused.last?.reason
  }

  /// Who is counted for what is told as the votes are counted: for two roles nobody, for two clauses everybody.
  @Test func aTallySaysWhoIsMissing() throws {
    let two = [ApprovalTests.rule("a", 1), ApprovalTests.rule("b", 2)]
    var driver = try asking(two)
    let position = try driver.position("ask")
    for vote in [
      ApprovalTests.vote("erik", ["a", "b"]), ApprovalTests.vote("ines", ["a"], expires: 2_000),
    ] {
      try driver.send(.voted(position, vote))
    }
    let ballot = try #require(driver.run.ballots[position.node])
    let tally = try #require(ballot.tallies(at: driver.now).first)
    #expect(ballot.tallies(at: driver.now).count == 1 && tally.wanted == 3)
    // Erik could stand for either, and stands where nobody else can.
    #expect(tally.seats.map(\.person) == ["Identity/ines", "Identity/erik"])
    #expect(tally.seats.map(\.role) == ["a", "b"])
    #expect(tally.gaps.map(\.role) == ["b"] && tally.gaps.map(\.count) == [1])
    // Once her word is too old he is moved to where he is needed first.
    let later = try #require(ballot.tallies(at: 2_000 * second).first)
    #expect(later.seats.map(\.role) == ["a"] && later.gaps.map(\.count) == [2])
    #expect(ballot.lapsed(at: 2_000 * second).map(\.person) == ["Identity/ines"])
    #expect(ballot.lapsed(at: driver.now).isEmpty)
  }

  /// A word that has expired makes room for another of the same person, and is told of on.
  @Test func whatHasLapsedIsRemembered() throws {
    var driver = try asking([ApprovalTests.rule("a", 2)])
    let position = try driver.position("ask")
    let early = ApprovalTests.vote("erik", ["a"], expires: 2_000)
    try driver.send(.voted(position, early))
    driver.now = 2_500 * second
    try driver.send(.voted(position, ApprovalTests.vote("erik", ["a"], expires: 9_000)))
    var ballot = try #require(driver.run.ballots[position.node])
    #expect(ballot.votes.count == 1 && ballot.refused.isEmpty)
    #expect(ballot.past == [early] && ballot.lapsed(at: driver.now) == [early])
    // The same once more is not taken for another.
    #expect(throws: EventRefusal.stale) { try driver.send(.voted(position, early)) }
    try driver.send(.voted(position, ApprovalTests.vote("emma", ["a"], excepted: true)))
    ballot = try #require(driver.run.ballots[position.node])
    #expect(ballot.refused.map(\.reason) == [.excepted] && ballot.past == [early])
  }

  /// Each is one attribute away from an approval that counts.
  @Test(
    arguments: [
      (vote("erik"), nil),
      (vote("erik", ["us_compliance"]), .noRule),
      // Who holds the role, but not for the region, comes without it: whoever verified the vote has looked.
      (vote("erik", []), .noRule),
      (vote("rita"), .requester),
      (vote("carl"), .contributor),
      (vote("erik", agent: true), .agent),
      (vote("erik", expires: 1_000), .expired),
      (vote("erik", on: digest("release 43 to production")), .otherSubject),
      (vote("eve"), .noRule), (vote("erik", excepted: true), .excepted),
    ] as [(Vote, VoteRefusal?)])
  func nearMissesAreToldApart(vote: Vote, reason: VoteRefusal?) throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 1, except: ["eve"])])
    #expect(try refusal(vote, &driver) == reason)
    #expect(try driver.state("ask").phase == (reason == nil ? .ended : .holding))
    #expect(try driver.state("go").phase == (reason == nil ? .ready : .waiting))
  }

  @Test func onePersonIsNotAQuorumOfTwo() throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 2)])
    #expect(try refusal(ApprovalTests.vote("erik"), &driver) == nil)
    #expect(throws: EventRefusal.stale) { try refusal(ApprovalTests.vote("erik"), &driver) }
    #expect(try refusal(ApprovalTests.vote("erik", expires: 200_000), &driver) == .repeated)
    #expect(try driver.state("ask").phase == .holding)
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("emma")))
    #expect(try driver.result("ask") == .succeeded)
  }

  /// Two rules and one person who holds both roles.
  @Test func onePersonCountsForOneRule() throws {
    let rules = [ApprovalTests.rule("release", 1), ApprovalTests.rule("eu_compliance", 1)]
    var driver = try asking(rules)
    try driver.send(
      .voted(try driver.position("ask"), ApprovalTests.vote("erik", ["release", "eu_compliance"])))
    #expect(try driver.state("ask").phase == .holding)
    // Whoever comes second takes the place that only they can take.
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("rolf", ["release"])))
    #expect(try driver.result("ask") == .succeeded)
  }

  /// Votes in one role each, as they are signed.
  @Test func aPersonMaySignInEachOfTheirRolesAndIsOnePerson() throws {
    var driver = try asking([ApprovalTests.rule("a", 1), ApprovalTests.rule("b", 1)])
    #expect(try refusal(ApprovalTests.vote("erik", ["a"]), &driver) == nil)
    #expect(try refusal(ApprovalTests.vote("erik", ["b"]), &driver) == nil)
    #expect(try driver.state("ask").phase == .holding)
    #expect(try refusal(ApprovalTests.vote("erik", ["b"], expires: 200_000), &driver) == .repeated)
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("emma", ["a"])))
    #expect(try driver.result("ask") == .succeeded)
  }

  /// All small worlds: the matching against trying every assignment.
  @Test func theMatchingIsRight() throws {
    let roleSets: [[String]] = [["a"], ["b"], ["a", "b"], ["a", "c"], []]
    let ruleSets = [
      [ApprovalTests.rule("a", 1)], [ApprovalTests.rule("a", 2)],
      [ApprovalTests.rule("a", 1), ApprovalTests.rule("b", 1)],
      [ApprovalTests.rule("a", 1), ApprovalTests.rule("b", 1), ApprovalTests.rule("c", 1)],
      [ApprovalTests.rule("a", 2, except: ["p0"]), ApprovalTests.rule("b", 1)],
    ]
    for rules in ruleSets {
      for world in 0..<625 {
        var rest = world
        let people = (0..<4).map { person in
          let roles = roleSets[rest % 5]
          rest /= 5
          return ApprovalTests.vote("p\(person)", roles)
        }
        var driver = try asking(rules)
        for vote in people where try driver.state("ask").phase == .holding {
          try driver.send(.voted(try driver.position("ask"), vote))
        }
        let isMet = try driver.result("ask") == .succeeded
        let places = rules.flatMap { Array(repeating: $0, count: $0.count) }
        #expect(isMet == canSeat(places[...], people), "\(rules) \(people.map(\.roles))")
      }
    }
  }

  private func canSeat(_ places: ArraySlice<ApprovalRule>, _ people: [Vote]) -> Bool {
    guard let place = places.first else { return true }
    return people.indices.contains { index in
      guard people[index].roles.contains(place.role), !place.excluded.contains(people[index].person)
      else { return false }
      var others = people
      others.remove(at: index)
      return canSeat(places.dropFirst(), others)
    }
  }

  @Test func expiryIsRejection() throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 1)])
    try driver.fire("ask", .approval, after: 4 * 3_600 * second)
    #expect(try driver.result("ask") == .expired)
    #expect(try driver.explanation("ask") == "not all approvals came in time")
    #expect(driver.run.verdict?.result == .expired)
  }

  @Test func aNoEndsItAndIsNotAskedAgain() throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 2)])
    try driver.send(
      .voted(try driver.position("ask"), ApprovalTests.vote("nobody", ["x"], yes: false)))
    #expect(try driver.state("ask").phase == .holding)
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("erik")))
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("erik", yes: false)))
    #expect(try driver.result("ask") == .denied)
    #expect(try driver.explanation("ask") == "`Identity/erik` said no")
  }

  @Test func anApprovalThatExpiresMeanwhileDoesNotCount() throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 2)])
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("erik", expires: 1_100)))
    driver.now += 100 * second
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("emma")))
    #expect(try driver.state("ask").phase == .holding)
    try driver.send(.voted(try driver.position("ask"), ApprovalTests.vote("erik")))
    #expect(try driver.result("ask") == .succeeded)
  }

  @Test func votesOnWhatHasChangedAreVoid() throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 2)])
    let position = try driver.position("ask")
    try driver.send(.voted(position, ApprovalTests.vote("erik")))
    try driver.send(.subjectKnown(position, digest("other")))
    try driver.send(.voted(position, ApprovalTests.vote("emma", on: digest("other"))))
    #expect(try driver.state("ask").phase == .holding)
    #expect(driver.run.ballots[position.node]?.refused.map(\.reason) == [.otherSubject])
    try driver.send(.voted(position, ApprovalTests.vote("erik", on: digest("other"))))
    #expect(try driver.result("ask") == .succeeded)
  }

  /// Nobody keeps out the others by voting often.
  @Test func votesThatDoNotCountAreBounded() throws {
    var driver = try asking([ApprovalTests.rule("eu_compliance", 1)])
    let position = try driver.position("ask")
    for number in 0..<PipelineLimits.votes {
      try driver.send(.voted(position, ApprovalTests.vote("bot\(number)", agent: true)))
    }
    #expect(throws: EventRefusal.stale) {
      try driver.send(.voted(position, ApprovalTests.vote("bot", agent: true)))
    }
    try driver.send(.voted(position, ApprovalTests.vote("erik")))
    #expect(try driver.result("ask") == .succeeded)
  }

  // A gate that holds.

  private func holding() throws -> Driver {
    var driver = try Driver(plan([sequence("prod", [deploy("go")])]))
    #expect(driver.effects == [.decide(try driver.position("go"))])
    try hold(&driver)
    return driver
  }

  private func hold(
    _ driver: inout Driver, on subject: Digest = ApprovalTests.subject,
    _ rules: [ApprovalRule] = [ApprovalTests.rule("eu_compliance", 1)]
  ) throws {
    try driver.send(
      .decided(
        try driver.position("go"),
        GateDecision(.hold(rules, within: 600 * second), action: subject, evidence: 5)))
  }

  @Test func aGateIsAskedAgainOnceItHasWhatItNeeds() throws {
    var driver = try holding()
    try driver.send(.voted(try driver.position("go"), ApprovalTests.vote("erik")))
    #expect(driver.effects == [.decide(try driver.position("go"))])
    try driver.allow("go")
    #expect(driver.effects == [.begin(try driver.position("go"), attempt: 1)])
  }

  /// What two clauses owe, one person may give.
  @Test func clausesOfAGateAreForThemselves() throws {
    var driver = try Driver(plan([sequence("prod", [deploy("go")])]))
    let position = try driver.position("go")
    let rules = [
      ApprovalTests.rule("a", 1), ApprovalRule(role: "b", count: 1, excluded: [], group: 1),
    ]
    try hold(&driver, on: ApprovalTests.subject, rules)
    let start = try #require(driver.run.start)
    try driver.send(.voted(position, ApprovalTests.vote("erik", ["a"])))
    let ballot = try #require(driver.run.ballots[position.node])
    #expect(driver.run.states[position.node].phase == .holding)
    #expect(ballot.counts(ApprovalTests.vote("erik", ["b"]), at: driver.now, start: start))
    #expect(!ballot.counts(ApprovalTests.vote("erik", ["a"]), at: driver.now, start: start))
    #expect(!ballot.counts(ApprovalTests.vote("rita", ["b"]), at: driver.now, start: start))
    try driver.send(.voted(position, ApprovalTests.vote("erik", ["b"])))
    #expect(driver.effects == [.decide(position)])
  }

  /// The window closed between approval and execution.
  @Test func anApprovedActionMayStillBeDenied() throws {
    var driver = try holding()
    try driver.send(.voted(try driver.position("go"), ApprovalTests.vote("erik")))
    try driver.send(
      .decided(
        try driver.position("go"),
        GateDecision(.deny("freeze since 19:00"), action: ApprovalTests.subject, evidence: 6)))
    #expect(try driver.result("go") == .denied)
    #expect(try driver.explanation("go") == "freeze since 19:00")
    #expect(try driver.state("go").evidence == 6)
  }

  @Test func anotherActionNeedsItsOwnApprovals() throws {
    var driver = try holding()
    try driver.send(.voted(try driver.position("go"), ApprovalTests.vote("erik")))
    try hold(&driver, on: digest("other image"))
    #expect(try driver.state("go").phase == .holding)
    let node = try driver.position("go").node
    #expect(driver.run.ballots[node]?.votes.isEmpty == true)
    // Nor does the time begin anew.
    #expect(driver.run.ballots[node]?.until == driver.now + 600 * second)
  }

  @Test func aGateThatGoesOnHoldingIsAnError() throws {
    var driver = try holding()
    try driver.send(.voted(try driver.position("go"), ApprovalTests.vote("erik")))
    try hold(&driver)
    #expect(try driver.result("go") == .errored)
    driver = try Driver(plan([sequence("prod", [deploy("go")])]))
    try hold(&driver, [])
    #expect(try driver.result("go") == .errored)
  }
}
