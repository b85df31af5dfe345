// How this room's refusals read, for whoever shows them to a person.

import WritModel

extension NoteError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .malformed: "not a signed note"
    case .badSignature(let name): "the signature of `\(name)` does not verify"
    case .noKnownSignature: "no trusted key has signed it"
    }
  }
}

extension CheckpointError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .malformed: "not a checkpoint"
    case .note(let error): error.description
    case .wrongOrigin(let expected, let found): "it is of the log `\(found)`, not of `\(expected)`"
    }
  }
}

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

extension ApprovalError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .envelope(let error): "it is no envelope: \(error)"
    case .malformed(let expectation): expectation
    case .unknownKey(let id): "no approver has the key \(id.prefix(16))…"
    case .badSignature(let id): "the key \(id.prefix(16))… did not sign it"
    case .wrongApprover(let expected, let found): "it names `\(found)`, its key is `\(expected)`'s"
    case .roleNotHeld(let role): "its signer does not hold the role `\(role)`"
    }
  }
}

extension KeyRegistryError: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .malformed(let expectation): expectation
    case .keyInTwoFunctions(let name, let first, let second):
      "the key of `\(name)` is for \(first.rawValue) and for \(second.rawValue)"
    case .repeatedKey(let name): "the key of `\(name)` stands twice"
    case .repeatedName(let name): "two keys are named `\(name)`"
    case .approverWithoutNode(let name): "the approver's key `\(name)` does not say whose it is"
    }
  }
}
