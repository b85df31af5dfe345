// Places that approvals ask for, filled by people: all small worlds, against trying every assignment.

import Testing
import WritModel

@Suite struct SeatingTests {
  /// The fullest way, earlier terms first, of those in which each person has one place or none.
  private func fullest(_ counts: [Int], _ admitted: [[Bool]], people: Int) -> [Int] {
    var best = counts.map { _ in 0 }
    let choices = counts.count + 1
    for world in 0..<(0..<people).reduce(1, { size, _ in size * choices }) {
      var rest = world
      var filled = counts.map { _ in 0 }
      var isPossible = true
      for person in 0..<people {
        let term = rest % choices
        rest /= choices
        guard term < counts.count else { continue }
        isPossible = isPossible && admitted[term][person]
        filled[term] += 1
      }
      guard isPossible else { continue }
      let bounded = zip(filled, counts).map { min($0, $1) }
      if best.lexicographicallyPrecedes(bounded) { best = bounded }
    }
    return best
  }

  @Test func everySmallWorldIsFilledAsFarAsItCanBe() {
    for counts in [[1, 1], [2, 1], [1, 1, 1], [2, 2], [1, 2, 1]] {
      for people in 0...3 {
        let places = counts.count * people
        for world in 0..<(1 << places) {
          let admitted = counts.indices.map { term in
            (0..<people).map { world >> (term * people + $0) & 1 == 1 }
          }
          let filled = filledPlaces(counts, admitted: admitted)
          #expect(
            filled == fullest(counts, admitted, people: people), "\(counts) \(admitted)")
        }
      }
    }
  }

  @Test func aLongChainOfChangesIsFound() {
    // Each may stand for a term and the next; the last, who comes first, for the first alone.
    let terms = 16
    let admitted = (0..<terms).map { term in
      (0..<terms).map { person in
        person == terms - 1 ? term == 0 : term == person || term == person + 1
      }
    }
    let ones = Array(repeating: 1, count: terms)
    #expect(filledPlaces(ones, admitted: admitted) == ones)
    #expect(filledPlaces(ones + [1], admitted: admitted + [admitted[0]]) == ones + [0])
  }

  @Test func nobodyFillsNothing() {
    #expect(filledPlaces([], admitted: []) == [])
    #expect(filledPlaces([2], admitted: [[]]) == [0])
  }
}
