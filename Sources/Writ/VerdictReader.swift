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
  /// Whatever the gate takes can be read off the text that is given for it.
  let readsTexts: Bool
  /// The same, and none of it is something that only a request brings.
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
    readsTexts =
      read.count <= 64
      && types.allSatisfy { type in
        switch type {
        case .node, .bool, .int, .instant, .enumeration, .date, .duration: true
        default: false
        }
      }
    isUsual =
      readsTexts
      && types.allSatisfy { type in
        guard case .node(let kinds) = type else { return true }
        return kinds.allSatisfy { schema.kinds[$0].origin != .request }
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
    _ cursor: inout CompactJSON, _ machine: Machine, _ engine: PreparedEngine,
    into slots: UnsafeMutableBufferPointer<Slot>
  ) -> Bool {
    var given: UInt64 = 0
    // Programs write arguments in one order, again and again.
    var expected = 0
    let isWhole = cursor.object { name, cursor in
      guard let place = parameter(cursor[name], expected), given >> UInt64(place) & 1 == 0,
        let slot = slot(place, &cursor, machine, engine)
      else { return false }
      given |= 1 << UInt64(place)
      slots[place] = slot
      expected = place &+ 1
      return true
    }
    return isWhole && given.nonzeroBitCount == parameterCount
  }

  private func parameter(_ name: UnsafeBufferPointer<UInt8>, _ expected: Int) -> Int? {
    if expected < parameterCount, isSame(parameters[expected].name, name) { return expected }
    return (0..<parameterCount).first { isSame(parameters[$0].name, name) }
  }

  private func slot(
    _ place: Int, _ cursor: inout CompactJSON, _ machine: Machine, _ engine: PreparedEngine
  ) -> Slot? {
    switch parameters[place].form {
    case .bool:
      return cursor.word("true")
        ? Slot(exact: 1) : cursor.word("false") ? Slot(exact: 0) : nil
    case .int:
      if let number = cursor.integer() { return Slot(exact: number) }
    case .node, .instant, .other: break
    }
    return cursor.string().flatMap { slot(place, text: cursor[$0], machine, engine) }
  }

  /// What an argument is that is given as a text without escapes.
  func slot(
    _ place: Int, text: UnsafeBufferPointer<UInt8>, _ machine: Machine, _ engine: PreparedEngine
  ) -> Slot? {
    switch parameters[place].form {
    case .node: return node(text, parameters[place], machine)
    case .instant: return Instant(text.span).map { Slot(exact: $0.microseconds) }
    case .bool, .int, .other:
      let json = JSONValue.string(String(decoding: text, as: UTF8.self))
      return engine.engine.scalar(json, types[place]).map { Slot(exact: $0) }
    }
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

  private func isSame(_ name: Name, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    hasSameBytes(UnsafeBufferPointer(start: text + name.start, count: name.count), bytes)
  }
}
