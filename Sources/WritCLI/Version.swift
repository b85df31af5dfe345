// What this program is, and which forms it reads and writes.

import Writ
import WritModel

/// Versions of engine, language, bytecode and evidence records.
enum Version {
  static let engine = Versions.engine
  static let language = Versions.language
  static let bytecode = Versions.bytecode
  static let record = Versions.record

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
