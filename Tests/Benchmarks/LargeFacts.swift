// A graph of any size as text: services and artifacts, and five times as many edges.

import Foundation

/// Writes the facts of a graph of so many nodes, a line at a time: two fifths of them are services, the rest artifacts. An edge leads
/// to where a multiplication leads it, so that any machine makes the same graph. With 10,000 requests of a gate beside them.
func writeLargeFacts(nodes: Int, folder: String) throws {
  var writer = try FactLines("\(folder)/facts.jsonl")
  let services = nodes * 2 / 5
  let artifacts = nodes - services
  writer.line(#"{"source":"catalog","at":"2026-11-30T00:00:00Z","covers":"*"}"#)
  for number in 0..<services {
    writer.service(number)
    // Two and a half each.
    for turn in 0..<(number % 2 == 0 ? 5 : 0) {
      writer.edge(
        "uses", ("Service/s", number),
        ("Service/s", (number * 31 + (turn + 1) * 1_299_709) % services))
    }
  }
  let rest = nodes * 5 - (services + 1) / 2 * 5 - artifacts
  for number in 0..<artifacts {
    writer.artifact(number)
    writer.edge("owns", ("Service/s", number % services), ("Artifact/a", number))
    for turn in 0..<rest / artifacts + (number < rest % artifacts ? 1 : 0) {
      writer.edge(
        "contains", ("Artifact/a", number),
        ("Artifact/a", (number * 17 + (turn + 1) * 15_485_863) % artifacts))
    }
  }
  try writer.finish()
  var requests = try FactLines("\(folder)/requests.jsonl")
  for number in 0..<10_000 {
    requests.text(#"{"gate":"ship","arguments":{"service":"Service/s"#)
    requests.number(number * 2_750_159 % services, width: 8)
    requests.line(#""}}"#)
  }
  try requests.finish()
}

/// Lines on their way into a file.
private struct FactLines {
  private let file: FileHandle
  private var bytes: [UInt8] = []
  private var error: (any Error)?

  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    else { throw BenchmarkError(description: "cannot write \(path)") }
    self.file = file
    bytes.reserveCapacity(1 << 22 + 1 << 12)
  }

  mutating func text(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func line(_ text: StaticString) {
    self.text(text)
    bytes.append(10)
    if bytes.count >= 1 << 22 { flush() }
  }

  mutating func number(_ number: Int, width: Int = 1) {
    let start = bytes.count
    var rest = number
    repeat {
      bytes.append(48 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0 || bytes.count - start < width
    bytes[start...].reverse()
  }

  mutating func service(_ number: Int) {
    text(#"{"node":"Service","id":"s"#)
    self.number(number, width: 8)
    text(#"","props":{"tier":"#)
    self.number(number % 4)
    text(#","coverage":"#)
    self.number(number * 7919 % 101)
    line("}}")
  }

  mutating func artifact(_ number: Int) {
    text(#"{"node":"Artifact","id":"a"#)
    self.number(number, width: 8)
    text(#"","props":{"built":"2026-"#)
    self.number(number % 12 + 1, width: 2)
    text("-")
    self.number(number % 28 + 1, width: 2)
    text("T")
    self.number(number % 24, width: 2)
    text(":")
    self.number(number % 60, width: 2)
    text(#":00Z","bytes":"#)
    self.number(number * 104_729 % 9_999_991)
    text(#","quarantined":"#)
    text(number % 97 == 0 ? "true" : "false")
    line("}}")
  }

  mutating func edge(_ name: StaticString, _ from: (StaticString, Int), _ to: (StaticString, Int)) {
    text(#"{"edge":""#)
    text(name)
    text(#"","from":""#)
    text(from.0)
    number(from.1, width: 8)
    text(#"","to":""#)
    text(to.0)
    number(to.1, width: 8)
    line(#"","props":{}}"#)
  }

  private mutating func flush() {
    do { try file.write(contentsOf: bytes) } catch { self.error = error }
    bytes.removeAll(keepingCapacity: true)
  }

  mutating func finish() throws {
    flush()
    if let error { throw error }
    try file.close()
  }
}
