// What of a pipeline is kept as it is written: conditions, who may not approve, and what calls are handed, for whoever looks at a plan.

import WritModel
import WritSemantics

extension TypedPipeline {
  /// Indexes of the values that a plan tells of.
  var toldValues: Set<Int> {
    var found: Set<Int> = []
    if let freeze { found.insert(freeze) }
    for stage in stages {
      if let condition = stage.condition { found.insert(condition) }
      for step in stage.steps + stage.hooks.flatMap(\.steps) { step.tell(&found) }
    }
    return found
  }
}

extension TypedPipeline {
  /// Indexes of the values that actions and gates are handed. A bare argument or constant needs no text of its own.
  var handedValues: Set<Int> {
    var found: Set<Int> = []
    for step in stages.flatMap({ $0.steps + $0.hooks.flatMap(\.steps) }) + hooks.flatMap(\.steps) {
      step.hand(&found)
    }
    return found
  }
}

extension PipelineStep {
  fileprivate func hand(_ found: inout Set<Int>) {
    switch work {
    case .action(_, let arguments), .gate(_, let arguments): found.formUnion(arguments)
    case .run, .approval, .wait, .group, .loop, .agent: break
    }
    for step in work.steps + hooks.flatMap(\.steps) { step.hand(&found) }
  }

  fileprivate func tell(_ found: inout Set<Int>) {
    if let condition { found.insert(condition) }
    switch work {
    case .approval(let approval): found.formUnion(approval.rules.compactMap(\.except))
    case .loop(let loop): found.insert(loop.until)
    case .run, .action, .gate, .wait, .group, .agent: break
    }
    for step in work.steps + hooks.flatMap(\.steps) { step.tell(&found) }
  }
}

/// Bytes of such a text.
private let toldByteCount = 400

/// A text of the policy in one line, without comments; of a long one the beginning.
func oneLine(_ text: String) -> String {
  var line: [UInt8] = []
  var rest = Array(text.utf8)[...]
  var quote: UInt8?
  while let byte = rest.popFirst() {
    if let open = quote {
      line.append(byte)
      if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() { line.append(escaped) }
      if byte == open { quote = nil }
    } else if byte == UInt8(ascii: "/"), rest.first == UInt8(ascii: "/") {
      rest = rest.drop { $0 != 0x0A }
    } else if byte == 0x20 || 0x09...0x0D ~= byte {
      if line.last != 0x20 { line.append(0x20) }
    } else {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`") { quote = byte }
      line.append(byte)
    }
  }
  let whole = String(decoding: line, as: UTF8.self)
  guard line.count > toldByteCount else { return whole }
  return String(decoding: line.prefix(toldByteCount), as: UTF8.self) + "…"
}
