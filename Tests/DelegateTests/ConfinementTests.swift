// What programs may use and touch: attacks of a program on keys, on files elsewhere, on other processes, and on the machine.

import Foundation
import Testing
import WritCrypto
import WritDelegate

/// A folder to work in, a key beside it, and a launcher.
private final class Cell {
  let scratch: Scratch
  private let launcher = Launcher(program: delegateProgram)

  init() throws {
    scratch = try Scratch()
    for folder in ["work", "keys", "shared", "shared/deep", "log"] {
      try FileManager.default.createDirectory(
        atPath: "\(scratch.path)/\(folder)", withIntermediateDirectories: true)
    }
    for file in ["keys/key", "shared/open", "shared/deep/open", "shared/deep/key", "log/entry"] {
      try scratch.write(Array("canary of \(file)\n".utf8), to: file)
    }
  }

  func confinement(isAlone: Bool = false) throws -> Confinement {
    try #require(
      Confinement(
        readable: ["\(scratch.path)/shared"], writable: ["\(scratch.path)/work"],
        hidden: ["keys", "log", "shared/deep/key"].map { "\(scratch.path)/\($0)" },
        isAlone: isAlone))
  }

  /// Runs a script to its end: how it ended, and all that it wrote.
  func run(
    _ script: String, _ confinement: Confinement?, limits: ProcessLimits = ProcessLimits()
  ) throws -> (end: ProcessEnd, output: String) {
    let launch = Launch(
      command: ["sh", "-c", script], secrets: [], directory: "\(scratch.path)/work",
      timeoutMilliseconds: 30_000, limits: limits,
      variables: [("CELL", scratch.path), ("TMPDIR", "\(scratch.path)/work")],
      confinement: confinement)
    let process = try RunningProcess(
      launch, by: launcher, atMilliseconds: currentTime().milliseconds)
    var output: [UInt8] = []
    let limit = currentTime().milliseconds + 60_000
    while process.end == nil && currentTime().milliseconds < limit {
      for chunk in process.advance(atMilliseconds: currentTime().milliseconds) {
        output += chunk.bytes
      }
      usleep(2_000)
    }
    return (try #require(process.end), String(decoding: output, as: UTF8.self))
  }
}

@Suite(.enabled(if: Confinement.kernelVersion >= Confinement.wholeVersion, "needs Landlock 3"))
struct ConfinementTests {
  @Test func whatItNeedsIsThere() throws {
    let cell = try Cell()
    let script = #"""
      set -e
      echo one > made; cat made; mkdir folder; mv made folder/moved; ln -s moved folder/link; cat folder/link
      mktemp > /dev/null; cat "$CELL/shared/open" "$CELL/shared/deep/open"; ls "$CELL/shared/deep/open" > /dev/null
      echo gone > /dev/null; head -c 4 /dev/urandom | wc -c; cat /etc/passwd > /dev/null
      sh -c 'echo "$$" > number; kill -TERM $$' || true; rm -r folder; ls
      """#
    let (end, output) = try cell.run(script, try cell.confinement())
    #expect(end == .exited(0), "\(output)")
    #expect(output.hasPrefix("one\none\ncanary of shared/open\ncanary of shared/deep/open\n4\n"))
    #expect(output.contains("number"))
  }

  @Test(
    arguments: [
      #"cat "$CELL/keys/key""#, #"cat < "$CELL/keys/key""#, #"cp "$CELL/keys/key" mine; cat mine"#,
      #"ln "$CELL/keys/key" mine; cat mine"#, #"ln -s "$CELL/keys/key" mine; cat mine"#,
      #"mv "$CELL/keys/key" mine; cat mine"#, #"mv "$CELL/keys" mine; cat mine/key"#,
      #"cat "$CELL/shared/deep/key""#, #"cat "/proc/self/cwd/../keys/key""#,
      #"cat "/proc/$PPID/root$CELL/keys/key""#, #"cat "/proc/$PPID/environ""#,
      #"cd "$CELL/keys"; cat key"#, #"tar c -C "$CELL" keys"#, #"cat "$CELL/log/entry""#,
      #"sh -c 'sh -c "cat \"$CELL/keys/key\""'"#, #"cat "$CELL"/*/key"#,
    ])
  func itReadsNoKey(_ script: String) throws {
    let cell = try Cell()
    // Without bounds the same works, but for what the kernel never gives.
    if !script.contains("PPID"), !script.contains("cd ") {
      let open = try cell.run(script, nil).output
      #expect(open.contains("canary of"), "\(script): \(open)")
    }
    let again = try Cell()
    let (_, output) = try again.run(script, try again.confinement())
    #expect(!output.contains("canary"), "\(script): \(output)")
    #expect(try again.scratch.bytes("keys/key") == Array("canary of keys/key\n".utf8))
  }

  @Test func itWritesNowhereElse() throws {
    let cell = try Cell()
    let script = #"""
      echo x >> "$CELL/log/entry"; true > "$CELL/log/entry"; rm -f "$CELL/log/entry"; touch "$CELL/log/more"
      truncate -s 0 "$CELL/log/entry"; mv made "$CELL/log/entry"; ln -s x "$CELL/log/link"; mkdir "$CELL/log/f"
      echo x > "$CELL/shared/open"; echo x > "$CELL/new"; rmdir "$CELL/keys"; mv "$CELL/log" "$CELL/work/log"
      echo x > "$CELL/../writ-stray"; ln "$CELL/shared/open" here && echo x > here; mkfifo "$CELL/log/p"
      ln -s ../log out; echo x >> out/entry; exit 7
      """#
    #expect(try cell.run(script, try cell.confinement()).end == .exited(7))
    #expect(try cell.scratch.bytes("log/entry") == Array("canary of log/entry\n".utf8))
    #expect(try cell.scratch.bytes("shared/open") == Array("canary of shared/open\n".utf8))
    let files = FileManager.default
    #expect(try files.contentsOfDirectory(atPath: cell.scratch.path + "/log") == ["entry"])
    #expect(
      try files.contentsOfDirectory(atPath: cell.scratch.path).sorted()
        == ["keys", "log", "shared", "work"])
    #expect(!files.fileExists(atPath: cell.scratch.path + "/../writ-stray"))
  }

  @Test(.enabled(if: Confinement.kernelVersion >= Confinement.aloneVersion, "needs Landlock 6"))
  func aloneItSendsNoSignals() throws {
    let cell = try Cell()
    let own = getpid()
    let script = "kill -0 \(own) && echo reached; sleep 9 & kill $! && echo own"
    #expect(try cell.run(script, try cell.confinement()).output.contains("reached"))
    let alone = try cell.run(script, try cell.confinement(isAlone: true)).output
    #expect(!alone.contains("reached") && alone.contains("own"), "\(alone)")
  }

  @Test func whatLiesWhereItWritesIsExposed() throws {
    let cell = try Cell()
    let key = "\(cell.scratch.path)/keys/key"
    let confinement = try #require(
      Confinement(
        readable: [], writable: [cell.scratch.path], hidden: [key, "/nowhere/at/all"],
        isAlone: false))
    #expect(confinement.exposed.map { $0.hasSuffix("/keys/key") } == [true])
    #expect(try cell.confinement().exposed.isEmpty)
  }
}

@Suite struct ProgramLimitsTests {
  @Test func aForkBombEnds() throws {
    let cell = try Cell()
    var limits = ProcessLimits()
    limits.processes = 40
    // Bounded by itself: the machine outlives the test, whatever fails.
    let bomb = "i=0; while [ $i -lt 300 ]; do sleep 20 & echo $!; i=$((i+1)); done; wait"
    let start = currentTime().milliseconds
    let (end, output) = try cell.run(bomb, nil, limits: limits)
    // Whom the kernel counts is told that it cannot fork, and whom it does not is killed, by name.
    if getuid() == 0 {
      #expect(end == .overran(processes: 40))
    } else {
      #expect(end != .exited(0) && end != .timedOut, "\(end)")
    }
    #expect(currentTime().milliseconds - start < 15_000)
    for number in output.split(separator: "\n").map(String.init) where Int(number) != nil {
      #expect(!isAlive(number))
    }
    let few = try cell.run("for i in 1 2 3 4 5; do sleep 0.3 & done; wait", nil, limits: limits)
    #expect(few.end == .exited(0))
    let told = try cell.run("grep 'Max processes' /proc/self/limits", nil, limits: limits).output
    #expect(told.split(separator: " ").prefix(4).suffix(2) == ["40", "40"], "\(told)")
  }

  @Test func memoryAndTimeAreBounded() throws {
    let cell = try Cell()
    var limits = ProcessLimits()
    limits.memoryBytes = 200 << 20
    let fill =
      "head -c 600000000 /dev/zero | tail -c +1 | sort > /dev/null; head -c 600000000 /dev/zero | tail"
    let (end, output) = try cell.run(fill, nil, limits: limits)
    #expect(end != .exited(0), "\(output)")
    var brief = ProcessLimits()
    brief.cpuSeconds = 1
    let start = currentTime().milliseconds
    let spun = try cell.run("while :; do :; done", nil, limits: brief).end
    #expect([ProcessEnd.killed(9), .killed(24)].contains(spun), "\(spun)")
    #expect(currentTime().milliseconds - start < 25_000)
  }
}
