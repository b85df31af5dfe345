// The real program at a Unix socket: from `init` to a recorded result, and through kill -9.

import Foundation
import Testing
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel
import WritTesting
import WritTransport

/// A listening socket of a control plane, in a folder.
private final class ControlSocket {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(code == 0 && listen(descriptor, 4) == 0)
  }

  deinit { close(descriptor) }

  /// The next delegate that connects.
  func accept() throws -> StreamConnection {
    var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    try #require(poll(&waiting, 1, 30_000) == 1, "no delegate connects")
    let accepted = Glibc.accept(descriptor, nil, nil)
    try #require(accepted >= 0)
    _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
    _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
    return StreamConnection(descriptor: accepted, endpoint: .unix(path: path))
  }
}

/// A control plane's side of a real connection.
private final class Control {
  private let connection: StreamConnection
  private var session: ControlSession
  private(set) var events: [ControlEvent] = []

  init(_ world: World, _ socket: ControlSocket) throws {
    connection = try socket.accept()
    session = ControlSession(
      permitKey: world.permitKey,
      delegates: [(world.delegateName, world.delegateKey.publicKey)],
      nonce: try randomBytes(32))
    try wait { if case .known = $0 { true } else { false } }
  }

  func offer(_ order: WorkOrder, _ permit: Permit) throws {
    session.offer(order, permit: permit)
    try send()
  }

  func stop() throws {
    session.stop()
    try send()
  }

  func recorded() throws {
    session.recorded()
    try send()
  }

  private func send() throws {
    while !session.unsent.isEmpty {
      session.unsent.removeFirst(try connection.send(session.unsent[...]))
      usleep(500)
    }
  }

  /// Waits for an event; heartbeats are answered.
  @discardableResult
  func wait(_ isWanted: (ControlEvent) -> Bool) throws -> ControlEvent {
    for _ in 0..<30_000 {
      if let bytes = try connection.receive() {
        try #require(!bytes.isEmpty, "the delegate closed the connection")
        let news = try session.receive(bytes)
        events += news
        if news.contains(.heartbeat) { session.proceed() }
        try send()
        if let wanted = news.first(where: isWanted) { return wanted }
      }
      usleep(1000)
    }
    throw TransportError.timeout
  }

  func result() throws -> StepResult? {
    let event = try wait { if case .result = $0 { true } else { false } }
    if case .result(let result, _) = event { return result }
    return nil
  }

  func refusal() throws -> String? {
    let event = try wait { if case .refused = $0 { true } else { false } }
    if case .refused(let code, _) = event { return code }
    return nil
  }

  /// What the program wrote, as far as it has come.
  var output: [UInt8] {
    events.flatMap { event in
      if case .output(_, _, let bytes) = event { bytes } else { [] as [UInt8] }
    }
  }
}

/// A delegate made by the real program, and its control plane.
private struct Site {
  let scratch: Scratch
  var world: World
  let socket: ControlSocket
  var directory: String { scratch.path + "/delegate" }

  init() throws {
    scratch = try Scratch()
    var world = try World()
    let permit = VerifierKey(
      name: try #require(KeyName("permits")), algorithm: .ed25519,
      publicKey: world.permitKey.publicKey)
    try scratch.write(Array("\(permit)\n".utf8), to: "permit.pub")
    try scratch.write(Array("\(world.logSigner.verifierKey)\n".utf8), to: "log.pub")
    let made = try Site.run(
      ["init", scratch.path + "/delegate", "--name", "eu-1"]
        + ["--permit-key", scratch.path + "/permit.pub"]
        + ["--log-vkey", scratch.path + "/log.pub", "--json"])
    try #require(made.code == 0, "\(made.messages)")
    let home = try DelegateHome(scratch.path + "/delegate")
    world = try world.with(delegateKey: home.key)
    self.world = world
    socket = try ControlSocket(scratch.path + "/control.sock")
  }

  func set(_ name: String, _ value: String) throws {
    let set = try Site.run(["secrets", "set", directory, name], input: value)
    try #require(set.code == 0, "\(set.messages)")
  }

  static func run(
    _ words: [String], input: String = ""
  ) throws -> (code: Int32, output: String, messages: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: delegateProgram)
    process.arguments = words
    let (output, messages, standardInput) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = messages
    process.standardInput = standardInput
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(
      decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, said)
  }

  /// Starts `writ-delegate serve`; what it says goes into a file.
  func serve(_ more: [String] = []) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: delegateProgram)
    process.arguments = ["serve", directory, "--connect", socket.path] + more
    let log = scratch.path + "/messages"
    if !FileManager.default.fileExists(atPath: log) { try scratch.write([], to: "messages") }
    let messages = try #require(FileHandle(forWritingAtPath: log))
    try messages.seekToEnd()
    process.standardError = messages
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// All files of the delegate, and what it said.
  func files() throws -> [(path: String, bytes: [UInt8])] {
    let paths = FileManager.default.enumerator(atPath: scratch.path)?.compactMap { $0 as? String }
    return try (paths ?? []).filter {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/" + $0)
      return attributes[.type] as? FileAttributeType == .typeRegular
    }.map { ($0, try scratch.bytes($0)) }
  }
}

/// A second ago by the clock that the program has too.
private func realNow() -> Instant { currentTime().now.later(-1_000_000) }

@Suite struct ProgramTests {
  @Test func anOrderIsCarriedOutAndItsRepetitionIsNot() throws {
    var site = try Site()
    let mark = site.scratch.path + "/mark"
    let (order, permit) = try site.world.order(
      assignment(["sh", "-c", "echo done; echo x >> \(mark)"]), issued: realNow())
    let process = try site.serve()
    defer { process.terminate() }
    let control = try Control(site.world, site.socket)
    try control.offer(order, permit)
    let result = try #require(try control.result())
    #expect(result.outcome == .succeeded && result.exitCode == 0)
    #expect(result.digest == order.assignment.digest && result.fence == 7)
    #expect(control.output == Array("done\n".utf8))
    #expect(result.output.digest == Digest(of: control.output))
    try control.recorded()
    // The same order again: the same result, and nothing is done.
    try control.offer(order, permit)
    #expect(try control.result() == result)
    try control.recorded()
    #expect(try site.scratch.bytes("mark") == Array("x\n".utf8))
    // The same decision under another permit.
    let second = site.world.permit(
      for: order.assignment, at: permit.decision, issued: realNow())
    let widened = WorkOrder(
      assignment: order.assignment, permit: second.signed(by: site.world.permitKey),
      proof: order.proof)
    try control.offer(widened, second)
    #expect(try control.refusal() == "decisionSpent")
    // A log that is shown as it was before.
    let assignment = try assignment(["touch", mark + "-old"])
    let place = try site.world.decide(assignment)
    let grown = site.world.permit(for: assignment, at: place, issued: realNow())
    let noGrowth = WorkOrder(
      assignment: assignment, permit: grown.signed(by: site.world.permitKey),
      proof: site.world.proof(of: place.index))
    try control.offer(noGrowth, grown)
    #expect(try control.refusal() == "noConsistency")
    let old = WorkOrder(
      assignment: assignment, permit: grown.signed(by: site.world.permitKey),
      proof: site.world.proof(of: 1, in: 2))
    try control.offer(old, grown)
    #expect(try control.refusal() == "otherEntry")
    #expect(!FileManager.default.fileExists(atPath: mark + "-old"))
  }

  /// kill -9 while a program runs: its permit is spent, it is not run again, and its result says
  /// that nobody knows. When that is told, nothing of it is left, wherever that had put itself.
  @Test func aKilledDelegateDoesNothingTwice() throws {
    var site = try Site()
    let mark = site.scratch.path + "/mark"
    let script = """
      setsid sh -c '(trap "" TERM HUP; echo $$ >> \(mark); sh -c "echo \\$\\$ >> \(mark); sleep 300") & exit' &
      echo $$ >> \(mark); sleep 300
      """
    let (order, permit) = try site.world.order(assignment(["sh", "-c", script]), issued: realNow())
    let first = try site.serve()
    let control = try Control(site.world, site.socket)
    try control.offer(order, permit)
    try control.wait { $0 == .accepted(permit: permit.id) }
    func numbers() -> [String] {
      ((try? site.scratch.bytes("mark")) ?? []).split(separator: 0x0a)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    try waitFor { numbers().count == 3 ? true : nil }
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    let second = try site.serve()
    defer { second.terminate() }
    let again = try Control(site.world, site.socket)
    for number in numbers() { #expect(!isAlive(number), "\(number) outlived the delegate") }
    try again.offer(order, permit)
    let result = try #require(try again.result())
    #expect(result.outcome == .errored)
    #expect(result.reason == "the delegate ended while this ran: its effect is unknown")
    #expect(numbers().count == 3, "it ran twice")
  }

  /// What is left of a program that killed both its keeper and the launcher comes to the delegate.
  @Test func whoKillsAllAboveItEndsToo() throws {
    var site = try Site()
    let mark = site.scratch.path + "/mark"
    let script = """
      setsid sh -c 'echo $$ > \(mark); sleep 300' &
      while ! test -s \(mark); do sleep 0.01; done
      kill -9 $(sed 's/.*) . //; s/ .*//' /proc/$PPID/stat) $PPID; sleep 300
      """
    let (order, permit) = try site.world.order(
      assignment(["sh", "-c", script], effect: .none), issued: realNow())
    let process = try site.serve()
    defer { process.terminate() }
    let control = try Control(site.world, site.socket)
    try control.offer(order, permit)
    #expect(try control.result()?.reason == "killed by signal 9")
    let stray = String(decoding: try site.scratch.bytes("mark").dropLast(), as: UTF8.self)
    #expect(!isAlive(stray))
    try control.recorded()
    let (next, second) = try site.world.order(
      assignment(effect: .none), seen: site.world.size, issued: realNow())
    try control.offer(next, second)
    #expect(try control.result()?.outcome == .succeeded)
  }

  @Test func anOrderCanBeStopped() throws {
    var site = try Site()
    let (order, permit) = try site.world.order(
      assignment(["sleep", "300"], effect: .none), issued: realNow())
    let process = try site.serve(["--once"])
    let control = try Control(site.world, site.socket)
    try control.offer(order, permit)
    try control.wait { $0 == .accepted(permit: permit.id) }
    try control.stop()
    #expect(try control.result()?.outcome == .cancelled)
    try control.recorded()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "--once ends after one result")
  }

  /// What a program puts into another session comes to the delegate when its parent ends.
  @Test func whoLeavesTheSessionEndsToo() throws {
    var site = try Site()
    let mark = site.scratch.path + "/mark"
    let script = """
      setsid sh -c "trap '' TERM; echo \\$\\$ > \(mark); sleep 300" &
      while ! test -s \(mark); do sleep 0.02; done
      """
    let (order, permit) = try site.world.order(
      assignment(["sh", "-c", script], effect: .none), issued: realNow())
    let process = try site.serve()
    defer { process.terminate() }
    let control = try Control(site.world, site.socket)
    try control.offer(order, permit)
    #expect(try control.result()?.outcome == .succeeded)
    let stray = String(decoding: try site.scratch.bytes("mark").dropLast(), as: UTF8.self)
    #expect(!stray.isEmpty && !FileManager.default.fileExists(atPath: "/proc/\(stray)"))
  }

  @Test func aSealedSecretCanBeBrought() throws {
    var site = try Site()
    let sealed = try Site.run(
      ["secrets", "seal", "token", "--for", site.directory + "/encryption.pub"],
      input: "CANARY-value\n")
    #expect(sealed.code == 0 && sealed.output.hasPrefix("writ-secret-v1 token\n"))
    try site.scratch.write(Array(sealed.output.utf8), to: "delegate/secrets/token")
    let (order, permit) = try site.world.order(
      assignment(
        ["sh", "-c", "test \"$token\" = CANARY-value"], effect: .none, secrets: ["token"]),
      issued: realNow())
    let process = try site.serve()
    defer { process.terminate() }
    let control = try Control(site.world, site.socket)
    try control.offer(order, permit)
    #expect(try control.result()?.outcome == .succeeded)
    try control.recorded()
    let (missing, second) = try site.world.order(
      assignment(effect: .none, secrets: ["other"]), seen: site.world.size, issued: realNow())
    try control.offer(missing, second)
    #expect(try control.refusal() == "noSecret")
  }

  /// A secret is in the program that was started for it, and nowhere else that anybody can look.
  @Test func theCanaryStaysInside() throws {
    var site = try Site()
    let (first, second) = ("CANARY-one-7f3a+/\"&", "CANARY-two-91bc+/\"&")
    try site.set("token", first + "\n")
    let script = """
      echo "$token"; echo "$token" >&2; printf %s "$token" | base64; printf %s "xx$token" | base64
      printf %s "$token" | od -An -tx1 | tr -d ' \\n'
      echo; printf %s "$token" | od -An -tx1 | tr -d '\\n' | tr ' ' '%'
      echo; printf %s "$token" | sed 's/+/%2B/g;s/"/%22/g;s/&/%26/g'
      echo; printf %s "$token" | sed 's/+/%2B/g;s/"/%22/g;s/&/%26/g;s#/#%2F#g'
      echo; printf %s "$token" | sed 's/"/\\\\"/g'
      echo; printf %s "$token" | sed 's/"/\\\\"/g;s#/#\\\\/#g'
      echo; printf %s "$token" | sed 's/"/\\\\"/g;s/&/\\\\u0026/g'
      echo; printf %s "$token" | sed 's/"/\\\\"/g;s/\\\\/\\\\\\\\/g;s/"/\\\\"/g'
      for name in cmdline environ; do
        echo; tr '\\0' ' ' < /proc/$PPID/$name | sed '/\\n/!G;s/\\(.\\)\\(.*\\n\\)/&\\2\\1/;//D;s/.//'
      done
      sleep 0.3
      """
    let process = try site.serve()
    defer { process.terminate() }
    let control = try Control(site.world, site.socket)
    var seen: [UInt8] = []
    for (value, isReplaced) in [(first, false), (second, true)] {
      if isReplaced { try site.set("token", value) }
      let (order, permit) = try site.world.order(
        assignment(["sh", "-c", script], effect: .staging, secrets: ["token"]),
        seen: isReplaced ? site.world.size : 0, issued: realNow())
      try control.offer(order, permit)
      try control.wait { $0 == .accepted(permit: permit.id) }
      for name in ["cmdline", "environ"] {
        let path = "/proc/\(process.processIdentifier)/\(name)"
        seen += FileManager.default.contents(atPath: path).map { Array($0) } ?? []
      }
      let result = try #require(try control.result())
      #expect(result.outcome == .succeeded, "\(result)")
      seen += result.signed(by: site.world.delegateKey).payload
      try control.recorded()
    }
    seen += control.output
    #expect(contains(control.output, Array("[redacted]\n".utf8)))
    // Both values were really there: their digits of hexadecimal were taken out too.
    #expect(
      String(decoding: control.output, as: UTF8.self).split(separator: "[redacted]").count > 8)
    for (path, bytes) in try site.files() { seen += Array(path.utf8) + bytes }
    // What stands about the program that started it was told backwards: the redactor does not know that form, so it hides nothing.
    func reversed(_ text: String) -> String { String(text.reversed()) }
    #expect(contains(control.output, Array(reversed("/proc/self/exe --launch").utf8)))
    // None so short that a digest could have it by chance.
    for value in [first, second, "CANARY", "-7f3a+", "-91bc+"] {
      let bytes = Array(value.utf8)
      let forms = [
        value, reversed(value), Hex.encode(bytes), Base64.encode(bytes), Base64.encodeURL(bytes),
        String(Base64.encode([0x78, 0x78] + bytes).dropFirst(4).prefix(8)),
      ]
      for form in forms {
        #expect(!contains(seen, Array(form.utf8)), "\(form)")
      }
    }
    for value in [first, second] { #expect(Canary(value).found(in: seen) == []) }
  }

  /// What crashes leaves nothing to be read: not the delegate, whatever limits it was started with, though the machine makes cores.
  @Test func aCrashLeavesNoCore() throws {
    var site = try Site()
    let canary = "CANARY-core-5d20+/\"&"
    try site.set("token", canary)
    let folder = site.scratch.path + "/crash"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false)
    let path = "/usr/bin:/bin"
    let plain = try Aborted(["/bin/sleep", "30"], in: folder, path: path) { _ in usleep(200_000) }
    #expect(plain.signal == SIGABRT)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      try FileManager.default.removeItem(atPath: folder + "/" + name)
    }
    let crashed = try Aborted(
      [delegateProgram, "serve", site.directory, "--connect", site.socket.path], in: folder,
      path: path
    ) { _ in
      let control = try Control(site.world, site.socket)
      let (order, permit) = try site.world.order(
        assignment(["sh", "-c", "sleep 30; echo $token"], effect: .staging, secrets: ["token"]),
        issued: realNow())
      try control.offer(order, permit)
      try control.wait { $0 == .accepted(permit: permit.id) }
    }
    #expect(crashed.signal == SIGABRT)
    #expect(!crashed.hasCore, "the kernel made a core, as it did of another: \(plain.hasCore)")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(left.sorted() == ["aborted.err", "aborted.out"])
    #expect(Canary(canary).found(below: site.scratch.path) == [])
  }

  @Test func aDelegateIsServedOnce() throws {
    let site = try Site()
    let process = try site.serve()
    defer { process.terminate() }
    _ = try site.socket.accept()
    let second = try Site.run(["serve", site.directory, "--connect", site.socket.path])
    #expect(second.code == 74)
    #expect(second.messages.contains("another process serves this delegate"))
  }

  @Test func itListensNowhere() throws {
    let site = try Site()
    let process = try site.serve()
    defer { process.terminate() }
    _ = try Control(site.world, site.socket)
    let folder = "/proc/\(process.processIdentifier)/fd"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      // Nobody but root looks into a process that is not dumpable, its own user neither.
      #expect(geteuid() != 0)
      return
    }
    let inodes = names.compactMap { name -> String? in
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + name)
      guard let target, target.hasPrefix("socket:[") else { return nil }
      return String(target.dropFirst(8).dropLast())
    }
    #expect(!inodes.isEmpty, "its one connection, and what it inherited")
    for inode in inodes {
      for table in ["tcp", "tcp6", "udp", "udp6", "raw"] {
        #expect(!line(of: inode, in: table).contains(inode), "\(table)")
      }
      // __SO_ACCEPTCON.
      #expect(line(of: inode, in: "unix").split(separator: " ").dropFirst(3).first != "00010000")
    }
  }

  private func line(of inode: String, in table: String) -> String {
    let bytes = FileManager.default.contents(atPath: "/proc/net/\(table)") ?? Data()
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.split(separator: " ").contains { $0 == inode } }.map(String.init) ?? ""
  }

  @Test func itLeavesNoCore() throws {
    let site = try Site()
    let process = try site.serve()
    defer { process.terminate() }
    _ = try Control(site.world, site.socket)
    let path = "/proc/\(process.processIdentifier)/"
    let limits = FileManager.default.contents(atPath: path + "limits") ?? Data()
    let core = String(decoding: limits, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix("Max core file size") }
    #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["1", "1"])
    // What is not dumpable belongs to root, whoever runs it.
    let owner = try FileManager.default.attributesOfItem(atPath: path + "environ")[
      .ownerAccountID]
    #expect(owner as? Int == 0)
  }

  @Test func wrongUsageIsTold() throws {
    let site = try Site()
    let secret = try Site.run(["secrets", "set", site.directory, "token"], input: "abc")
    #expect(secret.code == 65 && secret.messages.contains("fewer than 4 bytes"))
    #expect(try Site.run(["secrets", "set", site.directory, "../x"], input: "long").code == 65)
    try site.set("token", "long enough")
    #expect(try Site.run(["secrets", "list", site.directory]).output == "token\n")
    #expect(try Site.run(["secrets", "list", site.scratch.path + "/none"]).code == 66)
    #expect(try Site.run(["serve", site.directory]).code == 64)
    #expect(try Site.run(["dance"]).code == 64)
    #expect(try Site.run(["serve", site.directory, "--listen", "x"]).code == 64)
    #expect(try Site.run(["--help"]).output.hasPrefix("usage: writ-delegate init"))
    #expect(try Site.run(["--version"]).output == "writ-delegate 0.1.0\n")
    let again = try Site.run(
      ["init", site.directory, "--name", "eu-1", "--permit-key", site.scratch.path + "/permit.pub"]
        + ["--log-vkey", site.scratch.path + "/log.pub"])
    #expect(again.code == 64 && again.messages.contains("is already there"))
    let twoRoles = try Site.run(
      ["init", site.scratch.path + "/x", "--name", "eu-1"]
        + ["--permit-key", site.scratch.path + "/log.pub"]
        + ["--log-vkey", site.scratch.path + "/log.pub"])
    #expect(twoRoles.code == 64 && twoRoles.messages.contains("one key is given as"))
    // A lost memory is the end of a delegate's key.
    try FileManager.default.removeItem(atPath: site.directory + "/spent")
    let lost = try Site.run(["serve", site.directory, "--connect", site.socket.path])
    #expect(lost.code == 65 && lost.messages.contains("make a new delegate"))
  }
}
