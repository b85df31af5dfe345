// A run whose gate denies but for a waiver: the grant lies where the run looks for approvals.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs with waivers", .serialized)
final class RunWaiverTests {
  private let site: RunSite

  init() throws {
    site = try RunSite()
    try site.expect("cp frozen g; mkdir given")
  }

  /// The decision in the log, behind the entry that the run has begun.
  private func decision() throws -> JSONValue {
    let shown = try site.run("writ log show log --index 1 --json")
    let json = try JSONValue(parsing: Array(shown.output.utf8))
    let record = json["record"] ?? json
    return try #require((record["predicate"] ?? record)["result"])
  }

  @Test(
    "a grant by somebody without an interest in it lets the action through, and stands in the record"
  )
  func granted() throws {
    try site.expect(
      "writ waive W1 --bundle b --role manager --as Identity/ines --key ines.key > given/w1.json")
    try site.expect(
      site.run("one --arg service=Service/web --approvals given"), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy", "look"])
    let waived = try #require(try decision()["waived"]?.array?.first)
    #expect(waived["clause"]?.string == "frozen")
    #expect(waived["waiver"]?["name"]?.string == "shop.W1")
    try site.expect("writ replay log --all", says: "0 different")
  }

  @Test("the owner's grant spares nothing: the gate denies, and nothing runs")
  func grantedByTheOwner() throws {
    try site.expect(
      "writ waive W1 --bundle b --role manager --as Identity/otto --key otto.key > given/w1.json")
    let outcome = try site.run(site.run("one --arg service=Service/web --approvals given"))
    #expect(outcome.code == 1)
    #expect(try site.ran() == [])
    #expect(try decision()["waivers"]?.array?.first?["state"]?.string == "refused")
  }

  @Test("of an action alone it is brought with --waiver, by whoever asks and by whoever acts")
  func ofAnAction() throws {
    try site.expect(
      "writ waive W1 --bundle b --role manager --as Identity/ines --key ines.key > w1.json")
    let asking = "--arg service=Service/web --bundle b --graph g --caller Identity/bot"
    try site.expect("writ ask deploy \(asking)", 1)
    try site.expect("writ ask deploy \(asking) --waiver w1.json", says: "ALLOW")
    let act =
      """
      writ-delegate serve eu-1 --connect unix:sock --once 2> delegate.err &
      code=0; writ act deploy --arg service=Service/web \(site.options)
      """
    try site.expect("\(act) || code=$?; kill $! || true; exit $code", 1, says: "DENY")
    #expect(try site.ran() == [])
    try site.expect("\(act) --waiver w1.json || code=$?; kill $! || true; exit $code")
    #expect(try site.ran() == ["deploy"])
  }
}
