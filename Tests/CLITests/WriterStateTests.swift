// What the next writer of a log goes by, changed by whoever can write there: `log fsck` finds it, and the writer is stopped.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("What the next writer goes by", .serialized)
final class WriterStateTests {
  private let shop: Workshop
  private let decide = "writ decide --bundle b --graph g --request request.json --log log"

  init() throws {
    shop = try Workshop()
    try shop.scratch.write(
      """
      policy small version 1
      source catalog fresh 7d
      node Service from catalog { frozen: Bool }
      gate ship(service: Service) { deny frozen: service.frozen "{service} is frozen" }
      """, to: "small.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    try shop.scratch.write(
      """
      {"node":"Service","id":"web","props":{"frozen":false}}
      {"source":"catalog","at":"\(now)","covers":"*"}

      """, to: "facts.jsonl")
    try shop.scratch.write(
      #"{"gate":"ship","arguments":{"service":"Service/web"}}"#, to: "request.json")
    try shop.expect(
      """
      writ build small.writ -o b
      writ graph import --schema small.writ facts.jsonl -o g
      writ key new log.example/small -o log.key
      writ log init log --origin log.example/small --key log.key
      """)
    for _ in 0..<3 { try shop.expect(decide) }
  }

  @Test(
    "what is changed or gone is found, and the log as it was is sound",
    arguments: [
      (": > log/.writ/signed", "is not as a writer leaves it"),
      ("rm log/.writ/signed", "is missing"),
      ("sed -i 2s/.*/2/ log/.writ/signed", "says size 2"),
      ("mv log/.writ/reached/* log/.writ/reached/9", "size 9 was released"),
      ("rm -r log/.writ/wal", "is missing, or has no segment"),
      (
        "dd if=/dev/zero of=$(ls log/.writ/wal/*) bs=72 count=1 conv=notrunc",
        "does not begin as a segment does"
      ),
      ("touch log/.writ/wal/stray", "is no segment"),
    ])
  func changed(_ change: String, _ words: String) throws {
    try shop.expect("writ log fsck log", says: "SOUND")
    try shop.expect(change)
    try shop.expect("writ log fsck log", 1, says: words)
    try shop.expect("writ log verify log --vkey log.key.pub", says: "VERIFIED")
  }

  @Test("a backup that is copied over the log leaves it where no other root can be signed")
  func broughtBack() throws {
    try shop.expect("cp -a log backup")
    for _ in 0..<2 { try shop.expect(decide) }
    try shop.expect("cp -a backup/. log/")
    let entries = try shop.expect("writ log verify log --vkey log.key.pub --json")
    try shop.expect("writ log fsck log", 1, says: "older files were put in place of newer ones")
    let refused = try shop.run(decide)
    #expect(refused.code == 74 && refused.output.isEmpty)
    #expect(refused.messages.contains("the log has signed size 5, its files reach 3"))
    #expect(try shop.expect("writ log verify log --vkey log.key.pub --json") == entries)
    // Its own word is none from elsewhere.
    let seen = try shop.run("writ log readmit log --seen log/checkpoint")
    #expect(seen.code == 64 && seen.messages.contains("lies inside the log itself"))
    try shop.expect("cp log/checkpoint seen; writ log readmit log --seen seen", 74)
  }

  @Test(
    "a write-ahead log that nobody can open is put aside, and the log goes on behind what is signed"
  )
  func withoutWal() throws {
    try shop.expect("printf XXXX | dd of=$(ls log/.writ/wal/*) bs=1 conv=notrunc")
    let stopped = try shop.run(decide)
    #expect(stopped.code != 0 && stopped.output.isEmpty)
    try shop.expect("writ log fsck log --repair", 65, says: "writ log fsck")
    try shop.expect("writ log fsck log --without-wal", 64, says: "is for `--repair`")
    try shop.expect("writ log fsck log --repair --without-wal", says: "are lost")
    try shop.expect("test -f log/.writ/wal-3/*")
    try shop.expect(decide)
    try shop.expect(
      "writ log fsck log; writ log verify log --vkey log.key.pub; writ replay log --all",
      says: "4 the same")
  }
}
