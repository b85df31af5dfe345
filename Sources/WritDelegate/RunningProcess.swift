// A program under way: its output without secrets, its deadline, its end and that of all it started.
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
  /// It was killed, since it and what it had started were more processes than this.
  case overran(processes: UInt64)
  /// It was asked to end, or was killed, since its time was over.
  case timedOut
  /// It was asked to end, or was killed, since somebody said so.
  case stopped
  /// It never ran; says why.
  case notStarted(String)
}

extension ProcessEnd {
  /// Why a program was killed that had started too much.
  public static func words(ofOverrun limit: UInt64) -> String {
    "killed: it had more than the limit of \(limit) processes"
  }
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

  private let launcher: Launcher
  private let started: Started
  private var streams: [Stream]
  private var complaint: [UInt8] = []
  private var hasher = SHA256()
  private let deadline: Int64
  private var killAt: Int64?
  private var cause: ProcessEnd?
  /// How it ended, as of waitpid(2), and when that was told: nothing of it is left then.
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

  /// Has a program started; `now` is the time of a clock that never goes back.
  public init(
    _ launch: Launch, by launcher: Launcher, atMilliseconds now: Int64
  ) throws(DelegateError) {
    let redactor = Redactor(launch.secrets.map(\.value))
    self.launcher = launcher
    started = try launcher.start(launch)
    input = started.input
    streams = [
      Stream(kind: .output, descriptor: started.output, redactor: redactor),
      Stream(kind: .errors, descriptor: started.errors, redactor: redactor),
    ]
    deadline = now + launch.timeoutMilliseconds
  }

  deinit {
    // The end of the channel is the end of the program.
    for descriptor in [started.channel, started.output, started.errors] { close(descriptor) }
    shutInput()
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
  public var descriptors: [Int32] {
    streams.filter(\.isOpen).map(\.descriptor) + (status == nil ? [started.channel] : [])
  }

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
    if let killAt, now >= killAt {
      order(.kill)
      self.killAt = nil
    }
    return chunks
  }

  private func beginEnd(_ cause: ProcessEnd, _ now: Int64) {
    guard self.cause == nil, status == nil else { return }
    self.cause = cause
    killAt = now + DelegateLimits.graceMilliseconds
    order(.end)
  }

  private func order(_ order: KeeperOrder) {
    var word = order.rawValue
    _ = retrying { Glibc.send(started.channel, &word, 1, Int32(MSG_NOSIGNAL)) }
  }

  /// Takes what the keeper tells. One that is gone without a word was killed, and the program with it.
  private func noticeEnd(_ now: Int64) {
    var buffer = [UInt8](repeating: 0, count: KeeperReport.byteCount)
    while status == nil {
      let count = retrying { recv(started.channel, &buffer, buffer.count, 0) }
      if count < 0 && errno == EAGAIN { return }
      switch count > 0 ? buffer[0] : 0 {
      case UInt8(ascii: "!"): complaint = Array(buffer[1..<count])
      case UInt8(ascii: "e") where count == 5:
        let code = buffer[1..<5].withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
        status = (Int32(littleEndian: code), now)
      case UInt8(ascii: "p") where count == 9:
        let limit = buffer[1..<9].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        cause = cause ?? .overran(processes: UInt64(littleEndian: limit))
        status = (SIGKILL, now)
      default:
        launcher.killStrays()
        status = (SIGKILL, now)
      }
    }
  }

  private func finish(_ chunks: inout [OutputChunk]) {
    for index in streams.indices {
      hand(streams[index].redactor.finish(), streams[index].kind, &chunks)
    }
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
    // A program that writes without end must not keep the delegate from its deadline.
    for _ in 0..<16 where streams[index].isOpen {
      var count = 0
      var bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
        count = Glibc.read(streams[index].descriptor, buffer.baseAddress, buffer.count)
        filled = max(0, count)
      }
      if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
      guard count > 0 else {
        streams[index].isOpen = false
        return
      }
      hand(streams[index].redactor.feed(bytes[...]), streams[index].kind, &chunks)
      wipe(&bytes)
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
}
