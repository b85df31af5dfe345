// Whether a decision on committed inputs says the same as the one on the inputs themselves.

import WritEvidence
import WritModel

/// Compares what two decisions say, but for the order of lists: names and their tokens sort differently.
struct Agreement {
  /// The texts that tokens stand for.
  let text: (DisclosureDigest) -> String?

  /// Members of a result that name its inputs, which are others in committed form.
  private static let ofInputs = ["bundle", "snapshot", "request"]

  /// Whether the committed decision, opened, is the other one: result, what each clause read, and fuel. Then the
  /// policy has not looked into what can be erased, and the committed decision can be made again without it.
  func holds(between real: DecisionRun, and committed: DecisionRun) -> Bool {
    guard real.fuel == committed.fuel, real.fuelLimit == committed.fuelLimit,
      real.trace.count == committed.trace.count,
      isSame(result(real.decision), result(committed.decision))
    else { return false }
    return zip(real.trace, committed.trace).allSatisfy { isSame($0.json, $1.json) }
  }

  private func result(_ decision: Decision) -> JSONValue {
    .object((decision.json.object ?? []).filter { !Agreement.ofInputs.contains($0.name) })
  }

  private func isSame(_ real: JSONValue, _ committed: JSONValue) -> Bool {
    unordered(real).compact == unordered(committed.replacingTokens(by: text)).compact
  }

  /// Lists, and texts that list with commas, sorted.
  private func unordered(_ value: JSONValue) -> JSONValue {
    switch value {
    case .null, .bool, .number: value
    case .string(let text):
      .string(splitting(text).sorted(by: precedesByBytes).joined(separator: ", "))
    case .array(let elements):
      .array(elements.map(unordered).sorted { precedesByBytes($0.compact, $1.compact) })
    case .object(let members):
      .object(members.map { JSONMember($0.name, unordered($0.value)) })
    }
  }

  private func splitting(_ text: String) -> [String] {
    var parts: [[UInt8]] = [[]]
    let bytes = Array(text.utf8)
    var place = 0
    while place < bytes.count {
      if bytes[place] == 0x2c, place + 1 < bytes.count, bytes[place + 1] == 0x20 {
        parts.append([])
        place += 2
      } else {
        parts[parts.count - 1].append(bytes[place])
        place += 1
      }
    }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}
