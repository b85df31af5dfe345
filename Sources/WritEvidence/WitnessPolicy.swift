// Which logs are trusted, which witnesses are known, and how many of them must have cosigned: C2SP
// tlog-policy.
//
//     log <vkey> [<url>]
//     witness <name> <vkey> [<url>]
//     group <name> all|any|<k> <member>…
//     quorum <name>|none
//
// One statement a line, each ended by a newline; its words stand between spaces and tabs. Lines that
// begin with `#` say nothing. Names are defined before they are used, each is a member of one group
// at most, and there is one quorum. An example:
//
//     log log.example/writ+a5fb758f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
//     witness w1 witness.example/w1+20324abe+BCms… https://witness.example
//     witness w2 …
//     group both all w1 w2
//     quorum both

/// A trust policy for checkpoints.
public struct WitnessPolicy: Hashable, Sendable {
  /// A log whose checkpoints are taken; its key's name is its origin.
  public struct Log: Hashable, Sendable {
    /// An Ed25519 key.
    public let key: VerifierKey
    /// Where the log is reached, as it stands in the file.
    public let url: String?
  }

  /// Somebody who cosigns.
  public struct Witness: Hashable, Sendable {
    /// What the policy calls it; means nothing elsewhere.
    public let name: String
    /// A cosignature key.
    public let key: VerifierKey
    /// The prefix of its submission address, as it stands in the file.
    public let url: String?
  }

  /// A rule over witnesses and groups that were defined before.
  public struct Group: Hashable, Sendable {
    /// What the policy calls it.
    public let name: String
    /// How many members must have witnessed: `1 ≤ threshold ≤ members.count`.
    public let threshold: Int
    /// Each once.
    public let members: [Member]
  }

  /// What a group or the quorum refers to.
  public enum Member: Hashable, Sendable {
    /// The place in `witnesses`.
    case witness(Int)
    /// The place in `groups`; below that of the group that refers to it.
    case group(Int)
  }

  /// In the order of the file, each key once.
  public let logs: [Log]
  /// In the order of the file, each key once.
  public let witnesses: [Witness]
  /// In the order of the file: no group refers to a later one.
  public let groups: [Group]
  /// Who must have witnessed; `nil` where nobody need (`quorum none`).
  public let quorum: Member?

  // Made by the parser alone, which has checked what the properties promise.
  init(logs: [Log], witnesses: [Witness], groups: [Group], quorum: Member?) {
    self.logs = logs
    self.witnesses = witnesses
    self.groups = groups
    self.quorum = quorum
  }

  /// The keys of all logs and witnesses: what a checkpoint is opened with.
  public var keys: [VerifierKey] { logs.map(\.key) + witnesses.map(\.key) }

  /// Whether these signatures, all verified over one checkpoint, are a quorum.
  ///
  /// Only cosignatures of witnesses of the policy count, each witness once; that a log has signed is
  /// asked elsewhere.
  public func isSatisfied(by signatures: [VerifiedSignature]) -> Bool {
    guard let quorum else { return true }
    let witnessed = witnesses.map { $0.key.hasSigned(signatures) }
    var satisfied: [Bool] = []
    func holds(_ member: Member) -> Bool {
      switch member {
      case .witness(let index): witnessed[index]
      case .group(let index): satisfied[index]
      }
    }
    for group in groups { satisfied.append(group.members.count(where: holds) >= group.threshold) }
    return holds(quorum)
  }

  /// Whether among these signatures, all verified over one checkpoint, is that of the log of that
  /// origin.
  public func isSignedByLog(_ signatures: [VerifiedSignature], origin: String) -> Bool {
    logs.contains { log in
      log.key.name.description.utf8.elementsEqual(origin.utf8) && log.key.hasSigned(signatures)
    }
  }

  /// The witnesses that have cosigned, in the policy's order.
  public func cosigners(among signatures: [VerifiedSignature]) -> [Witness] {
    witnesses.filter { $0.key.hasSigned(signatures) }
  }

  /// What the quorum asks for, in the policy's words: `both`, `w1` or `none`.
  public var quorumName: String {
    switch quorum {
    case nil: "none"
    case .witness(let index): witnesses[index].name
    case .group(let index): groups[index].name
    }
  }
}

extension VerifierKey {
  /// Whether one of the signatures is this key's, under this name; for which sizes whoever verified
  /// it let the key count is not asked.
  fileprivate func hasSigned(_ signatures: [VerifiedSignature]) -> Bool {
    signatures.contains { signature in
      let key = signature.key
      return key.name == name && key.algorithm == algorithm && key.publicKey == publicKey
    }
  }
}

/// Why a checkpoint is not one that a policy takes.
public enum WitnessPolicyRefusal: Error, Hashable, Sendable {
  /// It is not of a log of the policy, or something of it does not verify.
  case checkpoint(CheckpointError)
  /// Only witnesses have signed it, or a log under another's name.
  case notSignedByLog
  /// Too few have cosigned: the names of those that have, and of the quorum.
  case noQuorum(cosigners: [String], quorum: String)
}

extension WitnessPolicyRefusal: CustomStringConvertible {
  /// Lower case, no full stop.
  public var description: String {
    switch self {
    case .checkpoint(let error): error.description
    case .notSignedByLog: "no log of the policy has signed it under its own name"
    case .noQuorum(let cosigners, let quorum):
      "the quorum `\(quorum)` has not cosigned it: "
        + (cosigners.isEmpty ? "no witness of the policy has" : "only " + quoted(cosigners))
    }
  }

  private func quoted(_ names: [String]) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
  }
}

extension WitnessPolicy {
  /// The checkpoint in those bytes, once a log of the policy has signed it and the quorum cosigned.
  public func open(_ bytes: [UInt8]) throws(WitnessPolicyRefusal) -> SignedCheckpoint {
    let signed: SignedCheckpoint
    do throws(CheckpointError) {
      signed = try SignedCheckpoint(bytes, keys: keys)
    } catch {
      throw .checkpoint(error)
    }
    try check(signed.signatures, origin: signed.checkpoint.origin)
    return signed
  }

  /// Throws unless among those verified signatures are that of the log of that origin and those of
  /// the quorum.
  public func check(
    _ signatures: [VerifiedSignature], origin: String
  ) throws(WitnessPolicyRefusal) {
    guard isSignedByLog(signatures, origin: origin) else { throw .notSignedByLog }
    guard isSatisfied(by: signatures) else {
      throw .noQuorum(cosigners: cosigners(among: signatures).map(\.name), quorum: quorumName)
    }
  }
}
