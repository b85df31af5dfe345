// Reads facts, one JSON object a line, into a draft.

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
  var elements: [UInt32] = []
  /// A line could not be used at all, so that what it said is missing elsewhere.
  private(set) var hasLostLines = false
  private var hasNoSchema = false
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
      hasNoSchema = true
    }
  }

  /// Reads facts for a snapshot, or for an overlay over one.
  init(_ names: SchemaNames, over base: OverlayBase?, _ lenience: Lenience) {
    draft = GraphDraft(names, over: base)
    self.lenience = lenience
    stage = PropertyStage(names.schema)
    texts = scratch.texts
  }

  /// It makes no sense to go on: there are too many problems, or no schema.
  var isFull: Bool { problems.count >= Limits.problems || hasNoSchema }

  /// Reads the facts of one input.
  mutating func read(_ text: [UInt8], named name: String) {
    file = files.count
    files.append(name)
    line = 1
    guard file < Limits.files else { return report(.limit("inputs")) }
    guard !text.starts(with: [0x1f, 0x8b]) else { return report(.compressed) }
    // The line feed and the bytes behind it hold the invariant of `JSONCursor`.
    let padded = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count + 64)
    defer { padded.deallocate() }
    (padded + text.count).initialize(repeating: 0, count: 64)
    text.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { padded.update(from: start, count: bytes.count) }
    }
    padded[text.count] = 10
    readLines(UnsafePointer(padded), text.count)
    lastReference = nil
  }

  private mutating func readLines(_ start: UnsafePointer<UInt8>, _ count: Int) {
    var cursor = JSONCursor(position: start)
    line = 0
    while cursor.position < start + count, !isFull {
      line += 1
      lineStart = cursor.position
      guard line < Limits.lines else { return report(.limit("lines")) }
      cursor.skipSpace()
      if !cursor.isAtLineEnd { readLine(&cursor) }
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
