// What a proof of a claim reaches and what it does not; days for times; where no page is written.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Scope of a claim")
struct ClaimScopeTests {
  private let site: Workshop

  /// Two gates that can let the same service be deployed.
  private static let policy = """
    policy two version 1
    node Service { name: String? }
    gate deploy(service: Service) {
      require named: service.name is not absent else "{service} has no name"
    }
    gate hotfix(service: Service) { require web: (service.name ?? "") == "web" else "another one" }
    """

  /// A log in which the gate allowed in entries 0 and 2, and the other one in 1 and 3; then it was only asked.
  init() throws {
    site = try Workshop()
    try site.scratch.write(ClaimScopeTests.policy, to: "two.writ")
    try site.scratch.write(#"{"node":"Service","id":"web","props":{"name":"web"}}"# + "\n", to: "f")
    for gate in ["deploy", "hotfix"] {
      try site.scratch.write(
        #"{"gate":"two.\#(gate)","arguments":{"service":"Service/web"},"facts":[]}"#,
        to: "\(gate).json")
    }
    try site.expect(
      """
      writ build two.writ -o b >o
      writ graph import --schema two.writ f -o g >o
      writ key new log.example -o k >o
      writ log init log --origin log.example --key k >o
      for gate in deploy hotfix deploy hotfix; do
        writ decide --bundle b --graph g --request $gate.json --log log >o
      done
      writ decide --bundle b --graph g --request hotfix.json --ask --log log >o
      """)
  }

  private static let prove =
    "writ log prove log --subject Service/web --from 2020-01-01 --to 2100-01-01 -o p"

  @Test("what other gates allowed is named, and that the claim says nothing of it")
  func otherGates() throws {
    try site.expect("\(ClaimScopeTests.prove) --claim deploy.named", says: "claim holds")
    let told = try site.expect("writ-verify p --vkey k.pub")
    #expect(
      told.contains(
        """
        the claim holds: the clause passed in entries 0, 2, and nothing else was allowed by two.deploy
        the claim says nothing of what other gates allowed:
          two.hotfix in entries 1, 3

        """))
    let json = try JSONValue(
      parsing: Array(try site.expect("writ-verify p --vkey k.pub --json").utf8))
    #expect(json["holds"] == true)
    #expect(json["allowedByOtherGates"] == [["gate": "two.hotfix", "entries": [1, 3]]])
    // Also where the claim fails.
    let failed = try site.expect("writ-verify p --vkey k.pub --claim two.other.named", 1)
    #expect(failed.contains("  two.deploy in entries 0, 2\n  two.hotfix in entries 1, 3\n"))
  }

  @Test("where only the claimed gate allowed nothing else is said")
  func noOtherGate() throws {
    try site.expect("writ log init other --origin log.example --key k >o")
    try site.expect(
      "writ decide --bundle b --graph g --request deploy.json --log other >o")
    try site.expect(
      ClaimScopeTests.prove.replacing("prove log", with: "prove other") + " --claim deploy.named")
    let told = try site.expect("writ-verify p --vkey k.pub")
    #expect(told.contains("nothing else was allowed by two.deploy\n\n"))
    let json = try JSONValue(
      parsing: Array(try site.expect("writ-verify p --vkey k.pub --json").utf8))
    #expect(json["allowedByOtherGates"] == [])
  }

  @Test("a day stands for its start in UTC, and what is neither says how to write it")
  func days() throws {
    let day = "2026-11-19"
    for command in ["log search log", "replay log"] {
      let byDay = try site.expect("writ \(command) --from \(day) --to 2100-01-01")
      #expect(
        byDay
          == (try site.expect("writ \(command) --from \(day)T00:00:00Z --to 2100-01-01T00:00:00Z")))
      #expect(!byDay.isEmpty)
    }
    let none = try site.expect("writ log search log --to \(day)")
    #expect(none.isEmpty)
    try site.expect(ClaimScopeTests.prove)
    #expect(
      try site.expect("writ-verify p --vkey k.pub").contains("2020-01-01T00:00:00Z to before 2100"))
    for wrong in ["2026-02-30", "2026-11", "noon", "2026-11-19T10:00"] {
      try site.expect(
        "writ log search log --from \(wrong)", 64,
        says: "2026-11-19 for the start of that day in UTC")
      try site.expect(
        "writ replay log --from \(wrong)", 64, says: "write 17, 2026-11-19T10:00:00Z or 2026-11-19")
    }
  }

  @Test("a page is not written into a log")
  func pagesLieOutside() throws {
    try site.expect(ClaimScopeTests.prove)
    for place in ["log/x.html", "log/checkpoint", "log/.writ/x.html"] {
      let checkpoint = try site.scratch.bytes("log/checkpoint")
      try site.expect(
        "writ log report p -o \(place)", 64,
        says: "\(place) lies inside a log; write the page elsewhere")
      #expect(try site.scratch.bytes("log/checkpoint") == checkpoint)
    }
    #expect(!FileManager.default.fileExists(atPath: site.scratch.path + "/log/x.html"))
    try site.expect("writ log report p -o x.html")
  }
}
