// What changes under a run, or is wrong before it: files exchanged between a gate's word and the deed, files that cannot be read,
// options that make no sense, and what others put into its folders.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("What changes under a run", .serialized)
final class RunChangesTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  @Test("a gate's word is not acted on once bundle or graph is another: it is asked again")
  func asksAgain() throws {
    try site.expect(
      """
      writ run one --arg service=Service/web \(site.options) --json > events &
      runner=$!
      until grep -q '"outcome":"allow"' events; do sleep 0.02; done
      mv frozen g
      writ-delegate serve eu-1 --connect unix:$PWD/sock 2> delegate.err &
      delegate=$!
      code=0; wait $runner || code=$?
      kill $delegate 2> /dev/null || true
      exit $code
      """, 1)
    #expect(try site.ran().isEmpty)
    #expect(try site.result("go/deploy") == "denied")
  }

  @Test("a graph that cannot be read is no denial: the run is left, and goes on with one that can")
  func leavesUnreadable() throws {
    try site.program("once.sh", "cp g kept; echo half > g.next; mv g.next g")
    try site.scratch.write(
      RunSite.policy + """

        pipeline thenDeploy(service: Service) {
          stage go on denial rollback on error rollback {
            run "./once.sh" service
            deploy(service)
            run "./look.sh" service
          }
        }

        """, to: "shop.writ")
    try site.expect("writ build shop.writ -o b --registry registry.jsonl")
    try site.expect(
      site.run("thenDeploy --arg service=Service/web"), 74, says: "the run is left as it is")
    #expect(try site.kinds() == ["run"])
    try site.expect("mv kept g")
    try site.expect(site.run("--resume \(try site.runName())"), says: "SUCCEEDED")
    #expect(try site.ran() == ["once", "deploy", "look"])
  }

  @Test(
    "options that would stop a run in its middle are refused before there is one",
    arguments: [
      ("--hold banana", 64 as Int32, "is no duration"), ("--work nowhere", 66, "is no directory"),
      ("--approvals nowhere", 66, "is no directory"),
    ])
  func refusesOptions(_ option: String, _ code: Int32, _ words: String) throws {
    try site.expect(
      "writ run lined --arg service=Service/web \(site.options) \(option)", code, says: words)
    #expect(!FileManager.default.fileExists(atPath: site.scratch.path + "/runs"))
  }

  @Test("a run that could not begin keeps no other waiting")
  func freesItsPlace() throws {
    try site.expect(
      "writ run lined --arg service=Service/web \(site.options.replacing("unix:", with: "unix:/nowhere/"))",
      74)
    try site.expect(site.run("lined --arg service=Service/web"), says: "SUCCEEDED")
  }

  @Test("a pipe among the approvals is passed over")
  func passesOverPipes() throws {
    try site.expect(
      "mkdir given; mkfifo given/pipe\n"
        + site.run("hasty --arg service=Service/web --approvals given"), 1, says: "EXPIRED")
  }

  @Test(
    "a bundle that comes while the delegate is awaited may know keys: then a name alone gets nothing"
  )
  func identifiesAgain() throws {
    try site.expect(
      #"""
      writ key new bot -o bot.key
      { cat registry.jsonl; printf '{"name":"bot","key":"%s","actor":"Identity/bot","roles":[]}\n' "$(cat bot.key.pub)"; } > keyed.jsonl
      writ build shop.writ -o keyed --registry keyed.jsonl
      """#)
    try site.expect(
      """
      writ act deploy --arg service=Service/web \(site.options) &
      actor=$!
      until [ -S sock ]; do sleep 0.02; done
      mv keyed b
      writ-delegate serve eu-1 --connect unix:$PWD/sock --once 2> delegate.err &
      delegate=$!
      code=0; wait $actor || code=$?
      kill $delegate 2> /dev/null || true
      exit $code
      """, 1, says: "may not act")
    #expect(try site.ran().isEmpty)
    #expect(try site.kinds() == ["intent"])
  }
}
