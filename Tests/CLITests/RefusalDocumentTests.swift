// What a program reads from standard output where a command that was asked for JSON has no answer.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Refusals as JSON", .serialized)
final class RefusalDocumentTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  private func document(
    _ command: String, _ code: Int32, location: SourceLocation = #_sourceLocation
  ) throws -> JSONValue {
    let output = try site.expect(command, code, location: location)
    return try JSONValue(parsing: Array(output.utf8))
  }

  @Test("a refusal by `act` and `run` says that, why, and by which entry")
  func refused() throws {
    let options = site.options.replacing("Identity/bot", with: "Identity/ghost")
    for command in ["act deploy", "run one"] {
      let said = try document("writ \(command) --arg service=Service/web \(options) --json", 1)
      #expect(said["outcome"] == "refused" && said["exit"] == 1)
      #expect(said["error"]?.string?.contains("the graph does not have the caller") == true)
      #expect(said["remedy"]?.string?.isEmpty == false)
      let index = try #require(said["evidence"]?["index"]?.integer)
      #expect(said["evidence"]?["log"] == "log.example")
      try site.expect("writ log show log --index \(index)", says: "does not have the caller")
    }
  }

  @Test("what is no refusal is no refusal there either, and nothing is on record")
  func failed() throws {
    let said = try document(
      "writ act deploy --arg service=Service/web \(site.options) --wait no --json", 64)
    #expect(said["outcome"] == "failed" && said["exit"] == 64 && said["evidence"] == nil)
    let missing = try document("writ act --request none.json \(site.options) --json", 66)
    #expect(missing["exit"] == 66)
    // Without the option nothing stands there.
    #expect(try site.expect("writ act --request none.json \(site.options)", 66).isEmpty)
  }

  @Test("a request for something else says what takes it")
  func otherRequest() throws {
    try site.scratch.write(
      #"{"pipeline":"one","arguments":{"service":"Service/web"}}"#, to: "pipeline.json")
    try site.scratch.write(
      #"{"action":"deploy","arguments":{"service":"Service/web"}}"#, to: "action.json")
    try site.scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/web"}}"#, to: "gate.json")
    let ask = "--bundle b --graph g --caller Identity/bot"
    for command in [
      "writ act \(site.options) --request", "writ ask \(ask) --request",
      "writ decide \(ask) --request",
      "writ approve --bundle b --show --request",
    ] {
      try site.expect("\(command) pipeline.json", 65, says: "the request is for the pipeline `one`")
      try site.expect("\(command) pipeline.json", 65, says: "`writ run --request FILE` does")
    }
    try site.expect("writ act \(site.options) --request gate.json", 65, says: "`writ decide")
    try site.expect(
      "writ run \(site.options) --request action.json", 65, says: "`writ act --request FILE`")
    try site.expect(
      "writ run \(site.options) --request gate.json", 65, says: "`writ decide --request FILE`")
  }

  @Test("a word that unlocks by a bundle of one's own counts for nobody, and is not taken")
  func ownBundle() throws {
    try site.program("eu-1/work/roll.sh", "exit 1")
    for folder in ["one", "two", "three"] {
      try site.expect(site.run("rolling --arg service=Service/web --runs \(folder)"), 1)
    }
    let count = try site.kinds().count
    try site.expect(
      #"""
      writ key new mallory -o mallory.key
      printf '{"name":"mallory","key":"%s","actor":"Identity/mallory","roles":["manager"]}\n' "$(cat mallory.key.pub)" > own.jsonl
      writ build shop.writ -o own --registry own.jsonl
      """#)
    let unlock =
      "writ run unlock shop.roll sha256:7c5a0e9d1b44f2c86a3f0d5e7b92c1a8460d3f9e5b7a2c1d8e6f40937a5b2c1d"
      + " --log log --bundle own --role manager --as Identity/mallory --key mallory.key --reason why"
    try site.expect(unlock, 1, says: "the word would count for nobody")
    try site.expect("\(unlock) --sign", 1, says: "the word would count for nobody")
    #expect(try site.kinds().count == count, "nothing is recorded")
    // Whom the bundle in use knows may come with another of which the log knows nothing.
    try site.expect(
      """
      writ build shop.writ -o newer --revision 2 --registry registry.jsonl
      \(unlock.replacing("own", with: "newer").replacing("mallory", with: "ines")) --sign > word
      """)
    // One that is on record is one that others go by.
    try site.expect("writ build shop.writ -o own --registry own.jsonl --log log")
    try site.expect(unlock, says: "Identity/mallory lets sha256:7c5a")
  }
}
