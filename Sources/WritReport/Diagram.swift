// Work as a picture: stages from left to right, in each what it does from top to bottom, boxes within boxes.

import WritModel

/// What is drawn of a plan or a run.
public struct Diagram: Hashable, Sendable {
  /// How something stands.
  public enum Tone: String, Hashable, Sendable {
    /// Nothing is known of it, or nothing is to be.
    case plain
    /// It did what it should.
    case good
    /// It did not.
    case bad
    /// It is under way, or waits.
    case waiting
    /// It was left out.
    case quiet
  }

  /// A stage, a group or a step.
  public struct Box: Hashable, Sendable {
    /// What it is called.
    public let title: String
    /// Below it, a line each: what it does, which gate decides, what became of it.
    public let lines: [String]
    public let tone: Tone
    /// Whether it reaches production: drawn with a mark.
    public let isGuarded: Bool
    /// Whether its parts go on at once: drawn side by side.
    public let isParallel: Bool
    public let parts: [Box]
    /// What runs once it has ended: drawn below its parts, one below another.
    public let hooks: [Box]

    /// A box and what is in it.
    public init(
      title: String, lines: [String], tone: Tone, isGuarded: Bool = false,
      isParallel: Bool = false, parts: [Box] = [], hooks: [Box] = []
    ) {
      self.title = title
      self.lines = lines
      self.tone = tone
      self.isGuarded = isGuarded
      self.isParallel = isParallel
      self.parts = parts
      self.hooks = hooks
    }
  }

  /// A stage, and the places in `stages` of those that it waits for, all below its own.
  public struct Stage: Hashable, Sendable {
    public let box: Box
    public let after: [Int]

    /// A stage behind those.
    public init(box: Box, after: [Int]) {
      precondition(after.allSatisfy { $0 >= 0 }, "a stage waits for stages")
      self.box = box
      self.after = after
    }
  }

  /// A table below the picture, for whoever reads or hears it.
  public struct Table: Hashable, Sendable {
    public let title: String
    public let head: [String]
    /// As many cells as the head has.
    public let rows: [[String]]

    /// A table with its heading.
    public init(title: String, head: [String], rows: [[String]]) {
      self.title = title
      self.head = head
      self.rows = rows
    }
  }

  public let title: String
  /// Below the title, a line each.
  public let lines: [String]
  public let stages: [Stage]
  public let tables: [Table]

  /// A picture of those stages. Each waits for earlier ones only.
  public init(title: String, lines: [String], stages: [Stage], tables: [Table]) {
    for (place, stage) in stages.enumerated() {
      precondition(stage.after.allSatisfy { $0 < place }, "a stage waits for earlier ones")
    }
    self.title = title
    self.lines = lines
    self.stages = stages
    self.tables = tables
  }
}

extension [Diagram.Stage] {
  /// With boxes behind all of them: what runs when all is over.
  public func closed(by boxes: [Diagram.Box]) -> [Diagram.Stage] {
    let ends = indices.filter { place in !contains { $0.after.contains(place) } }
    return self + boxes.map { Diagram.Stage(box: $0, after: ends) }
  }
}

/// A text as XML and HTML have it, without what could change the direction of reading or is no character there.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
        result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
  return result
}
