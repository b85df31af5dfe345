// A decision as the bytes of its JSON, written straight: in the order of `json`, and canonically.

/// Appends text that is JSON as it stands.
public func appendText(_ text: StaticString, to bytes: inout [UInt8]) {
  text.withUTF8Buffer { bytes.append(contentsOf: $0) }
}

/// Appends an array of strings.
public func appendJSONStrings(_ texts: [String], to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "["))
  for (index, text) in texts.enumerated() {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    appendJSONString(text, to: &bytes)
  }
  bytes.append(UInt8(ascii: "]"))
}

/// Where in a written decision its times stand, without quotes.
public struct WrittenTimes: Hashable, Sendable {
  public private(set) var now: Range<Int>
  public private(set) var asOf: Range<Int>

  /// Puts other times into the bytes that these are the places of.
  public mutating func replace(
    in bytes: inout [UInt8], now newNow: ArraySlice<UInt8>, asOf newAsOf: ArraySlice<UInt8>
  ) {
    let isNowFirst = now.lowerBound < asOf.lowerBound
    // The later first, so that the earlier is where it was.
    if isNowFirst { put(newAsOf, at: asOf, in: &bytes) }
    put(newNow, at: now, in: &bytes)
    if !isNowFirst { put(newAsOf, at: asOf, in: &bytes) }
    let (nowGrowth, asOfGrowth) = (newNow.count - now.count, newAsOf.count - asOf.count)
    let nowStart = now.lowerBound + (isNowFirst ? 0 : asOfGrowth)
    let asOfStart = asOf.lowerBound + (isNowFirst ? nowGrowth : 0)
    now = nowStart..<nowStart + newNow.count
    asOf = asOfStart..<asOfStart + newAsOf.count
  }

  private func put(_ text: ArraySlice<UInt8>, at place: Range<Int>, in bytes: inout [UInt8]) {
    guard text.count == place.count else { return bytes.replaceSubrange(place, with: text) }
    bytes.withUnsafeMutableBufferPointer { bytes in
      _ = UnsafeMutableBufferPointer(rebasing: bytes[place]).update(fromContentsOf: text)
    }
  }
}

extension Decision {
  /// Appends what `json.compact` is: the bytes that a record's result digest is over. Says where in them the times stand.
  @discardableResult
  public func appendCompact(to bytes: inout [UInt8]) -> WrittenTimes {
    append("{\"outcome\":", outcome.rawValue, to: &bytes)
    appendText(isIndeterminate ? ",\"indeterminate\":true" : ",\"indeterminate\":false", to: &bytes)
    appendText(isQuestion ? ",\"question\":true" : ",\"question\":false", to: &bytes)
    append(",\"gate\":", gate, to: &bytes)
    let times = writtenTimes
    append(",\"now\":", times.now, to: &bytes)
    let now = placeOfLast(times.now, bytes)
    append(",\"asOf\":", times.asOf, to: &bytes)
    let asOf = placeOfLast(times.asOf, bytes)
    append(",\"caller\":", caller, to: &bytes)
    append(",\"bundle\":", bundle, to: &bytes)
    append(",\"snapshot\":", snapshot, to: &bytes)
    append(",\"request\":", request, to: &bytes)
    append(",\"reasons\":", reasons, to: &bytes) { $0.appendCompact(to: &$1) }
    append(",\"obligations\":", obligations, to: &bytes) { $0.appendCompact(to: &$1) }
    append(",\"approvals\":", approvals, to: &bytes) { $0.json.appendCompact(to: &$1) }
    appendText(",\"advised\":[],\"waived\":[]}", to: &bytes)
    return WrittenTimes(now: now, asOf: asOf)
  }

  /// Appends the canonical form of `json`, as it stands in a record. Says where in it the times stand.
  @discardableResult
  public func appendCanonical(to bytes: inout [UInt8]) -> WrittenTimes {
    appendText("{\"advised\":[]", to: &bytes)
    append(",\"approvals\":", approvals, to: &bytes) { $0.appendCanonical(to: &$1) }
    let times = writtenTimes
    append(",\"asOf\":", times.asOf, to: &bytes)
    let asOf = placeOfLast(times.asOf, bytes)
    append(",\"bundle\":", bundle, to: &bytes)
    append(",\"caller\":", caller, to: &bytes)
    append(",\"gate\":", gate, to: &bytes)
    appendText(isIndeterminate ? ",\"indeterminate\":true" : ",\"indeterminate\":false", to: &bytes)
    append(",\"now\":", times.now, to: &bytes)
    let now = placeOfLast(times.now, bytes)
    append(",\"obligations\":", obligations, to: &bytes) { $0.appendCanonical(to: &$1) }
    append(",\"outcome\":", outcome.rawValue, to: &bytes)
    appendText(isQuestion ? ",\"question\":true" : ",\"question\":false", to: &bytes)
    append(",\"reasons\":", reasons, to: &bytes) { $0.appendCanonical(to: &$1) }
    append(",\"request\":", request, to: &bytes)
    append(",\"snapshot\":", snapshot, to: &bytes)
    appendText(",\"waived\":[]}", to: &bytes)
    return WrittenTimes(now: now, asOf: asOf)
  }

  /// Where a time was written just now, without its quotes: a time has nothing to escape.
  private func placeOfLast(_ time: String, _ bytes: [UInt8]) -> Range<Int> {
    bytes.count - 1 - time.utf8.count..<bytes.count - 1
  }

  /// Mostly the same instant twice.
  private var writtenTimes: (now: String, asOf: String) {
    let now = Instant(microseconds: now).description
    return (now, asOf == self.now ? now : Instant(microseconds: asOf).description)
  }
}

extension Reason {
  fileprivate func appendCompact(to bytes: inout [UInt8]) {
    append("{\"clause\":", clause, to: &bytes)
    append(",\"kind\":", isDeny ? "deny" : "require", to: &bytes)
    append(",\"message\":", message, to: &bytes)
    append(",\"subjects\":", subjects, to: &bytes)
    append(",\"at\":", position, to: &bytes)
    if let unknown {
      appendText(",\"unknown\":", to: &bytes)
      unknown.json.appendCompact(to: &bytes)
    }
    if !witness.isEmpty { append(",\"witness\":", witness, to: &bytes) }
    bytes.append(UInt8(ascii: "}"))
  }

  fileprivate func appendCanonical(to bytes: inout [UInt8]) {
    append("{\"at\":", position, to: &bytes)
    append(",\"clause\":", clause, to: &bytes)
    append(",\"kind\":", isDeny ? "deny" : "require", to: &bytes)
    append(",\"message\":", message, to: &bytes)
    append(",\"subjects\":", subjects, to: &bytes)
    if let unknown {
      appendText(",\"unknown\":", to: &bytes)
      unknown.appendCanonical(to: &bytes)
    }
    if !witness.isEmpty { append(",\"witness\":", witness, to: &bytes) }
    bytes.append(UInt8(ascii: "}"))
  }
}

extension UnknownFact {
  /// Appends the canonical form of `json`.
  public func appendCanonical(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    let limit = limit.map { Duration(microseconds: $0).iso8601 }
    let observed = observed.map { Instant(microseconds: $0).description }
    let members: [(name: StaticString, text: String?)] = [
      ("\"field\":", field), ("\"limit\":", limit), ("\"observed\":", observed),
      ("\"source\":", source), ("\"subject\":", subject),
    ]
    for member in members where member.text != nil {
      append(member.name, member.text, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    append("\"why\":", why, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension Obligation {
  fileprivate func appendCompact(to bytes: inout [UInt8]) {
    append("{\"clause\":", clause, to: &bytes)
    append(",\"role\":", role, to: &bytes)
    appendText(",\"count\":", to: &bytes)
    bytes.append(contentsOf: String(count).utf8)
    append(",\"except\":", except, to: &bytes)
    append(",\"within\":", within.map { Duration(microseconds: $0).iso8601 }, to: &bytes)
    append(",\"message\":", message, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  fileprivate func appendCanonical(to bytes: inout [UInt8]) {
    append("{\"clause\":", clause, to: &bytes)
    appendText(",\"count\":", to: &bytes)
    bytes.append(contentsOf: String(count).utf8)
    append(",\"except\":", except, to: &bytes)
    append(",\"message\":", message, to: &bytes)
    append(",\"role\":", role, to: &bytes)
    append(",\"within\":", within.map { Duration(microseconds: $0).iso8601 }, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension CountedApproval {
  fileprivate func appendCanonical(to bytes: inout [UInt8]) {
    append("{\"approver\":", approver, to: &bytes)
    append(",\"expires\":", Instant(microseconds: expires).description, to: &bytes)
    append(",\"role\":", role, to: &bytes)
    append(",\"signedAt\":", Instant(microseconds: signedAt).description, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

/// Appends a member that is a string, its name as it stands in JSON; nothing for `nil`.
private func append(_ name: StaticString, _ value: String?, to bytes: inout [UInt8]) {
  guard let value else { return }
  appendText(name, to: &bytes)
  appendJSONString(value, to: &bytes)
}

private func append(_ name: StaticString, _ values: [String], to bytes: inout [UInt8]) {
  appendText(name, to: &bytes)
  appendJSONStrings(values, to: &bytes)
}

/// Appends a member that is an array.
private func append<Item>(
  _ name: StaticString, _ items: [Item], to bytes: inout [UInt8],
  _ appendItem: (Item, inout [UInt8]) -> Void
) {
  appendText(name, to: &bytes)
  bytes.append(UInt8(ascii: "["))
  for (index, item) in items.enumerated() {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    appendItem(item, &bytes)
  }
  bytes.append(UInt8(ascii: "]"))
}
