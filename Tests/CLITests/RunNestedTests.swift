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
}
