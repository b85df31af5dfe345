// Strings by number: those of the snapshot, of the overlay, and of the program's constants.

import WritGraph
import WritModel

/// The bytes of every string that a run may meet, and the id of every node.
struct StringTable: Sendable {
  private let snapshot: Snapshot
  private let overlay: Overlay?
  private let firstExtra: Int
  private var extras: [[UInt8]] = []
  /// Places among those.
  private var extraPlaces: [ByteText: Int] = [:]

  init(snapshot: Snapshot, overlay: Overlay?) {
    self.snapshot = snapshot
    self.overlay = overlay
    firstExtra = snapshot.strings.count + (overlay?.strings.count ?? 0)
  }

  /// The same strings over a request: what it brings itself has its number there, all others come behind.
  init(_ known: StringTable, over overlay: Overlay) {
    snapshot = known.snapshot
    self.overlay = overlay
    firstExtra = snapshot.strings.count + overlay.strings.count
    extras = known.extras
    extraPlaces = known.extraPlaces
  }

  /// Calls `body` with the bytes of a string; with none for a number that names no string.
  func withBytes<Result>(of string: Int64, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
  {
    let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    guard string >= 0, let number = Int(exactly: string) else { return body(nothing) }
    if number < snapshot.strings.count { return body(snapshot.strings.bytes(number)) }
    if number < firstExtra, let overlay { return body(overlay.strings.bytes(number)) }
    guard extras.indices.contains(number - firstExtra) else { return body(nothing) }
    return extras[number - firstExtra].withUnsafeBufferPointer(body)
  }

  /// The number of a string, which is given one if the graph has none.
  mutating func number(of text: String) -> Int64 {
    if let found = snapshot.strings.find(text) ?? overlay?.strings.find(text) {
      return Int64(found)
    }
    if let found = extraPlaces[text] { return Int64(firstExtra + found) }
    extraPlaces[text] = extras.count
    extras.append(Array(text.utf8))
    return Int64(firstExtra + extras.count - 1)
  }

  /// The number of the string that is a node's id, or -1 for a number that names no node.
  func identifier(ofNode node: Int) -> Int64 {
    if node < 0 { return -1 }
    if node < snapshot.nodeCount { return Int64(snapshot.nodeIDs[node]) }
    guard let overlay, node - snapshot.nodeCount < overlay.nodeIDs.count else { return -1 }
    return Int64(overlay.nodeIDs[node - snapshot.nodeCount])
  }
}
