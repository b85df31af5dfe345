// A diagram as SVG 1.1: no script, nothing loaded, legible in the dark.

import WritModel

extension Diagram {
  /// A file of its own.
  public var svg: String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svgElement(style: Diagram.drawingStyle) + "\n"
  }

  /// The picture alone; the style stands in it, or in the page around it.
  func svgElement(style: String?) -> String {
    let layout = DiagramLayout(self)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(layout.width) \(layout.height)\" "
        + "width=\"\(layout.width)\" height=\"\(layout.height)\" role=\"img\" aria-labelledby=\"picture-title\">",
      "<title id=\"picture-title\">\(escaped(title))</title>",
    ]
    if let style { lines.append("<style>\(style)</style>") }
    for (place, stage) in stages.enumerated() {
      for before in stage.after {
        lines.append(arrow(from: layout.stages[before], to: layout.stages[place]))
      }
    }
    for stage in layout.stages { draw(stage, isStage: true, into: &lines) }
    lines.append("</svg>")
    return lines.joined(separator: "\n")
  }

  /// From the right edge of one to the left edge of the other, with a head.
  private func arrow(from one: PlacedBox, to other: PlacedBox) -> String {
    let (x1, y1) = (one.x + one.width, one.y + one.head / 2)
    let (x2, y2) = (other.x, other.y + other.head / 2)
    let middle = (x1 + x2) / 2
    return
      "<path class=\"arrow\" d=\"M\(x1) \(y1) C\(middle) \(y1) \(middle) \(y2) \(x2 - 6) \(y2)\"/>"
      + "<path class=\"tip\" d=\"M\(x2) \(y2) l-8 -4 v8 z\"/>"
  }

  private func draw(_ placed: PlacedBox, isStage: Bool, into lines: inout [String]) {
    let box = placed.box
    let whole = ([box.title] + box.lines).joined(separator: "; ")
    let kind = isStage ? "stage" : placed.parts.isEmpty ? "step" : "group"
    lines.append(
      "<g class=\"\(kind) \(box.tone.rawValue)\"><title>\(escaped(whole))</title>"
        + "<rect x=\"\(placed.x)\" y=\"\(placed.y)\" width=\"\(placed.width)\" height=\"\(placed.height)\" "
        + "rx=\"6\"/>")
    var y = placed.y + PlacedBox.lineHeight
    for (number, text) in ([box.title] + box.lines).enumerated() {
      lines.append(
        "<text class=\"\(number == 0 ? "name" : "more")\" x=\"\(placed.x + PlacedBox.padding)\" y=\"\(y)\">"
          + "\(escaped(DiagramText.cut(text)))</text>")
      y += PlacedBox.lineHeight
    }
    if box.isGuarded {
      let (x, y) = (placed.x + placed.width - 17, placed.y + 5)
      lines.append("<path class=\"guard\" d=\"M\(x) \(y) h12 v7 q0 5 -6 7 q-6 -2 -6 -7 z\"/>")
    }
    lines.append("</g>")
    for part in placed.parts { draw(part, isStage: false, into: &lines) }
  }

  /// Colours of both schemes reach a contrast of 4.5 to 1; what they say is also said in words.
  static let drawingStyle = """
    svg { --ink: #1c2127; --paper: #fff; --card: #f6f7f9; --line: #8a93a0; --quiet: #58616d; --good: #0b6b3a; --bad: #b3261e; --wait: #8a5a00; color-scheme: light dark; background: var(--paper); }
    @media (prefers-color-scheme: dark) { svg { --ink: #e6e9ee; --paper: #14171b; --card: #1d2127; --line: #6b7582; --quiet: #a3acb8; --good: #5fd38d; --bad: #ff8a80; --wait: #f0c05a; } }
    svg text { fill: var(--ink); font: 11.5px ui-monospace, SFMono-Regular, Menlo, monospace; } svg text.name { font-weight: 600; } svg text.more { fill: var(--quiet); }
    svg rect { fill: var(--card); stroke: var(--line); } svg .stage > rect { fill: var(--paper); stroke-width: 1.5; } svg .group > rect { stroke-dasharray: 4 3; }
    svg .good > rect { stroke: var(--good); } svg .bad > rect { stroke: var(--bad); stroke-width: 2; } svg .waiting > rect { stroke: var(--wait); stroke-width: 2; } svg .quiet > rect { stroke-dasharray: 2 3; } svg .quiet > text { fill: var(--quiet); }
    svg .arrow { fill: none; stroke: var(--line); stroke-width: 1.5; } svg .tip { fill: var(--line); } svg .guard { fill: var(--wait); }
    @media print { svg { --ink: #000; --paper: #fff; --card: #fff; --line: #555; --quiet: #333; } }
    """
}
