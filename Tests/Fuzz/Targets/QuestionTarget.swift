// Proofs of questions: the file that outsiders hand in, and the argument that nothing was left out.

import WritCrypto
import WritEvidence
import WritModel

/// The proof of a question, after a byte that chooses: a file as it is; or the genuine proof of one of many questions with some of
/// its parts changed, left out, doubled or taken from elsewhere.
///
/// Whatever verifies is the whole answer: exactly the records that the log has about the subject in the span, and of a claim that
/// holds every decision passed the clause.
@Sendable func fuzzQuestion(_ bytes: [UInt8]) throws {
  var feed = ByteFeed(bytes)
  if feed.byte() % 2 == 0 {
    let rest = Array(feed.rest)
    guard let proof = try? QuestionProof(rest) else { return }
    try hold(proof.bytes == rest, "the proof of a question is not written as it was read")
    _ = try isVerified(proof)
  } else {
    try checkParts(&feed)
  }
}

/// Whether the proof verifies; then it must show what is so.
private func isVerified(_ proof: QuestionProof) throws -> Bool {
  let world = QuestionWorld.shared
  let verified = try? proof.verify(
    keys: [world.verifierKey], origin: world.signer.name.description)
  guard let answer = verified else { return false }
  let expected = world.answer(proof.question, size: answer.checkpoint.size)
  try hold(
    answer.records.map(\.index) == expected,
    "a proof about \(proof.question.subject) shows \(answer.records.map(\.index)), not \(expected)")
  for claim in [QuestionWorld.claim, proof.claim].compactMap({ $0 }) {
    guard case .holds(let indexes) = answer.result(of: claim) else { continue }
    let outcomes = expected.compactMap { world.records[Int($0)].outcome }
    try hold(claim == QuestionWorld.claim, "a claim about no gate of the log holds")
    try hold(
      outcomes.allSatisfy { $0 == "passed" } && outcomes.count == indexes.count,
      "a claim holds that is not so")
  }
  try hold(
    answer.allowed(besides: QuestionWorld.claim).isEmpty, "a gate allowed that there is not")
  return true
}

private func checkParts(_ feed: inout ByteFeed) throws {
  let world = QuestionWorld.shared
  let name = QuestionWorld.names[feed.below(QuestionWorld.names.count)]
  let moments = [Int64(feed.byte() % 10) - 1, Int64(feed.byte() % 10) - 1].sorted()
  guard
    let question = Question(
      subject: name, from: QuestionWorld.moment(moments[0]), to: QuestionWorld.moment(moments[1]))
  else { throw BrokenInvariant(description: "a span that does not end early is none") }
  let genuine = world.proof(question)
  var parts = ProofParts(genuine)
  for _ in 0..<feed.byte() % 5 { parts.change(&feed) }
  let proof = parts.proof
  try hold(
    (try? QuestionProof(proof.bytes)) == proof, "the proof of a question reads back otherwise")
  let isGood = try isVerified(proof)
  try hold(isGood || proof != genuine, "the genuine proof of a question does not verify")
}

/// The parts of a proof, to be changed one by one.
private struct ProofParts {
  var question: Question
  var note: SignedNote
  var entries: [ProvenEntry]
  var heads: [ProvenHead]
  var objects: [[UInt8]]

  init(_ proof: QuestionProof) {
    question = proof.question
    note = proof.note
    entries = proof.entries
    heads = proof.heads
    objects = proof.objects
  }

  var proof: QuestionProof {
    QuestionProof(
      question: question, claim: QuestionWorld.claim, note: note, entries: entries, heads: heads,
      objects: objects)
  }

  mutating func change(_ feed: inout ByteFeed) {
    let world = QuestionWorld.shared
    let count = world.records.count
    switch feed.byte() % 9 {
    case 0:
      let name = QuestionWorld.names[feed.below(QuestionWorld.names.count)]
      question =
        Question(subject: name, from: question.from, to: question.to) ?? question
    case 1:
      let (from, to) = (Int64(feed.byte() % 10) - 1, Int64(feed.byte() % 10) - 1)
      question =
        Question(
          subject: question.subject, from: QuestionWorld.moment(from), to: QuestionWorld.moment(to))
        ?? question
    case 2: if !entries.isEmpty { entries.remove(at: feed.below(entries.count)) }
    case 3:
      // At its place, or at any.
      let entry = world.proven(feed.below(count), size: UInt64(count))
      let isSorted = feed.byte() % 2 == 0
      let place =
        isSorted
        ? entries.firstIndex { $0.index > entry.index } ?? entries.count
        : feed.below(entries.count + 1)
      entries.insert(entry, at: place)
    case 4: changeEntry(&feed)
    case 5:
      // Another tree, with everything proved in that.
      let size = UInt64(feed.below(count) + 1)
      note = world.note(size: size)
      entries = entries.compactMap {
        $0.index < size ? world.proven(Int($0.index), size: size) : nil
      }
    case 6:
      let known = world.heads.sorted { $0.key < $1.key }.flatMap(\.value)
      heads = (0..<feed.below(4)).map { _ in known[feed.below(known.count)] }
    case 7: changeHead(&feed)
    default:
      let object = world.readings[feed.below(world.readings.count)]
      if let place = objects.firstIndex(of: object) {
        objects.remove(at: place)
      } else {
        objects = (objects + [object]).sorted { Digest(of: $0).hex < Digest(of: $1).hex }
      }
    }
  }

  private mutating func changeEntry(_ feed: inout ByteFeed) {
    guard !entries.isEmpty else { return }
    let place = feed.below(entries.count)
    let old = entries[place]
    var (entry, index, path) = (old.entry, old.index, old.path)
    switch feed.byte() % 3 {
    case 0: entry[feed.below(entry.count)] ^= feed.byte()
    case 1: index = UInt64(feed.byte() % 12)
    default:
      if feed.byte() % 2 == 0 { _ = path.popLast() } else { path.append(Digest(of: entry)) }
    }
    entries[place] = ProvenEntry(entry: entry, index: index, path: path)
  }

  private mutating func changeHead(_ feed: inout ByteFeed) {
    guard !heads.isEmpty else { return }
    let place = feed.below(heads.count)
    let old = heads[place]
    let name = feed.byte() % 2 == 0 ? old.head.name : question.subject
    heads[place] = ProvenHead(
      head: SubjectHead(name: name, last: UInt64(feed.byte() % 8)), place: UInt64(feed.byte() % 5),
      path: feed.byte() % 2 == 0 ? old.path : Array(old.path.dropLast()))
  }
}
