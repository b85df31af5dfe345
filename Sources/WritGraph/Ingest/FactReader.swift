// Reads facts, one JSON object a line, into a draft.

import WritCrypto
import WritModel

/// Reads lines of facts into a draft and collects what is wrong with them.
struct FactReader: ~Copyable {
  var draft: GraphDraft
  var problems: [GraphProblem] = []
  var dropped = DroppedFacts()
  let lenience: Lenience
  var stage: PropertyStage
  private let scratch = ScratchText()
  /// Room for the texts of a line's members; it belongs to `scratch`.
  let texts: UnsafeMutablePointer<RawText>
  /// The node that the last edge left, and how the input at hand names it.
  var lastReference: (text: RawText, node: UInt32)?
  /// The edge of the line before, and how the input at hand names it.
  var lastEdge: (text: RawText, kind: Int, edge: Int)?
  /// The kind that was named last.
  var lastKind = 0
  var recents: RecentTexts
  var elements: [UInt32] = []
  /// A line could not be used at all, so that what it said is missing elsewhere.
  private(set) var hasLostLines = false
  /// There is no schema, or the facts are not for the snapshot at hand.
  private(set) var isRefused = false
  /// What was read so far.
  var counts = FactCounts()
  /// The root digest of the snapshot that the delta at hand changes, if it is known.
  private(set) var base: Digest?
  private var isLineADelta = false
  /// No fact of the delta at hand was read yet.
  var isAtFirstFact = false
  private var file = 0
  private(set) var files: [String] = []
  private var line = 0
  private var lineStart: UnsafePointer<UInt8>?

  /// A schema that is not sound is a problem, and is not used.
  init(_ schema: Schema, _ lenience: Lenience) {
    let problem = schema.problem
    self.init(SchemaNames(problem == nil ? schema : Schema()), over: nil, lenience)
    if let problem {
      problems.append(GraphProblem(.unsoundSchema(problem)))
      isRefused = true
    }
  }

  /// Reads facts for a snapshot, or for an overlay over one.
  init(_ names: SchemaNames, over base: OverlayBase?, _ lenience: Lenience, isPlain: Bool = false) {
    draft = GraphDraft(names, over: base, isPlain: isPlain)
    self.lenience = lenience
    stage = PropertyStage(names.schema)
    texts = scratch.texts
    recents = RecentTexts(propertyCount: names.propertyCount)
  }

  /// It makes no sense to go on.
  var isFull: Bool { problems.count >= Limits.problems || isRefused }

  /// What comes from here on is a delta to a snapshot with that root digest, or to what the deltas
  /// before it came to.
  mutating func beginDelta(on base: Digest?) {
    for problem in draft.problemsOfLastDelta() {
      if hasLostLines, case .missingNode = problem.cause { continue }
      report(problem.cause, at: problem.place)
    }
    draft.beginDelta()
    self.base = base
    isAtFirstFact = true
  }

  /// Refuses everything.
  mutating func refuse(_ cause: GraphProblem.Cause, at position: UnsafePointer<UInt8>) {
    problems = []
    report(cause, at: position)
    isRefused = true
  }

  /// Reads the facts of one input.
  mutating func read(_ text: [UInt8], named name: String) {
    guard begin(name, isCompressed: text.starts(with: FactReader.gzipMagic)) else { return }
    draft.strings.reserve(inputBytes: text.count)
    text.withUnsafeBufferPointer { readLines($0) }
  }

  /// How an input begins that was compressed.
  static let gzipMagic: [UInt8] = [0x1f, 0x8b]

  /// Forgets all that was read, of which nothing was wrong; the memory stays for another part of the input.
  mutating func removeAll() {
    draft.removeAll()
    dropped = DroppedFacts()
    counts = FactCounts()
    files.removeAll(keepingCapacity: true)
    isAtFirstFact = false
    forgetTexts()
  }

  /// Begins an input; whether it can be read.
  mutating func begin(_ name: String, isCompressed: Bool) -> Bool {
    file = files.count
    files.append(name)
    line = 1
    guard file < Limits.files else {
      report(.limit("inputs"))
      return false
    }
    guard !isCompressed else {
      report(.compressed)
      return false
    }
    line = 0
    return true
  }

  /// Reads lines of the input that was begun; what was read before them stays where it is no longer than this.
  ///
  /// - Precondition: A line feed ends them, behind which 32 bytes can be read.
  mutating func read(lines: UnsafeBufferPointer<UInt8>) {
    if let start = lines.baseAddress { readLines(start, lines.count) }
    forgetTexts()
  }

  /// Whether all that was read can be put behind what was read before: nothing is wrong, removed, or of a delta.
  var isPlain: Bool { problems.isEmpty && !hasLostLines && !isRefused && counts.removals == 0 }

  /// The same, each line of the input being a delta.
  mutating func readEachLine(_ text: [UInt8], named name: String) {
    isLineADelta = true
    read(text, named: name)
    isLineADelta = false
  }

  /// Reads all lines where they stand but the last ones, which are copied so that a line feed and
  /// spare bytes follow: that is the invariant of `JSONCursor`.
  private mutating func readLines(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    var whole = max(0, text.count - 64)
    while whole > 0, text[whole - 1] != 10 { whole -= 1 }
    readLines(start, whole)
    let rest = text.count - whole
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: rest + 64)
    defer { copy.deallocate() }
    copy.update(from: start + whole, count: rest)
    (copy + rest).initialize(repeating: 0, count: 64)
    copy[rest] = 10
    readLines(UnsafePointer(copy), rest)
    forgetTexts()
  }

  /// Forgets what lies in the input.
  private mutating func forgetTexts() {
    lastReference = nil
    lastEdge = nil
    recents.forget()
  }

  /// Reads lines that end at `count`, where the last line feed is or stands behind.
  private mutating func readLines(_ start: UnsafePointer<UInt8>, _ count: Int) {
    var cursor = JSONCursor(position: start)
    while cursor.position < start + count, !isFull {
      line += 1
      lineStart = cursor.position
      guard line < Limits.lines else { return report(.limit("lines")) }
      cursor.skipSpace()
      if !cursor.isAtLineEnd {
        if isLineADelta, !isAtFirstFact { beginDelta(on: nil) }
        readLine(&cursor)
      }
      while !cursor.isAtLineEnd { cursor.position += 1 }
      cursor.position += 1
    }
  }

  private mutating func readLine(_ cursor: inout JSONCursor) {
    do throws(JSONFault) {
      try readFact(&cursor)
      cursor.skipSpace()
      guard cursor.isAtLineEnd else { throw .unexpected }
      guard let lineStart, cursor.position - lineStart <= Limits.lineBytes else { throw .tooLong }
    } catch {
      hasLostLines = true
      if error != .reported { report(.malformed(error), at: cursor.position) }
    }
  }

  /// Where `position` is, for a fact that will be checked when the draft is done.
  func place(_ position: UnsafePointer<UInt8>) -> FactPlace {
    FactPlace(file: file, line: line, column: column(position))
  }

  private func column(_ position: UnsafePointer<UInt8>?) -> Int {
    guard let position, let lineStart else { return 1 }
    return position - lineStart + 1
  }

  /// Notes a problem of the line at hand.
  mutating func report(_ cause: GraphProblem.Cause, at position: UnsafePointer<UInt8>? = nil) {
    guard !isFull else { return }
    problems.append(
      GraphProblem(cause, file: files[file], line: line, column: column(position)))
  }

  /// Notes a problem of an earlier fact.
  mutating func report(_ cause: GraphProblem.Cause, at place: FactPlace) {
    guard !isFull else { return }
    let name = place.file >= 0 ? files[place.file] : nil
    problems.append(GraphProblem(cause, file: name, line: place.line, column: place.column))
  }

  /// The bytes that the text stands for, until the next call; eight more can be read behind them.
  func resolve(_ text: RawText) throws(JSONFault) -> UnsafeBufferPointer<UInt8> {
    guard text.isEscaped else { return text.bytes }
    var bytes: [UInt8] = []
    try unescape(text, into: &bytes)
    return scratch.hold(bytes)
  }

  /// The text as a string, for messages.
  func spelled(_ text: RawText) -> String {
    guard let bytes = try? resolve(text) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Memory for the one string whose escapes were resolved last, and for the texts of a line's
/// members.
private final class ScratchText {
  let texts: UnsafeMutablePointer<RawText> = .allocate(capacity: FactMember.allCases.count)
  private var memory: UnsafeMutablePointer<UInt8> = .allocate(capacity: 64)
  private var capacity = 64

  deinit {
    memory.deallocate()
    texts.deallocate()
  }

  /// A copy of the bytes with eight more behind it, until the next call.
  func hold(_ bytes: [UInt8]) -> UnsafeBufferPointer<UInt8> {
    if bytes.count + 8 > capacity {
      memory.deallocate()
      capacity = (bytes.count + 8) * 2
      memory = .allocate(capacity: capacity)
    }
    memory.initialize(repeating: 0, count: bytes.count + 8)
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { memory.update(from: start, count: source.count) }
    }
    return UnsafeBufferPointer(start: memory, count: bytes.count)
  }
}
