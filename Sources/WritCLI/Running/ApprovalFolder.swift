// A folder into which people's approvals are put, as `writ approve` writes them, and waivers that they granted.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritEvidence
import WritModel
import WritPipeline

/// A file of such a folder, as it was read.
struct ApprovalFile {
  let stamp: FileStamp?
  /// When, in microseconds since 1970.
  let seen: Int64
  let envelopes: [JSONValue]
  /// Whoever is to write it has not begun.
  let isEmpty: Bool
  let isJSON: Bool
}

/// Approvals in a folder: files that hold an envelope, or a request with envelopes in it. What is no such file is passed over:
/// it may be half written, and is looked at again when it changes.
final class ApprovalFolder {
  private let path: String
  private var files: [String: ApprovalFile] = [:]

  /// Files that are looked at, and bytes of one.
  private static let limits = (files: 1_000, bytes: 1 << 20, envelopes: 100)

  init(_ path: String) { self.path = path }

  /// All envelopes, in the order of their files' names.
  fileprivate func envelopes() -> [JSONValue] {
    let names = ((try? entries(of: path)) ?? []).filter { !$0.hasPrefix(".") }
      .prefix(ApprovalFolder.limits.files)
    var now: [String: ApprovalFile] = [:]
    for name in names {
      let file = "\(path)/\(name)"
      let stamp = FileStamp(file)
      if let known = files[name], known.stamp == stamp {
        now[name] = known
      } else {
        now[name] = ApprovalFolder.read(file, stamp)
      }
    }
    files = now
    return names.flatMap { now[$0]?.envelopes ?? [] }
  }

  /// All files that hold anything, in the order of their names.
  func contents() -> [(name: String, file: ApprovalFile)] {
    _ = envelopes()
    return files.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
      .map { (name: $0.key, file: $0.value) }
  }

  private static func read(_ file: String, _ stamp: FileStamp?) -> ApprovalFile {
    let seen = currentTime()
    let bytes = try? readRegularFile(file, limit: limits.bytes)
    guard let bytes, let json = try? JSONValue(parsing: bytes) else {
      return ApprovalFile(
        stamp: stamp, seen: seen, envelopes: [], isEmpty: bytes?.isEmpty == true, isJSON: false)
    }
    let held = (json["approvals"]?.array ?? []) + (json["waivers"]?.array ?? [])
    return ApprovalFile(
      stamp: stamp, seen: seen,
      envelopes: Array((held.isEmpty ? [json] : held).prefix(limits.envelopes)), isEmpty: false,
      isJSON: true)
  }

  /// Grants by registered approvers, of waivers that the bundle has of that gate.
  func grants(forGate gate: String, _ bundle: LoadedBundle) -> [JSONValue] {
    envelopes().filter { envelope in
      guard let grant = try? WaiverGrant(envelope, registry: bundle.registry),
        let text = try? bundle.waiver(grant.waiver)
      else { return false }
      return text.digest == grant.digest && text.json["gate"]?.string == gate
    }
  }

  /// The envelopes that are signed by a registered approver in a role that is theirs, for that subject.
  func envelopes(for subject: ApprovalSubject, _ registry: KeyRegistry) -> [JSONValue] {
    signed(for: subject, registry).map(\.envelope)
  }

  /// The same, with what they say.
  func signed(
    for subject: ApprovalSubject, _ registry: KeyRegistry
  ) -> [(envelope: JSONValue, approval: Approval)] {
    envelopes().compactMap { envelope in
      guard let approval = try? Approval(envelope, registry: registry),
        approval.target.isSame(as: subject.target)
      else { return nil }
      return (envelope, approval)
    }
  }
}

extension ApprovalFolder {
  /// What registered approvers have said no to, in a role that is theirs, of what that subject asks for, whatever it would do.
  func rejections(
    for subject: ApprovalSubject, _ registry: KeyRegistry
  ) -> [(envelope: JSONValue, rejection: Rejection)] {
    envelopes().compactMap { envelope in
      guard let rejection = try? Rejection(envelope, registry: registry),
        hasSameBytes(rejection.gate, subject.gate), rejection.digest == subject.target.digest
      else { return nil }
      return (envelope, rejection)
    }
  }
}

/// People who may not approve in a role.
struct ExceptedPeople {
  let role: String
  let people: [String]

  func holds(_ person: String, as role: String) -> Bool {
    hasSameBytes(role, self.role) && people.containsBytes(of: person)
  }
}

/// Asks people, by files, and brings their votes.
final class ApprovalInbox: ApprovalSource {
  private let desk: PipelineDesk
  private let tell: RunTeller
  private var asked: [RunPosition: Question] = [:]
  private var waiting: [ApprovalNews] = []
  private var nextLook: Int64 = 0
  private let notes: ApprovalNotes
  /// Words that counted when they came, and until when.
  private var counted: [(node: RunPosition, vote: Vote)] = []
  /// Whether a vote would count now, by the run; what does is put on record first.
  var counts: (RunPosition, Vote) -> Bool = { _, _ in false }

  private struct Question {
    let step: String
    /// As the run is asked for it, with its round.
    let name: String
    /// What was given out by the steps before it.
    let outputs: [GivenOutput]
    /// Actions that are let on by it.
    let behind: [ActionBehind]
    var subject: ApprovalSubject
    /// Approvals that were brought as votes.
    var seen: Set<JSONValue> = []
  }

  /// Microseconds between two looks at the folder.
  private static let pause: Int64 = 250_000

  init(_ desk: PipelineDesk, _ tell: RunTeller) {
    self.desk = desk
    self.tell = tell
    notes = ApprovalNotes(desk, tell)
  }

  func ask(_ rules: [ApprovalRule], until: Int64, for node: RunPosition, of run: Run) {
    let id = run.id(of: node.node)
    do throws(Failure) {
      let outputs = try desk.outputs(for: id, run)
      let behind = try desk.actions(behind: id, run)
      let subject = try desk.subject(for: id, in: node.round, outputs, behind: behind)
      if run.ballots[node.node]?.subject != subject.digest {
        waiting.append(.subject(node, subject.digest))
      }
      asked[node] = Question(
        step: id, name: run.name(of: node), outputs: outputs, behind: behind, subject: subject)
      notes.asks(subject, at: node, of: run)
      let file = try desk.folder.ask(subject.document, for: run.name(of: node))
      let end =
        [until, run.deadline(of: node.node), desk.deadline].compactMap { $0 }.min() ?? until
      // Nobody agrees to what will be refused all the same without having been told.
      for one in desk.lockedBehind(node.node, of: run) {
        tell.note("\(one.step): \(one.locked.note)")
      }
      for one in desk.denied(behind) {
        tell.note("\(one.step): by now its gate denies it: \(one.words)")
      }
      let no = desk.refusals[node]
      if let no {
        tell.note("\(run.name(of: node)): \(no.words); no approval counts while that stands")
      }
      tell.asks(
        rules, until: end, of: run.name(of: node), file: file, run.ballots[node.node],
        able: rules.map {
          able($0, no, (try? desk.excepted(at: id, outputs)) ?? [], run.start?.contributors ?? [])
        })
    } catch {
      // Nobody is asked what cannot be said; the time for it runs out.
      tell.note("\(id): nobody can be asked: \(error.message)")
    }
  }

  /// Who could say yes in the role of a rule, as nodes, and so not who gave the token that the run acts under; where somebody's no
  /// stands in the log nobody but them.
  private func able(
    _ rule: ApprovalRule, _ no: SaidNo?, _ excepted: [ExceptedPeople], _ givers: [String]
  ) -> [String] {
    let nodes = desk.bundle.registry.keys(function: .approver).filter {
      $0.roles.containsBytes(of: rule.role) && !$0.isAgent
    }.compactMap(\.node)
    return Set(nodes.map { ByteText($0) }).sorted().map(\.string).filter { node in
      !hasSameBytes(node, desk.caller) && desk.hasNode(of: node) && !givers.containsBytes(of: node)
        && !rule.excluded.containsBytes(of: node)
        && !excepted.contains { $0.holds(node, as: rule.role) }
        && no.map { hasSameBytes(node, $0.person) } ?? true
    }
  }

  func news() -> [ApprovalNews] {
    let now = currentTime()
    guard now >= nextLook || !waiting.isEmpty else { return [] }
    nextLook = now + ApprovalInbox.pause
    for node in asked.keys.sorted(by: { $0.node < $1.node }) { look(node, now) }
    if !asked.isEmpty { notes.look(now) }
    tellLapsed(now)
    defer { waiting = [] }
    return waiting
  }

  /// Only what still waits is asked about.
  func keep(_ isHeld: (RunPosition) -> Bool) { asked = asked.filter { isHeld($0.key) } }

  /// Says once of each word that has become too old while others were waited for.
  private func tellLapsed(_ now: Int64) {
    for one in counted where one.vote.expires <= now {
      guard let question = asked[one.node] else { continue }
      tell.note("\(question.name): \(one.vote.words) is too old to count by now")
    }
    counted.removeAll { $0.vote.expires <= now || asked[$0.node] == nil }
  }

  private func look(_ node: RunPosition, _ now: Int64) {
    guard var question = asked[node] else { return }
    do throws(Failure) {
      let subject = try desk.subject(
        for: question.step, in: node.round, question.outputs, behind: question.behind)
      if subject.digest != question.subject.digest {
        question = Question(
          step: question.step, name: question.name, outputs: question.outputs,
          behind: question.behind, subject: subject)
        notes.asks(subject, at: node)
        _ = try desk.folder.ask(subject.document, for: question.name)
        waiting.append(.subject(node, subject.digest))
      }
      let signed = desk.approvals.signed(for: subject, desk.bundle.registry)
        .filter { !question.seen.contains($0.envelope) && $0.approval.signedAt.microseconds <= now }
      let refused = desk.approvals.rejections(for: subject, desk.bundle.registry)
        .filter {
          !question.seen.contains($0.envelope) && $0.rejection.signedAt.microseconds <= now
        }
      if !signed.isEmpty || !refused.isEmpty {
        let excepted = try desk.excepted(at: question.step, question.outputs)
        // A no ends it whoever else agrees, also where both are found in one look.
        for one in refused {
          question.seen.insert(one.envelope)
          take(one.rejection, one.envelope, at: node, question, excepted)
        }
        for one in signed {
          question.seen.insert(one.envelope)
          if let entry = try desk.use(of: one.envelope, at: question.step, node) {
            tell.note(
              "\(question.name): the approval by \(one.approval.approver) was used: entry \(entry) of the log"
            )
            continue
          }
          take(one.approval, one.envelope, at: node, question, excepted)
        }
      }
    } catch {
      // Whoever cannot be excluded for certain is not counted.
      tell.note("\(question.name): approvals are not counted: \(error.message)")
    }
    asked[node] = question
  }

  private func take(
    _ approval: Approval, _ envelope: JSONValue, at node: RunPosition, _ question: Question,
    _ excepted: [ExceptedPeople]
  ) {
    var expires = approval.expires.microseconds
    let age = desk.longestAge(at: question.step, role: approval.role, question.outputs)
    if let age {
      let (end, isTooLong) = approval.signedAt.microseconds.addingReportingOverflow(age)
      if !isTooLong { expires = min(expires, end + 1) }
    }
    let vote = Vote(
      person: approval.approver, isAgent: desk.bundle.registry.isAgent(approval.approver),
      roles: [approval.role], subject: question.subject.digest, expires: expires, approves: true,
      isExcepted: excepted.contains { $0.holds(approval.approver, as: approval.role) }
        || !desk.hasNode(of: approval.approver))
    // Who agrees to an action its decision tells.
    if counts(node, vote) { counted.append((node, vote)) }
    guard desk.isApproval(question.step) else { return waiting.append(.vote(node, vote)) }
    let (bundle, caller) = (desk.bundle, desk.caller)
    bring(vote, signedAt: approval.signedAt, at: node, question) {
      (store, place, id) throws(RecorderError) in
      try Writ.record(
        of: approval, envelope, bundle, in: store, counted: place, ofRunBy: caller, id: id)
    }
  }

  /// Brings a vote; one that counts is on record before it does.
  private func bring(
    _ vote: Vote, signedAt: Instant, at node: RunPosition, _ question: Question,
    _ draft: (LogStore, RunPlace, String) throws(RecorderError) -> RecordDraft
  ) {
    do throws(Failure) {
      if counts(node, vote) {
        try desk.record(vote, signedAt: signedAt, at: node, question.step, draft)
      }
      waiting.append(.vote(node, vote))
    } catch {
      desk.stop(error)
    }
  }

  /// A no of somebody who could have said yes.
  private func take(
    _ rejection: Rejection, _ envelope: JSONValue, at node: RunPosition, _ question: Question,
    _ excepted: [ExceptedPeople]
  ) {
    let vote = Vote(
      person: rejection.rejecter, isAgent: desk.bundle.registry.isAgent(rejection.rejecter),
      roles: [rejection.role], subject: question.subject.digest, expires: .max, approves: false,
      isExcepted: excepted.contains { $0.holds(rejection.rejecter, as: rejection.role) },
      reason: rejection.reason)
    let (bundle, caller) = (desk.bundle, desk.caller)
    bring(vote, signedAt: rejection.signedAt, at: node, question) {
      (store, place, id) throws(RecorderError) in
      try Writ.record(
        of: rejection, envelope, bundle, in: store, counted: place, ofRunBy: caller, id: id)
    }
  }
}
