// The proof of a question, made from a log: what QuestionVerifier then believes without it.
import WritCrypto
import WritModel

/// Why no proof can be made.
public enum QuestionProverError: Error, Hashable, Sendable {
  /// The log cannot be read.
  case log(LogError)
  /// The entry of that index does not name those before it: it was made by an older release.
  case unchained(UInt64)
  /// The log has no index leaf yet; its writer appends one.
  case noIndexLeaf
  /// The entry of that index does not say what the entries before it say.
  case contradiction(UInt64)
  /// The proof would have more than `Limits.questionProofByteCount`.
  case tooLong(Int)
  /// More than one gate of the answer has the claim's short name.
  case ambiguousGate([String])
}

extension SearchIndex {
  /// The proof of the answer to a question. A claim may name its gate by what stands after the last dot.
  ///
  /// Where the claim does not hold the proof is made all the same, and shows that.
  public func prove(
    _ question: Question, claim: Claim?
  ) throws(QuestionProverError) -> QuestionProof {
    let prover = QuestionProver(index: self, question: question)
    if let index = try prover.reading({ () throws(LogError) in try unchained() }) {
      throw .unchained(index)
    }
    let leaf = try prover.reading { () throws(LogError) in try newestIndexLeaf() }
    guard let leaf else { throw .noIndexLeaf }
    let heads = try prover.reading { () throws(LogError) in
      try store.heads(of: leaf.size, since: leaf, reader)
    }
    guard leaf.fixes(heads) else { throw .contradiction(leaf.size) }
    let tail = try prover.reading { () throws(LogError) in
      try prover.records(Array(leaf.size..<reader.size))
    }
    let history = try prover.history(behind: leaf, tail, heads)
    let answer = history.filter { question.covers($0.record.logged ?? .min) }
    let indexes = Set(tail.map(\.index)).union(history.map(\.index)).sorted()
    let proof = QuestionProof(
      question: question,
      claim: try claim.map { (claim) throws(QuestionProverError) in
        try prover.resolved(claim, answer)
      },
      note: reader.signed.note,
      entries: try prover.reading { () throws(LogError) in try prover.entries(indexes) },
      heads: prover.proven(heads), objects: prover.objects(answer))
    let count = proof.bytes.count
    guard count <= Limits.questionProofByteCount else { throw .tooLong(count) }
    return proof
  }
}

/// One proof in the making.
private struct QuestionProver {
  let index: SearchIndex
  let question: Question

  var reader: LogReader { index.reader }

  /// Runs what reads the log.
  func reading<Value>(
    _ body: () throws(LogError) -> Value
  ) throws(QuestionProverError) -> Value {
    do throws(LogError) {
      return try body()
    } catch {
      throw .log(error)
    }
  }

  func records(_ indexes: [UInt64]) throws(LogError) -> [FoundRecord] {
    var found: [FoundRecord] = []
    for index in indexes {
      found.append(
        FoundRecord(index: index, record: LoggedRecord(try reader.entry(at: index))))
    }
    return found
  }

  func entries(_ indexes: [UInt64]) throws(LogError) -> [ProvenEntry] {
    var entries: [ProvenEntry] = []
    for index in indexes {
      entries.append(
        ProvenEntry(
          entry: try reader.entry(at: index), index: index,
          path: try reader.inclusionProof(index: index).hashes))
    }
    return entries
  }

  /// The subject's entries, newest first, down to one that was logged before the span.
  func history(
    behind leaf: IndexLeaf, _ tail: [FoundRecord], _ heads: FixedHeads
  ) throws(QuestionProverError) -> [FoundRecord] {
    var next = heads.exactPlace(of: question.subject).map { heads.heads[$0].last }
    if let newest = tail.last(where: { $0.record.isAbout(question.subject) }) {
      next = newest.index
    }
    var history: [FoundRecord] = []
    while let index = next {
      let found = try reading { () throws(LogError) in try records([index])[0] }
      guard found.record.isAbout(question.subject) else { throw .contradiction(index) }
      history.append(found)
      if let time = found.record.logged, time < question.from.microseconds { break }
      switch found.record.previous(of: question.subject) {
      case .unsaid: throw .unchained(index)
      case .none: next = nil
      case .entry(let previous):
        guard previous < index else { throw .contradiction(index) }
        next = previous
      }
    }
    return history
  }

  /// The subject's place among all, or its neighbours.
  func proven(_ heads: FixedHeads) -> [ProvenHead] {
    let (all, tree) = (heads.heads, heads.tree)
    let places: [Int]
    if let place = heads.exactPlace(of: question.subject) {
      places = [place]
    } else {
      let place = heads.place(of: question.subject)
      places = [place - 1, place].filter { all.indices.contains($0) }
    }
    return places.map { place in
      let proof = InclusionProof(index: UInt64(place), size: UInt64(all.count), from: tree)
      return ProvenHead(head: all[place], place: UInt64(place), path: proof.hashes)
    }
  }

  /// What the decisions in the answer read, as far as the log still keeps it.
  func objects(_ answer: [FoundRecord]) -> [[UInt8]] {
    let digests = Set(answer.flatMap { $0.record.trace?.digests ?? [] })
    return digests.sorted().compactMap { try? index.store.objects.get($0) }
  }

  /// The claim with the full name of its gate, if the answer has a decision of it.
  func resolved(
    _ claim: Claim, _ answer: [FoundRecord]
  ) throws(QuestionProverError) -> Claim {
    let meanings = claim.meanings(in: answer)
    guard meanings.count <= 1 else { throw .ambiguousGate(meanings.map(\.gate)) }
    return meanings.first ?? claim
  }
}
