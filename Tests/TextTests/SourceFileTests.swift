// Lines, columns and ranges of source files.

import Testing
import WritText

@Suite struct SourceFileTests {
  @Test func positionsCountLinesAndScalars() {
    let file = SourceFile(name: "a", text: "ab\nä€x\r\n\nlast")
    #expect(file.position(of: 0) == SourcePosition(line: 1, column: 1))
    #expect(file.position(of: 2) == SourcePosition(line: 1, column: 3))
    #expect(file.position(of: 3) == SourcePosition(line: 2, column: 1))
    // `ä` is two bytes and `€` three.
    #expect(file.position(of: 8) == SourcePosition(line: 2, column: 3))
    #expect(file.position(of: 11) == SourcePosition(line: 3, column: 1))
    #expect(file.position(of: 12) == SourcePosition(line: 4, column: 1))
    #expect(file.position(of: 16) == SourcePosition(line: 4, column: 5))
  }

  @Test func everyOffsetHasAPositionThatOnlyGrows() {
    let file = SourceFile(name: "a", text: "x\n\n\nyy\r\nz\n")
    var last = SourcePosition(line: 0, column: 0)
    for offset in 0...file.bytes.count {
      let position = file.position(of: offset)
      #expect((last.line, last.column) < (position.line, position.column))
      last = position
    }
  }

  @Test func offsetsOutsideAreCutToTheFile() {
    let file = SourceFile(name: "a", text: "ab")
    #expect(file.position(of: -5) == SourcePosition(line: 1, column: 1))
    #expect(file.position(of: 99) == SourcePosition(line: 1, column: 3))
    #expect(file.text(of: SourceRange(file: 0, start: 1, end: 99)) == "b")
    #expect(file.text(of: SourceRange(file: 0, start: 50, end: 99)) == "")
  }

  @Test func linesHaveNoLineBreaks() {
    let file = SourceFile(name: "a", text: "one\r\ntwo\n\nfour")
    #expect(
      (1...4).map { String(decoding: file.line($0), as: UTF8.self) } == ["one", "two", "", "four"])
    #expect(Array(file.line(0)) == Array("one".utf8))
    #expect(Array(file.line(9)) == Array("four".utf8))
  }

  @Test func editorsCountInUTF16() {
    let file = SourceFile(name: "a", text: "x\n😀y")
    #expect(file.utf16Column(of: 2) == 0)
    #expect(file.utf16Column(of: 6) == 2)
  }

  @Test func anEmptyFileHasOneLine() {
    let file = SourceFile(name: "a", text: "")
    #expect(file.lineStarts == [0])
    #expect(file.position(of: 0) == SourcePosition(line: 1, column: 1))
    #expect(file.line(1).isEmpty)
  }

  @Test func rangesAreOrderedByPlace() {
    let a = SourceRange(file: 0, start: 5, end: 9)
    let b = SourceRange(file: 0, start: 5, end: 10)
    let c = SourceRange(file: 1, start: 0, end: 1)
    #expect([c, b, a].sorted() == [a, b, c])
    #expect(a.union(b) == b)
    #expect(a.startPlace.isEmpty && a.startPlace.start == 5)
    #expect(a.endPlace == SourceRange(file: 0, start: 9, end: 9))
    #expect(SourceRange(file: 0, start: 9, end: 5).count == 0)
    #expect(SourceRange(file: 0, start: Int.max, end: Int.max).start == Int(Int32.max))
  }
}
