// What this program is, and which forms it reads and writes.

import WritModel

/// Versions of engine, language, bytecode and evidence records.
enum Version {
  static let engine = "0.1.0"
  static let language = "1"
  static let bytecode = "writ-bundle-v1"
  static let record = "1"

  static var line: String {
    "writ \(engine) (language \(language), bytecode \(bytecode), records \(record))"
  }

  static var json: JSONValue {
    [
      "engine": .string(engine), "language": .string(language), "bytecode": .string(bytecode),
      "record": .string(record),
    ]
  }
}
