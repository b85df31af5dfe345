// Documents to lines: decides which groups stay on one line, and writes them out.

/// A step of a document. Documents are flat lists, so that no depth of nesting needs a stack.
///
/// A group, `.open` to `.close`, is on one line if it fits there; else all `.line`s and `.soft`s
/// that are its own, not an inner group's, become line breaks.
enum Piece {
  /// Bytes of the source, without a line break.
  case source(start: Int, end: Int)
  /// One space, dropped before a line break.
  case space
  /// A space in a group on one line, else a line break.
  case line
  /// Nothing in a group on one line, else a line break.
  case soft
  /// A line break, and an empty line if `blank`.
  case hard(blank: Bool)
  /// A comma that stands only in a group on one line.
  case flatComma
  case open
  case close
  case indent
  case dedent
  /// A comment, bytes of the source. One that trails stays on the line of what is before it; any
  /// other gets a line for itself. `blank` asks for an empty line behind it.
  case comment(start: Int, end: Int, trails: Bool, blank: Bool)
}

/// Lays pieces out in lines of at most `width` characters where they can be broken.
func layOut(_ pieces: [Piece], of source: [UInt8], width: Int) -> [UInt8] {
  let measure = Measure(pieces, of: source)
  var printer = Printer(source: source, width: width)
  for index in pieces.indices {
    printer.write(pieces[index], at: index, measure)
  }
  return printer.finished()
}

/// How wide things are on one line.
private struct Measure {
  /// For `.open`: characters of the group on one line, and of what cannot be broken off behind it;
  /// `Int.max` where the group must be broken. For other pieces 0.
  private(set) var groupWidths: [Int]

  /// A group that is open while the pieces are walked.
  private struct Group {
    let index: Int
    let widthBefore: Int
    let wordsBefore: Int
    var mustBreak = false
  }

  init(_ pieces: [Piece], of source: [UInt8]) {
    groupWidths = [Int](repeating: 0, count: pieces.count)
    let rests = Self.rests(pieces, source)
    var groups: [Group] = []
    var width = 0
    var words = 0
    var wordsAtComment: Int?
    for (index, piece) in pieces.enumerated() {
      width += piece.flatWidth(source)
      switch piece {
      case .source:
        // A comment between two words of a group breaks the group, and those around it.
        if let before = wordsAtComment,
          let inner = groups.lastIndex(where: { $0.wordsBefore < before })
        {
          groups[inner].mustBreak = true
        }
        wordsAtComment = nil
        words += 1
      case .comment:
        wordsAtComment = wordsAtComment ?? words
      case .hard:
        if !groups.isEmpty { groups[groups.count - 1].mustBreak = true }
      case .open:
        groups.append(Group(index: index, widthBefore: width, wordsBefore: words))
      case .close:
        guard let group = groups.popLast() else { continue }
        let whole = width - group.widthBefore + rests[index + 1]
        groupWidths[group.index] = group.mustBreak ? Int.max : whole
        if group.mustBreak, !groups.isEmpty { groups[groups.count - 1].mustBreak = true }
      case .space, .line, .soft, .flatComma, .indent, .dedent: break
      }
    }
  }

  /// For every piece and for the end: characters from there to where a line break can be.
  private static func rests(_ pieces: [Piece], _ source: [UInt8]) -> [Int] {
    var rests = [Int](repeating: 0, count: pieces.count + 1)
    for index in pieces.indices.reversed() {
      switch pieces[index] {
      case .line, .soft, .hard, .comment: rests[index] = 0
      default: rests[index] = rests[index + 1] + pieces[index].flatWidth(source)
      }
    }
    return rests
  }
}

extension Piece {
  /// Characters on one line.
  fileprivate func flatWidth(_ source: [UInt8]) -> Int {
    switch self {
    case .source(let start, let end):
      source[start..<end].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    case .space, .line, .flatComma: 1
    case .soft, .hard, .open, .close, .indent, .dedent, .comment: 0
    }
  }
}

/// The lines as they are written.
private struct Printer {
  let source: [UInt8]
  let width: Int
  private var output: [UInt8] = []
  private var column = 0
  private var indentation = 0
  /// Line breaks and spaces that are written before the next word, if there is one.
  private var pendingBreaks = 0
  private var hasPendingSpace = false
  /// For every open group: it is on one line.
  private var flats: [Bool] = []
  /// Number and indentation of the line at hand.
  private var line = 0
  private var lineIndentation = 0
  private var trailing: [TrailingComment] = []

  init(source: [UInt8], width: Int) {
    self.source = source
    self.width = width
  }

  private var isFlat: Bool { flats.last ?? false }

  mutating func write(_ piece: Piece, at index: Int, _ measure: Measure) {
    switch piece {
    case .source(let start, let end): writeWord(start, end)
    case .space: hasPendingSpace = true
    case .line where isFlat: hasPendingSpace = true
    case .soft where isFlat: break
    case .line, .soft: breakLine(blank: false)
    case .hard(let blank): breakLine(blank: blank)
    case .flatComma:
      if isFlat {
        output.append(UInt8(ascii: ","))
        column += 1
      }
    case .open:
      flats.append(isFlat || fits(measure.groupWidths[index]))
    case .close: flats.removeLast()
    case .indent: indentation += 2
    case .dedent: indentation -= 2
    case .comment(let start, let end, let trails, let blank):
      writeComment(start, end, trails: trails, blank: blank)
    }
  }

  /// A group of a width fits on the rest of the line.
  private func fits(_ group: Int) -> Bool {
    let start = pendingBreaks > 0 ? indentation : column + (hasPendingSpace ? 1 : 0)
    return group <= width - start
  }

  private mutating func breakLine(blank: Bool) {
    pendingBreaks = max(pendingBreaks, blank ? 2 : 1)
  }

  /// Writes what is pending before a word or a comment.
  private mutating func flush() {
    if output.isEmpty {
      // Nothing stands above the first line.
    } else if pendingBreaks > 0 {
      for _ in 0..<pendingBreaks { output.append(UInt8(ascii: "\n")) }
      for _ in 0..<indentation { output.append(UInt8(ascii: " ")) }
      column = indentation
      line += pendingBreaks
      lineIndentation = indentation
    } else if hasPendingSpace {
      output.append(UInt8(ascii: " "))
      column += 1
    }
    pendingBreaks = 0
    hasPendingSpace = false
  }

  private mutating func writeWord(_ start: Int, _ end: Int) {
    flush()
    output += source[start..<end]
    column += Piece.source(start: start, end: end).flatWidth(source)
  }

  private mutating func writeComment(_ start: Int, _ end: Int, trails: Bool, blank: Bool) {
    var stop = end
    while stop > start, source[stop - 1] == 0x20 || source[stop - 1] == 0x09 { stop -= 1 }
    if trails, !output.isEmpty {
      let width = Piece.source(start: start, end: stop).flatWidth(source)
      trailing.append(
        TrailingComment(
          offset: output.count, line: line, indentation: lineIndentation, column: column,
          width: width))
      output += [UInt8(ascii: " "), UInt8(ascii: " ")]
    } else {
      breakLine(blank: false)
      flush()
    }
    output += source[start..<stop]
    breakLine(blank: blank)
  }

  /// All lines, the last one ended.
  func finished() -> [UInt8] {
    guard !output.isEmpty else { return [] }
    var result: [UInt8] = []
    var copied = 0
    for (comment, blanks) in zip(trailing, paddings()) {
      result += output[copied..<comment.offset]
      result += [UInt8](repeating: UInt8(ascii: " "), count: blanks)
      copied = comment.offset
    }
    return result + output[copied...] + [UInt8(ascii: "\n")]
  }

  /// Spaces to add before each trailing comment, so that those of lines in a row stand in a column,
  /// if they fit there.
  private func paddings() -> [Int] {
    var paddings: [Int] = []
    while paddings.count < trailing.count {
      let first = paddings.count
      var last = first
      while last + 1 < trailing.count, trailing[last + 1].follows(trailing[last]) { last += 1 }
      let run = trailing[first...last]
      let column = run.reduce(0) { max($0, $1.column) }
      let longest = run.reduce(0) { max($0, $1.width) }
      let fits = column + 2 + longest <= width
      paddings += run.map { fits ? column - $0.column : 0 }
    }
    return paddings
  }
}

/// A comment behind something on its line.
private struct TrailingComment {
  /// Offset in the output at which the spaces before it start.
  let offset: Int
  let line: Int
  let indentation: Int
  /// Where the line ends without it.
  let column: Int
  /// Characters of the comment.
  let width: Int

  func follows(_ other: TrailingComment) -> Bool {
    line == other.line + 1 && indentation == other.indentation
  }
}
