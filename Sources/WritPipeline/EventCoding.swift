// Events as bytes: numbers as LEB128, texts and lists behind their count, one spelling for each event.
//
//     event     time | kind u8 | what the kind has
//     time      microseconds since the event before, of the first since 1970; both as LEB128 of at most 63 bits
//     position  node | round
//     text      byte count | UTF-8
//     list      count | elements
//     optional  0, or 1 | value
//     digest    32 bytes
//
//      0 started   requester | contributors | 0, once the count of a list that nothing filled
//      1 condition position | 0 no, 1 yes, 2 unknown | of unknown: text
//      2 decided   position | action digest | optional evidence | 0 allow, 1 deny, 2 to 4 hold | of deny: text | of hold: rules, within
//      3 subject   position | digest
//      4 voted     position | person | roles | subject digest | expires | flags: 1 agent, 2 yes, 4 excepted
//      5 begun     position | attempt
//      6 ended     position | attempt | result | optional outputs digest | detail | 1 effect unknown, else 0
//      7 lost      position | attempt
//      8 timer     position | timer
//      9 cancelled mode, nobody knows by whom
//     10 freeze began, 11 freeze ended, 12 resumed, 16 no freeze
//     13 not begun position | attempt
//     14 gave out position | attempt | result | optional outputs digest | detail | 1 effect unknown, else 0 | output: text
//     15 freeze began, with more to say  text of at least a byte
//     17 overdue
//     18 voted, with a reason  as 4 | text of at least a byte
//     19 cancelled mode | 0 by a signal, 1 unsigned, 2 signed | text of at least a byte: in words, or the node that signed
//     rule       role | count | excluded: list of text | of 3 and 4: group | of 4: clause
//
// Results, timers and modes are numbered in the order in which their types list them.
import WritCrypto

/// Writes events.
struct EventWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ event: Event, after last: Int64) {
    number(UInt64(event.at - last))
    switch event.happening {
    case .started(let start):
      bytes.append(0)
      text(start.requester)
      texts(start.contributors)
      number(0)
    case .conditionEvaluated(let position, let answer):
      kind(1, position)
      append(answer)
    case .decided(let position, let decision):
      kind(2, position)
      append(decision)
    case .subjectKnown(let position, let digest):
      kind(3, position)
      digest.append(to: &bytes)
    case .voted(let position, let vote):
      kind(vote.reason.isEmpty ? 4 : 18, position)
      append(vote)
      if !vote.reason.isEmpty { text(vote.reason) }
    case .stepStarted(let position, let attempt):
      kind(5, position)
      number(UInt64(attempt))
    case .stepEnded(let position, let attempt, let ending):
      kind(ending.output == nil ? 6 : 14, position)
      number(UInt64(attempt))
      append(ending)
    case .workerLost(let position, let attempt):
      kind(7, position)
      number(UInt64(attempt))
    case .timerFired(let position, let timer):
      kind(8, position)
      bytes.append(ordinal(timer))
    case .cancelled(let mode, let canceller): append(mode, by: canceller)
    case .overdue: bytes.append(17)
    case .freezeBegan(let why):
      bytes.append(why.isEmpty ? 10 : 15)
      if !why.isEmpty { text(why) }
    case .freezeAbsent: bytes.append(16)
    case .freezeEnded: bytes.append(11)
    case .resumed: bytes.append(12)
    case .attemptNotBegun(let position, let attempt):
      kind(13, position)
      number(UInt64(attempt))
    }
  }

  private mutating func kind(_ kind: UInt8, _ position: RunPosition) {
    bytes.append(kind)
    number(UInt64(position.node))
    number(UInt64(position.round))
  }

  private mutating func append(_ mode: CancelMode, by canceller: Canceller) {
    let (form, words): (UInt8, String)
    switch canceller {
    case .unsaid:
      bytes += [9, ordinal(mode)]
      return
    case .signal(let text): (form, words) = (0, text)
    case .unsigned(let text): (form, words) = (1, text)
    case .signed(let node): (form, words) = (2, node)
    }
    bytes += [19, ordinal(mode), form]
    text(words)
  }

  private mutating func append(_ answer: Answer) {
    switch answer {
    case .no: bytes.append(0)
    case .yes: bytes.append(1)
    case .unknown(let why):
      bytes.append(2)
      text(why)
    }
  }

  private mutating func append(_ decision: GateDecision) {
    decision.action.append(to: &bytes)
    bytes.append(decision.evidence == nil ? 0 : 1)
    if let evidence = decision.evidence { number(evidence) }
    switch decision.outcome {
    case .allow: bytes.append(0)
    case .deny(let why):
      bytes.append(1)
      text(why)
    case .hold(let rules, let within):
      let isNamed = rules.contains { !$0.clause.isEmpty }
      let isGrouped = isNamed || rules.contains { $0.group != 0 }
      bytes.append(isNamed ? 4 : isGrouped ? 3 : 2)
      number(UInt64(rules.count))
      for rule in rules {
        text(rule.role)
        number(UInt64(rule.count))
        texts(rule.excluded)
        if isGrouped { number(UInt64(rule.group)) }
        if isNamed { text(rule.clause) }
      }
      number(UInt64(within))
    }
  }

  private mutating func append(_ vote: Vote) {
    text(vote.person)
    texts(vote.roles)
    vote.subject.append(to: &bytes)
    number(UInt64(bitPattern: vote.expires))
    bytes.append(
      (vote.isAgent ? 1 : 0) | (vote.approves ? 2 : 0) | (vote.isExcepted ? 4 : 0))
  }

  private mutating func append(_ ending: Ending) {
    bytes.append(ordinal(ending.result))
    bytes.append(ending.outputs == nil ? 0 : 1)
    ending.outputs?.append(to: &bytes)
    text(ending.detail)
    bytes.append(ending.isEffectUnknown ? 1 : ending.wasBegun ? 0 : 2)
    if let output = ending.output { text(output) }
  }

  private mutating func number(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func text(_ text: String) {
    number(UInt64(text.utf8.count))
    bytes += Array(text.utf8)
  }

  private mutating func texts(_ texts: [String]) {
    number(UInt64(texts.count))
    for text in texts { self.text(text) }
  }

  private func ordinal<Word: CaseIterable & Equatable>(_ word: Word) -> UInt8 {
    UInt8(Array(Word.allCases).firstIndex(of: word) ?? 0)
  }
}

/// Reads events; what is not spelt as the writer does is `nil`.
struct EventReader {
  private let bytes: ArraySlice<UInt8>
  private var at: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  var isAtEnd: Bool { at == bytes.endIndex }

  /// The next event; `last` is the time of the one before.
  mutating func event(after last: Int64) -> Event? {
    guard let since = number(), since <= UInt64(Int64.max) else { return nil }
    let (time, overflowed) = last.addingReportingOverflow(Int64(since))
    guard !overflowed, let happening = happening() else { return nil }
    return Event(at: time, happening)
  }

  private mutating func happening() -> Happening? {
    guard let kind = byte() else { return nil }
    switch kind {
    case 0: return start().map { .started($0) }
    case 1...8, 13, 14, 18: return position().flatMap { happening(kind, $0) }
    case 9: return word(CancelMode.self).map { .cancelled($0) }
    case 19:
      return word(CancelMode.self).flatMap { mode in canceller().map { .cancelled(mode, by: $0) } }
    case 10: return .freezeBegan("")
    case 15: return text().flatMap { $0.isEmpty ? nil : .freezeBegan($0) }
    case 16: return .freezeAbsent
    case 17: return .overdue
    case 11: return .freezeEnded
    case 12: return .resumed
    default: return nil
    }
  }

  private mutating func happening(_ kind: UInt8, _ position: RunPosition) -> Happening? {
    switch kind {
    case 1: return answer().map { .conditionEvaluated(position, $0) }
    case 2: return decision().map { .decided(position, $0) }
    case 3: return digest().map { .subjectKnown(position, $0) }
    case 4, 18: return vote(hasReason: kind == 18).map { .voted(position, $0) }
    case 8: return word(RunTimer.self).map { .timerFired(position, $0) }
    default: break
    }
    guard let attempt = count(PipelineLimits.attempts) else { return nil }
    switch kind {
    case 5: return .stepStarted(position, attempt: attempt)
    case 6, 14:
      return ending(hasOutput: kind == 14).map { .stepEnded(position, attempt: attempt, $0) }
    case 13: return .attemptNotBegun(position, attempt: attempt)
    default: return .workerLost(position, attempt: attempt)
    }
  }

  private mutating func canceller() -> Canceller? {
    guard let form = byte(), let words = text(), !words.isEmpty else { return nil }
    switch form {
    case 0: return .signal(words)
    case 1: return .unsigned(words)
    case 2: return .signed(words)
    default: return nil
    }
  }

  private mutating func start() -> RunStart? {
    guard let requester = text(), let contributors = texts(), byte() == 0 else { return nil }
    return RunStart(requester: requester, contributors: contributors)
  }

  private mutating func position() -> RunPosition? {
    guard let node = count(2 * PipelineLimits.nodes), let round = count(Int(Int32.max)) else {
      return nil
    }
    return RunPosition(node: node, round: round)
  }

  private mutating func answer() -> Answer? {
    switch byte() {
    case 0: .no
    case 1: .yes
    case 2: text().map { .unknown($0) }
    default: nil
    }
  }

  private mutating func decision() -> GateDecision? {
    guard let action = digest(), let isRecorded = byte(), isRecorded <= 1 else { return nil }
    var evidence: UInt64?
    if isRecorded == 1 {
      guard let index = number() else { return nil }
      evidence = index
    }
    guard let outcome = outcome() else { return nil }
    return GateDecision(outcome, action: action, evidence: evidence)
  }

  private mutating func outcome() -> GateDecision.Outcome? {
    let form = byte()
    switch form {
    case 0: return .allow
    case 1: return text().map { .deny($0) }
    case 2, 3, 4:
      guard let count = count(PipelineLimits.approvalRules) else { return nil }
      var rules: [ApprovalRule] = []
      for _ in 0..<count {
        guard let role = text(), let people = self.count(PipelineLimits.approvalRules),
          let excluded = texts()
        else { return nil }
        guard let group = form == 2 ? 0 : self.count(PipelineLimits.approvalRules),
          let clause = form == 4 ? text() : ""
        else { return nil }
        rules.append(
          ApprovalRule(
            role: role, count: people, excluded: excluded, group: group, clause: clause))
      }
      // One spelling: groups are written only where there are several, or clauses that have names.
      guard form != 3 || rules.contains(where: { $0.group != 0 }),
        form != 4 || rules.contains(where: { !$0.clause.isEmpty })
      else { return nil }
      return self.count(Int(PipelineLimits.microseconds)).map { .hold(rules, within: Int64($0)) }
    default: return nil
    }
  }

  private mutating func vote(hasReason: Bool) -> Vote? {
    guard let person = text(), let roles = texts(), let subject = digest(), let expires = number(),
      let flags = byte(), flags < 8, let reason = hasReason ? text() : "",
      hasReason != reason.isEmpty
    else { return nil }
    return Vote(
      person: person, isAgent: flags & 1 != 0, roles: roles, subject: subject,
      expires: Int64(bitPattern: expires), approves: flags & 2 != 0,
      isExcepted: flags & 4 != 0, reason: reason)
  }

  private mutating func ending(hasOutput: Bool) -> Ending? {
    guard let result = word(RunResult.self), let hasOutputs = flag() else { return nil }
    var outputs: Digest?
    if hasOutputs {
      guard let digest = digest() else { return nil }
      outputs = digest
    }
    guard let detail = text(), let doubt = byte(), doubt <= 2 else { return nil }
    let output = hasOutput ? text(limit: PipelineLimits.outputByteCount) : nil
    guard hasOutput == (output != nil) else { return nil }
    return Ending(
      result, outputs: outputs, detail: detail, isEffectUnknown: doubt == 1,
      wasBegun: doubt != 2, output: output)
  }
}

// Single values.
extension EventReader {
  private mutating func byte() -> UInt8? {
    guard at < bytes.endIndex else { return nil }
    at += 1
    return bytes[at - 1]
  }

  private mutating func flag() -> Bool? {
    byte().flatMap { $0 < 2 ? $0 == 1 : nil }
  }

  /// LEB128 without needless bytes.
  private mutating func number() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = byte() else { return nil }
      // Of the tenth byte only the lowest bit has room.
      guard shift < 63 || byte <= 1 else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return byte == 0 && shift > 0 ? nil : value }
    }
    return nil
  }

  private mutating func count(_ limit: Int) -> Int? {
    number().flatMap { $0 <= UInt64(limit) ? Int($0) : nil }
  }

  private mutating func slice(_ count: Int) -> ArraySlice<UInt8>? {
    guard bytes.endIndex - at >= count else { return nil }
    at += count
    return bytes[at - count..<at]
  }

  private mutating func text(limit: Int = PipelineLimits.detailByteCount) -> String? {
    guard let count = count(limit), let slice = slice(count) else {
      return nil
    }
    return String(validating: slice, as: UTF8.self)
  }

  private mutating func texts() -> [String]? {
    guard let count = count(PipelineLimits.names) else { return nil }
    var texts: [String] = []
    for _ in 0..<count {
      guard let text = text() else { return nil }
      texts.append(text)
    }
    return texts
  }

  private mutating func digest() -> Digest? { slice(Digest.byteCount).flatMap { Digest($0) } }

  private mutating func word<Word: CaseIterable>(_ type: Word.Type) -> Word? {
    let words = Array(Word.allCases)
    return byte().flatMap { Int($0) < words.count ? words[Int($0)] : nil }
  }
}
