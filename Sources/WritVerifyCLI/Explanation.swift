// Why a proof was refused, in words.
import WritEvidence

/// Why the proof of an entry was refused.
func explanation(of error: ProofBundleError) -> String {
  switch error {
  case .malformed(let expectation): "the proof is malformed: \(expectation)"
  case .checkpoint(let error): explanation(of: error)
  case .notSignedByLog: "the log itself has not signed the checkpoint"
  case .noEntry: "the proof carries no entry"
  case .proof(let error): explanation(of: error)
  case .undisclosed(let digest): "\(digest.token) is disclosed, and the record does not name it"
  }
}

/// Why the proof of a question was refused.
func explanation(of error: QuestionProofError) -> String {
  switch error {
  case .malformed(let expectation): "the proof is malformed: \(expectation)"
  case .checkpoint(let error): explanation(of: error)
  case .notSignedByLog: "the log itself has not signed the checkpoint"
  case .entry(let index, let error): "entry \(index): \(explanation(of: error))"
  case .order(let index): "entry \(index) stands behind a later one"
  case .noIndexLeaf: "no index leaf says where the histories of subjects begin"
  case .missingTail(let index): "entry \(index), logged after the index leaf, is left out"
  case .head(let expectation): "the subject's place among all subjects is not shown: \(expectation)"
  case .chain(let index, let problem): "the subject's history breaks: entry \(index) \(problem)"
  case .surplusEntry(let index): "entry \(index) is no part of the argument"
  case .surplusObject(let digest): "\(digest) is not what a decision in the answer read"
  case .undisclosed(let digest):
    "\(digest.token) is disclosed, and no record of the answer names it, or not in order"
  }
}

private func explanation(of error: CheckpointError) -> String {
  switch error {
  case .malformed: "the checkpoint is malformed"
  case .note(.malformed): "the checkpoint is no signed note"
  case .note(.badSignature(let name)): "the signature of `\(name)` is wrong"
  case .note(.noKnownSignature): "the checkpoint is not signed by this key"
  case .keyOutOfRange(let size):
    "no key that counts for size \(size) has signed the checkpoint"
  case .wrongOrigin(let expected, let found):
    "the checkpoint is of the log `\(found)`, the key of `\(expected)`"
  }
}

private func explanation(of error: ProofError) -> String {
  switch error {
  case .outOfRange: "the index is not below the size of the log"
  case .wrongLength(let expected, let found): "expected \(expected) hashes, found \(found)"
  case .wrongRoot, .wrongOldRoot: "the entry is not at this place of the log that was signed"
  }
}
