// Orders that go round are found, and production that nothing verifies, whatever stands between.

import Testing
import WritModel
import WritTesting

@Suite struct PipelineOrderTests {
  @Test(arguments: 0..<200 as Range<UInt64>)
  func circlesAreFoundWhereThereAreAny(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 1...9, using: &random)
    let edges = Int.random(in: 0...count * 2, using: &random)
    var before = [[Int]](repeating: [], count: count)
    for _ in 0..<edges {
      before[Int.random(in: 0..<count, using: &random)].append(
        Int.random(in: 0..<count, using: &random))
    }
    // Nodes go as long as some wait for none that is left.
    var left = Set(before.indices)
    while let next = left.first(where: { before[$0].allSatisfy { !left.contains($0) } }) {
      left.remove(next)
    }
    let found = circle(in: before)
    #expect((found == nil) == left.isEmpty, "\(before)")
    guard let found else { return }
    for (node, next) in zip(found, found.dropFirst() + [found[0]]) {
      #expect(before[node].contains(next), "\(found) in \(before)")
    }
    #expect(Set(found).count == found.count)
  }

  @Test func longOrdersAreFollowed() {
    let count = 100_000
    let row = (0..<count).map { $0 == 0 ? [] : [$0 - 1] }
    #expect(circle(in: row) == nil)
    var ring = row
    ring[0] = [count - 1]
    #expect(circle(in: ring)?.count == count)
  }

  private func step(
    _ name: String, _ work: PipelineWork, needs: [Int] = [], condition: Int? = nil,
    _ responses: [TroubleResponse] = []
  ) -> PipelineStep {
    PipelineStep(
      name: name, place: 7, work: work, needs: needs, condition: condition, responses: responses)
  }

  private func stage(
    _ name: String, after: [Int] = [], condition: Int? = nil, limit: Int? = 1,
    _ steps: [PipelineStep]
  ) -> PipelineStage {
    PipelineStage(
      name: name, place: 0, after: after, condition: condition, limit: limit, responses: [],
      steps: steps)
  }

  private var put: PipelineStep { step("put", .action(1, arguments: [])) }
  private var look: PipelineStep {
    step("look", .run([PipelineWord(pieces: [.text("look")])]))
  }

  private func unverified(_ stages: PipelineStage...) -> [[String]] {
    stages.unverified(hooks: [], onProduction: [1], looking: []).map(\.path)
  }

  @Test func whatComesLaterInARowVerifies() {
    #expect(unverified(stage("a", [put, look])) == [])
    #expect(unverified(stage("a", [look, put])) == [["a", "put"]])
    #expect(unverified(stage("a", [put, step("w", .wait(1))])) == [["a", "put"]])
    #expect(unverified(stage("a", [put, step("ask", .gate(0, arguments: []))])) == [])
    // An action that touches less needs nothing behind it, and verifies nothing.
    let quiet = step("quiet", .action(0, arguments: []))
    #expect(unverified(stage("a", [quiet])) == [])
    #expect(unverified(stage("a", [put, quiet])) == [["a", "put"]])
  }

  @Test func sideBySideOnlyNeedsGiveAnOrder() {
    #expect(unverified(stage("a", limit: nil, [put, look])) == [["a", "put"]])
    let last = step("last", look.work, needs: [1])
    let middle = step("middle", .wait(1), needs: [0])
    #expect(unverified(stage("a", limit: nil, [put, middle, last])) == [])
    #expect(unverified(stage("a", limit: 4, [put, last, middle])) == [["a", "put"]])
  }

  @Test func stagesAreFollowedInTheirOrder() {
    let ship = stage("ship", [put])
    #expect(unverified(ship, stage("b", after: [0], [look])) == [])
    #expect(unverified(ship, stage("b", [look])) == [["ship", "put"]])
    let between = stage("b", after: [0], condition: 0, [step("w", .wait(1))])
    #expect(unverified(ship, between, stage("c", after: [1], [look])) == [])
    #expect(unverified(ship, stage("b", after: [0], condition: 0, [look])) == [["ship", "put"]])
    // Both are skipped together.
    #expect(unverified(stage("ship", condition: 0, [put, look])) == [])
  }

  @Test func groupsAndLoopsAreSeenThrough() {
    let group = step("g", .group(limit: nil, [put, step("w", .wait(1))]))
    #expect(unverified(stage("a", [group])) == [["a", "g", "put"]])
    #expect(unverified(stage("a", [group, look])) == [])
    let looks = step("l", .group(limit: nil, [step("w", .wait(1)), look]))
    #expect(unverified(stage("a", [group, looks])) == [])
    let skipped = step("l", looks.work, condition: 0)
    #expect(unverified(stage("a", [group, skipped])) == [["a", "g", "put"]])
    let loop = PipelineWork.loop(PipelineLoop(interval: 1, most: 2, until: 0, steps: [put]))
    #expect(unverified(stage("a", [step("r", loop)])) == [])
    let ignored = [TroubleResponse(trouble: .failure, strategy: .ignore)]
    #expect(unverified(stage("a", [step("r", loop, ignored)])) == [["a", "r", "put"]])
    let denied = [TroubleResponse(trouble: .denial, strategy: .ignore)]
    #expect(unverified(stage("a", [step("r", loop, denied)])) == [])
  }

  @Test func sizesCountWhatIsWithin() {
    #expect(look.size == PipelineSize(steps: 1))
    let group = step("g", .group(limit: nil, [look, step("h", .group(limit: 1, [look, look]))]))
    #expect(group.size == PipelineSize(steps: 3, groups: 2))
    let loop = PipelineLoop(interval: 1, most: 2, until: 0, steps: [group])
    #expect(step("r", .loop(loop)).size == PipelineSize(steps: 3, groups: 3))
    // One that only looks again and again holds nothing, and is a step.
    let wait = PipelineLoop(interval: 1, most: 2, until: 0, steps: [])
    #expect(step("r", .loop(wait)).size == PipelineSize(steps: 1))
  }
}
