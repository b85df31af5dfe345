// A program under way: its output without secrets, its deadline, its end and that of all it started.
import CLinux
import Glibc
public import WritCrypto
public import WritEvidence

/// Redacted bytes that a program wrote.
public struct OutputChunk: Hashable, Sendable {
  /// Where it wrote them.
  public let stream: OutputStream
  /// What remained.
  public let bytes: [UInt8]

  /// Bytes that a redactor let go.
  public init(stream: OutputStream, bytes: [UInt8]) {
    self.stream = stream
    self.bytes = bytes
  }
}

/// How a program ended.
public enum ProcessEnd: Hashable, Sendable {
  /// By itself.
  case exited(Int32)
  /// By a signal that was not the delegate's.
  case killed(Int32)
  /// It was asked to end, or was killed, since its time was over.
  case timedOut
  /// It was asked to end, or was killed, since somebody said so.
  case stopped
  /// It never ran; says why.
  case notStarted(String)
}

/// One program, with everything that it starts; one thread.
///
/// Whoever has it asks `advance` whenever one of `descriptors` can be read, and now and then.
public final class RunningProcess {
  /// How it ended; `nil` as long as it runs or its output is not read.
  public private(set) var end: ProcessEnd?
  /// Redacted bytes so far.
  public private(set) var byteCount: Int64 = 0
  /// Whether some were not handed on.
  public private(set) var isTruncated = false

  private let started: Started
  private var streams: [Stream]
  private var complaint: [UInt8] = []
  private var hasher = SHA256()
  private let deadline: Int64
  private var killAt: Int64?
  private var cause: ProcessEnd?
  /// What the system says of its end, and when that was seen.
  private var status: (code: Int32, at: Int64)?

  /// What is to be written to its standard input, and the end of the pipe; `nil` once that is shut.
  private var unsent: [UInt8] = []
  private var input: Int32?

  private struct Stream {
    let kind: OutputStream
    let descriptor: Int32
    var redactor: Redactor
    var isOpen = true
  }

  /// Starts a program; `now` is the time of a clock that never goes back.
  ///
  /// - Parameter launcher: a program that calls `Launcher.run`, by its path.
  public init(
    _ launch: Launch, launcher: String, atMilliseconds now: Int64
  ) throws(DelegateError) {
    let redactor = Redactor(launch.secrets.map(\.value))
    started = try start(launch, launcher: launcher)
    input = started.input
    streams = [
      Stream(kind: .output, descriptor: started.output, redactor: redactor),
      Stream(kind: .errors, descriptor: started.errors, redactor: redactor),
    ]
    deadline = now + launch.timeoutMilliseconds
  }

  deinit {
    if status == nil {
      killAll(SIGKILL)
      reap()
    }
    for stream in streams { close(stream.descriptor) }
    shutInput()
    close(started.complaint)
  }

  /// Writes to its standard input, now or as it reads; what it does not read is lost with it. Whoever writes ignores SIGPIPE.
  public func send(_ bytes: [UInt8]) {
    guard input != nil else { return }
    unsent += bytes
    flushInput()
  }

  /// Whether it has not read all that was sent.
  public var isBehind: Bool { !unsent.isEmpty }

  private func flushInput() {
    guard let input, !unsent.isEmpty else { return }
    let count = write(input, unsent, unsent.count)
    if count > 0 { unsent.removeFirst(count) }
    if count < 0, errno != EAGAIN, errno != EINTR { shutInput() }
  }

  private func shutInput() {
    if let input { close(input) }
    input = nil
    unsent = []
  }

  /// What to wait for, to be read.
  public var descriptors: [Int32] { streams.filter(\.isOpen).map(\.descriptor) }

  /// The number of the process.
  public var process: Int32 { started.process }

  /// Of all redacted bytes, once it has ended.
  public private(set) lazy var outputDigest = hasher.finish()

  /// Asks the program to end, and kills it some time later.
  public func stop(atMilliseconds now: Int64) { beginEnd(.stopped, now) }

  /// Reads what was written, looks after the deadline, and notices the end.
  public func advance(atMilliseconds now: Int64) -> [OutputChunk] {
    guard end == nil else { return [] }
    var chunks: [OutputChunk] = []
    flushInput()
    for index in streams.indices { read(index, &chunks) }
    noticeEnd(now)
    if let status {
      let isDrained = !streams.contains(where: \.isOpen)
      if isDrained || now - status.at >= DelegateLimits.drainMilliseconds {
        finish(&chunks)
      }
      return chunks
    }
    if now >= deadline { beginEnd(.timedOut, now) }
    if let killAt, now >= killAt { killAll(SIGKILL) }
    return chunks
  }

  /// The whole group gets a signal. As long as its leader is not reaped no other group has its
  /// number.
  private func killAll(_ signal: Int32) {
    if kill(-started.process, signal) != 0 { kill(started.process, signal) }
  }

  private func beginEnd(_ cause: ProcessEnd, _ now: Int64) {
    guard self.cause == nil, status == nil else { return }
    self.cause = cause
    killAt = now + DelegateLimits.graceMilliseconds
    killAll(SIGTERM)
  }

  /// Looks whether the program has ended; whatever it left behind in its group is killed before its
  /// number can become another's.
  private func noticeEnd(_ now: Int64) {
    guard status == nil else { return }
    var information = siginfo_t()
    let options = WEXITED | WNOHANG | WNOWAIT
    guard waitid(P_PID, id_t(started.process), &information, options) == 0,
      information.si_signo == SIGCHLD
    else { return }
    kill(-started.process, SIGKILL)
    status = (reap(), now)
    killStrays()
  }

  @discardableResult private func reap() -> Int32 {
    var code: Int32 = 0
    _ = retrying { waitpid(started.process, &code, 0) }
    return code
  }

  private func finish(_ chunks: inout [OutputChunk]) {
    for index in streams.indices {
      hand(streams[index].redactor.finish(), streams[index].kind, &chunks)
    }
    readComplaint()
    let code = status?.code ?? 0
    if !complaint.isEmpty {
      end = .notStarted(String(decoding: complaint, as: UTF8.self))
    } else if let cause {
      end = cause
    } else {
      end = code & 0x7f == 0 ? .exited(code >> 8 & 0xff) : .killed(code & 0x7f)
    }
  }
}

// Output.
extension RunningProcess {
  private func read(_ index: Int, _ chunks: inout [OutputChunk]) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    defer { wipe(&buffer) }
    // A program that writes without end must not keep the delegate from its deadline.
    for _ in 0..<16 where streams[index].isOpen {
      let count = Glibc.read(streams[index].descriptor, &buffer, buffer.count)
      if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
      guard count > 0 else {
        streams[index].isOpen = false
        return
      }
      hand(streams[index].redactor.feed(buffer[..<count]), streams[index].kind, &chunks)
    }
  }

  /// Counts and digests all, hands on as much as is allowed.
  private func hand(
    _ bytes: [UInt8], _ stream: OutputStream, _ chunks: inout [OutputChunk]
  ) {
    guard !bytes.isEmpty else { return }
    hasher.update(bytes[...])
    let room = max(0, DelegateLimits.outputByteCount - byteCount)
    byteCount += Int64(bytes.count)
    let kept = bytes.prefix(Int(min(room, Int64(bytes.count))))
    if kept.count < bytes.count { isTruncated = true }
    if !kept.isEmpty { chunks.append(OutputChunk(stream: stream, bytes: Array(kept))) }
  }

  private func readComplaint() {
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = Glibc.read(started.complaint, &buffer, buffer.count)
    if count > 0 { complaint = Array(buffer[..<count]) }
  }
}

// What leaves its group.
extension RunningProcess {
  /// Kills what the program started and put out of its group. Where the delegate is the one who
  /// gets orphans (`Hardening`), these are its children; it has no others.
  private func killStrays() {
    guard Hardening.isReaper else { return }
    let path = "/proc/self/task/\(getpid())/children"
    // What is killed may have started others just before.
    for _ in 0..<1000 {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      close(descriptor)
      let numbers = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        .split(separator: " ").compactMap { pid_t($0) }
      guard !numbers.isEmpty else { return }
      for number in numbers {
        kill(number, SIGKILL)
        var code: Int32 = 0
        _ = retrying { waitpid(number, &code, 0) }
      }
    }
  }
}
