// Who stopped a run: in what is told, in its folder, and in the log.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Who stopped a run", .serialized)
final class CancelTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  /// In a script that people are asked by.
  private func cancel(_ words: String) -> String {
    "writ run cancel \"$(dirname \"$(dirname \"$file\")\")\" \(words)"
  }

  private let folder = "\"$(dirname \"$(dirname \"$file\")\")\""

  private func stopped(by act: String) throws -> String {
    try site.expect(site.run("release --arg service=Service/web", atAsks: act), 3)
    return String(decoding: try site.scratch.bytes("events"), as: UTF8.self)
  }

  /// What the log says of words that a run is to stop.
  private func records() throws -> [JSONValue] {
    let count = try site.kinds().count
    return try (0..<count).compactMap { index -> JSONValue? in
      let shown = try site.expect("writ log show log --index \(index) --json")
      let json = try JSONValue(parsing: Array(shown.utf8))
      let record = json["record"] ?? json
      let type = record["predicateType"]?.string ?? ""
      return type.contains("run-cancelled") ? record["predicate"] : nil
    }
  }

  private func show() throws -> String {
    try site.expect("writ run show \(try site.runName()) --runs runs", 3)
  }

  private func checkLog() throws {
    try site.expect(
      """
      writ log verify log --vkey log.key.pub; writ log fsck log; writ replay log --all
      writ run show \(try site.runName()) --runs runs --log log --vkey log.key.pub > shown || [ $? = 3 ]
      cat shown
      """, says: "by this journal")
  }

  @Test("who has signed is named by the events, the run, the journal, the log and its records")
  func signed() throws {
    let events = try stopped(
      by: cancel("--mode now --as Identity/ines --key ines.key --bundle b"))
    #expect(events.contains(#""how":"signed","canceller":"Identity/ines""#))
    #expect(try show().contains("cancelled  now, by Identity/ines, who signed it"))
    let shown = try site.shown()
    #expect(shown["cancelled"]?.array?.first?["canceller"]?.string == "Identity/ines")
    // A step says it, too.
    #expect(try show().contains("the run was cancelled by Identity/ines, who signed it: now"))
    let found = try records()
    #expect(found.count == 1)
    #expect(found.first?["how"]?.string == "signed" && found.first?["mode"]?.string == "now")
    #expect(found.first?["canceller"]?.string?.hasPrefix("Identity/~") == true)
    #expect(found.first?["envelope"]?.string != nil)
    try checkLog()
    try site.expect("writ log search log --person Identity/ines", says: "run")
    let index = try #require(try site.kinds().lastIndex(of: "run")) - 1
    try site.expect(
      "writ log show log --index \(index)", says: "Identity/ines, who signed it")
  }

  @Test("a signal is said to be one, with which and from whom")
  func signal() throws {
    let events = try stopped(by: "kill -TERM $(cat \"\(site.scratch.path)/pid\")")
    #expect(events.contains(#""how":"signal","words":"SIGTERM, from the system user"#))
    #expect(try show().contains("cancelled  cleanup, by SIGTERM, from the system user"))
    let found = try records()
    #expect(found.count == 1 && found.first?["how"]?.string == "signal")
    #expect(found.first?["words"]?.string?.hasPrefix("SIGTERM") == true)
    try checkLog()
  }

  @Test("who did not sign is not named, also where another's signature lies there")
  func unsigned() throws {
    let forged =
      "\(cancel("--mode drain --as Identity/otto --key otto.key --bundle b")); "
      + "{ echo now; tail -n +2 \(folder)/cancel; } > forged; mv forged \(folder)/cancel"
    // Before the runner looks.
    let held =
      "kill -STOP $(cat \"\(site.scratch.path)/pid\"); \(forged); kill -CONT $(cat \"\(site.scratch.path)/pid\")"
    let events = try stopped(by: held)
    #expect(events.contains(#""how":"unsigned""#) && !events.contains("canceller"))
    #expect(try show().contains("what was signed is `drain`"))
    let found = try records()
    #expect(found.count == 1 && found.first?["how"]?.string == "unsigned")
    #expect(found.first?["canceller"] == nil && found.first?["envelope"] == nil)
    try checkLog()
  }

  @Test("a key that the bundle does not know signs nothing, and half a signature is none")
  func refused() throws {
    try site.expect("writ key new stranger -o stranger.key")
    let act =
      """
      \(cancel("--as Identity/ines --key stranger.key --bundle b")) 2> told || echo $? >> told
      \(cancel("--as Identity/ines --key otto.key --bundle b")) 2>> told || echo $? >> told
      \(cancel("--as Identity/ines")) 2>> told || echo $? >> told
      \(cancel("--mode drain")) > said
      \(cancel("--mode drain --as Identity/ines --key ines.key --bundle b")) >> said
      """
    let events = try stopped(by: act)
    let told = String(decoding: try site.scratch.bytes("told"), as: UTF8.self)
    #expect(told.contains("no approver in the bundle has the key"), "\(told)")
    #expect(told.contains("it names `Identity/ines`, its key is `Identity/otto`'s"), "\(told)")
    #expect(told.contains("needs --as, --key and --bundle"), "\(told)")
    #expect(told.split(separator: "\n").filter { $0 == "1" || $0 == "64" }.count == 3)
    let said = String(decoding: try site.scratch.bytes("said"), as: UTF8.self)
    #expect(said.contains("drain, unsigned") && said.contains("as somebody has said before"))
    #expect(events.contains(#""how":"unsigned""#))
  }
}
