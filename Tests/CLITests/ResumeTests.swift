// Runs whose runner is killed, and taken up again: nothing twice that may be done once only.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs that are taken up again", .serialized)
final class ResumeTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  private func resume(_ more: String = "", atAsks: String? = nil) throws -> String {
    site.run("--resume \(try site.runName()) \(more)", atAsks: atAsks)
  }

  private var killsRunner: String { "kill -9 $(cat \"\(site.scratch.path)/pid\")" }

  /// Kills the runner at the second time that people are asked: one action is done, one is held.
  private func leave() throws {
    let first = site.approval(by: "ines")
    try site.expect(
      site.run(
        "release --arg service=Service/web",
        atAsks: "if [ -e first ]; then \(killsRunner); else touch first; \(first); fi"), 137)
    #expect(try site.ran().last == "deploy")
  }

  @Test("a run that waits for people goes on, and does nothing again")
  func goesOn() throws {
    try leave()
    try site.expect("writ run show \(try site.runName()) --runs runs", says: "UNDER WAY")
    try site.expect(try resume(atAsks: site.approval(by: "ines")))
    let ran = try site.ran()
    #expect(ran.sorted() == ["build", "deploy", "look", "tell", "unit", "unit", "widen"])
    #expect(try site.shown()["restarts"]?.integer == 1)
    // A run that has ended stays as it ended.
    try site.expect(try resume(), says: "SUCCEEDED")
    #expect(try site.ran() == ran)
  }

  @Test("another bundle, another caller and another runner are refused")
  func refused() throws {
    try leave()
    try site.expect("cp b kept; sed 's/at most 3/at most 4/' shop.writ > other.writ")
    try site.expect("writ build other.writ -o b --registry registry.jsonl")
    try site.expect(try resume(), 65, says: "was begun with another bundle")
    try site.expect("cp kept b")
    try site.expect(
      try resume().replacing("Identity/bot", with: "Identity/otto"), 1, says: "is `Identity/bot`'s")
    try site.expect(
      try resume(atAsks: "writ run \(try second()) || echo $? > second; \(killsRunner)"), 137)
    #expect(String(decoding: try site.scratch.bytes("second"), as: UTF8.self) == "74\n")
    #expect(try site.ran().last == "deploy")
  }

  /// The same run by a second runner, at a socket of its own.
  private func second() throws -> String {
    """
    --resume \(try site.runName()) --bundle b --graph g --caller Identity/bot --log log \
    --permit-key permit.key --delegate eu-1/delegate.pub --listen unix:\(site.scratch.path)/sock2
    """
  }

  @Test("a bundle that is exchanged under a run denies what comes next")
  func exchangedBundle() throws {
    try site.expect("sed 's/at most 3/at most 4/' shop.writ > other.writ")
    try site.expect("writ build other.writ -o other --registry registry.jsonl")
    let path = site.scratch.path
    try site.program(
      "eu-1/work/deploy.sh", "cp \(path)/other \(path)/next; mv \(path)/next \(path)/b")
    try site.expect(site.run("twice --arg service=Service/web"), 1, says: "DENIED")
    #expect(try site.ran() == ["deploy"])
    try site.expect(
      "writ run show \(try site.runName()) --runs runs", 1,
      says: "the bundle is another one than the run was begun with")
  }

  @Test("an action whose runner is killed is asked after, not done again")
  func killedInAction() throws {
    // The delegate stops what runs once the runner is gone, and remembers that.
    try site.program("eu-1/work/deploy.sh", "\(killsRunner); exec sleep 60")
    try site.expect(site.run("one --arg service=Service/web"), 137)
    #expect(try site.ran() == ["deploy"])
    try site.program("eu-1/work/deploy.sh")
    try site.expect(try resume(), 74, says: "ERRORED")
    #expect(try site.ran() == ["deploy"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
    try site.expect("writ run show \(try site.runName()) --runs runs", 74, says: "told to stop")
  }

  @Test("an action whose delegate and runner are both killed has an effect that nobody knows")
  func bothKilled() throws {
    // Stopped first: neither sees the other's end.
    try site.program(
      "eu-1/work/deploy.sh",
      "kill -STOP \(site.delegateNumber); \(killsRunner) \(site.delegateNumber); exec sleep 60")
    try site.expect(site.run("one --arg service=Service/web"), 137)
    try site.program("eu-1/work/deploy.sh")
    try site.expect(try resume(), 74, says: "ERRORED")
    #expect(try site.ran() == ["deploy"])
    try site.expect(
      "writ run show \(try site.runName()) --runs runs", 74,
      says: "an effect is unknown: a person must look")
    #expect(try site.shown()["verdict"]?["needsPerson"]?.bool == true)
    #expect(try site.shown()["verdict"]?["effectUnknown"]?.bool == true)
  }

  @Test("a result that the log does not take leaves the run, and is recorded when it goes on")
  func unrecorded() throws {
    let path = site.scratch.path
    try site.program("eu-1/work/deploy.sh", "mv \(path)/log \(path)/away")
    try site.expect(
      site.run("one --arg service=Service/web"), 74, says: "the run is left as it is")
    try site.expect("mv away log")
    #expect(try site.kinds() == ["run", "gate", "permit"])
    try site.program("eu-1/work/deploy.sh")
    try site.expect(try resume(), says: "SUCCEEDED")
    #expect(try site.ran() == ["deploy", "look"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
    try site.expect("writ log verify log --vkey log.key.pub")
  }

  @Test("a program is done again only where doing it twice is as good as once")
  func killedInProgram() throws {
    try site.program(
      "again.sh", "[ -e killed ] || { touch killed; \(killsRunner); exec sleep 60; }")
    try site.expect(site.run("local --arg service=Service/web"), 137)
    try site.expect(try resume(), says: "SUCCEEDED")
    #expect(try site.ran() == ["once", "again", "again"])

    try site.program("once.sh", "\(killsRunner); exec sleep 60")
    try site.expect(site.run("local --arg service=Service/web"), 137)
    try site.program("once.sh")
    try site.expect(try resume(), 74, says: "ERRORED")
    #expect(try site.ran() == ["once", "again", "again", "once"])
  }

  /// Behind a parent that has ended, in a session of its own, deaf to being asked: what only a look at all processes finds.
  @Test("nothing that a program started outlives the runner: the run goes on when it is gone")
  func killedWithGrandchildren() throws {
    try site.program(
      "once.sh",
      """
      setsid sh -c '(trap "" TERM HUP; echo $$ >> strays; sh -c "echo \\$\\$ >> strays; exec sleep 300") & exit' &
      while [ "$(wc -l < strays)" -lt 2 ]; do sleep 0.01; done
      echo $$ >> strays; \(killsRunner); exec sleep 300
      """)
    try site.expect("touch strays")
    try site.expect(site.run("local --arg service=Service/web"), 137)
    try site.expect(
      try resume(), 74, says: "an effect is unknown: a person must look")
    let strays = String(decoding: try site.scratch.bytes("strays"), as: UTF8.self).split(
      separator: "\n")
    #expect(strays.count == 3)
    for stray in strays {
      #expect(!FileManager.default.fileExists(atPath: "/proc/\(stray)"), "\(stray) goes on")
    }
    #expect(try site.ran() == ["once"])
  }
}
