// Pictures of plans and runs: well formed whatever stands in them, and laid out so that nothing covers anything.

import Foundation
import FoundationXML
import Testing

@testable import WritReport

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

  /// Elements and texts of a well-formed document.
  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [String: Int] = [:]
    var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  @Test("the picture is well-formed XML, loads nothing and runs nothing")
  func isWellFormed() throws {
    let reader = Reader()
    let parser = XMLParser(data: Data(diagram.svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
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
  func doesNotOverlap() {
    let layout = DiagramLayout(diagram)
    func check(_ boxes: [PlacedBox], within outer: (x: Int, y: Int, width: Int, height: Int)) {
      for (place, box) in boxes.enumerated() {
        #expect(box.x >= outer.x && box.x + box.width <= outer.x + outer.width, "\(box.box.title)")
        #expect(box.y >= outer.y && box.y + box.height <= outer.y + outer.height)
        for other in boxes[(place + 1)...] {
          let isApart =
            box.x + box.width < other.x || other.x + other.width < box.x
            || box.y + box.height < other.y || other.y + other.height < box.y
          #expect(isApart, "\(box.box.title) and \(other.box.title)")
        }
        let inner = (box.x, box.y + box.head, box.width, box.height - box.head)
        check(box.parts, within: inner)
      }
    }
    check(layout.stages, within: (0, 0, layout.width, layout.height))
    // What waits lies to the right of what it waits for.
    let stages = layout.stages
    #expect(stages[0].x + stages[0].width < stages[1].x && stages[1].x == stages[2].x)
    #expect(max(stages[1].x + stages[1].width, stages[2].x + stages[2].width) < stages[3].x)
  }

  @Test func nothingIsADiagramToo() {
    let empty = Diagram(title: "none", lines: [], stages: [], tables: [])
    #expect(empty.svg.contains("<title id=\"picture-title\">none</title>"))
    #expect(DiagramLayout(empty).stages.isEmpty)
  }
}
