// What clauses answered before, by all that the answers depended on: one request has it from another.

import WritGraph
import WritModel

/// An answer that was found, and how its trace reads for other nodes of which the same was read.
final class KnownAnswer {
  fileprivate let key: [UInt64]
  /// Without its trace.
  let answer: ClauseAnswer
  let reasons: WrittenReasons
  let obligations: WrittenObligations
  /// `nil` where nobody asked what was read.
  let trace: KnownTrace?

  init(key: [UInt64], answer: ClauseAnswer, trace: KnownTrace?) {
    self.key = key
    self.answer = answer
    reasons = WrittenReasons(answer.reasons)
    obligations = WrittenObligations(answer.obligations)
    self.trace = trace
  }
}

/// Answers of the clauses of one program over one snapshot. For one thread at a time.
struct AnswerMemory {
  private var entries: [UInt64: KnownAnswer] = [:]
  private var byteCount = 0

  /// Bytes that are kept, about.
  private static let keptBytes = 16 << 20

  /// What was answered before, all that the key names being the same.
  func known(_ key: [UInt64]) -> KnownAnswer? {
    guard let found = entries[key.mixed], found.key == key else { return nil }
    return found
  }

  mutating func keep(_ answer: ClauseAnswer, _ trace: KnownTrace?, _ key: [UInt64]) {
    byteCount += key.count * 8 + (trace?.byteCount ?? 0) + answer.byteCount
    if byteCount > AnswerMemory.keptBytes {
      entries.removeAll()
      byteCount = 0
    }
    var answer = answer
    answer.traceText = []
    answer.knownReasons = nil
    entries[key.mixed] = KnownAnswer(key: key, answer: answer, trace: trace)
  }
}

extension ClauseAnswer {
  /// What it takes to keep it, about.
  fileprivate var byteCount: Int {
    256 + reasons.count * 512 + obligations.count * 256
  }
}

/// The trace of a clause as text, in which some nodes may be exchanged for others.
final class KnownTrace {
  /// Facts of nodes that the answer depends on.
  private let fixed: FactListText
  /// Facts of nodes that it does not depend on.
  private let open: [OpenFact]
  /// What stands around the facts.
  private let head: [UInt8]
  private let tail: [UInt8]

  /// A fact without its node.
  private struct OpenFact {
    let parameter: Int
    let member: String
    let head: [UInt8]
    let tail: [UInt8]
    /// Between which of the fixed facts it stands, whatever its node is called.
    let places: Range<Int>

    func append(_ node: NodeText, to output: inout [UInt8]) {
      output.append(contentsOf: head)
      output.append(contentsOf: node.json)
      output.append(contentsOf: tail)
    }
  }

  /// - Parameter parameterFacts: Facts of parameters' nodes, each with the parameter.
  init(
    _ clause: String, _ outcome: ClauseOutcome, _ facts: [TracedFact],
    _ parameterFacts: [(parameter: Int, fact: TracedFact)]
  ) {
    let fixed = FactListText(facts)
    open = parameterFacts.map { parameter, fact in
      var (head, tail): ([UInt8], [UInt8]) = ([], [])
      fact.appendHead(to: &head)
      fact.appendTail(to: &tail)
      return OpenFact(
        parameter: parameter, member: fact.member ?? "", head: head, tail: tail,
        places: fixed.places(ofKindOf: fact.subject))
    }
    self.fixed = fixed
    var whole: [UInt8] = []
    var middle = 0
    appendTrace(ofClause: clause, outcome, to: &whole) { middle = $0.count }
    head = Array(whole[..<middle])
    tail = Array(whole[middle...])
  }

  var byteCount: Int { fixed.bytes.count * 2 + open.count * 512 }

  /// Appends the trace with these nodes in the place of parameters.
  func append(to output: inout [UInt8], _ node: (Int) -> NodeText) {
    output.append(contentsOf: head)
    if open.count == 1 {
      let text = node(open[0].parameter)
      fixed.append(count: 1, before: { _ in place(of: open[0], text) }, to: &output) {
        open[0].append(text, to: &$1)
      }
    } else {
      let sorted = open.map { (fact: $0, node: node($0.parameter)) }.sorted(by: precedes)
      fixed.append(
        count: sorted.count, before: { place(of: sorted[$0].fact, sorted[$0].node) }, to: &output
      ) {
        sorted[$0].fact.append(sorted[$0].node, to: &$1)
      }
    }
    output.append(contentsOf: tail)
  }

  private func precedes(
    _ left: (fact: OpenFact, node: NodeText), _ right: (fact: OpenFact, node: NodeText)
  ) -> Bool {
    if left.node.text != right.node.text {
      return left.node.text.lexicographicallyPrecedes(right.node.text)
    }
    return precedesByBytes(left.fact.member, right.fact.member)
  }

  private func place(of fact: OpenFact, _ node: NodeText) -> Int {
    fact.places.isEmpty
      ? fact.places.lowerBound
      : fixed.place(ofSubject: node.text, member: fact.member, in: fact.places)
  }
}

/// What a node is called: `Kind/id`, and the same as a JSON string.
struct NodeText {
  let text: ArraySlice<UInt8>
  let json: [UInt8]

  /// Of a node; nothing where there is none of that number.
  init(_ node: Slot, _ machine: Machine) {
    let number = Int(node.lower)
    let kind = machine.graph.kind(of: number).map { machine.program.schema.kinds[$0].name } ?? "?"
    var json: [UInt8] = [UInt8(ascii: "\"")]
    json.reserveCapacity(64)
    json.append(contentsOf: kind.utf8)
    json.append(UInt8(ascii: "/"))
    let isPlain = machine.withBytes(of: machine.strings.identifier(ofNode: number)) { id in
      json.append(contentsOf: id)
      return !id.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    }
    if isPlain {
      json.append(UInt8(ascii: "\""))
      self.json = json
      text = json[1..<json.count - 1]
    } else {
      let text = json.dropFirst()
      var escaped: [UInt8] = []
      appendJSONString(String(decoding: text, as: UTF8.self), to: &escaped)
      self.json = escaped
      self.text = text
    }
  }
}
