// The keeper: the process between a launcher and one program. It alone may end that program and all that
// it started, and tells of the end when nothing of it is left.
//
//     whoever asked ──► keeper     `t` ask the program's group to end; `k`, or the channel's end: kill all
//     keeper ──► whoever asked     `!` and why the program could not be run;
//                                  `e` and how it ended, four bytes as of waitpid(2), lowest first;
//                                  `p` and how many processes it may have, eight bytes, lowest first: it had more, and was killed
//
// Between being made and becoming the program, a child of the keeper sees to it that the program
//
//   - dies when its keeper does,
//   - keeps to its limits, to what it may touch, and to a session of its own,
//   - has no descriptor but 0, 1 and 2.
//
// That it gains no rights by running another program, such as one with the setuid bit, leaves no core and
// has no umask but 077 the launcher has seen to.
import CLinux
import Glibc

/// What a keeper is told.
enum KeeperOrder: UInt8 {
  case end = 0x74
  case kill = 0x6b
}

/// What a keeper tells.
enum KeeperReport: Equatable {
  case notStarted(String, Int32)
  case ended(Int32)
  case overran(UInt64)

  /// What a report's packet has at most.
  static let byteCount = 512

  func send(to channel: Int32) {
    let bytes: [UInt8] =
      switch self {
      case .notStarted(let act, let code):
        Array("!\(act): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")".utf8)
      case .ended(let code):
        [0x65] + withUnsafeBytes(of: code.littleEndian) { Array($0) }
      case .overran(let limit):
        [0x70] + withUnsafeBytes(of: limit.littleEndian) { Array($0) }
      }
    let packet = bytes.prefix(KeeperReport.byteCount)
    _ = packet.withUnsafeBytes {
      Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }
}

/// Keeps one program to its end. Never returns: the process is the keeper's from here on.
///
/// - Parameter descriptors: of the program's output, of its errors, the channel, and of its input.
func keep(_ request: LaunchRequest, _ descriptors: [Int32]) -> Never {
  let channel = descriptors[2]
  let streams = [descriptors[3], descriptors[0], descriptors[1]]
  close(LauncherProcess.socket)
  guard (try? Hardening.takeOrphans()) != nil, let ends = ChildEnds() else {
    KeeperReport.notStarted("cannot keep a program", errno).send(to: channel)
    _exit(1)
  }
  let program = Becoming(
    request: request, streams: streams, channel: channel, keeper: getpid()
  ).start()
  if program < 0 { KeeperReport.notStarted("cannot start a process", errno).send(to: channel) }
  request.wipe()
  for stream in streams { close(stream) }
  guard program > 0 else { _exit(0) }
  let report = end(of: program, channel, ends, atMost: request.limits.processes)
  // Most programs leave nothing, and that is seen at once.
  Descendants.kill()
  report?.send(to: channel)
  _exit(0)
}

/// Waits for the end of the program; `nil` where nobody wants to know of it any more.
///
/// - Parameter limit: Of processes that it may have started and that live; the program is killed beyond it. 0 is none.
private func end(
  of program: pid_t, _ channel: Int32, _ ends: ChildEnds, atMost limit: UInt64
) -> KeeperReport? {
  while true {
    var polls = [channel, ends.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&polls, nfds_t(polls.count), limit > 0 ? 100 : -1) > 0 else {
      // The kernel counts a user's processes, and not those of root: so they are counted here too.
      if limit > 0, Descendants.count(upTo: limit + 1) > limit {
        return .overran(limit)
      }
      continue
    }
    if polls[1].revents != 0 {
      ends.clear()
      var code: Int32 = 0
      while true {
        let number = retrying { waitpid(-1, &code, WNOHANG) }
        if number == program { return .ended(code) }
        // Another is an orphan that has ended by itself.
        guard number > 0 else { break }
      }
    }
    guard polls[0].revents != 0 else { continue }
    var word: UInt8 = 0
    let count = retrying { recv(channel, &word, 1, 0) }
    switch count == 1 ? KeeperOrder(rawValue: word) : nil {
    // Nobody has waited for it, so no other group has its number.
    case .end: kill(-program, SIGTERM)
    // What it started goes with it, once its end is seen.
    case .kill: kill(program, SIGKILL)
    case nil: return nil
    }
  }
}

/// What the process is told that becomes the program.
private struct Becoming {
  let request: LaunchRequest
  /// What is to be 0, 1 and 2.
  let streams: [Int32]
  let channel: Int32
  let keeper: pid_t

  /// Starts a process that becomes the program; returns its number, or -1.
  ///
  /// It has this process's memory, on another stack, and this one waits until it is the program or has ended: nothing is
  /// copied, which is most of what a second fork costs. All else it has for itself. An alarm ends a keeper that would wait for ever, on a file system
  /// that does not answer for instance, and what it waits for is bound to its end.
  func start() -> pid_t {
    let byteCount = 256 << 10
    let stack = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
    defer { stack.deallocate() }
    alarm(DelegateLimits.becomingSeconds)
    defer { alarm(0) }
    return withUnsafePointer(to: self) {
      // CLONE_VM and CLONE_VFORK.
      writ_clone(
        { argument in
          guard let argument else { _exit(127) }
          become(argument.assumingMemoryBound(to: Becoming.self).pointee)
        }, stack + byteCount,
        0x100 | 0x4000 | SIGCHLD, UnsafeMutableRawPointer(mutating: $0))
    }
  }
}

/// Becomes the program. Never returns: what fails is told to whoever asked.
private func become(_ becoming: Becoming) -> Never {
  let (request, channel) = (becoming.request, becoming.channel)
  func fail(_ act: String, _ code: Int32) -> Never {
    KeeperReport.notStarted("cannot \(act)", code).send(to: channel)
    _exit(127)
  }
  guard writ_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0) == 0 else {
    fail("be bound to its keeper", errno)
  }
  // Whose parent ended before that line is not told.
  guard getppid() == becoming.keeper else { fail("find its keeper", ESRCH) }
  guard setsid() >= 0 else { fail("have a session", errno) }
  for (stream, number) in zip(becoming.streams, 0...2 as ClosedRange<Int32>) {
    guard dup2(stream, number) >= 0 else { fail("read and write", errno) }
  }
  // CLOSE_RANGE_CLOEXEC.
  guard close_range(3, .max, 4) == 0 else { fail("close descriptors", errno) }
  guard apply(request.limits) else { fail("set limits", errno) }
  guard chdir(request.directory) == 0 else {
    fail("go to \(String(cString: request.directory))", errno)
  }
  if let (rules, isAlone) = request.confinement {
    let code = Landlock.restrict(to: rules, isAlone: isAlone)
    guard code == 0 else { fail("be confined", code) }
    let kept = Hardening.giveUpCapabilities()
    guard kept == 0 else { fail("give up capabilities", kept) }
  }
  var signals = sigset_t()
  sigemptyset(&signals)
  sigprocmask(SIG_SETMASK, &signals, nil)
  let code = run(request)
  fail("run \(request.words[0].map { String(cString: $0) } ?? "")", code)
}

/// Looks for the program in the fixed places, and nowhere else; returns why it cannot be run.
private func run(_ request: LaunchRequest) -> Int32 {
  guard let name = request.words[0] else { return ENOENT }
  guard strchr(name, Int32(UInt8(ascii: "/"))) == nil else { return run(at: name, request) }
  var code = ENOENT
  for place in Launch.places {
    let found = run(at: place + "/" + String(cString: name), request)
    if found != ENOENT && found != ENOTDIR { code = found }
  }
  return code
}

private func run(at path: UnsafePointer<CChar>, _ request: LaunchRequest) -> Int32 {
  execve(path, request.words, request.variables)
  return errno
}

private func apply(_ limits: ProcessLimits) -> Bool {
  apply(limits.cpuSeconds, to: resource(RLIMIT_CPU))
    && apply(limits.memoryBytes, to: resource(RLIMIT_AS))
    && apply(limits.fileBytes, to: resource(RLIMIT_FSIZE))
    && apply(limits.openFiles, to: resource(RLIMIT_NOFILE))
    // RLIMIT_NPROC, which Swift's Glibc leaves out.
    && apply(limits.processes, to: 6)
}

/// 0 is no limit.
private func apply(_ number: UInt64, to resource: __rlimit_resource_t) -> Bool {
  guard number > 0 else { return true }
  var limit = rlimit()
  guard getrlimit(resource, &limit) == 0 else { return false }
  let bound = min(rlim_t(number), limit.rlim_max)
  limit = rlimit(rlim_cur: bound, rlim_max: bound)
  return setrlimit(resource, &limit) == 0
}

private func resource(_ name: __rlimit_resource) -> __rlimit_resource_t {
  __rlimit_resource_t(name.rawValue)
}
