// What the machine can do with a request as text: a scan that knows the form, and tables of names.

/// Names to numbers, by open addressing.
struct NameTable {
  private struct Entry {
    var name: UnsafeMutablePointer<UInt8>?
    var length: Int
    var number: UInt32
  }

  private let entries: UnsafeMutablePointer<Entry>
  private let mask: Int

  init(_ names: [String]) {
    var capacity = 16
    while capacity < names.count * 2 { capacity *= 2 }
    mask = capacity - 1
    entries = .allocate(capacity: capacity)
    entries.initialize(repeating: Entry(name: nil, length: 0, number: 0), count: capacity)
    for (number, name) in names.enumerated() {
      let bytes = Array(name.utf8)
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 8)
      memory.initialize(repeating: 0, count: bytes.count + 8)
      for (place, byte) in bytes.enumerated() { memory[place] = byte }
      var slot = Int(truncatingIfNeeded: NameTable.hash(memory, bytes.count)) & mask
      while entries[slot].name != nil { slot = (slot + 1) & mask }
      entries[slot] = Entry(name: memory, length: bytes.count, number: UInt32(number))
    }
  }

  @inline(__always)
  private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let raw = UnsafeRawPointer(bytes)
    var hash = 0x9E37_79B9_7F4A_7C15 &* UInt64(count)
    var place = 0
    while place &+ 8 <= count {
      hash =
        (hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
      place &+= 8
    }
    var rest: UInt64 = 0
    while place < count {
      rest = rest << 8 | UInt64(bytes[place])
      place &+= 1
    }
    hash = (hash ^ rest) &* 0xff51_afd7_ed55_8ccd
    return hash ^ hash >> 29
  }

  @inline(__always)
  func number(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    var slot = Int(truncatingIfNeeded: NameTable.hash(bytes, count)) & mask
    while let name = entries[slot].name {
      if entries[slot].length == count {
        var place = 0
        while place < count, name[place] == bytes[place] { place &+= 1 }
        if place == count { return entries[slot].number }
      }
      slot = (slot &+ 1) & mask
    }
    return .max
  }
}

/// Tables of everything that a request can name.
struct AdmissionNames {
  let services, people, agents, environments: NameTable

  init(_ data: AdmissionData) {
    services = NameTable((0..<data.fleet.count).map(AdmissionData.service))
    people = NameTable((0..<data.roles.count).map(AdmissionData.person))
    agents = NameTable((0..<data.limits.count).map(AdmissionData.agent))
    environments = NameTable((0..<9).map(AdmissionData.environment))
  }

  /// A request of `AdmissionData.json`, of which nothing is checked but what tells the members apart.
  @inline(__always)
  func request(_ text: UnsafePointer<UInt8>) -> AdmissionRequest {
    var cursor = text
    // The gate's name, then the name of the object of arguments.
    for _ in 0..<3 { _ = string(&cursor) }
    let service = number(services, &cursor, behind: 8)
    let environment = number(environments, &cursor, behind: 12)
    _ = string(&cursor)
    let time = seconds(string(&cursor).start)
    _ = string(&cursor)
    let actor = string(&cursor)
    let isAgent = actor.start[0] == UInt8(ascii: "A")
    let acting =
      isAgent
      ? agents.number(actor.start + 6, actor.count - 6)
      : people.number(actor.start + 7, actor.count - 7)
    let author = number(people, &cursor, behind: 7)
    let approvers = (
      number(people, &cursor, behind: 7), number(people, &cursor, behind: 7),
      number(people, &cursor, behind: 7)
    )
    return AdmissionRequest(
      service: service, environment: environment, time: time, kind: isAgent ? 2 : 0, actor: acting,
      author: author, approverCount: 3, approvers: approvers)
  }

  /// The number of what the next member names, behind its kind and a slash.
  @inline(__always)
  private func number(
    _ table: NameTable, _ cursor: inout UnsafePointer<UInt8>, behind prefix: Int
  ) -> UInt32 {
    _ = string(&cursor)
    let text = string(&cursor)
    return table.number(text.start + prefix, text.count - prefix)
  }

  @inline(__always)
  private func string(
    _ cursor: inout UnsafePointer<UInt8>
  ) -> (start: UnsafePointer<UInt8>, count: Int) {
    while cursor[0] != UInt8(ascii: "\"") { cursor += 1 }
    let start = cursor + 1
    cursor = start
    while cursor[0] != UInt8(ascii: "\"") { cursor += 1 }
    let count = cursor - start
    cursor += 1
    return (start, count)
  }

  /// Of `2026-11-19T18:00:00Z`.
  @inline(__always)
  private func seconds(_ text: UnsafePointer<UInt8>) -> UInt32 {
    @inline(__always) func two(_ place: Int) -> Int {
      Int(text[place] &- 48) &* 10 &+ Int(text[place &+ 1] &- 48)
    }
    let month = two(5)
    // The days before March belong to the year before.
    let year = two(0) &* 100 &+ two(2) &- (month <= 2 ? 1 : 0)
    let dayOfYear = (153 &* (month &+ (month > 2 ? -3 : 9)) &+ 2) / 5 &+ two(8) &- 1
    let days = year &* 365 &+ year / 4 &- year / 100 &+ year / 400 &+ dayOfYear &- 719_468
    return UInt32(
      truncatingIfNeeded: days &* 86_400 &+ two(11) &* 3_600 &+ two(14) &* 60 &+ two(17))
  }
}
