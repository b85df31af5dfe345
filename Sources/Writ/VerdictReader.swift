// A request for a verdict, read straight from its bytes to typed arguments: no tree, no text of its own.

import WritBytecode
import WritModel
import WritVM

/// How the requests for one gate are read.
///
/// It takes the form in which programs write requests: a gate by its full name, texts, numbers and truths for arguments, and nothing
/// else that says anything. Whoever finds anything unusual has the request read whole instead: this reader says `false` rather
/// than judge.
final class VerdictReader {
  /// All names one behind the other, so that nothing is counted while a request is read.
  private let text: UnsafeMutablePointer<UInt8>
  private let gate: Name
  private let parameters: UnsafeMutablePointer<Parameter>
  let parameterCount: Int
  private let kinds: UnsafeMutablePointer<(number: Int, prefix: Name)>
  private let types: [ValueType]
  /// Nothing that the gate takes needs the whole reader.
  let isUsual: Bool

  private struct Name {
    let start: Int
    let count: Int
  }

  private struct Parameter {
    let name: Name
    let form: Form
    let firstKind: Int
    let kindCount: Int
  }

  private enum Form: UInt8 {
    case node, instant, bool, int
    /// By its text, as a tree of JSON would have it.
    case other
  }

  init(_ gate: GateProgram, _ engine: Engine) {
    let schema = engine.program.schema
    var bytes: [UInt8] = []
    func name(_ text: String) -> Name {
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      return Name(start: start, count: bytes.count - start)
    }
    self.gate = name(gate.name)
    var prefixes: [(number: Int, prefix: Name)] = []
    let read = gate.parameters.map { parameter in
      let first = prefixes.count
      if case .node(let numbers) = parameter.type {
        prefixes += numbers.map { ($0, name("\(schema.kinds[$0].name)/")) }
      }
      return Parameter(
        name: name(parameter.name), form: VerdictReader.form(parameter.type), firstKind: first,
        kindCount: prefixes.count - first)
    }
    text = VerdictReader.copied(bytes)
    parameters = VerdictReader.copied(read)
    kinds = VerdictReader.copied(prefixes)
    parameterCount = read.count
    types = gate.parameters.map(\.type)
    isUsual =
      read.count <= 64
      && types.allSatisfy { type in
        switch type {
        case .node(let kinds): kinds.allSatisfy { schema.kinds[$0].origin != .request }
        case .bool, .int, .instant, .enumeration, .date, .duration: true
        default: false
        }
      }
  }

  deinit {
    text.deallocate()
    parameters.deallocate()
    kinds.deallocate()
  }

  private static func copied<Part>(_ parts: [Part]) -> UnsafeMutablePointer<Part> {
    let memory = UnsafeMutablePointer<Part>.allocate(capacity: max(1, parts.count))
    for (place, part) in parts.enumerated() { (memory + place).initialize(to: part) }
    return memory
  }

  private static func form(_ type: ValueType) -> Form {
    switch type {
    case .node: .node
    case .instant: .instant
    case .bool: .bool
    case .int: .int
    default: .other
    }
  }

  /// Whether the request is for this gate.
  func isFor(_ name: UnsafeBufferPointer<UInt8>) -> Bool { isSame(gate, name) }

  /// Reads the object of arguments into one slot for each parameter; false where it is not of the usual form, or does not fit.
  func read(
    _ cursor: inout RequestCursor, _ machine: Machine, _ engine: PreparedEngine,
    into slots: UnsafeMutableBufferPointer<Slot>
  ) -> Bool {
    var given: UInt64 = 0
    guard cursor.take(UInt8(ascii: "{")) else { return false }
    if cursor.take(UInt8(ascii: "}")) { return parameterCount == 0 }
    // Programs write arguments in one order, again and again.
    var expected = 0
    repeat {
      guard let name = cursor.string(), cursor.take(UInt8(ascii: ":")),
        let place = parameter(name, expected), given >> UInt64(place) & 1 == 0,
        let slot = slot(place, &cursor, machine, engine)
      else { return false }
      given |= 1 << UInt64(place)
      slots[place] = slot
      expected = place &+ 1
    } while cursor.take(UInt8(ascii: ","))
    return cursor.take(UInt8(ascii: "}")) && given.nonzeroBitCount == parameterCount
  }

  private func parameter(_ name: UnsafeBufferPointer<UInt8>, _ expected: Int) -> Int? {
    if expected < parameterCount, isSame(parameters[expected].name, name) { return expected }
    return (0..<parameterCount).first { isSame(parameters[$0].name, name) }
  }

  private func slot(
    _ place: Int, _ cursor: inout RequestCursor, _ machine: Machine, _ engine: PreparedEngine
  ) -> Slot? {
    switch parameters[place].form {
    case .bool:
      return cursor.word("true")
        ? Slot(exact: 1) : cursor.word("false") ? Slot(exact: 0) : nil
    case .int:
      if let number = cursor.integer() { return Slot(exact: number) }
    case .node:
      guard let text = cursor.string() else { return nil }
      return node(text, parameters[place], machine)
    case .instant:
      return cursor.string().flatMap { Instant($0.span)?.microseconds }.map { Slot(exact: $0) }
    case .other: break
    }
    guard let text = cursor.string() else { return nil }
    let json = JSONValue.string(String(decoding: text, as: UTF8.self))
    return engine.engine.scalar(json, types[place]).map { Slot(exact: $0) }
  }

  private func node(
    _ text: UnsafeBufferPointer<UInt8>, _ parameter: Parameter, _ machine: Machine
  ) -> Slot? {
    for place in parameter.firstKind..<parameter.firstKind &+ parameter.kindCount {
      let (number, prefix) = kinds[place]
      guard text.count > prefix.count,
        isSame(prefix, UnsafeBufferPointer(rebasing: text[..<prefix.count]))
      else { continue }
      let id = UnsafeBufferPointer(rebasing: text[prefix.count...])
      return machine.node(kind: number, id: id).map { Slot(exact: $0) }
    }
    return nil
  }

  @inline(__always)
  private func isSame(_ name: Name, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard name.count == bytes.count else { return false }
    let known = text + name.start
    var place = 0
    while place < name.count {
      if known[place] != bytes[place] { return false }
      place &+= 1
    }
    return true
  }
}

/// Steps through the bytes of a document that a program wrote: spaces, printable ASCII without escapes, whole numbers.
struct RequestCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0

  /// Digits of a number, so that it is exact in any reader.
  private static let digits = 15

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  @inline(__always)
  private mutating func skipSpaces() {
    while at < bytes.count, bytes[at] == 0x20 { at &+= 1 }
  }

  /// Whether nothing but spaces and a carriage return comes.
  var isAtEnd: Bool {
    mutating get {
      skipSpaces()
      if at < bytes.count, bytes[at] == 0x0D { at &+= 1 }
      return at == bytes.count
    }
  }

  /// Steps over that byte if it comes next.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpaces()
    guard at < bytes.count, bytes[at] == byte else { return false }
    at &+= 1
    return true
  }

  /// Steps over a word if it comes next.
  mutating func word(_ text: StaticString) -> Bool {
    skipSpaces()
    guard at + text.utf8CodeUnitCount <= bytes.count else { return false }
    for place in 0..<text.utf8CodeUnitCount where bytes[at + place] != text.utf8Start[place] {
      return false
    }
    at += text.utf8CodeUnitCount
    return true
  }

  /// The text of a string without escapes.
  @inline(__always)
  mutating func string() -> UnsafeBufferPointer<UInt8>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = at
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at &+= 1
        return UnsafeBufferPointer(rebasing: bytes[start..<at - 1])
      }
      guard byte >= 0x20, byte <= 0x7e, byte != UInt8(ascii: "\\") else { return nil }
      at &+= 1
    }
    return nil
  }

  /// A whole number in its shortest form; stays where it is if there is none.
  mutating func integer() -> Int64? {
    skipSpaces()
    let start = at
    let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
    if isNegative { at &+= 1 }
    let first = at
    var value: Int64 = 0
    while at < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[at],
      at - first < RequestCursor.digits
    {
      value = value * 10 + Int64(bytes[at] - UInt8(ascii: "0"))
      at &+= 1
    }
    guard at > first, isNumberEnded, bytes[first] != UInt8(ascii: "0") || at == first + 1,
      !isNegative || value > 0
    else {
      at = start
      return nil
    }
    return isNegative ? -value : value
  }

  /// Whether what comes is no part of a number.
  private var isNumberEnded: Bool {
    at < bytes.count
      && (bytes[at] == UInt8(ascii: ",") || bytes[at] == UInt8(ascii: "}") || bytes[at] == 0x20)
  }
}
