// How this room's refusals read, for whoever shows them to a person.

import WritModel

extension ProofError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .outOfRange: "there is no such place in a tree of that size"
    case .wrongLength(let expected, let found): "\(found) hashes, expected \(expected)"
    case .wrongRoot: "the hashes do not lead to the signed root"
    case .wrongOldRoot: "the hashes do not lead to the root of the older tree"
    }
  }
}

extension ProofBundleError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .checkpoint(let error): "its checkpoint is not taken: \(error)"
    case .notSignedByLog: "the log itself has not signed the checkpoint"
    case .noEntry: "it does not carry the entry"
    case .proof(let error): "\(error)"
    case .undisclosed(let digest): "the record does not name \(digest.token), which is disclosed"
    }
  }
}

extension EnvelopeError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .json(let error): "no JSON: \(error)"
    case .malformed(let expectation): expectation
    case .notEnoughSignatures(let needed, let found):
      "\(found) of the trusted keys have signed it, \(needed) must"
    }
  }
}

extension RecordError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .tooLong(let count): "\(count) bytes, at most \(Limits.recordByteCount)"
    case .notCanonical(let error): "no canonical form: \(error)"
    case .otherSpelling: "not in the one canonical form of its JSON"
    case .statement(let error): error.description
    }
  }
}
