// Launchers and keepers: nothing outlives whoever had it started, and nobody is told of an end before it is one.

import Foundation
import Testing
import WritCrypto
import WritDelegate

/// Programs that one launcher starts, in one folder.
private final class Yard {
  let scratch: Scratch
  let launcher = Launcher(program: delegateProgram)

  init() throws { scratch = try Scratch() }

  func start(
    _ script: String, timeout: Int64 = 60_000, takesInput: Bool = false
  ) throws -> RunningProcess {
    let launch = Launch(
      command: ["sh", "-c", script], secrets: [], directory: scratch.path,
      timeoutMilliseconds: timeout, takesInput: takesInput)
    return try RunningProcess(launch, by: launcher, atMilliseconds: currentTime().milliseconds)
  }

  /// Its end, and what it wrote.
  func end(of process: RunningProcess) throws -> (end: ProcessEnd, output: String) {
    var output: [UInt8] = []
    let limit = currentTime().milliseconds + 60_000
    while process.end == nil && currentTime().milliseconds < limit {
      var polls = process.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&polls, nfds_t(polls.count), 50)
      for chunk in process.advance(atMilliseconds: currentTime().milliseconds) {
        output += chunk.bytes
      }
    }
    return (try #require(process.end), String(decoding: output, as: UTF8.self))
  }

  /// The numbers that were written to a file, a line each, once there are as many.
  func numbers(_ count: Int, in name: String) throws -> [String] {
    try waitFor {
      let bytes = (try? scratch.bytes(name)) ?? []
      let lines = bytes.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
      return lines.count >= count && bytes.last == 0x0a ? lines : nil
    }
  }
}

@Suite struct LauncherTests {
  /// In a session of its own, behind a parent that has ended, deaf to being asked: the last of them writes its number.
  private static let stray =
    #"setsid sh -c '(trap "" TERM HUP; echo $$ >> strays; sh -c "echo \$\$ >> strays; exec sleep 300") & exit' &"#

  @Test func whatHidesEndsWithTheProgramAndBeforeThatIsTold() throws {
    let yard = try Yard()
    for (script, isStopped) in [
      (LauncherTests.stray + " while [ $(wc -l < strays) -lt 2 ]; do sleep 0.01; done", false),
      (LauncherTests.stray + " sleep 300", true),
    ] {
      try yard.scratch.write([], to: "strays")
      let process = try yard.start(script)
      if isStopped {
        _ = try yard.numbers(2, in: "strays")
        process.stop(atMilliseconds: currentTime().milliseconds)
      }
      #expect(try yard.end(of: process).end == (isStopped ? .stopped : .exited(0)))
      for number in try yard.numbers(2, in: "strays") { #expect(!isAlive(number), "\(script)") }
    }
  }

  @Test func ofTwoProgramsOneMayEndWithoutTheOther() throws {
    let yard = try Yard()
    let lasting = try yard.start("echo $$ > lasting; exec sleep 300")
    let number = try yard.numbers(1, in: "lasting")[0]
    try yard.scratch.write([], to: "strays")
    let brief = try yard.start(LauncherTests.stray + " exit 3")
    #expect(try yard.end(of: brief).end == .exited(3))
    #expect(isAlive(number))
    lasting.stop(atMilliseconds: currentTime().milliseconds)
    #expect(try yard.end(of: lasting).end == .stopped)
    #expect(!isAlive(number))
  }

  /// A program may kill what keeps it: they are the same user's.
  @Test func whoKillsItsKeeperEndsToo() throws {
    let yard = try Yard()
    try yard.scratch.write([], to: "strays")
    let process = try yard.start(
      LauncherTests.stray + """
         while [ $(wc -l < strays) -lt 2 ]; do sleep 0.01; done
        kill -9 $PPID; exec sleep 300
        """)
    #expect(try yard.end(of: process).end == .killed(9))
    for number in try yard.numbers(2, in: "strays") { #expect(!isAlive(number)) }
    #expect(try yard.end(of: yard.start("exit 4")).end == .exited(4))
  }

  @Test func aLauncherThatIsGoneIsStartedAgain() throws {
    let yard = try Yard()
    // The keeper's parent, by the second field behind the name.
    let parent = #"$(sed 's/.*) . //; s/ .*//' /proc/$PPID/stat)"#
    let process = try yard.start(
      "echo \(parent) > launcher; kill -9 $(cat launcher); echo on; exit 5")
    let (end, output) = try yard.end(of: process)
    #expect(end == .exited(5) && output == "on\n", "its keeper goes on")
    // Who is killed is gone a moment later only.
    let launcher = try yard.numbers(1, in: "launcher")[0]
    try waitFor { isAlive(launcher) ? nil : true }
    #expect(try yard.end(of: yard.start("exit 6")).end == .exited(6))
  }

  /// More than a pipe holds, in parts, and an answer to each of them.
  @Test func aProgramReadsAllThatItIsSent() throws {
    let yard = try Yard()
    let process = try yard.start(
      "for n in 1 2; do read -r line; echo ${#line}; done", takesInput: true)
    process.send(Array(repeating: UInt8(ascii: "a"), count: 200_000))
    #expect(process.isBehind)
    process.send(Array("\nb\n".utf8))
    let (end, output) = try yard.end(of: process)
    #expect(end == .exited(0) && output == "200000\n1\n")
    #expect(!process.isBehind)
  }

  @Test func twoProgramsReadWhatEachIsSent() throws {
    let yard = try Yard()
    let both = try ["one", "two"].map { word in
      let process = try yard.start("read -r line; echo $line", takesInput: true)
      return (word, process)
    }
    for (word, process) in both.reversed() { process.send(Array("\(word)\n".utf8)) }
    for (word, process) in both { #expect(try yard.end(of: process).output == "\(word)\n") }
  }

  @Test func whatIsNotSentToIsAtItsEnd() throws {
    let yard = try Yard()
    let process = try yard.start("cat; exit 7")
    process.send(Array("nobody reads this".utf8))
    #expect(!process.isBehind)
    let (end, output) = try yard.end(of: process)
    #expect(end == .exited(7) && output.isEmpty)
  }

  @Test func whoeverLetsGoOfAProgramEndsIt() throws {
    let yard = try Yard()
    var process: RunningProcess? = try yard.start("echo $$ > number; exec sleep 300")
    let number = try yard.numbers(1, in: "number")[0]
    #expect(process?.end == nil)
    process = nil
    try waitFor { isAlive(number) ? nil : true }
  }

  @Test func programsHaveTheirSignals() throws {
    let yard = try Yard()
    let output = try yard.end(of: yard.start("grep -E 'Sig(Ign|Blk)' /proc/self/status")).output
    let masks = output.split(separator: "\n").compactMap { UInt64($0.dropFirst(8), radix: 16) }
    // Those of the system's library, 32 and 33, are not a program's.
    #expect(masks.map { $0 & 0x7fff_ffff } == [0, 0], "\(output)")
  }

  @Test func theLauncherHoldsItsLockAsLongAsAProgramLives() throws {
    let yard = try Yard()
    let lock = yard.scratch.path + "/lock"
    try yard.launcher.hold(lock, patienceMilliseconds: 0)
    let process = try yard.start("echo $$ > number; exec sleep 300")
    let number = try yard.numbers(1, in: "number")[0]
    let second = Launcher(program: delegateProgram)
    #expect(throws: DelegateError.stillEnding(path: lock)) {
      try second.hold(lock, patienceMilliseconds: 0)
    }
    #expect(isAlive(number) && process.end == nil)
  }

  @Test func whatCannotBeHandedOverIsRefused() throws {
    let yard = try Yard()
    let long = String(repeating: "x", count: 9 << 20)
    let refusal = #expect(throws: DelegateError.self) { _ = try yard.start(long) }
    guard case .system(_, E2BIG)? = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(throws: DelegateError.system(act: "hand a zero byte to sh", code: EINVAL)) {
      _ = try yard.start("echo \0")
    }
    // Longer than the kernel takes, and than a socket holds.
    let process = try yard.start(String(repeating: "x", count: 1 << 20))
    #expect(
      try yard.end(of: process).end == .notStarted("cannot run sh: Argument list too long"))
  }
}
