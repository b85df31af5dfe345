// The properties of a fact: each by its declared type, exactly, onto the stage.

import WritModel

/// Whose properties are read.
enum PropertyOwner {
  case kind(Int)
  case edge(Int)
}

extension FactReader {
  /// Reads the object of properties at the cursor onto the stage, which is empty.
  mutating func readProperties(
    _ cursor: inout JSONCursor, of owner: PropertyOwner
  ) throws(JSONFault) {
    let slots =
      switch owner {
      case .kind(let kind): draft.names.kindSlots[kind]
      case .edge(let edge): draft.names.edgeSlots[edge]
      }
    try cursor.expect(123)
    cursor.skipSpace()
    if cursor.take(125) { return }
    var expected = 0
    repeat {
      cursor.skipSpace()
      let start = cursor.position
      let key = try cursor.string()
      cursor.skipSpace()
      try cursor.expect(58)
      cursor.skipSpace()
      if let field = try field(key, in: slots, expected) {
        expected = field &+ 1
        if stage.has(field) {
          report(.duplicateMember(spelled(key)), at: start)
          throw .reported
        }
        try readValue(&cursor, slots[field], field, owner, key)
      } else {
        try skipUnknown(&cursor, key, owner)
      }
      cursor.skipSpace()
    } while cursor.take(44)
    try cursor.expect(125)
  }

  /// The field that a key names; most often it is the next one.
  private func field(
    _ key: RawText, in slots: UnsafeBufferPointer<PropertySlot>, _ expected: Int
  ) throws(JSONFault) -> Int? {
    let bytes = try resolve(key)
    if expected < slots.count {
      let next = slots[expected].text
      if next.count == bytes.count, let start = UnsafeRawPointer(next.baseAddress),
        isEqual(start, bytes)
      {
        return expected
      }
    }
    guard let name = draft.names.name(bytes) else { return nil }
    return slots.firstIndex { $0.name == name }
  }

  private mutating func skipUnknown(
    _ cursor: inout JSONCursor, _ key: RawText, _ owner: PropertyOwner
  ) throws(JSONFault) {
    if lenience.contains(.unknownProperties) {
      dropped.properties += 1
    } else {
      let name = spelled(key)
      let hint = nearest(name, of: draft.fields(owner).map(\.name))
      report(.unknownProperty(name, of: draft.name(owner), nearest: hint), at: key.start)
    }
    try cursor.skipValue()
  }

  private mutating func readValue(
    _ cursor: inout JSONCursor, _ slot: PropertySlot, _ field: Int, _ owner: PropertyOwner,
    _ key: RawText
  ) throws(JSONFault) {
    guard slot.isKey || isWelcome(slot, owner) else {
      let name = "\(draft.name(owner)).\(spelled(key))"
      report(
        slot.isFromRequest ? .onlyFromRequest(name) : .notFromRequest(name), at: key.start)
      return try cursor.skipValue()
    }
    let start = cursor.position
    let count = problems.count
    if let cell = try cell(&cursor, slot, key) { return stage.set(field, cell) }
    if problems.count == count {
      report(
        .wrongType(
          property: spelled(key), of: draft.name(owner), wanted: slot.form.wanted), at: start)
    }
    cursor.position = start
    try cursor.skipValue()
  }

  /// Whether facts of this layer may bring the field.
  private func isWelcome(_ slot: PropertySlot, _ owner: PropertyOwner) -> Bool {
    slot.isFromRequest == (draft.layer == .overlay)
  }

  /// The cell for the value at the cursor, `nil` if it is of another type.
  @inline(__always)
  private mutating func cell(
    _ cursor: inout JSONCursor, _ slot: PropertySlot, _ key: RawText
  ) throws(JSONFault) -> UInt64? {
    let first = cursor.position.pointee
    switch slot.form {
    case .string:
      guard first == 34 else { return nil }
      return UInt64(try intern(try cursor.string()))
    case .bool:
      guard first == 116 || first == 102 else { return nil }
      return try cursor.bool() ? 1 : 0
    case .int, .decimal:
      return try number(&cursor, slot.form, isString: first == 34)
    case .enumeration:
      guard first == 34 else { return nil }
      return try member(try cursor.string(), slot, key)
    case .date, .instant, .duration:
      guard first == 34 else { return nil }
      return moment(try resolve(try cursor.string()).span, slot.form)
    case .strings:
      guard first == 91 else { return nil }
      return try set(&cursor, key)
    }
  }

  /// A number by its digits; as a string only where a JSON number would not do.
  private mutating func number(
    _ cursor: inout JSONCursor, _ form: StorageForm, isString: Bool
  ) throws(JSONFault) -> UInt64? {
    if isString {
      let text = try resolve(try cursor.string())
      if form == .decimal {
        return Decimal(text.span).map { UInt64(bitPattern: $0.millionths) }
      }
      return longInteger(text)
    }
    guard cursor.position.pointee == 45 || cursor.position.pointee &- 48 <= 9 else { return nil }
    let number = try cursor.number()
    if form == .int {
      return number.isFractional ? nil : UInt64(bitPattern: number.mantissa)
    }
    return Decimal(mantissa: number.mantissa, exponent: number.exponent)
      .map { UInt64(bitPattern: $0.millionths) }
  }

  /// An integer beyond 2^53 - 1, which canonical JSON writes as a string.
  private func longInteger(_ text: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard text.count <= 20, let value = Int64(String(decoding: text, as: UTF8.self)),
      String(value).utf8.elementsEqual(text), value.magnitude > CanonicalLine.greatestNumber
    else { return nil }
    return UInt64(bitPattern: value)
  }

  private func moment(_ text: Span<UInt8>, _ form: StorageForm) -> UInt64? {
    let value: Int64?
    switch form {
    case .date: value = CalendarDate(text)?.days
    case .instant: value = Instant(text)?.microseconds
    default: value = Duration(iso8601: text)?.microseconds ?? Duration(text)?.microseconds
    }
    return value.map(UInt64.init(bitPattern:))
  }

  private mutating func member(
    _ text: RawText, _ slot: PropertySlot, _ key: RawText
  ) throws(JSONFault) -> UInt64? {
    if let member = draft.names.member(try resolve(text), of: slot.enumeration) {
      return UInt64(member)
    }
    let name = spelled(text)
    let hint = nearest(name, of: draft.schema.enums[slot.enumeration].members)
    report(
      .unknownEnumMember(name, property: spelled(key), nearest: hint), at: text.start)
    return nil
  }

  private mutating func set(
    _ cursor: inout JSONCursor, _ key: RawText
  ) throws(JSONFault) -> UInt64? {
    elements.removeAll(keepingCapacity: true)
    cursor.position += 1
    cursor.skipSpace()
    if !cursor.take(93) {
      repeat {
        cursor.skipSpace()
        guard cursor.position.pointee == 34 else { return nil }
        elements.append(try intern(try cursor.string()))
        guard elements.count <= Limits.setElements else {
          report(.tooManyElements(property: spelled(key)), at: cursor.position)
          return nil
        }
        cursor.skipSpace()
      } while cursor.take(44)
      try cursor.expect(93)
    }
    return draft.addSet(elements)
  }

  /// Checks that a key field among the properties says the id, and takes it off the stage: it is
  /// held as the id.
  mutating func checkKey(_ kind: Int, _ node: UInt32, at position: UnsafePointer<UInt8>) {
    let field = draft.names.keyFields[kind]
    guard field >= 0, stage.has(field) else { return }
    if !draft.isID(stage.cells[field], kind, field, node) {
      let name = draft.schema.kinds[kind].fields[field].name
      report(.keyDiffers(property: name, node: draft.text(node)), at: position)
    }
    stage.unset(field)
  }
}

extension GraphDraft {
  /// The name of the kind or edge.
  func name(_ owner: PropertyOwner) -> String {
    switch owner {
    case .kind(let kind): schema.kinds[kind].name
    case .edge(let edge): schema.edges[edge].name
    }
  }

  /// The fields of the kind or edge.
  func fields(_ owner: PropertyOwner) -> [FieldType] {
    switch owner {
    case .kind(let kind): schema.kinds[kind].fields
    case .edge(let edge): schema.edges[edge].fields
    }
  }

  /// Whether the cell of the kind's key says what the node's id says.
  func isID(_ cell: UInt64, _ kind: Int, _ field: Int, _ node: UInt32) -> Bool {
    let slot = names.kindSlots[kind][field]
    let id = references[Int(node)].id
    if slot.form == .string { return cell == UInt64(id) }
    var text: [UInt8] = []
    let members = slot.enumeration >= 0 ? schema.enums[slot.enumeration].members : []
    CanonicalLine.append(cell, slot.form, members, to: &text)
    return text.elementsEqual(strings.bytes(id))
  }
}
