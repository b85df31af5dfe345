// What this program is, and which forms it reads and writes.

import Writ
import WritModel

/// Versions of engine, language, bytecode and evidence records.
enum Version {
  /// Of this program: its decisions name it.
  static let engine = Versions.engine
  /// Of policies.
  static let language = Versions.language
  /// Of bundles.
  static let bytecode = Versions.bytecode
  /// Of what a log holds.
  static let record = Versions.record

  /// For people.
  static var line: String {
    "writ \(engine) (language \(language), bytecode \(bytecode), records \(record))"
  }

  /// For programs.
  static var json: JSONValue {
    [
      "engine": .string(engine), "language": .string(language), "bytecode": .string(bytecode),
      "record": .string(record),
    ]
  }
}
