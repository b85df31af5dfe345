// Passphrases: from a descriptor that the caller opened, or from a person at the terminal. Never from
// the command line or the environment, which others can read.

@preconcurrency import Glibc
import WritCrypto

/// Where the passphrases of one command line come from. One thread at a time.
final class Passphrases: @unchecked Sendable {
  /// What `--passphrase-fd` named.
  private let descriptor: Int32?
  /// What was read from it: it can be read once.
  private var fromDescriptor: [SecretBytes]?

  /// Lines that a descriptor may hold: one a key, and keys may have different ones.
  private static let lineCount = 16

  /// Takes the value of `--passphrase-fd`. The descriptor must be open now: later the same number
  /// could be a file of ours.
  init(_ text: String?) throws(Failure) {
    guard let text else {
      descriptor = nil
      return
    }
    guard let number = Int32(text), number >= 0, String(number) == text else {
      throw .usage("`--passphrase-fd \(text)` is no number of a descriptor")
    }
    guard number != STDOUT_FILENO, number != STDERR_FILENO else {
      throw .usage("`--passphrase-fd \(text)` is written to", remedy: "open another descriptor")
    }
    guard fcntl(number, F_GETFD) >= 0 else {
      throw .usage(
        "`--passphrase-fd \(text)` is not open",
        remedy: "let the shell open it: `--passphrase-fd 3 3< FILE`")
    }
    descriptor = number
  }

  /// Whether a descriptor was named.
  var hasDescriptor: Bool { descriptor != nil }

  /// Opens something by a passphrase: tries all of the descriptor, or asks a person three times.
  func open<Value>(
    _ path: String, _ attempt: ([SecretBytes]) throws(Failure) -> Value?
  ) throws(Failure) -> Value {
    let wrong = Failure.badInput(
      "the passphrase does not open \(shownName(path))",
      remedy: "if it is the right one, the file was changed")
    if let descriptor {
      guard let value = try attempt(try lines(of: descriptor)) else { throw wrong }
      return value
    }
    for _ in 0..<3 {
      let typed = try askPassphrase("passphrase of \(shownName(path)): ", for: path)
      if let value = try attempt([typed]) { return value }
    }
    throw wrong
  }

  /// The passphrase of a key that is being encrypted; a person types it twice.
  func new(for path: String) throws(Failure) -> SecretBytes {
    if let descriptor {
      let lines = try lines(of: descriptor)
      guard lines.count == 1 else {
        throw .usage("a new key has one passphrase, the descriptor holds \(lines.count) lines")
      }
      return lines[0]
    }
    let first = try askPassphrase("new passphrase of \(path): ", for: path)
    let second = try askPassphrase("the same once more: ", for: path)
    let isSame = first.withUnsafeBytes { one in second.withUnsafeBytes { one.elementsEqual($0) } }
    guard isSame else { throw .usage("the two passphrases are not the same") }
    return first
  }

  /// All that the descriptor holds, a passphrase a line.
  private func lines(of descriptor: Int32) throws(Failure) -> [SecretBytes] {
    if let fromDescriptor { return fromDescriptor }
    let room = SecretBytes(
      count: Passphrases.lineCount * (EncryptedPrivateKey.passphraseByteCounts.upperBound + 2))
    var count = 0
    while count < room.count {
      let got = room.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw Failure(
          .broken, "cannot read the passphrase from descriptor \(descriptor): \(reason(errno))")
      }
      if got == 0 { break }
      count += got
    }
    let lines = try room.withUnsafeBytes { (buffer) throws(Failure) in
      try Passphrases.lines(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    guard 1...Passphrases.lineCount ~= lines.count, count < room.count else {
      throw .usage(
        "descriptor \(descriptor) holds \(lines.isEmpty ? "no passphrase" : "too much")",
        remedy: "one passphrase a line, at most \(Passphrases.lineCount)")
    }
    fromDescriptor = lines
    return lines
  }

  /// Lines between newlines; an empty one is no passphrase.
  private static func lines(in buffer: UnsafeRawBufferPointer) throws(Failure) -> [SecretBytes] {
    var lines: [SecretBytes] = []
    for line in buffer.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      lines.append(try passphrase(UnsafeRawBufferPointer(rebasing: line)))
    }
    return lines
  }
}

/// What was read, as a passphrase.
private func passphrase(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> SecretBytes {
  guard EncryptedPrivateKey.passphraseByteCounts ~= bytes.count else {
    throw .usage(
      "a passphrase has 1 to \(EncryptedPrivateKey.passphraseByteCounts.upperBound) bytes")
  }
  guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
    throw .usage("a passphrase has no control characters")
  }
  return SecretBytes(copying: bytes)
}

/// Asks at the terminal that the program was started from, without showing what is typed. Fails at
/// once where there is none, or where it belongs to somebody else just now.
private func askPassphrase(_ prompt: String, for path: String) throws(Failure) -> SecretBytes {
  let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
  var settings = termios()
  guard terminal >= 0, tcgetpgrp(terminal) == getpgrp(), tcgetattr(terminal, &settings) == 0 else {
    if terminal >= 0 { close(terminal) }
    throw .usage(
      "\(shownName(path)) needs a passphrase, and there is no terminal to ask at",
      remedy: "give it by `--passphrase-fd N`")
  }
  defer { close(terminal) }
  var silent = settings
  silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
  silent.c_lflag |= tcflag_t(ICANON | ECHONL)
  // Signals are off, so that none leaves the terminal silent; Ctrl-C ends the line instead.
  withUnsafeMutableBytes(of: &silent.c_cc) { $0[Int(VEOL)] = controlC }
  tcsetattr(terminal, TCSAFLUSH, &silent)
  defer { tcsetattr(terminal, TCSAFLUSH, &settings) }
  _ = write("writ: " + printable(prompt), to: terminal)
  return try typedLine(terminal)
}

/// What Ctrl-C types.
private let controlC: UInt8 = 0x03

/// One line of a terminal whose signals are off.
private func typedLine(_ terminal: Int32) throws(Failure) -> SecretBytes {
  let room = SecretBytes(count: 4096)
  let count = room.withUnsafeMutableBytes { buffer in
    var count = 0
    repeat {
      count = read(terminal, buffer.baseAddress, buffer.count)
    } while count < 0
      && errno == EINTR
    return count
  }
  return try room.withUnsafeBytes { (buffer) throws(Failure) in
    let line = buffer.prefix(max(0, count)).prefix { $0 != 0x0a }
    guard count > 0, !line.contains(controlC) else {
      throw Failure(.broken, "no passphrase was given")
    }
    return try passphrase(UnsafeRawBufferPointer(rebasing: line))
  }
}

extension Option {
  /// Where the passphrases of encrypted keys are read from.
  static let passphrase = Option.optional(
    "--passphrase-fd", "N", "read passphrases, one a line, from this open descriptor")
}
