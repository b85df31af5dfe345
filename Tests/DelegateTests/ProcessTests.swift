// Programs: what they get and what not, and that they end when they should.

import Foundation
import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

private struct Ran {
  let end: ProcessEnd
  let output: String
  let errors: String
  let byteCount: Int64
  let isTruncated: Bool
  let digest: Digest
  let milliseconds: Int64
}

/// Runs a program to its end; `stopAfter` asks it to end.
private func ran(
  _ command: [String], secrets: [(name: String, value: SecretBytes)] = [],
  timeout: Int64 = 20_000, limits: ProcessLimits = ProcessLimits(), stopAfter: Int64? = nil
) throws -> Ran {
  let scratch = try Scratch()
  let launch = Launch(
    command: command, secrets: secrets, directory: scratch.path, timeoutMilliseconds: timeout,
    limits: limits)
  let start = currentTime().milliseconds
  let process = try RunningProcess(
    launch, by: Launcher(program: delegateProgram), atMilliseconds: start)
  var (output, errors): ([UInt8], [UInt8]) = ([], [])
  while process.end == nil {
    let now = currentTime().milliseconds
    if let stopAfter, now - start >= stopAfter { process.stop(atMilliseconds: now) }
    for chunk in process.advance(atMilliseconds: now) {
      switch chunk.stream {
      case .output: output += chunk.bytes
      case .errors: errors += chunk.bytes
      }
    }
    usleep(2000)
    guard now - start < 60_000 else { break }
  }
  return Ran(
    end: try #require(process.end), output: String(decoding: output, as: UTF8.self),
    errors: String(decoding: errors, as: UTF8.self), byteCount: process.byteCount,
    isTruncated: process.isTruncated, digest: process.outputDigest,
    milliseconds: currentTime().milliseconds - start)
}

@Suite struct ProcessTests {
  @Test func exitCodesAreTold() throws {
    #expect(try ran(["true"]).end == .exited(0))
    #expect(try ran(["sh", "-c", "exit 7"]).end == .exited(7))
    #expect(try ran(["sh", "-c", "kill -9 $$"]).end == .killed(9))
    guard case .notStarted(let reason) = try ran(["no-such-program"]).end else {
      Issue.record("a program that is not there ran")
      return
    }
    #expect(reason == "cannot run no-such-program: No such file or directory")
    guard case .notStarted = try ran(["/etc/passwd"]).end else {
      Issue.record("a file that is no program ran")
      return
    }
    // An exit code of the program is not one of the launcher.
    #expect(try ran(["sh", "-c", "exit 127"]).end == .exited(127))
  }

  @Test func thereIsNoShell() throws {
    let echoed = try ran(["echo", "$HOME", "; echo two", "`id`", "*"])
    #expect(echoed.output == "$HOME ; echo two `id` *\n")
  }

  @Test func theEnvironmentIsClean() throws {
    setenv("WRIT_TEST_LEAK", "leak", 1)
    let environment = try ran(["env"], secrets: [("token", secret("canary-value"))]).output
    let names = environment.split(separator: "\n").map { $0.prefix { $0 != "=" } }.sorted()
    #expect(names == ["HOME", "LANG", "PATH", "token"])
    #expect(environment.contains("token=[redacted]\n"))
    #expect(environment.contains("PATH=\(Launch.path)\n"))
  }

  @Test func theProgramHasThreeDescriptors() throws {
    // One that is inherited unless somebody sees to it.
    let leaked = open("/dev/null", O_RDONLY)
    defer { close(leaked) }
    let listed = try ran(["sh", "-c", "ls /proc/$$/fd; readlink /proc/$$/fd/0"]).output
    #expect(listed.split(separator: "\n") == ["0", "1", "2", "/dev/null"])
  }

  @Test func theProgramIsHeldToItsLimits() throws {
    var limits = ProcessLimits()
    limits.openFiles = 64
    limits.fileBytes = 1024
    let script =
      "ulimit -n; ulimit -c; grep NoNewPrivs /proc/self/status; ps -o sid= -p $$; echo $$; umask"
    let lines = try ran(["sh", "-c", script], limits: limits).output.split(separator: "\n")
      .map { $0.filter { $0 != " " } }
    #expect(lines.count == 6)
    #expect(lines.prefix(3) == ["64", "0", "NoNewPrivs:\t1"])
    #expect(lines[3] == lines[4], "a session of its own")
    #expect(lines.last == "0077")
    let written = try ran(
      ["sh", "-c", "head -c 9000 /dev/zero > big; wc -c < big"], limits: limits)
    #expect(written.output == "1024\n")
  }

  @Test func whoIgnoresTheEndIsKilledWithAllItStarted() throws {
    let script = #"""
      trap '' TERM
      sh -c "trap '' TERM; sleep 300 & echo \$! \$\$; wait" &
      echo $$
      wait
      sleep 300
      """#
    let killed = try ran(["sh", "-c", script], timeout: 700)
    #expect(killed.end == .timedOut)
    #expect(killed.milliseconds >= 700 + DelegateLimits.graceMilliseconds)
    #expect(killed.milliseconds < 15_000)
    let processes = killed.output.split { $0 == " " || $0 == "\n" }.map(String.init)
    #expect(processes.count == 3)
    for process in processes { #expect(!isAlive(process), "\(process)") }
  }

  @Test func whoIsAskedMayEndInPeace() throws {
    let script = "trap 'echo bye; exit 3' TERM; echo on; while :; do sleep 0.05; done"
    let stopped = try ran(["sh", "-c", script], stopAfter: 500)
    #expect(stopped.end == .stopped)
    #expect(stopped.output == "on\nbye\n")
    #expect(stopped.milliseconds < 500 + DelegateLimits.graceMilliseconds)
  }

  @Test func whatIsLeftBehindEndsWithTheProgram() throws {
    let left = try ran(["sh", "-c", "sleep 300 & echo $!"])
    #expect(left.end == .exited(0))
    #expect(left.milliseconds < 10_000)
    #expect(!isAlive(left.output.filter { $0 != "\n" }))
  }

  @Test func longOutputIsCountedAndNotKept() throws {
    let count = Int(DelegateLimits.outputByteCount) + 100_000
    let long = try ran(["sh", "-c", "head -c \(count) /dev/zero | tr '\\0' x"])
    #expect(long.end == .exited(0))
    #expect(long.isTruncated)
    #expect(long.byteCount == Int64(count))
    #expect(long.output.utf8.count == Int(DelegateLimits.outputByteCount))
    #expect(long.digest == Digest(of: [UInt8](repeating: UInt8(ascii: "x"), count: count)))
  }

  /// Printed in every way that a shell has, to both streams, in pieces.
  @Test func aSecretDoesNotComeOut() throws {
    let canary = "CANARY-\"7f3a\"+/value"
    let script = """
      echo "$token"; echo "$token" >&2; printf %s "$token" | base64
      printf %s "xx$token" | base64; printf %s "$token" | od -An -tx1 | tr -d ' \\n'; echo
      printf %s "$token" | sed 's/"/\\\\"/g'; echo
      printf %s "$token" | cut -c1-9 | tr -d '\\n'; sleep 0.1; printf %s "$token" | cut -c10-
      tr '\\0' '\\n' < /proc/$$/environ
      """
    let printed = try ran(["sh", "-c", script], secrets: [("token", secret(canary))])
    #expect(printed.end == .exited(0))
    let all = Array((printed.output + printed.errors).utf8)
    let bytes = Array(canary.utf8)
    let forms: [String] = [
      canary, Hex.encode(bytes), Base64.encode(bytes), "CANARY", "value",
      String(Base64.encode([0x78, 0x78] + bytes).dropFirst(4)),
      canary.replacing("\"", with: "\\\""),
    ]
    for form in forms { #expect(!contains(all, Array(form.utf8)), "\(form) in \(printed.output)") }
    #expect(printed.output.components(separatedBy: "[redacted]").count == 8)
    #expect(printed.errors == "[redacted]\n")
  }
}
