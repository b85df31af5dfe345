// What a snapshot's sources said, and when: look-ups in its source lines.

import WritModel

/// The source lines of a snapshot, which are sorted by source, cover, `of` and time.
struct SourceHistory: Sendable {
  private let lines: [SourceLine]
  /// Per source, its lines.
  private let ranges: [Range<Int>]
  /// Per source, the time of its first line; `nil` if it has none.
  let firsts: [Int64?]

  init(_ snapshot: Snapshot) {
    lines = snapshot.sourceLines
    var ranges = [Range<Int>](repeating: 0..<0, count: snapshot.schema.sources.count)
    var firsts = [Int64?](repeating: nil, count: ranges.count)
    for (index, line) in lines.enumerated() {
      let range = ranges[line.source]
      ranges[line.source] = (range.isEmpty ? index : range.lowerBound)..<index + 1
      firsts[line.source] = min(firsts[line.source] ?? line.at, line.at)
    }
    self.ranges = ranges
    self.firsts = firsts
  }

  /// The latest time, not after `asOf`, at which the source spoke of exactly that, and the next one
  /// after it.
  func latest(
    _ source: Int, _ cover: SourceLine.Cover, of: Int?, asOf: Int64
  ) -> (latest: Int64?, next: Int64?) {
    func line(at: Int64) -> SourceLine {
      SourceLine(source: source, cover: cover, of: of, at: at)
    }
    let range = ranges[source]
    guard !range.isEmpty else { return (nil, nil) }
    let start = lowerBound(line(at: .min), in: range)
    let end =
      asOf == .max
      ? upperBound(line(at: .max), in: range) : lowerBound(line(at: asOf + 1), in: range)
    let latest = end > start ? lines[end - 1].at : nil
    let isNext = end < range.upperBound && lines[end].cover == cover && lines[end].of == of
    return (latest, isNext ? lines[end].at : nil)
  }

  /// Whether the source ever spoke of single nodes among these.
  func speaks(_ source: Int, ofNodesIn nodes: Range<Int>) -> Bool {
    guard !nodes.isEmpty else { return false }
    let first = SourceLine(source: source, cover: .node(nodes.lowerBound), of: nil, at: .min)
    let place = lowerBound(first, in: ranges[source])
    guard place < ranges[source].upperBound, case .node(let node) = lines[place].cover else {
      return false
    }
    return nodes.contains(node)
  }

  private func lowerBound(_ line: SourceLine, in range: Range<Int>) -> Int {
    partition(range) { $0 < line }
  }

  private func upperBound(_ line: SourceLine, in range: Range<Int>) -> Int {
    partition(range) { !(line < $0) }
  }

  /// The first place in the range for which `isBefore` no longer holds.
  private func partition(_ range: Range<Int>, _ isBefore: (SourceLine) -> Bool) -> Int {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper {
      let middle = (lower + upper) / 2
      if isBefore(lines[middle]) { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }
}
