// Files beyond a limit are refused by name before they are read.

import Foundation
import Testing

@Suite("Limits")
struct LimitTests {
  /// 64 MiB where 16 MiB are the most; the file has a hole, and takes no room.
  @Test(
    "a policy that is too large is input that cannot be taken", arguments: ["check", "fmt", "test"])
  func policy(_ command: String) throws {
    let scratch = try Scratch()
    try scratch.write("policy big version 1\n", to: "big.writ")
    #expect(truncate(scratch.path + "/big.writ", 64 << 20) == 0)
    let outcome = try Program.run([command, "big.writ"], in: scratch.path)
    #expect(outcome.code == 65)
    #expect(
      outcome.messages == "writ: error: big.writ is larger than 16 MiB, the most that is read\n")
    #expect(outcome.output.isEmpty)
  }

  /// A pipe has no size: it is read up to the limit and no further.
  @Test("also from standard input")
  func standardInput() throws {
    let scratch = try Scratch()
    let text = [UInt8](repeating: UInt8(ascii: "\n"), count: (16 << 20) + 1)
    let outcome = try Program.run(["check", "-"], in: scratch.path, input: text)
    #expect(outcome.code == 65)
    #expect(
      outcome.messages.contains("<standard input> is larger than 16 MiB, the most that is read"))
  }
}
