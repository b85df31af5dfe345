// The launcher's own process: the program of a delegate or runner in another mode.
//
//     writ-delegate --launch [held]        socket on 3, with `held` a lock on 4
//
// It has one thread and no descriptor but those, and forks: Swift hides that call since only one
// thread comes through it, and here there is only one. Nothing but a request makes it act; when the
// socket ends it ends, after all of its keepers.
import CLinux
import Glibc
import WritCrypto

/// The program of a delegate or runner in its other mode.
public enum LauncherProcess {
  /// The first argument of a launcher.
  public static let word = "--launch"
  /// The second, where it holds a lock as long as anything that it started lives.
  static let lockWord = "held"
  static let socket: Int32 = 3
  static let lock: Int32 = 4

  /// Starts what it is asked for, until nobody can ask any more; returns what to exit with.
  public static func run(_ words: [String]) -> Int32 {
    let isHolding = words.dropFirst().first == lockWord
    guard words.first == word, words.count == (isHolding ? 2 : 1) else { return 127 }
    let first = UInt32(isHolding ? lock + 1 : lock)
    guard close_range(first, .max, 0) == 0, (try? Hardening.closeMemory()) != nil,
      (try? Hardening.takeOrphans()) != nil,
      writ_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, chdir("/") == 0
    else { return 127 }
    umask(0o077)
    for descriptor in socket..<Int32(first) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    guard let ends = ChildEnds() else { return 127 }
    var work = LauncherWork(ends: ends)
    return work.run()
  }
}

/// The launcher's loop.
private struct LauncherWork {
  let ends: ChildEnds
  /// Its end of the channel of each keeper: closed when that has ended and nothing of it is left, so
  /// that whoever asked learns of neither before.
  var keepers: [pid_t: Int32] = [:]
  var isAsked = true

  init(ends: ChildEnds) { self.ends = ends }

  mutating func run() -> Int32 {
    while isAsked || !keepers.isEmpty {
      var polls = [pollfd(fd: ends.descriptor, events: Int16(POLLIN), revents: 0)]
      if isAsked {
        polls.append(pollfd(fd: LauncherProcess.socket, events: Int16(POLLIN), revents: 0))
      }
      guard poll(&polls, nfds_t(polls.count), -1) > 0 else { continue }
      if polls[0].revents != 0 { reap() }
      if isAsked && polls[1].revents != 0 { takeRequest() }
    }
    return 0
  }

  private mutating func reap() {
    ends.clear()
    var code: Int32 = 0
    while true {
      let number = retrying { waitpid(-1, &code, WNOHANG) }
      guard number > 0 else { return }
      guard let channel = keepers.removeValue(forKey: number) else { continue }
      // One that ends by itself has left nothing.
      if code != 0 { Descendants.kill(sparing: Set(keepers.keys)) }
      close(channel)
    }
  }

  private mutating func takeRequest() {
    guard let (request, descriptors) = read() else {
      isAsked = false
      close(LauncherProcess.socket)
      return
    }
    let number = writ_fork()
    if number == 0 {
      for channel in keepers.values { close(channel) }
      ends.close()
      keep(request, descriptors)
    }
    request.wipe()
    for place in [0, 1, 3] { close(descriptors[place]) }
    if number > 0 {
      keepers[number] = descriptors[2]
    } else {
      KeeperReport.notStarted("cannot start a process", errno).send(to: descriptors[2])
      close(descriptors[2])
    }
  }

  private func read() -> (LaunchRequest, [Int32])? {
    var head = [UInt8](repeating: 0, count: LaunchRequest.headByteCount)
    let descriptors = head.withUnsafeMutableBytes {
      Rights.receive($0, with: 4, from: LauncherProcess.socket)
    }
    guard let descriptors else { return nil }
    let count = head.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard 1...UInt64(DelegateLimits.launchByteCount) ~= count else { return nil }
    let bytes = SecretBytes(count: Int(count))
    let got = bytes.withUnsafeMutableBytes { buffer in
      retrying {
        recv(
          LauncherProcess.socket, buffer.baseAddress, buffer.count, Int32(MSG_WAITALL))
      }
    }
    guard got == bytes.count, let request = LaunchRequest(bytes) else { return nil }
    return (request, descriptors)
  }
}

/// The ends of children as something to wait for, beside sockets.
struct ChildEnds {
  let descriptor: Int32

  /// Takes the signal over for the rest of the process's life.
  init?() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGCHLD)
    guard sigprocmask(SIG_BLOCK, &signals, nil) == 0 else { return nil }
    descriptor = signalfd(-1, &signals, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard descriptor >= 0 else { return nil }
  }

  /// Before children are waited for: what ends afterwards is told anew.
  func clear() {
    var buffer = [UInt8](repeating: 0, count: 128)
    while read(descriptor, &buffer, buffer.count) > 0 {}
  }

  func close() { Glibc.close(descriptor) }
}
