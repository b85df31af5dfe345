// A standard stream whose writer never waits for its reader: what people look at must not stop what is carried out.

@preconcurrency import Glibc

/// One of the standard streams. What cannot be written at once is kept, up to a bound, and then left out: what programs wrote
/// first. What was left out is said. One thread.
final class PatientStream {
  /// How writing is kept from waiting.
  private enum Way {
    /// A file: nothing reads it, so nothing is waited for.
    case plainly
    /// A description of the same pipe or terminal that is this process's own: others that share the stream still wait.
    case ownDescription
    case socket
    /// What can be opened again by nobody: little at once, when there is room.
    case littleByLittle
  }

  /// Bytes that wait before what programs write is left out, and before all else is.
  private static let (outputLimit, limit) = (1 << 20, 1 << 23)

  private let target: Int32
  private let way: Way
  /// Says how many bytes were left out.
  private let note: (Int) -> String
  private var waiting: [UInt8] = []
  /// Of what waits, what is written.
  private var done = 0
  private var leftOut = 0
  private var isGone = false

  init(_ descriptor: Int32, leftOut note: @escaping (Int) -> String) {
    self.note = note
    var status = stat()
    let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
    if kind == S_IFREG || kind == S_IFSOCK {
      (target, way) = (descriptor, kind == S_IFREG ? .plainly : .socket)
      return
    }
    let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    (target, way) = own >= 0 ? (own, .ownDescription) : (descriptor, .littleByLittle)
  }

  deinit { if case .ownDescription = way { close(target) } }

  /// The descriptor to wait for until it takes more; `nil` where nothing waits.
  var wanting: Int32? { done < waiting.count ? target : nil }

  /// Writes, or keeps for later.
  ///
  /// - Parameter isOutput: A program's: left out before anything else is.
  func write(_ text: String, isOutput: Bool = false) {
    guard !isGone else { return }
    let bytes = Array(text.utf8)
    let most = isOutput ? PatientStream.outputLimit : PatientStream.limit
    // Once something is missing there is no more of its kind before it is said that it is.
    guard !(isOutput && leftOut > 0), waiting.count - done + bytes.count <= most else {
      leftOut += bytes.count
      return
    }
    waiting += bytes
    advance()
  }

  /// Writes what can be written now.
  func advance() {
    while done < waiting.count {
      guard writeSome() else { break }
      guard done == waiting.count, leftOut > 0 else { continue }
      waiting += Array(note(leftOut).utf8)
      leftOut = 0
    }
    // What is written is not moved out byte by byte.
    if done == waiting.count || done > PatientStream.outputLimit {
      waiting.removeFirst(done)
      done = 0
    }
  }

  /// Waits until all is written, or the reader is gone, or that descriptor has something to read.
  func drain(unless interruption: Int32) {
    while let wanting {
      var polls = [
        pollfd(fd: wanting, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
      ]
      _ = poll(&polls, 2, -1)
      if polls[1].revents != 0 { return }
      advance()
    }
  }

  /// `false` where nothing can be written now.
  private func writeSome() -> Bool {
    if case .littleByLittle = way {
      var polls = [pollfd(fd: target, events: Int16(POLLOUT), revents: 0)]
      guard poll(&polls, 1, 0) > 0 else { return false }
    }
    let count = waiting[done...].withUnsafeBytes { bytes in
      switch way {
      case .plainly, .ownDescription: Glibc.write(target, bytes.baseAddress, bytes.count)
      case .socket:
        send(target, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      case .littleByLittle: Glibc.write(target, bytes.baseAddress, min(bytes.count, 512))
      }
    }
    if count > 0 {
      done += count
      return true
    }
    if count < 0, errno == EINTR { return true }
    if count < 0, errno == EAGAIN { return false }
    // The reader is gone: the run goes on.
    (isGone, waiting, done) = (true, [], 0)
    return false
  }
}
