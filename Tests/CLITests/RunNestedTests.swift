// A run of a pipeline with others in it: planned, carried out, taken back and shown as one.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs of nested pipelines", .serialized)
final class RunNestedTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  @Test("the steps of a nested pipeline are steps of the run, by their paths")
  func succeeds() throws {
    let plan = try site.expect("writ plan --bundle b nested", says: "ways to production")
    #expect(plan.contains("first/one/ship/deploy") || plan.contains("first → one → ship → deploy"))
    let output = try site.expect(
      site.run("nested --arg service=Service/web"), says: "SUCCEEDED")
    #expect(output.contains("begins     first/one/look/run"))
    #expect(try site.ran() == ["deploy", "look", "deploy", "look", "tell"])
    let ran = String(decoding: try site.scratch.bytes("ran"), as: UTF8.self)
    #expect(ran.contains("look.sh calmly") && ran.contains("look.sh eagerly"))
    for node in ["first/one/ship", "first/one/look/run", "second/matrix/part[eagerly]/ship/deploy"]
    {
      #expect(try site.result(node) == "succeeded", "\(node)")
    }
    try site.expect("writ replay log --all", says: "2 the same, 0 different")
    try site.expect(
      "writ run show \(try site.runName()) --runs runs --html run.html --svg run.svg",
      says: "SUCCEEDED")
    #expect(
      String(decoding: try site.scratch.bytes("run.html"), as: UTF8.self).contains("part[eagerly]"))
  }

  @Test("a failure within is the outer stage's, and takes back what every part of it did")
  func rollsBack() throws {
    try site.program("look.sh", "test \"$1\" = calmly")
    try site.expect(
      site.run("nested --arg service=Service/web"), 1, says: "what was done is undone")
    #expect(
      try site.ran() == ["deploy", "look", "deploy", "look", "undo-deploy", "undo-deploy"])
    #expect(try site.result("second/matrix/part[eagerly]/look") == "failed")
    #expect(try site.result("first/one") == "succeeded")
  }

  @Test("a runner that is killed within goes on there")
  func resumes() throws {
    try site.program("look.sh", "test -e seen || { touch seen; kill -9 $(cat pid); sleep 9; }")
    try site.expect(site.run("nested --arg service=Service/web"), 137)
    let name = try site.runName()
    try site.expect(site.run("--resume \(name)"), 74)
    #expect(try site.result("first/one/look/run") == "errored")
    #expect(try site.result("first/one/ship/deploy") == "succeeded")
    #expect(try site.ran() == ["deploy", "look"])
  }

  @Test(
    "what a nested pipeline gives out is read around it, by a gate too, in each value of a matrix")
  func givesOut() throws {
    try site.scratch.write(
      RunSite.policy + """
        node Scan from request { critical: Int }
        gate scanned(service: Service) {
          deny critical: for s in Scan where s.critical > 3 "{s.critical} critical findings"
        }
        action put(service: Service)
          kind deploy guarded by scanned(service) effect production irreversible
        { run "./deploy.sh" service }
        pipeline look(service: Service, how: String) gives scan: Scan {
          stage look { run "./scan.sh" how -> scan: Scan }
        }
        pipeline around(service: Service) {
          stage verify {
            matrix how in ["one", "two"] {
              step looked: pipeline look(service, how) -> each: Scan
              run "./tell.sh" how each.critical
            }
            step again: pipeline look(service, "three") -> found: Scan
          }
          stage production { put(service) run "./look.sh" found.critical }
        }
        """, to: "shop.writ")
    try site.expect(
      """
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      """)
    try site.program("scan.sh", #"printf '{"critical":%s}' "${#1}" > "$WRIT_OUTPUT""#)
    try site.expect(site.run("around --arg service=Service/web"), 1)
    // The gate is asked with what is in sight of its step.
    try site.expect(
      "writ run show \(try site.runName()) --runs runs", 1, says: "5 critical findings")
    try site.program("scan.sh", #"printf '{"critical":%s}' "$((${#1} / 3))" > "$WRIT_OUTPUT""#)
    try site.expect(site.run("around --arg service=Service/web"), says: "SUCCEEDED")
    let ran = String(decoding: try site.scratch.bytes("ran"), as: UTF8.self)
    #expect(ran.contains("tell.sh one 1\n") && ran.contains("tell.sh two 1\n"))
    #expect(ran.hasSuffix("deploy.sh web\nlook.sh 1\n"))
    try site.expect("writ replay log --all", says: "0 different")
  }
}
