// Journals: cut at every byte, changed at every byte, and on a disk that loses power at every act.

import Testing
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline
import WritSimulation
import WritTesting

@Suite struct JournalTests {
  private static let path = "/journal"
  private static let retry = RetryPolicy(
    attempts: 3, base: second, factor: 2_000_000, cap: 60 * second, jitter: 9)

  /// A run with one event of each kind, and the events.
  private static func everyKind() throws -> (plan: Plan, events: [Event]) {
    let plan = try plan([
      sequence(
        "a",
        [
          step("a/1") {
            $0.condition = "c"
            $0.isIdempotent = true
            $0.retry = retry
          }, deploy("a/2"),
          PlanNode(
            "a/3", .approve(rules: [ApprovalTests.rule("r", 1, except: ["é"])], within: second)),
        ])
    ])
    var run = Run(id: "run-1", plan: plan)
    func at(_ id: String) throws -> RunPosition {
      RunPosition(node: try found(run.node(id), id), round: 1)
    }
    let one = try at("a/1")
    let two = try at("a/2")
    let three = try at("a/3")
    let pause = retry.pause(before: 2, run: "run-1", step: "a/1")
    let happenings: [(Int64, Happening)] = [
      (0, .started(RunStart(requester: "r", contributors: ["c", ""]))),
      (1, .conditionEvaluated(one, .yes)), (2, .stepStarted(one, attempt: 1)),
      (2, .workerLost(one, attempt: 1)), (2 + pause, .timerFired(one, .pause)),
      (3 + pause, .stepStarted(one, attempt: 2)), (3 + pause, .attemptNotBegun(one, attempt: 2)),
      (4 + pause, .stepStarted(one, attempt: 2)), (4 + pause, .freezeBegan("")),
      (
        5 + pause,
        .stepEnded(
          one, attempt: 2, Ending(.succeeded, outputs: digest("x"), detail: "größer \u{1F600}"))
      ), (6 + pause, .resumed),
      (
        7 + pause,
        .decided(
          two,
          GateDecision(
            .hold(
              [
                ApprovalTests.rule("r", 2, except: ["x"]),
                ApprovalRule(role: "s", count: 1, excluded: [], group: 1),
              ], within: 60 * second),
            action: digest("a"), evidence: .max))
      ), (7 + pause, .subjectKnown(two, digest("b"))),
      (8 + pause, .decided(two, GateDecision(.allow, action: digest("b"), evidence: 0))),
      (9 + pause, .stepStarted(two, attempt: 1)),
      (9 + pause, .stepEnded(two, attempt: 1, Ending(.succeeded, output: #"{"é":1}"#))),
      (10 + pause, .voted(three, ApprovalTests.vote("erik", ["r"], agent: true))),
      (11 + pause, .freezeEnded), (12 + pause, .cancelled(.drain, by: .signal("SIGTERM"))),
    ]
    var events: [Event] = []
    for (time, happening) in happenings {
      let event = Event(at: 1_700_000_000_000_000 + time, happening)
      _ = try run.apply(event)
      events.append(event)
    }
    #expect(run.verdict?.result == .cancelled)
    return (plan, events)
  }

  /// The journal of those events, one or several a frame, and the runs at the ends of its frames by their offsets.
  private static func journal(_ plan: Plan, _ events: [Event], perFrame: Int) throws
    -> (bytes: [UInt8], ends: [(offset: Int, run: Run)])
  {
    let disk = SimulatedDisk()
    var (journal, run) = try Journal.open(path, run: "run-1", plan: plan, on: disk)
    func size() -> Int { disk.image.contents(of: path)?.count ?? 0 }
    var ends = [(offset: size(), run: run)]
    for start in stride(from: 0, to: events.count, by: perFrame) {
      let group = Array(events[start..<min(start + perFrame, events.count)])
      try journal.append(group)
      for event in group { _ = try run.apply(event) }
      ends.append((size(), run))
    }
    journal.close()
    let read = try Journal.open(path, run: "run-1", plan: plan, on: disk)
    #expect(read.run == run)
    read.journal.close()
    return (try found(disk.image.contents(of: path), "journal"), ends)
  }

  private static func replay(_ bytes: [UInt8], _ plan: Plan) throws(JournalError) -> JournalReplay {
    try JournalReplay(bytes, run: "run-1", plan: plan, path: path)
  }

  @Test func theEndOfTheWholeRunsTimeIsKept() throws {
    let (plan, kinds) = try JournalTests.everyKind()
    let begun = Array(kinds.prefix(3))
    let last = try found(begun.last, "an event")
    let (bytes, _) = try JournalTests.journal(
      plan, begun + [Event(at: last.at + 1, .overdue)], perFrame: 1)
    let run = try JournalTests.replay(bytes, plan).run
    #expect(run.isOverdue && run.cancelMode == .cleanup)
  }

  /// Whoever stopped it stands in the journal, and in what the run says of itself.
  @Test(arguments: [
    Canceller.unsaid, .signal("SIGTERM, from the system user 0 (root)"),
    .unsigned("from the system user 7"), .signed("Identity/ines"),
  ]) func whoStoppedTheRunIsKept(by canceller: Canceller) throws {
    let (plan, kinds) = try JournalTests.everyKind()
    let begun = Array(kinds.prefix(3))
    let last = try found(begun.last, "an event")
    let stops = [
      Event(at: last.at + 1, .cancelled(.drain, by: canceller)),
      Event(at: last.at + 2, .cancelled(.now)),
    ]
    let (bytes, _) = try JournalTests.journal(plan, begun + stops, perFrame: 1)
    let run = try JournalTests.replay(bytes, plan).run
    #expect(run.cancelWords.map(\.by) == [canceller, .unsaid])
    #expect(run.cancelWords.map(\.mode) == [.drain, .now])
    #expect(run.cancelWords.map(\.at) == [last.at + 1, last.at + 2])
  }

  @Test func aCancellerHasBounds() throws {
    var run = try Run(id: "run-1", plan: plan([step("a")]))
    _ = try run.apply(
      Event(at: 1, .started(RunStart(requester: "Identity/rita", contributors: []))))
    let long = String(repeating: "x", count: PipelineLimits.detailByteCount + 1)
    for canceller in [Canceller.signal(""), .signed(""), .signal(long), .signed(long)] {
      let event = Event(at: 2, .cancelled(.now, by: canceller))
      #expect(run.refusal(of: event) == .tooLong)
    }
  }

  @Test(arguments: [1, 3]) func aCutAnywhereLeavesWholeEvents(perFrame: Int) throws {
    let (plan, events) = try JournalTests.everyKind()
    let (bytes, ends) = try JournalTests.journal(plan, events, perFrame: perFrame)
    for count in bytes.indices {
      let cut = Array(bytes[..<count])
      guard let last = ends.last(where: { $0.offset <= count }) else {
        #expect(throws: JournalError.self) { try JournalTests.replay(cut, plan) }
        continue
      }
      let replay = try JournalTests.replay(cut, plan)
      #expect(replay.run == last.run && replay.end == last.offset)
      #expect(replay.isTorn == (count > last.offset))
    }
    // And what is cut is cut off on the disk, and goes on.
    for count in bytes.indices {
      var image = DiskImage()
      image.makeFile(JournalTests.path, Array(bytes[..<count]))
      let disk = SimulatedDisk(image)
      let opened = try Journal.open(JournalTests.path, run: "run-1", plan: plan, on: disk)
      let last = ends.lastIndex { $0.offset <= count } ?? 0
      #expect(opened.run == ends[last].run)
      try opened.journal.append(Array(events[min(last * perFrame, events.count)...]))
      opened.journal.close()
      let whole = try JournalTests.replay(
        try found(disk.image.contents(of: JournalTests.path), "journal"), plan)
      #expect(whole.run == ends[ends.count - 1].run && !whole.isTorn)
    }
  }

  @Test func damageInTheMiddleIsRefused() throws {
    let (plan, events) = try JournalTests.everyKind()
    let (bytes, ends) = try JournalTests.journal(plan, events, perFrame: 1)
    let lastFrame = ends[ends.count - 2].offset
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1 << UInt8(place % 8)
      if place < lastFrame {
        #expect(throws: JournalError.self, "byte \(place)") {
          try JournalTests.replay(changed, plan)
        }
      } else {
        #expect(try JournalTests.replay(changed, plan).run == ends[ends.count - 2].run)
      }
    }
  }

  @Test func framesCannotBeLeftOutMovedOrDoubled() throws {
    let (plan, events) = try JournalTests.everyKind()
    let (bytes, ends) = try JournalTests.journal(plan, events, perFrame: 1)
    func frame(_ index: Int) -> ArraySlice<UInt8> {
      bytes[ends[index].offset..<ends[index + 1].offset]
    }
    let head = bytes[..<ends[0].offset]
    for index in 0..<events.count - 1 {
      var left = Array(head)
      var moved = Array(head)
      var doubled = Array(head)
      for other in 0..<events.count {
        if other != index { left += frame(other) }
        moved += frame(other == index ? index + 1 : other == index + 1 ? index : other)
        doubled += other == index ? frame(other) + frame(other) : frame(other)
      }
      for bytes in [left, moved, doubled] {
        #expect(throws: JournalError.self) { try JournalTests.replay(bytes, plan) }
      }
    }
  }

  @Test func aJournalIsOfOneRunOfOnePlan() throws {
    let (plan, events) = try JournalTests.everyKind()
    let (bytes, _) = try JournalTests.journal(plan, events, perFrame: 2)
    let other = try otherPlan()
    #expect(
      throws: JournalError.otherPlan(
        path: JournalTests.path, expected: plan.digest, found: other.digest)
    ) { try JournalTests.replay(bytes, other) }
    #expect(throws: JournalError.otherRun(path: JournalTests.path, found: "run-1")) {
      try JournalReplay(bytes, run: "run-2", plan: plan, path: JournalTests.path)
    }
  }

  private func otherPlan() throws -> Plan { try plan([sequence("z", [step("z/1")])]) }

  /// The power goes at each act; what was acknowledged is there, and nothing that was not asked for.
  @Test(arguments: Survival.allCases) func acknowledgedEventsSurvive(survival: Survival) throws {
    let (plan, events) = try JournalTests.everyKind()
    var act = 0
    var random = SplitMix64(seed: 11)
    while true {
      let disk = SimulatedDisk()
      disk.plan(.powerLoss, at: act)
      var acknowledged = 0
      do throws(JournalError) {
        let opened = try Journal.open(JournalTests.path, run: "run-1", plan: plan, on: disk)
        for event in events {
          try opened.journal.append([event])
          acknowledged += 1
        }
      } catch {}
      for _ in 0..<5 {
        let image = disk.image.afterPowerLoss(survival, using: &random)
        let again = SimulatedDisk(image)
        let opened = try Journal.open(JournalTests.path, run: "run-1", plan: plan, on: again)
        var expected = Run(id: "run-1", plan: plan)
        var matches: [Run] = [expected]
        for event in events {
          _ = try expected.apply(event)
          matches.append(expected)
        }
        let count = try found(matches.firstIndex(of: opened.run), "a state of the run")
        #expect(count == acknowledged || count == acknowledged + 1)
        try opened.journal.append(Array(events[count...]))
      }
      if acknowledged == events.count { break }
      act += 1
    }
    #expect(act > events.count)
  }

  /// After an error of a sync nothing more is taken, and the next to open it writes anew what was in doubt.
  @Test func aFailedWriteIsTheLast() throws {
    let (plan, events) = try JournalTests.everyKind()
    let disk = SimulatedDisk()
    let opened = try Journal.open(JournalTests.path, run: "run-1", plan: plan, on: disk)
    try opened.journal.append([events[0]])
    disk.plan(.error(5), at: disk.count + 1)
    #expect(throws: JournalError.self) { try opened.journal.append([events[1]]) }
    #expect(throws: JournalError.broken(path: JournalTests.path)) {
      try opened.journal.append([events[1]])
    }
    opened.journal.close()
    let again = try Journal.open(JournalTests.path, run: "run-1", plan: plan, on: disk)
    try again.journal.append(Array(events[again.run.now == events[0].at ? 1... : 2...]))
  }

  /// What is resumed is what was left, in the middle and at the end, and no more is read for it than two events a step. The times
  /// are printed, not judged.
  @Test func tenThousandStepsResume() throws {
    let group = PlanNode(
      "a",
      .parallel(
        (0..<100).map { part in
          sequence("a/\(part)", (0..<100).map { step("a/\(part)/\($0)") })
        }, max: 100))
    let clock = ContinuousClock()
    var plan: Plan?
    let planned = try clock.measure {
      plan = try Plan(pipeline: "long", concurrency: nil, stages: [group])
    }
    let long = try found(plan, "plan")
    let disk = SimulatedDisk()
    var (journal, run) = try Journal.open(JournalTests.path, run: "run-1", plan: long, on: disk)
    var now: Int64 = 1_000 * second
    var events = [Event(at: now, .started(start))]
    var wanted = try run.apply(events[0])
    let applied = try clock.measure {
      while run.verdict == nil {
        var next: [Effect] = []
        for case .begin(let position, let attempt) in wanted {
          now += 1
          for happening in [
            .stepStarted(position, attempt: attempt),
            .stepEnded(position, attempt: attempt, Ending(.succeeded, outputs: digest("o"))),
          ] as [Happening] {
            let event = Event(at: now, happening)
            events.append(event)
            next += try run.apply(event)
          }
        }
        wanted = next
      }
    }
    var left = Run(id: "run-1", plan: long)
    for start in stride(from: 0, to: events.count, by: 2) {
      try journal.append(Array(events[start..<min(start + 2, events.count)]))
      if start < 10_000 {
        for event in events[start..<start + 2] { _ = try left.apply(event) }
      }
      if start + 2 == 10_000 {
        let half = try found(disk.image.contents(of: JournalTests.path), "journal")
        let resumed = try JournalTests.replay(half, long)
        #expect(resumed.run == left && resumed.count == 10_000 && left.verdict == nil)
      }
    }
    journal.close()
    let bytes = try found(disk.image.contents(of: JournalTests.path), "journal")
    var again: JournalReplay?
    let replayed = try clock.measure { again = try JournalTests.replay(bytes, long) }
    #expect(again?.run == run)
    #expect(run.verdict?.result == .succeeded)
    #expect(again?.count == UInt64(events.count) && events.count == 20_001)
    #expect(bytes.count < 10_000 * 300 && MemoryLayout<NodeState>.stride < 1_024)
    print(
      "10,000 steps: plan \(planned), apply \(applied), resume \(replayed),",
      "\(bytes.count / 10_000) bytes of journal and \(MemoryLayout<NodeState>.stride) bytes of state a step"
    )
  }
}
