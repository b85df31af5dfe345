// Objects that a log's records name and that somebody took away: `log fsck` finds them, what was pruned apart.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Missing objects", .serialized)
final class MissingObjectTests {
  private let shop: Workshop

  /// A log with one denial whose reasons are too long for its record.
  init() throws {
    shop = try Workshop()
    try shop.scratch.write(
      """
      policy long version 1
      source scanner fresh 7d
      node Service from scanner { findings -> many Finding }
      node Finding from scanner { text: String }
      gate ship(service: Service) { deny open: for f in service.findings "{f.text} is open in {f}" }
      """, to: "long.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    var facts = [#"{"node":"Service","id":"web","props":{}}"#]
    for number in 1...90 {
      let text = String(repeating: "a long story ", count: 70)
      facts.append(#"{"node":"Finding","id":"F-\#(number)","props":{"text":"\#(text)"}}"#)
      facts.append(
        #"{"edge":"findings","from":"Service/web","to":"Finding/F-\#(number)","props":{}}"#)
    }
    facts.append(#"{"source":"scanner","at":"\#(now)","covers":"*"}"#)
    try shop.scratch.write(facts.joined(separator: "\n") + "\n", to: "facts.jsonl")
    try shop.scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/web"}}"#, to: "request.json")
    try shop.expect(
      """
      writ build long.writ -o b
      writ graph import --schema long.writ facts.jsonl -o g
      writ key new log.example/long -o log.key
      writ log init log --origin log.example/long --key log.key
      """)
    try shop.expect("writ decide --bundle b --graph g --request request.json --log log", 1)
  }

  /// Where the object is that the record names in a class.
  private func path(of kind: String) throws -> String {
    let shown = try shop.expect("writ log show log --index 0 --json")
    let json = try JSONValue(parsing: Array(shown.utf8))
    let digest = try #require(
      (json["record"] ?? json)["predicate"]?["replay"]?[kind]?.string?.dropFirst(7))
    return "log/.writ/objects/sha256/\(digest.prefix(2))/\(digest.dropFirst(2))"
  }

  @Test(
    "the reasons of a decision, kept beside its record, are missed",
    arguments: ["result", "bundle"])
  func removed(_ kind: String) throws {
    try shop.expect("writ log fsck log", says: "SOUND")
    let path = try path(of: kind)
    try shop.expect("test -f \(path); rm \(path)")
    let said = try shop.expect(
      "writ log fsck log", 1,
      says: "is missing: it is the \(kind) of entry 0, and nothing of that class was pruned")
    #expect(said.contains("FOUND") && !said.contains("SOUND"))
    try shop.expect("writ log fsck log --json", 1, says: "\"sound\": false")
    // What is signed is whole all the same.
    try shop.expect("writ log verify log --vkey log.key.pub", says: "VERIFIED")
  }

  @Test("what was pruned is told as gone, and is none")
  func pruned() throws {
    try shop.scratch.write(#"{"keep":{"result":"1us"}}"#, to: "keep.json")
    try shop.expect("writ log prune log --retention keep.json")
    let said = try shop.expect("writ log fsck log", says: "SOUND")
    #expect(said.contains("gone: 1 result"))
  }

  @Test("an archive without objects has none, and is none")
  func archived() throws {
    try shop.expect(
      """
      writ log archive log --vkey log.key.pub --without-objects -o log.tar
      mkdir away; tar -xf log.tar -C away
      """)
    try shop.expect(
      "writ log fsck \"$(dirname \"$(find away -name checkpoint | head -1)\")\" --vkey log.key.pub",
      says: "SOUND")
  }

  @Test(
    "what a record rests on and can be erased is missed, unless the log says that it was erased",
    arguments: ["values", "sealed"])
  func disclosures(_ place: String) throws {
    let site = try RunSite()
    try site.scratch.write(
      #"{"gate":"careful","arguments":{"service":"Service/web"}}"#, to: "careful.json")
    try site.expect(
      """
      writ approve --bundle b --request careful.json --role manager --as Identity/ines --key ines.key --log log -o yes.json
      writ log fsck log
      """, says: "SOUND")
    let kept = "log/.writ/disclosures/\(place)"
    try site.expect(
      place == "values"
        ? "sed -i 1d \(kept)" : "rm $(find \(kept) -type f)")
    try site.expect("writ log fsck log", 1, says: "no entry says that it was erased")
    try site.expect("writ log verify log --vkey log.key.pub", says: "VERIFIED")
  }
}
