// How programs are started, so that nothing outlives whoever had them started.
//
//     delegate, or runner ──► launcher ──► keeper ──► program ──► whatever it starts
//
// The launcher is the delegate's or runner's own program in another mode, with one thread, so that it
// may fork. It is started once, and asked for each program over a socket (LaunchRequest.swift). For each
// it forks a keeper, which gets the orphans of its program, and tells how that ended once nothing of it
// is left (Keeper.swift). A keeper has one end of a channel, whoever asked has the other: when that
// closes, as it does when its process is killed, the keeper kills all there is.
//
// If a keeper is killed, by its own program for instance, the system kills the program, and what else
// that started comes to the launcher, which kills it; if both are, it comes to whoever asked.
import CLinux
import Glibc
import WritCrypto

/// Starts programs, by a process of its own; one thread.
public final class Launcher {
  private let program: String
  /// What no other process has as long as anything that was started lives; its descriptor.
  private var lock: Int32?
  private var process: (number: pid_t, socket: Int32)?

  /// Starts nothing yet.
  ///
  /// - Parameter program: one that calls `LauncherProcess.run`, by its path.
  public init(program: String) { self.program = program }

  /// Waits until nothing lives any more that was started by whoever held the lock before, and holds it as
  /// long as anything lives that is started from now on.
  ///
  /// - Parameters:
  ///   - path: a file for the owner alone, made where there is none.
  ///   - patience: how long that is waited for; what was killed needs some milliseconds to end.
  public func hold(
    _ path: String, patienceMilliseconds patience: Int64
  ) throws(DelegateError) {
    precondition(lock == nil && process == nil, "a lock is held before anything is started")
    let descriptor = try Launcher.openLock(path)
    let end = currentTime().milliseconds + patience
    while retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
      let code = errno
      guard code == EWOULDBLOCK, currentTime().milliseconds < end else {
        Glibc.close(descriptor)
        throw code == EWOULDBLOCK
          ? .stillEnding(path: path) : .system(act: "lock \(path)", code: code)
      }
      usleep(2_000)
    }
    lock = descriptor
  }

  private static func openLock(_ path: String) throws(DelegateError) -> Int32 {
    do throws(DelegateError) {
      return try PrivateFile.open(path, O_RDWR)
    } catch .missing {
      do throws(DelegateError) {
        try PrivateFile.create(path, [])
      } catch .exists {}
      return try PrivateFile.open(path, O_RDWR)
    }
  }

  deinit { close() }

  /// Lets another process start programs, after all that this one had started has ended. Nothing is started afterwards.
  func close() {
    end()
    if let lock { Glibc.close(lock) }
    lock = nil
  }

  /// Lets the launcher end, and waits for that: nothing that it started is left then.
  private func end() {
    guard let process else { return }
    Glibc.close(process.socket)
    var code: Int32 = 0
    _ = retrying { waitpid(process.number, &code, 0) }
    self.process = nil
  }

  /// Kills what has come to this process since both its keeper and its launcher were killed.
  func killStrays() {
    guard Hardening.takesOrphans else { return }
    Descendants.kill(sparing: Set(process.map { [$0.number] } ?? []))
  }
}

/// The ends of what leads to a started program.
struct Started {
  let output: Int32
  let errors: Int32
  /// To its keeper.
  let channel: Int32
  /// Where its standard input is written, without waiting; `nil` where that is empty.
  let input: Int32?
}

// Starting.
extension Launcher {
  /// Has a program started. A launcher that is gone is started again, once.
  func start(_ launch: Launch) throws(DelegateError) -> Started {
    let request = try LaunchRequest.encoded(launch)
    let ends = try Ends(takesInput: launch.takesInput)
    defer { ends.closeTheirs() }
    for isLast in [false, true] {
      do throws(DelegateError) {
        try ask(request, ends.theirs)
        return Started(
          output: ends.ours[0], errors: ends.ours[1], channel: ends.ours[2],
          input: launch.takesInput ? ends.ours[3] : nil)
      } catch {
        if let process { kill(process.number, SIGKILL) }
        end()
        guard isLast else { continue }
        ends.closeOurs()
        throw error
      }
    }
    preconditionFailure("the last of two attempts returns or throws")
  }

  private func ask(_ request: SecretBytes, _ descriptors: [Int32]) throws(DelegateError) {
    let socket = try running()
    let code: Int32 = request.withUnsafeBytes { bytes in
      var sent = Rights.send(bytes, with: descriptors, to: socket)
      while sent > 0 && sent < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        let count = retrying {
          Glibc.send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return errno }
        sent += count
      }
      return sent > 0 ? 0 : errno
    }
    guard code == 0 else { throw .system(act: "ask the launcher", code: code) }
  }

  /// The socket of the launcher, which is started if there is none.
  private func running() throws(DelegateError) -> Int32 {
    if let process { return process.socket }
    var pair: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
      throw .system(act: "make a socket", code: errno)
    }
    // A launcher that was stopped must not stop whoever asks it.
    var patience = timeval(tv_sec: DelegateLimits.launcherSeconds, tv_usec: 0)
    setsockopt(
      pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var number = pid_t()
    let code = spawn(pair[1], &number)
    Glibc.close(pair[1])
    guard code == 0 else {
      Glibc.close(pair[0])
      throw .system(act: "start \(program)", code: code)
    }
    process = (number, pair[0])
    return pair[0]
  }

  private func spawn(_ socket: Int32, _ number: inout pid_t) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for stream in 0...2 as ClosedRange<Int32> {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
    }
    // Out of the way first: the one may have the number that the other is to get.
    let high: Int32 = 100
    posix_spawn_file_actions_adddup2(&actions, socket, high)
    if let lock { posix_spawn_file_actions_adddup2(&actions, lock, high + 1) }
    posix_spawn_file_actions_adddup2(&actions, high, LauncherProcess.socket)
    if lock != nil {
      posix_spawn_file_actions_adddup2(&actions, high + 1, LauncherProcess.lock)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID: what a terminal sends to a group of its own goes by.
    let ownSession: Int16 = 0x80
    let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | ownSession
    posix_spawnattr_setflags(&attributes, flags)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let words = [program, LauncherProcess.word] + (lock == nil ? [] : [LauncherProcess.lockWord])
    var arguments = words.map { strdup($0) } + [nil]
    defer { for word in arguments { free(word) } }
    // Else every keeper would look the same symbols up anew, in tables of its own.
    var environment = [strdup("LD_BIND_NOW=1"), nil]
    defer { free(environment[0]) }
    return posix_spawn(&number, program, &actions, &attributes, &arguments, &environment)
  }
}

/// Both ends of what leads to a program: two pipes that it writes, the channel of its keeper, and a
/// pipe that it reads, or what is empty.
private struct Ends {
  /// Without the last where the program's input is empty.
  private(set) var ours: [Int32] = []
  private(set) var theirs: [Int32] = []

  init(takesInput: Bool) throws(DelegateError) {
    for _ in 0..<2 {
      var pipe: [Int32] = [-1, -1]
      try add(pipe2(&pipe, O_CLOEXEC), pipe)
    }
    var pair: [Int32] = [-1, -1]
    let kind = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
    try add(socketpair(AF_UNIX, kind, 0, &pair), pair)
    guard takesInput else {
      let empty = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard empty >= 0 else { throw failure("open /dev/null") }
      theirs.append(empty)
      return
    }
    let result = pipe2(&pair, O_CLOEXEC)
    try add(result, pair.reversed())
  }

  private mutating func add(_ result: Int32, _ pair: [Int32]) throws(DelegateError) {
    guard result == 0 else { throw failure("make a pipe") }
    _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
    ours.append(pair[0])
    theirs.append(pair[1])
  }

  /// Why the last call failed; nothing stays open.
  private func failure(_ act: String) -> DelegateError {
    let code = errno
    closeOurs()
    closeTheirs()
    return .system(act: act, code: code)
  }

  func closeOurs() { for end in ours { close(end) } }
  func closeTheirs() { for end in theirs { close(end) } }
}
