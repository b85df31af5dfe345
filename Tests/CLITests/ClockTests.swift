// A log and a clock that was set, from the command line.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Clock")
struct ClockTests {
  private let shop: KeyShop
  private let decide = "writ decide --bundle b --graph g --request request.json --log log"

  init() throws {
    shop = try KeyShop()
    try shop.expect(
      """
      writ log init log --origin shop.example/log --key log.key
      \(KeyShop.decide)
      """)
  }

  /// Changes what the log remembers of the clock: as if it had then been so much earlier.
  private func setBack(by microseconds: Int64) throws {
    let reading = try JSONValue(parsing: Array(shop.scratch.bytes("log/.writ/clock")))
    let wall = try #require(reading["wall"]?.integer) - microseconds
    let changed: JSONValue = [
      "boot": reading["boot"] ?? .null, "uptime": reading["uptime"] ?? .null,
      "wall": .integer(wall),
    ]
    try shop.scratch.write(changed.compact, to: "log/.writ/clock")
  }

  @Test("a clock that was set forward is refused until it is vouched for")
  func setForward() throws {
    try shop.expect("writ log clock log", says: "believed")
    try setBack(by: 3_630_000_000)
    try shop.expect(decide, 74, says: "1h more than it should")
    try shop.expect("writ log clock log", 1, says: "refused: the clock says")
    try shop.expect("writ log clock log --json", 1, says: "\"believed\": false")
    try shop.expect("writ log prove log --index 0 -o p && writ-verify p --vkey log.key.pub")
    try shop.expect("writ log clock log --accept", says: "recorded as entry 1")
    try shop.expect(KeyShop.decide)
    try shop.expect("writ log search log", says: "urn:writ:config:v1")
    try shop.expect("writ log verify log --vkey log.key.pub", says: "VERIFIED")
  }

  @Test("a clock before the newest entry is refused until it is vouched for")
  func behind() throws {
    let name = try #require(KeyName("shop.example/log"))
    let pem = String(decoding: try shop.scratch.bytes("log.key"), as: UTF8.self)
    let key = try #require(Ed25519PrivateKey(pem: pem))
    let store = LogStore(directory: shop.scratch.path + "/log")
    let writer = try RecordWriter(store: store, signer: NoteSigner(name: name, key: key))
    let tomorrow = Int64(Date().timeIntervalSince1970 * 1e6) + 86_400_000_000
    _ = try writer.accept(clock: tomorrow, uptime: nil, id: "tomorrow")
    writer.close()
    try shop.expect(decide, 74, says: "before the newest entry")
    try shop.expect("writ log clock log --accept --json", says: "\"index\": 2")
    try shop.expect("\(KeyShop.decide); writ log clock log", says: "believed")
    try shop.expect("writ log verify log --vkey log.key.pub", says: "VERIFIED")
  }
}
