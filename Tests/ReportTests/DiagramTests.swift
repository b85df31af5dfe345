// Pictures of plans and runs: well formed whatever stands in them, and laid out so that nothing covers anything.

import Foundation
import FoundationXML
import Testing
import WritReport

@Suite struct DiagramTests {
  private func step(_ title: String, _ tone: Diagram.Tone = .plain) -> Diagram.Box {
    Diagram.Box(title: title, lines: ["does <this> & \"that\""], tone: tone)
  }

  private var diagram: Diagram {
    let deep = Diagram.Box(
      title: "matrix", lines: [], tone: .good, isParallel: true,
      parts: [
        step("a"), Diagram.Box(title: "b", lines: [], tone: .bad, parts: [step("c"), step("d")]),
      ])
    func stage(_ name: String, _ parts: [Diagram.Box], after: [Int]) -> Diagram.Stage {
      Diagram.Stage(
        box: Diagram.Box(title: name, lines: ["after"], tone: .waiting, parts: parts), after: after)
    }
    return Diagram(
      title: "SUCCEEDED: <run> & more \u{202e}\u{0}", lines: ["by <bot>"],
      stages: [
        stage("one", [step("x", .quiet)], after: []), stage("two", [deep, step("y")], after: [0]),
        stage("three", (0..<9).map { step("s\($0)") }, after: [0]),
        stage("four", [], after: [1, 2]),
      ],
      tables: [Diagram.Table(title: "T & T", head: ["a<b"], rows: [["1"], ["<script>"]])])
  }

  /// Elements and texts of a well-formed document, and what is drawn in the order in which it is.
  private final class Reader: NSObject, XMLParserDelegate {
    /// A rectangle and where its lowest line of text stands.
    struct Box {
      let x: Int
      let y: Int
      let width: Int
      let height: Int
      var lowestText: Int
    }

    var elements: [String: Int] = [:]
    var text = ""
    private(set) var boxes: [Box] = []
    private(set) var size = (width: 0, height: 0)

    /// Reads a picture, which must be well formed.
    convenience init(svg: String) {
      self.init()
      let parser = XMLParser(data: Data(svg.utf8))
      parser.delegate = self
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      func number(_ name: String) -> Int { attributes[name].flatMap { Int($0) } ?? -1 }
      switch name {
      case "svg": size = (number("width"), number("height"))
      case "rect":
        let y = number("y")
        boxes.append(
          Box(
            x: number("x"), y: y, width: number("width"), height: number("height"), lowestText: y))
      case "text" where !boxes.isEmpty: boxes[boxes.count - 1].lowestText = number("y")
      default: break
      }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  @Test("the picture is well-formed XML, loads nothing and runs nothing")
  func isWellFormed() {
    let reader = Reader(svg: diagram.svg)
    // Stages, and all in them: 4 and 1 + 2 + 2 + 1 + 1 + 9.
    #expect(reader.elements["rect"] == 20)
    #expect(reader.elements["script"] == nil && reader.elements["image"] == nil)
    #expect(reader.text.contains("does <this> & \"that\""))
    #expect(!diagram.svg.contains("\u{202e}") && !diagram.svg.contains("\u{0}"))
    for text in [diagram.svg, diagram.html] {
      // The name of the namespace alone.
      #expect(text.components(separatedBy: "://").count == 2)
      #expect(!text.contains("url(") && !text.contains("<script"))
    }
    #expect(diagram.html.contains("&lt;script&gt;") && diagram.html.contains("T &amp; T"))
  }

  @Test("no box covers another that it is not in, and parts lie within")
  func doesNotOverlap() throws {
    let reader = Reader(svg: diagram.svg)
    var drawn = reader.boxes[...]
    /// Takes what is drawn of these boxes and of all in them: a box stands before its parts.
    func check(_ boxes: [Diagram.Box], within outer: Reader.Box) throws -> [Reader.Box] {
      var placed: [Reader.Box] = []
      for box in boxes {
        let first = drawn.popFirst()
        let place = try #require(first, "\(box.title)")
        #expect(place.x >= outer.x, "\(box.title)")
        #expect(place.x + place.width <= outer.x + outer.width, "\(box.title)")
        // Below the words of what it is in.
        #expect(place.y >= outer.lowestText, "\(box.title)")
        #expect(place.y + place.height <= outer.y + outer.height, "\(box.title)")
        #expect(place.lowestText > place.y && place.lowestText < place.y + place.height)
        for other in placed {
          let isApart =
            place.x + place.width < other.x || other.x + other.width < place.x
            || place.y + place.height < other.y || other.y + other.height < place.y
          #expect(isApart, "\(box.title) at \(place) and \(other)")
        }
        placed.append(place)
        _ = try check(box.parts, within: place)
      }
      return placed
    }
    let page = Reader.Box(
      x: 0, y: 0, width: reader.size.width, height: reader.size.height, lowestText: 0)
    let stages = try check(diagram.stages.map(\.box), within: page)
    #expect(drawn.isEmpty)
    // What waits lies to the right of what it waits for.
    #expect(stages[0].x + stages[0].width < stages[1].x && stages[1].x == stages[2].x)
    #expect(max(stages[1].x + stages[1].width, stages[2].x + stages[2].width) < stages[3].x)
  }

  @Test func nothingIsADiagramToo() {
    let empty = Diagram(title: "none", lines: [], stages: [], tables: [])
    #expect(empty.svg.contains("<title id=\"picture-title\">none</title>"))
    #expect(Reader(svg: empty.svg).boxes.isEmpty)
  }
}
