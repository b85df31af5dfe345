// Overlays for one request after the other: in memory that is used again, as long as nothing is wrong.

import WritModel

/// Reads the facts of requests over one snapshot. For one thread at a time.
///
/// Facts of which nothing is wrong are laid out straight from where they were read (`OverlayLayout`). What is wrong, or unusual, goes
/// to `OverlayBuilder`, which says what and where: the two agree on every overlay that both make.
public final class OverlayReader {
  private let plan: OverlayPlan
  private var reader: FactReader
  private var layout: OverlayLayout
  /// What has been read is in the reader's memory still.
  private var isUsed = false

  /// O(size of the schema).
  public init(_ plan: OverlayPlan) {
    self.plan = plan
    reader = OverlayReader.reader(plan)
    layout = OverlayLayout(plan)
  }

  /// The overlay of facts, one JSON object a line; problems call the input `name`. O(bytes + facts log strings of the snapshot).
  public func overlay(_ lines: [UInt8], named name: String) throws(GraphProblems) -> Overlay {
    if lines.count <= OverlayReader.plainBytes, let overlay = plainOverlay(lines) { return overlay }
    var builder = OverlayBuilder(plan)
    builder.read(lines, named: name)
    return try builder.build()
  }

  /// What a large request has grown is not worth keeping, nor is sorting it here.
  private static let plainBytes = 1 << 16

  private static func reader(_ plan: OverlayPlan) -> FactReader {
    FactReader(plan.names, over: plan.base, [], isPlain: true)
  }

  /// `nil` where something is wrong or unusual.
  private func plainOverlay(_ lines: [UInt8]) -> Overlay? {
    if isUsed { reader.removeAll() }
    isUsed = true
    reader.read(lines, named: "")
    guard reader.isPlain else {
      reader = OverlayReader.reader(plan)
      isUsed = false
      return nil
    }
    return layout.overlay(of: reader.draft)
  }
}
