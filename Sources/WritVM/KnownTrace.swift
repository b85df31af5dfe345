// The trace of a clause that answers as before, but of another node.

import WritModel

/// The trace of a clause as text, in which some nodes may be exchanged for others.
final class KnownTrace {
  /// Facts of nodes that the answer depends on.
  private let fixed: FactListText
  /// Facts of nodes that it does not depend on, as they were sorted first.
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
    let sorted = parameterFacts.sorted { $0.fact.precedes($1.fact) }
    open = sorted.map { parameter, fact in
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
    if let first = open.first, open.allSatisfy({ $0.parameter == first.parameter }) {
      // They are in the order of their members, whatever the node is called.
      let text = node(first.parameter)
      fixed.append(count: open.count, before: { place(of: open[$0], text) }, to: &output) {
        open[$0].append(text, to: &$1)
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
