// The facts of the story: those of policies/checkout, moved in time, and what changes.

import WritModel

extension Stage {
  /// When the facts of policies/checkout were written: a Thursday, an hour before a freeze.
  private static let written = Instant("2026-11-19T18:00:00Z") ?? .earliest

  /// The facts, with every time moved by as much as lies between their Thursday and now.
  func movedFacts() -> [UInt8] {
    var text: [UInt8] = []
    for line in DemoTexts.facts.split(separator: "\n") {
      guard let fact = try? JSONValue(parsing: Array(line.utf8)) else { continue }
      text += Array((moved(fact).compact + "\n").utf8)
    }
    return text
  }

  /// The value with every RFC 3339 text in it moved.
  private func moved(_ value: JSONValue) -> JSONValue {
    switch value {
    case .null, .bool, .number: return value
    case .string(let text):
      guard let instant = Instant(text) else { return value }
      return .string(time(instant.microseconds - Stage.written.microseconds))
    case .array(let elements): return .array(elements.map(moved))
    case .object(let members):
      return .object(members.map { JSONMember($0.name, moved($0.value)) })
    }
  }

  /// That much later than now, as facts write it.
  private func time(_ later: Int64) -> String { Instant(microseconds: now + later).description }

  private static let hour: Int64 = 3_600_000_000

  /// The critical vulnerability is fixed, and the scanner has looked again.
  var patched: [UInt8] {
    lines([
      [
        "node": "Vulnerability", "id": "CVE-2026-12345",
        "props": [
          "severity": "critical", "published": .string(time(-26 * Stage.hour)),
          "fixedAt": .string(time(0)),
        ],
      ],
      ["source": "scanner", "at": .string(time(0)), "covers": "Vulnerability"],
    ])
  }

  /// More of checkout is tested.
  var covered: [UInt8] {
    lines([
      [
        "node": "Service", "id": "checkout",
        "props": ["tier": 1, "coverage": "86.4", "sloMet": "99.95"],
      ],
      ["source": "ci", "at": .string(time(0)), "covers": "Service"],
    ])
  }

  /// The freeze begins a day later.
  var moved: [UInt8] {
    lines([
      [
        "node": "Freeze", "id": "thursday",
        "props": [
          "from": .string(time(25 * Stage.hour)), "until": .string(time(37 * Stage.hour)),
        ],
      ],
      ["source": "pager", "at": .string(time(0)), "covers": "Freeze"],
    ])
  }

  /// Facts as JSON Lines.
  private func lines(_ facts: [JSONValue]) -> [UInt8] {
    facts.flatMap { Array(($0.compact + "\n").utf8) }
  }

  /// Whose key may approve, and in which role.
  func writeRegistry() throws(Failure) {
    let key = try readVerifierKey("ines.key.pub")
    let entry: JSONValue = [
      "name": "ines", "key": .string(key.description), "actor": "Identity/ines",
      "roles": ["eu_compliance"],
    ]
    try writeFile("registry.jsonl", Array((entry.compact + "\n").utf8))
  }
}
