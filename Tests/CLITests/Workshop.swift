// A folder with a shell in it.

import Foundation
import Testing
import WritTesting

/// A folder that scripts are run in.
class Workshop {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  /// Runs a script without a terminal, `writ` and `writ-verify` being those of the build.
  func run(_ script: String) throws -> Outcome {
    let process = Process()
    let setsid = "/usr/bin/setsid"
    let hasSetsid = FileManager.default.isExecutableFile(atPath: setsid)
    process.executableURL = URL(fileURLWithPath: hasSetsid ? setsid : "/bin/sh")
    process.arguments = (hasSetsid ? ["-w", "/bin/sh"] : []) + ["-c", "exec 2>err\n" + script]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.environment = ["PATH": "\(Program.folder):/usr/bin:/bin"]
    let output = scratch.path + "/out"
    try Data().write(to: URL(fileURLWithPath: output))
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: String(decoding: try scratch.bytes("out"), as: UTF8.self),
      messages: String(decoding: try scratch.bytes("err"), as: UTF8.self),
      code: process.terminationReason == .exit ? process.terminationStatus : -1)
  }

  /// Runs a script in which each command must succeed, or return the code that was asked for.
  @discardableResult
  func expect(
    _ script: String, _ code: Int32 = 0, says words: String = "",
    location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try run("set -e\n" + script)
    #expect(outcome.code == code, "\(script): \(outcome.messages)", sourceLocation: location)
    #expect(
      words.isEmpty || outcome.messages.contains(words) || outcome.output.contains(words),
      "\(script): \(outcome.messages)\(outcome.output)", sourceLocation: location)
    return outcome.output
  }
}
