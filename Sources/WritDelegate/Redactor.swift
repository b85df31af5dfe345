// Takes secrets out of a stream, in whatever pieces it comes.
//
// Every byte that lies in some form of a secret is taken out, and each run of such bytes leaves one
// mark. What comes out depends on the whole stream alone and never on how it was cut: a byte goes
// on only when nothing that may follow can make it part of a form. Line breaks inside a form are
// passed over, for encoders wrap their lines.
public import WritCrypto

/// What stands in place of a secret.
public let redactionMark = Array("[redacted]".utf8)

/// One stream without secrets.
public struct Redactor: Sendable {
  private let matcher: FormMatcher
  private let breaks: Int
  private var state = 0
  /// Line breaks since the last other byte.
  private var breakCount = 0
  /// Bytes that are not decided, from `base` on.
  private var pending: [UInt8] = []
  /// Places are counted from the beginning of the stream.
  private var base = 0
  /// Where the bytes stand that are no line breaks, from `placesStart` on.
  private var places: [Int] = []
  private var placesStart = 0
  /// Where forms were found, in order, apart from one another.
  private var runs: [Range<Int>] = []
  /// Whether the byte that went on last was a mark's.
  private var isInRun = false

  /// A redactor of these secrets.
  public init(_ secrets: [SecretBytes]) {
    var forms: [[UInt8]] = []
    var longest = 0
    for secret in secrets {
      var bytes = secret.withUnsafeBytes { Array($0) }
      forms += SecretForms.all(of: bytes)
      longest = max(longest, Redactor.longestBreak(in: bytes))
      wipe(&bytes)
    }
    matcher = FormMatcher(forms)
    breaks = max(DelegateLimits.breaks, longest)
    for index in forms.indices { wipe(&forms[index]) }
  }

  private static func longestBreak(in bytes: [UInt8]) -> Int {
    var (longest, count) = (0, 0)
    for byte in bytes {
      count = SecretForms.isBreak(byte) ? count + 1 : 0
      longest = max(longest, count)
    }
    return longest
  }

  /// What is decided after these bytes too.
  public mutating func feed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    for byte in bytes { take(byte) }
    let depth = matcher.depth(state)
    return release(to: depth == 0 ? base + pending.count : places[places.count - depth])
  }

  /// The rest, where nothing follows.
  public mutating func finish() -> [UInt8] {
    state = 0
    return release(to: base + pending.count)
  }

  private mutating func take(_ byte: UInt8) {
    let place = base + pending.count
    pending.append(byte)
    if SecretForms.isBreak(byte) {
      breakCount += 1
      if breakCount > breaks { state = 0 }
      return
    }
    breakCount = 0
    places.append(place)
    state = matcher.next(state, byte)
    let length = matcher.match(state)
    guard length > 0 else { return }
    var start = places[places.count - length]
    while let last = runs.last, last.upperBound >= start {
      start = min(start, last.lowerBound)
      runs.removeLast()
    }
    runs.append(start..<place + 1)
  }

  /// Lets go of everything before a place.
  private mutating func release(to end: Int) -> [UInt8] {
    var out: [UInt8] = []
    var at = base
    var done = 0
    for run in runs where run.lowerBound < end {
      if run.lowerBound > at {
        out += pending[at - base..<run.lowerBound - base]
        isInRun = false
      }
      if !isInRun { out += redactionMark }
      isInRun = true
      at = min(run.upperBound, end)
      if run.upperBound <= end { done += 1 }
    }
    if at < end {
      out += pending[at - base..<end - base]
      isInRun = false
    }
    runs.removeFirst(done)
    if let first = runs.first, first.lowerBound < end {
      runs[0] = end..<first.upperBound
    }
    drop(to: end)
    return out
  }

  private mutating func drop(to end: Int) {
    pending.withUnsafeMutableBufferPointer { buffer in
      for index in 0..<end - base { buffer[index] = 0 }
    }
    pending.removeFirst(end - base)
    base = end
    places.removeAll { $0 < end }
  }
}
