// Draws random sentences of the grammar.

import WritTesting

/// Draws sentences: the same seed, the same sentences.
struct SentenceGenerator {
  private let grammar: Grammar
  private let bodies: [String: Grammar.Term]
  /// Height of the least tree of each production.
  private let heights: [String: Int]
  private var random: SplitMix64
  private var words: [String] = []
  /// Words that touch the one before them.
  private var glued: Set<Int> = []

  /// Token productions, and texts that they stand for.
  private static let samples: [String: [String]] = [
    "Name": [
      "a", "b", "x1", "Service", "Team", "critical", "_", "snake_case", "`source`", "`odd name`",
      "`absent`",
    ],
    "Integer": ["0", "7", "80", "1_000_000", "9223372036854775807"],
    "Decimal": ["0.5", "99.9", "1_000.000001"],
    "Number": ["3", "2.50"],
    "Duration": ["1us", "20ms", "30s", "5m", "24h", "7d", "2w"],
    "Date": ["2026-11-19", "2024-02-29"],
    "Instant": ["2026-11-19T10:00:00Z", "2026-11-19T10:00:00.123456+02:00"],
    "String": ["\"\"", "\"text\"", "\"a \\\"b\\\" {c} \\u{20AC}\\n\"", "\"legacy/billing:v1\""],
    "Template": [
      "\"plain\"", "\"{a.b} is above {count(b+)}, \\{ \\}\"", "\"{x where .y in $z}\"",
    ],
  ]

  init(_ grammar: Grammar, seed: UInt64) {
    self.grammar = grammar
    bodies = Dictionary(uniqueKeysWithValues: grammar.productions.map { ($0.name, $0.term) })
    random = SplitMix64(seed: seed)
    var heights: [String: Int] = [:]
    for name in Self.samples.keys { heights[name] = 1 }
    // Grows from the leaves until nothing changes.
    var isChanging = true
    while isChanging {
      isChanging = false
      for production in grammar.productions where Self.samples[production.name] == nil {
        // An approval would be the least of all operands, and so the commonest by far.
        let extra = production.name == "Approval" ? 8 : 1
        let height = Self.height(production.term, heights).map { $0 + extra }
        if height != heights[production.name] {
          heights[production.name] = height
          isChanging = true
        }
      }
    }
    self.heights = heights
  }

  /// A sentence of a production, no deeper than it must be from a depth on.
  mutating func sentence(of production: String, depth: Int) -> String {
    words = []
    glued = []
    write(.production(production), depth: depth)
    var text = ""
    for (index, word) in words.enumerated() {
      if index > 0, !glued.contains(index) { text += " " }
      text += word
    }
    return text
  }

  /// The grammar can be drawn from: every production has a finite tree.
  var unbounded: [String] {
    grammar.productions.map(\.name).filter { heights[$0] == nil }
  }

  private static func height(_ term: Grammar.Term, _ heights: [String: Int]) -> Int? {
    switch term {
    case .terminal: 0
    case .production(let name): heights[name]
    case .sequence(let terms):
      terms.reduce(0 as Int?) { most, term in
        guard let most, let height = height(term, heights) else { return nil }
        return max(most, height)
      }
    case .choice(let terms): terms.compactMap { height($0, heights) }.min()
    case .repeat(let term, let sign): sign == "+" ? height(term, heights) : 0
    }
  }

  /// As the grammar says of words in a row: a bracket at the beginning of one, or behind the name that begins it, would make a
  /// call of what stands there; and a name with a string behind it, which is a node, stands in brackets. Such a word is a text instead.
  private mutating func holdApart(from start: Int) {
    let head = words[start...].prefix(2)
    let isNode = head.count == 2 && head.last?.hasPrefix("\"") == true
    guard isNode || head.contains("(") else { return }
    words.removeSubrange(start...)
    glued = glued.filter { $0 < start }
    write(.production("Template"), depth: 0)
  }

  private mutating func write(_ term: Grammar.Term, depth wanted: Int) {
    // A long sentence comes to its end.
    let depth = words.count < 300 ? wanted : 0
    switch term {
    case .terminal(let text): words.append(text)
    case .production(let name):
      if let text = Self.samples[name].flatMap({ random.pick($0) }) {
        words.append(text)
      } else if let body = bodies[name] {
        if name == "Closure" { glued.insert(words.count) }
        let start = words.count
        write(body, depth: depth - 1)
        if name == "Word" { holdApart(from: start) }
      }
    case .sequence(let terms):
      for term in terms { write(term, depth: depth) }
    case .choice(let terms):
      let fitting = terms.filter { (Self.height($0, heights) ?? Int.max) <= depth }
      let least = terms.min {
        (Self.height($0, heights) ?? Int.max) < (Self.height($1, heights) ?? Int.max)
      }
      if let chosen = random.pick(fitting) ?? least { write(chosen, depth: depth) }
    case .repeat(let term, let sign):
      let most = (Self.height(term, heights) ?? Int.max) > depth ? 0 : (sign == "?" ? 1 : 3)
      let least = sign == "+" ? 1 : 0
      for _ in 0..<max(least, random.below(most + 1)) { write(term, depth: depth) }
    }
  }
}
