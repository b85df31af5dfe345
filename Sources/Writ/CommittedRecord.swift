// The record of a decision in committed form. Everything in it is worked out from the committed inputs, so nothing in it
// can tell what they do not hold.
//
// Where the policy looked into what can be erased, the committed decision may be another one. The record then says how
// the decision came out, clause by clause, and no more; `needs` stands for the whole of it, and can be erased.

import WritCrypto
import WritEvidence
import WritModel
import WritVM

extension Engine {
  /// The draft of a decision's record, and everything that it names on disk; `nil` where nothing of the decision must be
  /// erasable.
  func committedDraft(
    _ run: DecisionRun, of request: Request, _ inputs: DecisionInputs, in store: LogStore,
    id: String, _ notes: DecisionNotes
  ) throws -> RecordDraft? {
    let session = try store.disclosures.session()
    defer { session.close() }
    let ground = try CommittedGround(self, inputs, store, session)
    guard let decision = try ground.decision(run, request, notes, session) else { return nil }
    return try decision.draft(in: store.objects, id: id)
  }
}

/// A decision in committed form, with all that its record says.
struct CommittedDecision {
  fileprivate let record: CommittedRecord
  fileprivate let subjects: [Subject]
  fileprivate let notes: DecisionNotes

  /// The draft of the record, all that it names kept.
  func draft(in objects: ContentStore, id: String) throws(LogError) -> RecordDraft {
    try record.draft(subjects, objects, id: id, notes)
  }
}

extension CommittedGround {
  /// A decision of the engine on its committed inputs, everything that can be erased of it on disk; `nil` where nothing of
  /// it must be erasable. For one thread at a time.
  func decision(
    _ run: DecisionRun, _ request: Request, _ notes: DecisionNotes, _ session: DisclosureSession
  ) throws -> CommittedDecision? {
    guard let committed = try commit(run, request, session) else { return nil }
    let decider = try decider()
    let prepared = try decider.prepare(
      committed.request, approvals: .recorded, isAskedOnce: true)
    let again = try decider.decide(prepared, committed.asking, tracing: .on)
    let notes = try notes.with(committed.engine, committed.request, again)
    let subjects = notes.subjects(
      with: try committed.engine.subjects(of: again, committed.request))
    let agreement = Agreement { session.text($0) }
    if agreement.holds(between: run, and: again) {
      let record = CommittedRecord(
        inputs: committed, result: again.decision.json, trace: try RecordedReadings(again),
        run: again, needs: nil)
      return CommittedDecision(record: record, subjects: subjects, notes: notes)
    }
    let needs = try session.seal(
      .string(try run.wholeDigest().description), name: "decision",
      of: [
        committed.snapshot.digest.description, Digest(of: committed.requestBytes).description,
      ] + (committed.approvers.map { [$0.digest.description] } ?? []))
    try session.commit()
    let record = CommittedRecord(
      inputs: committed, result: run.outline(again),
      trace: try RecordedReadings(gate: run.decision.gate, run.traceOutline), run: again,
      needs: needs)
    return CommittedDecision(record: record, subjects: subjects, notes: notes)
  }
}

extension DecisionRun {
  /// Over the result and what each clause read: what a decision made again must come to.
  func wholeDigest() throws -> Digest {
    Digest(of: Array(decision.json.compact.utf8) + [0x0a] + (try traceDocument()))
  }

  /// How each clause came out.
  var traceOutline: [ClauseTrace] {
    trace.map(\.outline)
  }

  /// The result without anything that could have been read from what can be erased. What names inputs is of the
  /// committed decision.
  func outline(_ committed: DecisionRun) -> JSONValue {
    let lists: [(String, [String])] = [
      ("reasons", ["clause", "kind", "at"]),
      ("obligations", ["clause", "role", "count", "within"]),
      ("approvals", ["role", "signedAt", "expires"]),
      ("waived", ["clause", "kind", "at"]),
    ]
    let ofInputs = ["caller", "onBehalfOf", "bundle", "snapshot", "request"]
    let other = committed.decision.json
    return .object(
      (decision.json.object ?? []).map { member in
        if ofInputs.contains(member.name), let value = other[member.name] {
          return JSONMember(member.name, value)
        }
        guard let kept = lists.first(where: { $0.0 == member.name })?.1 else { return member }
        let items = (member.value.array ?? []).map { item -> JSONValue in
          .object((item.object ?? []).filter { kept.contains($0.name) })
        }
        return JSONMember(member.name, .array(items))
      })
  }
}

/// What a record in committed form says.
struct CommittedRecord {
  let inputs: CommittedInputs
  let result: JSONValue
  let trace: RecordedReadings
  /// The decision on the committed inputs.
  let run: DecisionRun
  /// Stands for the whole decision, where the record has an outline only.
  let needs: DisclosureDigest?

  /// The draft, all that it names kept.
  func draft(
    _ subjects: [Subject], _ objects: ContentStore, id: String, _ notes: DecisionNotes
  ) throws(LogError) -> RecordDraft {
    let digested: [UInt8]
    do throws(CanonicalJSONError) {
      digested = try trace.digested(result)
    } catch {
      throw .record(.notCanonical(error))
    }
    let replay = try kept(objects, digested)
    let whole = draft(subjects, result: result, replay, id: id, notes)
    if whole.fits { return whole }
    // Too long for an entry: the result goes to the store, and the record keeps its digest and its outcome.
    _ = try objects.put(ofOneRecord: [digested])
    return draft(subjects, result: result.withoutReasons, replay, id: id, notes)
  }

  private func draft(
    _ subjects: [Subject], result: JSONValue, _ replay: JSONValue, id: String,
    _ notes: DecisionNotes
  ) -> RecordDraft {
    let arguments = JSONValue.object(run.arguments)
    var digests = arguments.tokens.union(result.tokens)
    digests.formUnion(subjects.flatMap { DisclosureDigest.all(in: $0.name ?? "") })
    digests.formUnion(inputs.envelopes)
    digests.formUnion(notes.deed?.tokens ?? [])
    if let reason = notes.breakGlass?.reason { digests.insert(reason) }
    if let needs { digests.insert(needs) }
    // What would be done: the request that is kept has it, and an auditor may be shown it.
    if let does = inputs.request.does.flatMap({ DisclosureDigest(token: $0) }) {
      digests.insert(does)
    }
    var members = [
      JSONMember("arguments", arguments), JSONMember("result", result),
      JSONMember("replay", replay),
    ]
    members += notes.members
    members += erasable(digests)
    return RecordDraft(
      type: PredicateType.decision, kind: .gate, id: id, subjects: subjects, members: members)
  }

  /// `replay`, and everything in it in the store.
  private func kept(_ objects: ContentStore, _ digested: [UInt8]) throws(LogError) -> JSONValue {
    let own = try objects.put(ofOneRecord: [inputs.requestBytes] + trace.objects)
    var members = [
      JSONMember("form", "committed"),
      JSONMember("engine", .string(Versions.engine)),
      JSONMember("language", .string(Versions.language)),
      JSONMember("bytecode", .string(Versions.bytecode)),
      JSONMember("bundle", .string(try objects.put(inputs.bundle).description)),
      JSONMember("snapshot", .string(try objects.put(inputs.snapshot).description)),
      JSONMember("request", .string(own[0].description)),
      JSONMember("fuelLimit", .integer(run.fuelLimit)), JSONMember("fuel", .integer(run.fuel)),
      JSONMember("result", .string(Digest(of: digested).description)),
      JSONMember("trace", trace.reference(Array(own.dropFirst())).json),
    ]
    if let approvers = inputs.approvers {
      members.append(
        JSONMember("approvers", .string(try objects.put(approvers).description)))
    }
    if let needs { members.append(JSONMember("needs", .string(needs.description))) }
    return .object(members)
  }
}

extension JSONValue {
  /// A result without its reasons and obligations, which then lie in the content store.
  var withoutReasons: JSONValue {
    .object((object ?? []).filter { !["reasons", "obligations", "waived"].contains($0.name) })
  }
}
