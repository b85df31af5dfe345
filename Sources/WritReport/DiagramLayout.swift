// Where each box of a diagram lies, in pixels; the same diagram always lies the same.

/// A box in its place.
struct PlacedBox {
  let box: Diagram.Box
  var x: Int
  var y: Int
  private(set) var width: Int
  let height: Int
  /// Height of the title and the lines.
  let head: Int
  var parts: [PlacedBox]

  /// The box with all in it, moved.
  func moved(_ dx: Int, _ dy: Int) -> PlacedBox {
    var moved = self
    moved.x += dx
    moved.y += dy
    moved.parts = parts.map { $0.moved(dx, dy) }
    return moved
  }

  /// At the origin, as large as what is in it needs.
  init(_ box: Diagram.Box) {
    let texts = [box.title] + box.lines
    let longest = texts.map { DiagramText.cut($0).unicodeScalars.count }.max() ?? 0
    let own = max(Self.leastWidth, longest * Self.letterWidth + 2 * Self.padding + Self.markWidth)
    let head = texts.count * Self.lineHeight + Self.padding
    var parts = (box.parts + box.hooks).map(PlacedBox.init)
    let isRow = box.isParallel && box.parts.count <= Self.sideBySide
    // Parts that stand side by side; the others stand below these, one below another.
    let besides = isRow ? box.parts.count : 0
    var (x, y, width) = (Self.padding, head, own)
    for place in parts.indices {
      if place == besides, besides > 0 {
        x = Self.padding
        y += (parts[..<place].map(\.height).max() ?? 0) + Self.gap
      }
      parts[place] = parts[place].moved(x, y)
      width = max(width, x + parts[place].width + Self.padding)
      if place < besides {
        x += parts[place].width + Self.gap
      } else {
        y += parts[place].height + Self.gap
      }
    }
    for place in parts.indices.dropFirst(besides) {
      parts[place].width = width - 2 * Self.padding
    }
    let bottom = parts.map { $0.y + $0.height + Self.padding }.max() ?? head + Self.padding / 2
    self.box = box
    (self.x, self.y, self.width, self.height) = (0, 0, width, bottom)
    self.head = head
    self.parts = parts
  }

  static let lineHeight = 17
  static let padding = 10
  static let gap = 10
  private static let letterWidth = 7
  private static let leastWidth = 120
  private static let markWidth = 16
  /// More parts than that stand below each other also where they go on at once.
  private static let sideBySide = 4
}

/// Stages in columns: each to the right of all that it waits for.
struct DiagramLayout {
  let stages: [PlacedBox]
  let width: Int
  let height: Int

  init(_ diagram: Diagram) {
    var column: [Int] = []
    for stage in diagram.stages {
      column.append((stage.after.map { column[$0] + 1 }.max()) ?? 0)
    }
    var placed = diagram.stages.map { PlacedBox($0.box) }
    var (x, height) = (Self.margin, 0)
    for number in 0..<((column.max() ?? -1) + 1) {
      var (y, width) = (Self.margin, 0)
      for place in placed.indices where column[place] == number {
        placed[place] = placed[place].moved(x, y)
        y += placed[place].height + Self.stageGap
        width = max(width, placed[place].width)
      }
      height = max(height, y)
      x += width + Self.columnGap
    }
    stages = placed
    width = max(x - Self.columnGap, 0) + Self.margin
    self.height = max(height - Self.stageGap, 0) + Self.margin
  }

  private static let margin = 12
  private static let stageGap = 24
  private static let columnGap = 56
}

/// Texts of a length that fits.
enum DiagramText {
  /// Whole where it is short, else with what was left out shown by dots; the picture has the rest as its title.
  static func cut(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > most else { return text }
    return String(String.UnicodeScalarView(scalars.prefix(most - 1))) + "…"
  }

  private static let most = 46
}
