// Delegates that go away with an order, and come back or do not.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs whose delegate goes away", .serialized)
final class LostDelegateTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  /// The delegate is stopped while it works, and nobody starts it again in time.
  private func leave() throws {
    try site.program("eu-1/work/deploy.sh", "kill \(site.delegateNumber); exec sleep 60")
    try site.expect(
      site.run("one --arg service=Service/web", wait: "1s"), 74, says: "the run is left as it is")
    try site.program("eu-1/work/deploy.sh")
    try site.expect("writ run show \(try site.runName()) --runs runs", says: "UNDER WAY")
    #expect(try site.kinds() == ["run", "gate", "permit"])
  }

  @Test("an order that was offered is asked after, not guessed lost")
  func asked() throws {
    try leave()
    try site.expect(site.run("--resume \(try site.runName())"), 74, says: "ERRORED")
    #expect(try site.ran() == ["deploy"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
    try site.expect("writ run show \(try site.runName()) --runs runs", 74, says: "told to stop")
  }

  @Test("of a delegate that never comes back an order is given up once a person stops the run")
  func givenUp() throws {
    try leave()
    let away = site.run("--resume \(try site.runName())", wait: "1s", delegate: "nobody")
    try site.expect(away, 74, says: "the run is left as it is")
    try site.expect("writ run cancel \(try site.runName()) --runs runs --mode now")
    try site.expect(away, 74, says: "an effect is unknown: a person must look")
    #expect(try site.kinds() == ["run", "gate", "permit", "run", "run"])
  }

  @Test("a delegate is told that a result is recorded once it is")
  func recorded() throws {
    let log = site.scratch.path + "/log"
    try site.program("eu-1/work/deploy.sh", "mv \"\(log)\" \"\(log).away\"")
    try site.expect(
      site.run("one --arg service=Service/web"), 74, says: "could not be recorded")
    try site.program("eu-1/work/deploy.sh")
    func told() throws -> Bool {
      String(decoding: try site.scratch.bytes("delegate.err"), as: UTF8.self)
        .contains("the result is recorded")
    }
    #expect(try !told())
    try site.expect("rm -rf log; mv log.away log")
    try site.expect(site.run("--resume \(try site.runName())"), says: "SUCCEEDED")
    #expect(try told())
    #expect(try site.ran() == ["deploy", "look"])
    #expect(try site.kinds() == ["run", "gate", "permit", "result", "run"])
  }
}
