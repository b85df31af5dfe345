// `writ replay` of many where some cannot be replayed or differ: exit codes, and answers that do not depend on threads.

import Foundation
import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritTesting

@Suite("Replay of many", .serialized)
final class ReplayCommandTests {
  private let shop: KeyShop

  init() throws {
    shop = try KeyShop()
    try shop.expect("writ log init log --origin shop.example/log --key log.key")
    for minute in 0..<4 {
      try shop.expect(
        "writ decide --bundle b --graph g --request request.json --now 2020-11-19T10:0\(minute):00Z"
          + " --as-of 2020-11-19T10:0\(minute):00Z --caller Person/ada --log log || test $? -le 2")
    }
  }

  @Test("what is gone, and what is damaged, have codes of their own")
  func codes() throws {
    try shop.expect("writ replay log --all", says: "SAME  4 entries: 4 the same, 0 different")
    try shop.expect("mv log/.writ/objects/packs kept")
    try shop.expect("writ replay log --all", 66, says: "4 missing")
    try shop.expect("writ replay log --index 0", 66, says: "is gone")
    try shop.expect("mv kept log/.writ/objects/packs")
    try shop.expect("writ replay log --all", says: "SAME")
    // The first content of the pack is that of the request, behind 8 bytes and 44.
    try shop.expect(
      "printf X | dd of=log/.writ/objects/packs/00000000000000000000 bs=1 seek=52 conv=notrunc")
    try shop.expect("writ replay log --all", 65, says: "4 damaged")
    try shop.expect("writ replay log --index 0", 65)
    try shop.expect("writ replay log --all --vkey bo.key.pub", 65)
  }

  @Test("a record that was forged is told from the others, on any number of threads")
  func forged() throws {
    try forge { predicate in
      let result = (predicate["result"]?.object ?? []).map { member in
        member.name == "now" ? JSONMember("now", "2020-11-20T10:00:00Z") : member
      }
      return predicate.object.map { members in
        .object(
          members.map { $0.name == "result" ? JSONMember("result", .object(result)) : $0 })
      } ?? predicate
    }
    var answers: Set<String> = []
    for jobs in [1, 2, 7] {
      answers.insert(try shop.expect("writ replay log --all --json --jobs \(jobs)", 1))
    }
    let answer = try #require(answers.first)
    #expect(answers.count == 1)
    let json = try JSONValue(parsing: Array(answer.utf8))
    #expect(json["same"]?.integer == 4)
    #expect(json["different"]?.integer == 1)
    let finding = try #require(json["findings"]?.array?.first)
    #expect(finding["index"]?.integer == 4)
    #expect(finding["cause"]?.string == "clock")
    try shop.expect("writ replay log --all", 1, says: "because  the record tells another time")
    try shop.expect("writ replay log --index 4", 1, says: "DIFFERENT  entry 4, at result")
    try shop.expect("writ replay log --to 4", says: "SAME")
  }

  /// Appends the first record with another predicate, signed with the log's own key.
  private func forge(_ change: (JSONValue) -> JSONValue) throws {
    let store = LogStore(directory: shop.scratch.path + "/log")
    let pem = String(decoding: try shop.scratch.bytes("log.key"), as: UTF8.self)
    let key = try #require(Ed25519PrivateKey(pem: pem))
    let signer = NoteSigner(name: try #require(KeyName("shop.example/log")), key: key)
    let reader = try LogReader(store: store, keys: [signer.verifierKey])
    let first = try EvidenceRecord(entry: try reader.entry(at: 0)).statement
    let changed = try EvidenceRecord(
      type: first.predicateType, subjects: first.subjects, predicate: change(first.predicate))
    let writer = try LogWriter(store: store, signer: signer)
    defer { writer.close() }
    _ = try writer.append(changed.bytes)
    try writer.publish()
  }
}
