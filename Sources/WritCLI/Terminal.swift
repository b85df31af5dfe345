// What is known of the screen behind a stream, and how text is coloured for it.

@preconcurrency import Glibc

/// Calm colours by what they say, not by what they are.
enum Tone: String {
  case good = "32"
  case bad = "1;31"
  case waiting = "1;33"
  case alarm = "31"
  case quiet = "2"
  case strong = "1"
  case place = "36"
}

/// A stream as its reader sees it.
struct Terminal: Sendable {
  /// A person is looking.
  let isTerminal: Bool
  /// Colours are shown and wanted: a terminal, no `NO_COLOR`, `TERM` not `dumb`.
  let isColoured: Bool
  /// Columns: `20 ≤ width ≤ 400`.
  let width: Int

  /// A file or a pipe.
  static let plain = Terminal(isTerminal: false, isColoured: false, width: 100)

  /// Where answers go.
  static let standardOutput = Terminal(descriptor: STDOUT_FILENO)
  /// Where messages go.
  static let standardError = Terminal(descriptor: STDERR_FILENO)

  private init(isTerminal: Bool, isColoured: Bool, width: Int) {
    self.isTerminal = isTerminal
    self.isColoured = isColoured
    self.width = width
  }

  private init(descriptor: Int32) {
    guard isatty(descriptor) == 1 else {
      self = .plain
      return
    }
    isTerminal = true
    let isDumb = environment("TERM") == "dumb"
    isColoured = !isDumb && (environment("NO_COLOR") ?? "").isEmpty
    var size = winsize()
    let found = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = min(max(found ? Int(size.ws_col) : 80, 20), 400)
  }

  /// The text in a tone, where colours are shown.
  func paint(_ text: String, _ tone: Tone) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Replaces the line on a terminal's standard error: what is being done, until something else is
  /// said. Nothing is written where nobody looks.
  func showProgress(_ text: String) {
    guard isTerminal, isColoured else { return }
    let cut = String(text.unicodeScalars.prefix(width - 1))
    _ = write("\r\u{1B}[K" + cut, to: STDERR_FILENO)
  }
}

/// A variable of the environment.
func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

/// Text with control characters made visible, so that no fact can steer a terminal.
func printable(_ text: String) -> String {
  if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// Writes all of a text to a descriptor; `false` if it could not be.
func write(_ text: String, to descriptor: Int32) -> Bool {
  writeAll(Array(text.utf8), to: descriptor)
}

/// Writes all bytes to a descriptor; `false` if they could not be, with the reason in `errno`.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes {
      Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}
