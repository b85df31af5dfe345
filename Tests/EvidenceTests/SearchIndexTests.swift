// The index finds what reading everything finds, whatever has happened to its files.
import Glibc
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct SearchIndexTests {
  /// A log of some thousand records, written a few hundred at a time.
  private func log(seed: UInt64, count: Int) throws -> RecordLog {
    let log = try RecordLog()
    var dice = Dice(seed: seed)
    var written = 0
    while written < count {
      let size = min(count - written, Int.random(in: 1...700, using: &dice))
      let writer = try log.writer()
      for _ in 0..<size {
        let names = Set(
          (0..<Int.random(in: 1...3, using: &dice)).map { _ in
            ["Service", "Release"].randomElement(using: &dice).map {
              "\($0)/n\(Int.random(in: 0..<40, using: &dice))"
            } ?? ""
          }
        ).sorted()
        let draft = decision(
          "\(written)", about: names, gate: Bool.random(using: &dice) ? "shop.deploy" : "a.b.ship",
          outcome: ["allow", "hold", "deny"].randomElement(using: &dice) ?? "",
          caller: "Bot/\(Int.random(in: 0..<3, using: &dice))")
        // One in sixteen is a wish to act, and of these one in two was refused.
        let isWish = written % 16 == 5
        let wish = intent("\(written)", about: names, isTaken: written % 32 == 5)
        _ = try writer.append(isWish ? wish : draft, clock: tuesday + Int64(written / 10) * minute)
        written += 1
      }
      try writer.publish()
      writer.close()
    }
    log.skip(to: tuesday + Int64(count / 10) * minute)
    return log
  }

  private func filters(_ dice: inout Dice) -> RecordFilter {
    var filter = RecordFilter()
    if Bool.random(using: &dice) {
      filter.subject = ["Service/n3", "n7", "Release/n9", "n99", "Service"].randomElement(
        using: &dice)
    }
    if Bool.random(using: &dice) {
      filter.gate = ["ship", "a.b.ship", "shop.deploy", "b.ship"].randomElement(using: &dice)
    }
    if Bool.random(using: &dice) {
      filter.outcome = ["allow", "deny", "refused"].randomElement(using: &dice)
    }
    if Bool.random(using: &dice) { filter.caller = ["Bot/1", "Bot/9"].randomElement(using: &dice) }
    if Bool.random(using: &dice) {
      filter.from = tuesday + Int64.random(in: -5...300, using: &dice) * minute
    }
    if Bool.random(using: &dice) {
      filter.to = tuesday + Int64.random(in: -5...300, using: &dice) * minute
    }
    return filter
  }

  private func expectSame(
    _ log: RecordLog, seed: UInt64, rounds: Int, _ known: [FoundRecord]? = nil
  ) throws {
    var dice = Dice(seed: seed)
    let all = try known ?? log.reader().records(RecordFilter()) { _ in }
    let index = try log.index()
    for _ in 0..<rounds {
      let filter = filters(&dice)
      let expected = all.filter { filter.takes($0.record) }.map(\.index)
      #expect(try index.records(filter).map(\.index) == expected, "seed \(seed), \(filter)")
    }
  }

  @Test(arguments: [0, 1, 255, 256, 257, 2047, 2048, 2600])
  func theIndexFindsWhatReadingAllFinds(_ count: Int) throws {
    let log = try log(seed: UInt64(count), count: count)
    try expectSame(log, seed: 1, rounds: 30)
  }

  @Test func whatWasRefusedIsFoundThoughNoIndexKnowsIt() throws {
    let log = try log(seed: 8, count: 600)
    var filter = RecordFilter()
    filter.outcome = "refused"
    let found = try log.index().records(filter)
    #expect(found.map(\.index) == (0..<600).filter { $0 % 32 == 21 }.map(UInt64.init))
    #expect(found.allSatisfy { $0.record.refusal == "nobody signed for the caller" })
  }

  @Test func filesBecomeOneOfEight() throws {
    let log = try log(seed: 4, count: 2600)
    let index = log.path + "/.writ/index"
    _ = try log.index()
    #expect(names(in: index) == ["0-2048", "2048-256", "2304-256"])
    // What is made of parts is what is made of entries.
    let merged = try contents(of: index + "/0-2048")
    unlink(index + "/0-2048")
    _ = try log.index()
    #expect(try contents(of: index + "/0-2048") == merged)
    #expect(names(in: index) == ["0-2048", "2048-256", "2304-256"])
  }

  @Test func aReaderOfAnOlderSizeUsesLongerRuns() throws {
    let log = try log(seed: 5, count: 2040)
    let old = try log.reader()
    let expected = try SearchIndex(old, of: log.store).records(RecordFilter()).map(\.index)
    let more = (0..<20).map { decision("more \($0)", about: ["Service/n1"]) }
    try log.append(more)
    _ = try log.index()
    #expect(names(in: log.path + "/.writ/index") == ["0-2048"])
    #expect(try SearchIndex(old, of: log.store).records(RecordFilter()).map(\.index) == expected)
    #expect(names(in: log.path + "/.writ/index") == ["0-2048"])
  }

  @Test func damagedFilesAreMadeAgain() throws {
    let log = try log(seed: 6, count: 600)
    _ = try log.index()
    let all = try log.reader().records(RecordFilter()) { _ in }
    let folder = log.path + "/.writ/index"
    for name in names(in: folder) {
      let good = try contents(of: "\(folder)/\(name)")
      #expect(good.count.isMultiple(of: 4096))
      for block in 0..<good.count / 4096 {
        var changed = good
        changed[block * 4096 + (block * 997) % 4096] ^= 4
        try write(changed, to: "\(folder)/\(name)")
        try expectSame(log, seed: UInt64(block), rounds: 3, all)
      }
      for wrong in [[], Array(good.dropLast(5000)), good + good] {
        try write(wrong, to: "\(folder)/\(name)")
        try expectSame(log, seed: 3, rounds: 3, all)
      }
      unlink("\(folder)/\(name)")
      try expectSame(log, seed: 4, rounds: 3, all)
      #expect(try contents(of: "\(folder)/\(name)") == good)
    }
  }

  @Test func chainsDoNotDependOnTheIndexBeingThere() throws {
    let log = try log(seed: 7, count: 900)
    var dice = Dice(seed: 7)
    let folder = log.path + "/.writ/index"
    for round in 0..<12 {
      if let name = names(in: folder).randomElement(using: &dice) {
        if Bool.random(using: &dice) {
          unlink("\(folder)/\(name)")
        } else {
          try write([1, 2, 3], to: "\(folder)/\(name)")
        }
      }
      try log.append([decision("r\(round)", about: ["Service/n\(round)", "Release/new"])])
      if round % 3 == 0 { try log.fixHeads() }
    }
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
  }

  @Test func anEntryThatWasChangedIsNotShown() throws {
    let log = try log(seed: 8, count: 300)
    _ = try log.index()
    let path = log.path + "/tile/entries/000"
    var changed = try contents(of: path)
    changed[1000] ^= 1
    try write(changed, to: path)
    #expect(throws: LogError.self) { try log.index().records(RecordFilter()) }
  }
}
