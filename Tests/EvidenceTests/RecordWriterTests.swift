// Records name those before them, under whatever circumstances they are written.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct RecordWriterTests {
  @Test func eachRecordNamesTheOnesBeforeIt() throws {
    let log = try RecordLog()
    try log.append([
      decision("a", about: ["Release/r1", "Service/web"]),
      decision("b", about: ["Service/web"]), decision("c", about: ["Release/r1"]),
    ])
    try log.append([decision("d", about: ["Release/r2", "Service/web"])])
    let reader = try log.reader()
    let chains = try (0..<reader.size).map { index in
      LoggedRecord(try reader.entry(at: index)).predicate["prev"]?.compact ?? ""
    }
    #expect(
      chains == [
        #"{"Release/r1":-1,"Service/web":-1}"#, #"{"Service/web":0}"#, #"{"Release/r1":0}"#,
        #"{"Release/r2":-1,"Service/web":1}"#,
      ])
    #expect(try verifyRecords(reader) { _ in }.findings == [])
  }

  @Test func recordsOfOneGroupNameEachOther() throws {
    let log = try RecordLog()
    let writer = try log.writer()
    let drafts = (0..<600).map { decision("\($0)", about: ["Service/s\($0 % 5)"]) }
    #expect(try writer.append(group: drafts, clock: tuesday) == 0..<600)
    #expect(try writer.append(group: drafts, clock: tuesday) == 600..<1200)
    try writer.publish()
    writer.close()
    let reader = try log.reader()
    for index in UInt64(0)..<1200 {
      let record = LoggedRecord(try reader.entry(at: index))
      let expected: LoggedRecord.Previous = index < 5 ? .none : .entry(index - 5)
      #expect(record.previous(of: "Service/s\(index % 5)") == expected)
    }
  }

  @Test func namesAreBytes() throws {
    let log = try RecordLog()
    // The same letter, composed and decomposed; quotes, backslashes and what needs escapes.
    let names = [
      "Team/é", "Team/e\u{301}", "Team/\"a\\b\"", "Team/\u{1}\n", "Team/K", "Team/\u{212a}",
    ]
    try log.append(names.map { decision("1", about: [$0]) })
    try log.append(names.map { decision("2", about: [$0]) })
    let reader = try log.reader()
    for (place, name) in names.enumerated() {
      let record = LoggedRecord(try reader.entry(at: UInt64(names.count + place)))
      #expect(record.previous(of: name) == .entry(UInt64(place)), "\(name)")
    }
    try log.fixHeads()
    for (place, name) in names.enumerated() {
      let answer = try verified(try log.prove(question(name)).bytes)
      #expect(
        answer.records.map(\.index) == [UInt64(place), UInt64(names.count + place)], "\(name)")
    }
  }

  @Test func theClockNeverGoesBack() throws {
    let log = try RecordLog()
    for (clock, expected) in [(10, 10), (5, 10), (12, 12), (7, 12)] as [(Int64, Int64)] {
      let writer = try log.writer()
      let index = try writer.append(
        decision("\(clock)", about: ["Service/web"]), clock: tuesday + clock * minute)
      try writer.publish()
      writer.close()
      let record = LoggedRecord(try log.reader().entry(at: index))
      #expect(record.logged == tuesday + expected * minute)
    }
  }

  @Test func whatIsTooMuchIsRefusedAndChangesNothing() throws {
    let log = try RecordLog()
    let writer = try log.writer()
    defer { writer.close() }
    let many = (0...64).map { "Service/s\($0)" }
    #expect(throws: LogError.tooManySubjects(65)) {
      try writer.append(decision("a", about: many), clock: tuesday)
    }
    _ = try writer.append(decision("a", about: many.dropLast()), clock: tuesday)
    let long = decision("a", about: ["Service/web"], gate: String(repeating: "g", count: 60_000))
    #expect(!long.fits)
    #expect(throws: LogError.self) { try writer.append(long, clock: tuesday) }
    #expect(throws: LogError.self) {
      try writer.append(
        RecordDraft(
          type: PredicateType.decision, kind: .gate, id: "x", subjects: [], members: []),
        clock: tuesday)
    }
    #expect(writer.size == 1)
    #expect(try writer.append(decision("b", about: ["Service/s3"]), clock: tuesday) == 1)
    try writer.publish()
    #expect(LoggedRecord(try log.reader().entry(at: 1)).previous(of: "Service/s3") == .entry(0))
  }

  @Test func aDraftThatFitsAlwaysFits() throws {
    let log = try RecordLog()
    let writer = try log.writer()
    defer { writer.close() }
    let names = (0..<64).map { "Service/\($0)-" + String(repeating: "n", count: 200) }
    func draft(_ room: Int) -> RecordDraft {
      decision("a", about: names, gate: String(repeating: "g", count: room))
    }
    var (fitting, tooLong) = (10_000, 40_000)
    while tooLong - fitting > 1 {
      let middle = (fitting + tooLong) / 2
      if draft(middle).fits { fitting = middle } else { tooLong = middle }
    }
    let longest = draft(fitting)
    #expect(longest.fits && !draft(tooLong).fits)
    _ = try writer.append(longest, clock: Instant.latest.microseconds)
    _ = try writer.append(longest, clock: Instant.latest.microseconds)
  }

  @Test func whatACrashLeftIsNamedToo() throws {
    let log = try RecordLog()
    let record = try EvidenceRecord(
      type: PredicateType.decision, subjects: [subject("Service/web")],
      predicate: ["kind": "gate", "logged": "2026-11-17T00:00:00Z", "prev": ["Service/web": -1]])
    let writer = try LogWriter(store: log.store, signer: workedSigner())
    _ = try writer.append(record.bytes)
    // Durable, and not published.
    writer.close()
    try log.append([decision("a", about: ["Service/web"])])
    #expect(LoggedRecord(try log.reader().entry(at: 1)).previous(of: "Service/web") == .entry(0))
  }

  @Test func headsAreFixedEveryFourThousandEntries() throws {
    let log = try RecordLog()
    let writer = try log.writer()
    for group in 0..<18 {
      let drafts = (0..<500).map { decision("\(group)-\($0)", about: ["Service/s\($0 % 7)"]) }
      _ = try writer.append(group: drafts, clock: tuesday + Int64(group) * minute)
    }
    try writer.publish()
    writer.close()
    let found = try verifyRecords(log.reader()) { _ in }
    #expect(found.findings == [])
    #expect(found.indexLeafCount == 2)
    #expect(found.recordCount == 9000)
  }

  @Test func manyThreadsMakeOneChain() async throws {
    let log = try RecordLog()
    let writer = try log.writer()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<20 {
            let draft = decision("\(task)-\(number)", about: ["Service/web", "Service/s\(task)"])
            _ = try writer.append(draft, clock: tuesday)
          }
        }
      }
      try await group.waitForAll()
    }
    try writer.publish()
    writer.close()
    let found = try verifyRecords(log.reader()) { _ in }
    #expect(found.findings == [])
    #expect(found.recordCount == 160)
  }
}

@Suite struct RecordVerifierTests {
  private func record(_ index: Int, _ prev: JSONValue, logged: Int64 = 0) throws -> [UInt8] {
    try EvidenceRecord(
      type: PredicateType.decision, subjects: [subject("Service/web")],
      predicate: [
        "id": .string("\(index)"), "prev": prev,
        "logged": .string(Instant(microseconds: tuesday + logged * minute).description),
      ]
    ).bytes
  }

  private func findings(_ entries: [[UInt8]]) throws -> [LogFinding] {
    let log = try RecordLog()
    try log.append(raw: entries)
    return try verifyRecords(log.reader()) { _ in }.findings
  }

  @Test func aFalseLinkIsFound() throws {
    let web = "Service/web"
    #expect(try findings([record(0, [(web): -1]), record(1, [(web): 0])]) == [])
    for (prev, index) in [(-1, 1), (1, 1), (2, 1), (7, 1)] as [(Int64, UInt64)] {
      let found = try findings([record(0, [(web): -1]), record(1, [(web): .integer(prev)])])
      #expect(found.map(\.index) == [index], "\(prev)")
    }
    #expect(try findings([record(0, [(web): 0])]).map(\.index) == [0])
    // An entry in between is skipped.
    let skipped = try [record(0, [(web): -1]), record(1, [(web): 0]), record(2, [(web): 0])]
    #expect(try findings(skipped).map(\.index) == [2])
    // Of the wrong subjects: such a record names nothing.
    #expect(
      try findings([record(0, [(web): -1]), record(1, ["Service/x": 0])]).map(\.index) == [1])
    #expect(
      try findings([record(0, [(web): -1]), record(1, [(web): 0, "Service/x": 0])]).map(\.index)
        == [1])
    #expect(try findings([record(0, [(web): -1]), record(1, [:])]).map(\.index) == [1])
  }

  @Test func timeThatGoesBackIsFound() throws {
    let entries = try [
      record(0, ["Service/web": -1], logged: 5), record(1, ["Service/web": 0], logged: 4),
    ]
    #expect(try findings(entries).map(\.index) == [1])
  }

  @Test func aFalseIndexLeafIsFound() throws {
    let log = try RecordLog()
    try log.append([decision("a", about: ["Service/web"]), decision("b", about: ["Service/api"])])
    try log.fixHeads()
    let leaf = try log.reader().entry(at: 2)
    #expect(try verifyRecords(log.reader()) { _ in }.findings == [])
    // The same leaf again, where it no longer stands at its place.
    try log.append(raw: [leaf])
    #expect(try verifyRecords(log.reader()) { _ in }.findings.map(\.index) == [3])

    let statement = try EvidenceRecord(entry: leaf).statement
    func changed(_ name: String, _ value: JSONValue) throws -> [UInt8] {
      let members = (statement.predicate.object ?? []).map {
        $0.name == name ? JSONMember(name, value) : $0
      }
      return try EvidenceRecord(
        type: PredicateType.index, subjects: statement.subjects, predicate: .object(members)
      ).bytes
    }
    for (name, value) in [
      ("root", .string(Digest(of: [1]).description)), ("subjects", 1), ("subjects", 3), ("size", 1),
    ] as [(String, JSONValue)] {
      let other = try RecordLog()
      try other.append([
        decision("a", about: ["Service/web"]), decision("b", about: ["Service/api"]),
      ])
      try other.append(raw: [changed(name, value)])
      #expect(try verifyRecords(other.reader()) { _ in }.findings.map(\.index) == [2], "\(name)")
    }
  }

  @Test func recordsOfAnOlderReleaseAreCounted() throws {
    let old = try EvidenceRecord(
      type: PredicateType.decision, subjects: [subject("shop.deploy")],
      predicate: ["logged": "2026-11-17T00:00:00Z", "arguments": ["service": "Service/web"]]
    ).bytes
    let log = try RecordLog()
    try log.append(raw: [old, bytes("no statement"), old])
    let found = try verifyRecords(log.reader()) { _ in }
    #expect(found.findings == [])
    #expect(found.unchainedCount == 2)
    // Newer ones are chained, and the log is still good for searches, and for no proof.
    try log.append([decision("a", about: ["Service/web"])])
    try log.fixHeads()
    #expect(try verifyRecords(log.reader()) { _ in }.unchainedCount == 2)
    var filter = RecordFilter()
    filter.subject = "web"
    #expect(try log.index().records(filter).map(\.index) == [0, 2, 3])
    #expect(throws: QuestionProverError.unchained(2)) { try log.prove(question("Service/web")) }
    // One that comes after those that are chained is false.
    try log.append(raw: [old])
    #expect(try verifyRecords(log.reader()) { _ in }.findings.map(\.index) == [5])
  }
}
