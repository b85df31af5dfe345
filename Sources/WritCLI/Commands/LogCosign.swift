// `writ log cosign`: shows the newest checkpoint to witnesses, and keeps what they say of it.
//
// No lock is held while a witness is asked, so that no decision waits for one. Only putting the
// lines in their place takes the log's lock, for as long as a file takes.

@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritModel
import WritTransport

extension Command {
  static let logCosign = Command(
    name: "log cosign", summary: "have witnesses cosign the newest checkpoint",
    operands: [.one("DIR", "the directory of the log")],
    options: [.policy],
    details: [
      "Asks every witness of the policy that has a URL and has not cosigned this checkpoint yet. When",
      "the quorum holds, its lines go into DIR/checkpoint; until then nothing is changed. Exits 0 if the",
      "quorum holds, else 1. Decisions never wait for it: run it every minute.",
      "  writ log cosign log --policy witnesses.policy",
    ],
    run: runLogCosign)
}

/// How often a log may go on while it is being cosigned.
private let roundLimit = 3

/// Cosigns the newest checkpoint, and the next one where the log went on meanwhile.
private func runLogCosign(_ invocation: Invocation) throws(Failure) -> Report {
  let policyPath = try invocation.required("--policy")
  let policy = try readWitnessPolicy(policyPath)
  let store = LogStore(directory: try invocation.operand(0))
  for _ in 0..<roundLimit {
    let reader = try withLog { () throws(LogError) in
      try LogReader(store: store, keys: policy.keys)
    }
    let signed = reader.signed
    guard policy.isSignedByLog(signed.signatures, origin: signed.checkpoint.origin) else {
      throw .badInput(
        "\(policyPath) does not name the key of the log `\(signed.checkpoint.origin)`",
        remedy: "add a line `log VKEY`")
    }
    let cosigning = Cosigning(
      policy: policy, signed: signed,
      answers: policy.witnesses.map { answer(of: $0, signed, reader, invocation) })
    invocation.errorTerminal.showProgress("")
    guard cosigning.isReached else { return cosigning.report(invocation) }
    if try keep(cosigning.newLines, below: signed, in: store) {
      return cosigning.report(invocation)
    }
  }
  throw Failure(
    .refused, "the log went on each time before the quorum's lines were in place",
    remedy: "run it again")
}

/// Puts the lines below the checkpoint; `false` where that is not the newest any more.
private func keep(
  _ lines: [NoteSignature], below signed: SignedCheckpoint, in store: LogStore
) throws(Failure) -> Bool {
  if lines.isEmpty { return true }
  var attempt = 0
  while true {
    do throws(LogError) {
      return try store.addCosignatures(lines, below: signed) != nil
    } catch {
      guard case .locked = error, attempt < 500 else { throw failure(of: error) }
      attempt += 1
      usleep(10_000)
    }
  }
}

/// What a witness has to say of a checkpoint.
private enum WitnessAnswer {
  /// Its line stood there already.
  case known(VerifiedSignature)
  case cosigned(NoteSignature, VerifiedSignature)
  /// The policy does not say where it is.
  case notAsked
  case failed(String)
}

extension WitnessAnswer {
  /// What was verified.
  fileprivate var signature: VerifiedSignature? {
    switch self {
    case .known(let signature), .cosigned(_, let signature): signature
    case .notAsked, .failed: nil
    }
  }
}

/// Asks a witness, unless its line is already there.
private func answer(
  of witness: WitnessPolicy.Witness, _ signed: SignedCheckpoint, _ reader: LogReader,
  _ invocation: Invocation
) -> WitnessAnswer {
  if let known = signed.signatures.first(where: { $0.key == witness.key }) {
    return .known(known)
  }
  guard let text = witness.url else { return .notAsked }
  invocation.errorTerminal.showProgress("asking \(printable(witness.name))…")
  do {
    return try ask(HTTPURL(text).appending("add-checkpoint"), witness.key, signed, reader)
  } catch let error as LogError {
    return .failed(failure(of: error).message)
  } catch {
    return .failed("\(error)")
  }
}

/// Sends the checkpoint, then what the witness still needs to see that it extends the last one.
private func ask(
  _ url: HTTPURL, _ key: VerifierKey, _ signed: SignedCheckpoint, _ reader: LogReader
) throws -> WitnessAnswer {
  let size = signed.checkpoint.size
  var exchange = WitnessExchange(note: signed.note, size: size, key: key)
  while true {
    let old = exchange.oldSize
    let hashes = old == 0 ? [] : try reader.consistencyProof(since: old).hashes
    let response = try HTTPClient().post(
      exchange.request(hashes: hashes), type: "text/plain; charset=utf-8", to: url)
    switch try exchange.take(status: response.status, body: response.body) {
    case .again: continue
    case .cosigned(let line, let signature): return .cosigned(line, signature)
    }
  }
}

/// What all witnesses said of one checkpoint.
private struct Cosigning {
  let policy: WitnessPolicy
  let signed: SignedCheckpoint
  /// One for each witness of the policy.
  let answers: [WitnessAnswer]

  /// Lines that do not stand below the checkpoint yet.
  var newLines: [NoteSignature] {
    answers.compactMap { if case .cosigned(let line, _) = $0 { line } else { nil } }
  }

  /// Of those who have cosigned, now or before.
  private var signatures: [VerifiedSignature] { answers.compactMap(\.signature) }

  var isReached: Bool { policy.isSatisfied(by: signatures) }

  func report(_ invocation: Invocation) -> Report {
    var report = Report(isReached ? .done : .refused)
    let checkpoint = signed.checkpoint
    if invocation.wantsJSON {
      report.output = json.pretty + "\n"
    } else {
      let terminal = invocation.terminal
      for line in aligned(zip(policy.witnesses, answers).map { row($0, $1) }) {
        report.print(line)
      }
      let size = counted(Int(clamping: checkpoint.size), "entry", plural: "entries")
      let word = isReached ? terminal.paint("COSIGNED", .good) : terminal.paint("NO QUORUM", .bad)
      report.print("\(word)  \(checkpoint.origin): \(size), quorum \(printable(policy.quorumName))")
    }
    if !isReached {
      let refusal = WitnessPolicyRefusal.noQuorum(
        cosigners: policy.cosigners(among: signatures).map(\.name), quorum: policy.quorumName)
      report.tell("the checkpoint stays as it is: \(printable("\(refusal)"))")
    }
    return report
  }

  private func row(_ witness: WitnessPolicy.Witness, _ answer: WitnessAnswer) -> [String] {
    switch answer {
    case .known(let signature): [witness.name, "had cosigned", shown(signature)]
    case .cosigned(_, let signature): [witness.name, "cosigned", shown(signature)]
    case .notAsked: [witness.name, "not asked", "the policy has no URL of it"]
    case .failed(let reason): [witness.name, "FAILED", reason]
    }
  }

  /// The witness's time, which a year beyond 9999 does not make a trap.
  private func shown(_ signature: VerifiedSignature) -> String {
    let time = signature.time ?? 0
    return time < 253_402_300_800
      ? Instant(microseconds: Int64(time) * 1_000_000).description : String(time)
  }

  private var json: JSONValue {
    let witnesses = zip(policy.witnesses, answers).map { witness, answer -> JSONValue in
      var members = [JSONMember("name", .string(witness.name))]
      switch answer {
      case .known(let signature), .cosigned(_, let signature):
        members += [
          JSONMember("cosigned", true),
          JSONMember("time", .integer(Int64(clamping: signature.time ?? 0))),
        ]
      case .notAsked: members.append(JSONMember("cosigned", false))
      case .failed(let reason):
        members += [JSONMember("cosigned", false), JSONMember("error", .string(reason))]
      }
      return .object(members)
    }
    return [
      "log": .string(signed.checkpoint.origin),
      "size": .integer(Int64(clamping: signed.checkpoint.size)),
      "quorum": .string(policy.quorumName), "reached": .bool(isReached),
      "witnesses": .array(witnesses),
    ]
  }
}
