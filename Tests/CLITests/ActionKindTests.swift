// Kinds of actions, and what they may harm, from the policy through the delegate to the record.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Kinds of actions", .serialized)
final class ActionKindTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    let actions = [
      ("shift", "migrate", "impact dataExposure, outage"), ("shake", "chaos", "impact outage"),
      ("grow", "infrastructure", "impact regulatory"), ("plain", "flag", ""),
    ].map { name, kind, impact in
      """

      action \(name)(service: Service)
        kind \(kind)
        guarded by ship(service)
        effect production
        \(impact)
        irreversible
      {
        run "./\(name).sh" service
      }
      """
    }
    try site.scratch.write(RunSite.policy + actions.joined(separator: "\n") + "\n", to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    for name in ["shift", "shake", "grow", "plain"] { try site.program("eu-1/work/\(name).sh") }
  }

  @Test(
    "what sort of action it is, and what it may harm, stands in the record and in what the permit is for"
  )
  func isOnRecord() throws {
    let actions: [(name: String, kind: String, impacts: [String])] = [
      ("shift", "migrate", ["dataExposure", "outage"]), ("shake", "chaos", ["outage"]),
      ("grow", "infrastructure", ["regulatory"]), ("plain", "flag", []),
    ]
    let acts = actions.map { action in
      "writ act \(action.name) --arg service=Service/web \(site.options) > told || code=$?"
    }
    try site.expect(
      """
      writ-delegate serve eu-1 --connect unix:\(site.scratch.path)/sock 2>> delegate.err &
      delegate=$!; code=0
      \(acts.joined(separator: "\n"))
      kill $delegate 2> /dev/null || true; exit $code
      """)
    #expect(try site.ran() == actions.map(\.name))
    for (number, action) in actions.enumerated() {
      let records = try (0..<3).map { entry in
        let shown = try site.expect("writ log show log --index \(number * 3 + entry) --json")
        let json = try JSONValue(parsing: Array(shown.utf8))
        return try #require((json["record"] ?? json)["predicate"])
      }
      #expect(records.map { $0["kind"]?.string } == ["gate", "permit", "result"])
      let deed = try #require(records[0]["deed"])
      #expect(deed["kind"]?.string == action.kind && deed["effect"] == "production")
      #expect((deed["impacts"]?.array ?? []).compactMap(\.string) == action.impacts)
      #expect((deed["impacts"] == nil) == action.impacts.isEmpty)
      // The permit is for that very action: decision, permit and result have its digest.
      #expect(Set(records.map { $0["action"]?.string }).count == 1)
      let words = action.impacts.isEmpty ? "" : ", impact \(action.impacts.joined(separator: ", "))"
      try site.expect(
        "writ log prove log --index \(number * 3) -o told; writ-verify told --vkey log.key.pub",
        says: "lets shop.\(action.name) be done: \(action.kind), production\(words)\n")
    }
  }
}
