// What went wrong after something was done, linked to the decision that let it be done; and what clauses did in a log.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Trouble after a decision", .serialized)
final class TroubleTests: Workshop {
  private static let policy = """
    policy shop version 1 callers unsigned

    source catalog fresh 7d
    role manager

    node Identity from catalog { isAgent: Bool }
    node Service from catalog {
      covered: Bool
      frozen: Bool
      dependsOn -> many Service
    }
    node Incident from catalog {
      began: Instant
      service -> Service
    }

    gate ship(service: Service) {
      require covered: service.covered else "{service} is not covered"
      deny frozen: service.frozen "{service} is frozen"
      deny reached: for s in service.dependsOn* where s.frozen "{s} is frozen"
      deny wide: for c in caller where c.isAgent and count(service.dependsOn) > 9
    }
    gate tell(service: Service) {
      require known: caller is not absent
    }

    action deploy(service: Service)
      kind deploy
      guarded by ship(service)
      effect production
      irreversible
    {
      run "./deploy.sh" service
    }
    action openIncident(service: Service)
      kind incident
      guarded by tell(service)
      effect production
      irreversible
    {
      run "./deploy.sh" service
    }

    // Whatever depends on it is the incident's matter too.
    query troubles = for i in Incident, s in i.service.dependsOn*
      select { incident: i, about: s, at: i.began }
    query unfit = for i in Incident select { incident: i, at: i.began }

    """

  override init() throws {
    try super.init()
    try scratch.write(TroubleTests.policy, to: "shop.writ")
    try facts("facts.jsonl")
    try scratch.write("#!/bin/sh\nexit 0\n", to: "deploy.sh")
    try expect(
      #"""
      writ key new log.example -o log.key
      writ key new permits -o permit.key
      writ build shop.writ -o b
      writ graph import --schema shop.writ facts.jsonl -o g
      writ log init log --origin log.example --key log.key
      writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
      chmod +x deploy.sh; cp deploy.sh eu-1/work/
      """#)
  }

  /// What the graph is made of, with incidents that began so many seconds from now.
  private func facts(_ name: String, incidents: [(id: String, after: Double)] = []) throws {
    let time = { (after: Double) in
      ISO8601DateFormatter().string(from: Date().addingTimeInterval(after))
    }
    let told = incidents.map { incident in
      """
      {"node":"Incident","id":"\(incident.id)","props":{"began":"\(time(incident.after))"}}
      {"edge":"service","from":"Incident/\(incident.id)","to":"Service/front"}

      """
    }
    try scratch.write(
      """
      {"node":"Identity","id":"ann","props":{"isAgent":false}}
      {"node":"Identity","id":"bot","props":{"isAgent":true}}
      {"node":"Service","id":"web","props":{"covered":true,"frozen":false}}
      {"node":"Service","id":"front","props":{"covered":true,"frozen":false}}
      {"node":"Service","id":"lone","props":{"covered":true,"frozen":false}}
      {"node":"Service","id":"ice","props":{"covered":true,"frozen":true}}
      {"edge":"dependsOn","from":"Service/front","to":"Service/web"}
      {"source":"catalog","at":"\(time(0))","covers":"*"}

      """ + told.joined(), to: name)
  }

  private func act(
    _ action: String, _ service: String, by caller: String, _ code: Int32 = 0
  ) throws {
    try expect(
      """
      writ-delegate serve eu-1 --connect unix:\(scratch.path)/sock 2>> delegate.err &
      delegate=$!
      code=0; writ act \(action) --arg service=Service/\(service) --bundle b --graph g \
        --caller Identity/\(caller) --log log --permit-key permit.key \
        --delegate eu-1/delegate.pub --listen unix:\(scratch.path)/sock --wait 20s || code=$?
      kill $delegate 2> /dev/null || true; exit $code
      """, code)
  }

  private func graph(_ incidents: [(id: String, after: Double)]) throws {
    try facts("later.jsonl", incidents: incidents)
    try expect("writ graph import --schema shop.writ later.jsonl -o later")
  }

  private func trouble(_ words: String) throws -> JSONValue {
    let output = try expect("writ log trouble log \(words) --json")
    return try JSONValue(parsing: Array(output.utf8))
  }

  @Test("an incident within the window after a deployment is linked to the decision, and back")
  func linked() throws {
    try act("deploy", "web", by: "bot")
    try act("deploy", "lone", by: "ann")
    try graph([("i7", 600), ("past", -86_400), ("late", 90_000)])
    let asked = "--bundle b --graph later --query troubles"
    let told = try expect("writ log trouble log --within 4h \(asked)")
    #expect(told.contains("entry 0") && told.contains("shop.deploy  Service/web  by Identity/bot"))
    #expect(told.contains("allowed by shop.ship, succeeded"))
    #expect(told.contains("Incident/i7 ") && told.contains("later, about Service/web"))
    #expect(!told.contains("past") && !told.contains("late ") && !told.contains("Service/lone"))
    // From the incident to the decisions before it, with what these read.
    let back = try expect("writ log trouble log --within 4h \(asked) --incident i7")
    #expect(back.contains("entry 0") && back.contains("passed covered"), "\(back)")
    #expect(back.contains("Service/web.covered") && back.contains("(catalog "), "\(back)")
    #expect(try expect("writ log trouble log --within 4h \(asked) --index 0").contains("i7"))
    let json = try trouble("--within 4h \(asked)")
    let decision = try #require(json["decisions"]?.array?.first)
    #expect(decision["gate"]?.string == "shop.ship" && decision["result"]?.string == "succeeded")
    #expect(decision["incidents"]?.array?.count == 1)
    #expect(decision["incidents"]?.array?.first?["incident"]?.string == "Incident/i7")
    #expect(decision["clauses"]?.array?.count == 4)
    // A wider window has the later one, a narrower one neither; another decision has none.
    #expect(
      try trouble("--within 2d \(asked)")["decisions"]?.array?.first?["incidents"]?.array?.count
        == 2)
    #expect(try trouble("--within 1m \(asked)")["decisions"]?.array?.isEmpty == true)
    #expect(try trouble("--within 2d \(asked) --index 3")["decisions"]?.array?.isEmpty == true)
  }

  @Test("an action of kind incident is an incident too, with no query and no graph")
  func actions() throws {
    try act("deploy", "web", by: "ann")
    try act("openIncident", "web", by: "bot")
    let told = try expect("writ log trouble log --within 1h")
    #expect(told.contains("entry 0") && told.contains("shop.openIncident"), "\(told)")
    #expect(told.contains(", entry 3") && !told.contains("entry 3  "), "\(told)")
    #expect(try trouble("--within 1h --incident 3")["decisions"]?.array?.count == 1)
  }

  @Test("what is asked wrongly is told")
  func wrong() throws {
    try graph([("i7", 600)])
    for (words, code, says) in [
      ("--within 4h --graph later", 64, "is for a query"),
      ("--within 4h --bundle b --graph later --query unfit", 65, "no column `about`"),
      ("--within 4h --index 0", 65, "no decision that let something be done"),
      ("--within soon", 64, "is no duration"),
      ("--within 4h --bundle b --graph later --query troubles --incident i8", 65, "no incident"),
    ] as [(String, Int32, String)] {
      try expect("writ log trouble log \(words)", code, says: says)
    }
  }

  @Test("which clauses ever found something, which never, and which never alone")
  func strength() throws {
    try act("deploy", "web", by: "ann")
    try act("deploy", "ice", by: "ann", 1)
    try act("deploy", "ice", by: "bot", 1)
    let told = try expect("writ log stats log")
    #expect(told.contains("shop.ship  3 decisions: 1 allowed, 0 held, 2 denied"), "\(told)")
    #expect(told.contains("  covered  never found anything"), "\(told)")
    #expect(told.contains("  frozen   2 denied; never without reached"), "\(told)")
    let json = try JSONValue(
      parsing: Array(try expect("writ log stats log --gate ship --json").utf8))
    let clauses = json["gates"]?.array?.first?["clauses"]?.array ?? []
    #expect(
      clauses.compactMap { $0["clause"]?.string } == ["covered", "frozen", "reached", "wide"])
    #expect(clauses.compactMap { $0["denied"]?.integer } == [0, 2, 2, 0])
    #expect(clauses.compactMap { $0["alone"]?.integer } == [0, 0, 0, 0])
    // What is only asked lets nothing pass, and is counted where it is wanted.
    try scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/ice"}}"#, to: "ask.json")
    try expect(
      "writ decide --bundle b --graph g --request ask.json --now 2020-01-01T00:00:00Z --log log", 1)
    try expect("writ log stats log", says: "1 question left out")
    try expect("writ log stats log --questions", says: "3 denied")
    try expect("writ log stats log --gate tell", says: "0 gates of 0")
  }

  @Test("the same request by a person and by an agent is held against the same clauses")
  func sameGates() throws {
    try act("deploy", "web", by: "ann")
    try act("deploy", "web", by: "bot")
    try graph([("i7", 600)])
    let json = try trouble("--within 1h --bundle b --graph later --query troubles")
    let decisions = json["decisions"]?.array ?? []
    #expect(decisions.compactMap { $0["caller"]?.string } == ["Identity/ann", "Identity/bot"])
    let lists = decisions.map { decision in
      (decision["clauses"]?.array ?? []).compactMap { $0["clause"]?.string }
    }
    #expect(lists.count == 2 && lists[0] == lists[1], "\(lists)")
    #expect(lists.first == ["covered", "frozen", "reached", "wide"])
    #expect(Set(decisions.compactMap { $0["gate"]?.string }) == ["shop.ship"])
  }
}
