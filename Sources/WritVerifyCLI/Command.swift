// What writ-verify was asked to do, and doing it.
import Glibc
import WritEvidence
import WritModel

/// What scripts depend on (docs/interface.md); only 0 is a reason to go on.
enum ExitCode: Int32 {
  case verified = 0
  case refused = 1
  case wrongUsage = 64
  case malformedInput = 65
  case missingFile = 66
  case writeFailed = 74
}

private let usage = """
  usage: writ-verify PROOF --vkey K.pub...|--policy POLICY [--claim GATE.CLAUSE] [--json]
         writ-verify ENVELOPE --key PUB [--json]

  Verifies a proof offline, with the log's verifier key K.pub and nothing else, and says what it
  shows. K.pub must come from somewhere else than the proof. A line of it is a verifier key, and
  perhaps the sizes of the log that it counts for: `KEY 120` from that size on, `KEY 0..140` up to
  140. PROOF is a file that `writ log prove` wrote; - is standard input. There are two kinds:

    of an entry      a C2SP tlog-proof with the entry in its extra data: that the entry is in the log
    of a question    urn:writ:proof:v1: which records there are about a subject in a span of time, that
                     there are no others, and whether what the gate allowed passed a clause

  With --key: verifies that the owner of PUB has signed ENVELOPE (DSSE), as `writ log attest` does,
  and prints what it holds. PUB is a public key in PEM, or a verifier key.

    --vkey K.pub            the log's verifier keys; may be repeated
    --policy POLICY         instead: logs, witnesses, and how many of these must have cosigned, as a
                            C2SP tlog-policy
    --claim GATE.CLAUSE     of a question: what must be so, whatever the file claims; a clause that the
                            gate has not is wrong usage
    --key PUB               whose signature the envelope must have
    --json                  one JSON document on standard output
    --version               the program's version
    --help                  this text

  exit codes: 0 verified, and what is claimed is so; 1 not, 64 wrong usage, 65 K.pub or PUB holds no
  key, or POLICY is no policy, 66 a file is missing or unreadable, 74 writing failed

  """

private let version = "0.1.0"

/// Arguments, read.
private struct Arguments {
  var proof: String?
  var verifierKeys: [String] = []
  var envelopeKey: String?
  var claim: Claim?
  var policy: String?
  var isJSON = false
  var isHelp = false
  var isVersion = false

  /// What is wrong is thrown as a sentence.
  init(_ words: [String]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--json": isJSON = true
      case "--help", "-h": isHelp = true
      case "--version": isVersion = true
      case "--vkey":
        guard let path = rest.popFirst() else { throw UsageError("`--vkey` needs a file") }
        verifierKeys.append(path)
      case "--key":
        guard envelopeKey == nil else { throw UsageError("`--key` is given twice") }
        guard let path = rest.popFirst() else { throw UsageError("`--key` needs a file") }
        envelopeKey = path
      case "--claim":
        guard claim == nil else { throw UsageError("`--claim` is given twice") }
        guard let text = rest.popFirst(), let read = Claim(text) else {
          throw UsageError("`--claim` needs GATE.CLAUSE")
        }
        claim = read
      case "--policy":
        guard policy == nil else { throw UsageError("`--policy` is given twice") }
        guard let path = rest.popFirst() else { throw UsageError("`--policy` needs a file") }
        policy = path
      default:
        guard word == "-" || !word.utf8.starts(with: "-".utf8) else {
          throw UsageError("no option `\(word)`")
        }
        guard proof == nil else { throw UsageError("one proof at a time") }
        proof = word
      }
    }
  }
}

private struct UsageError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// Does what the arguments say and returns the exit code.
func run(_ words: [String]) -> ExitCode {
  let arguments: Arguments
  do throws(UsageError) {
    arguments = try Arguments(words)
  } catch {
    return wrongUsage(error.message)
  }
  if arguments.isHelp { return write(usage) ? .verified : .writeFailed }
  if arguments.isVersion { return writeVersion(isJSON: arguments.isJSON) }
  guard let proof = arguments.proof else { return wrongUsage("a proof is needed") }
  if let path = arguments.envelopeKey {
    guard arguments.verifierKeys.isEmpty, arguments.policy == nil else {
      return wrongUsage("`--key` is for envelopes, `--vkey` for proofs")
    }
    return verifyEnvelope(proof, path, isJSON: arguments.isJSON)
  }
  let trust: Trust
  do throws(TrustError) {
    switch (arguments.verifierKeys.isEmpty, arguments.policy) {
    case (false, nil): trust = try WritVerifyCLI.trust(keyFiles: arguments.verifierKeys)
    case (true, let path?): trust = try WritVerifyCLI.trust(policyFile: path)
    case (true, nil): return wrongUsage("`--vkey` is needed, or `--policy`")
    case (false, _?): return wrongUsage("`--vkey` or `--policy`, not both")
    }
  } catch {
    return error.code
  }
  guard let bytes = read(proof, limit: Limits.questionProofByteCount) else { return missing(proof) }
  if QuestionProof.isSaidToBe(bytes) {
    return verifyQuestion(bytes, trust, arguments.claim, isJSON: arguments.isJSON)
  }
  guard arguments.claim == nil else {
    return wrongUsage("`--claim` is for the proof of a question")
  }
  return verifyEntry(bytes, trust, isJSON: arguments.isJSON)
}

/// A key that lies in a log says nothing about it.
func refuseInsideLog(_ path: String) -> ExitCode? {
  guard path != "-", let directory = directoryOfLog(holding: path, or: nil) else { return nil }
  return wrongUsage("\(path) lies inside the log \(directory)")
}

/// Verifies an envelope with the key in a file, and says what it holds.
private func verifyEnvelope(_ envelope: String, _ path: String, isJSON: Bool) -> ExitCode {
  if let code = refuseInsideLog(path) { return code }
  guard let keyFile = read(path, limit: 65_536) else { return missing(path) }
  guard let bytes = read(envelope, limit: Limits.envelopeByteCount) else {
    return missing(envelope)
  }
  let report: EnvelopeReport
  do throws(EnvelopeReportError) {
    report = try EnvelopeReport(bytes, keyFile: keyFile)
  } catch .noKey {
    return fail("\(path): expected a public key in PEM, or a verifier key", .malformedInput)
  } catch {
    return refuse(error.description, isJSON: isJSON)
  }
  return write(isJSON ? report.json.pretty + "\n" : report.text) ? .verified : .writeFailed
}

private func wrongUsage(_ message: String) -> ExitCode {
  fail(message, .wrongUsage, hint: "\n\(usage.prefix { $0 != "\n" })")
}

func missing(_ path: String) -> ExitCode {
  fail("\(path): cannot be read", .missingFile)
}

private func writeVersion(isJSON: Bool) -> ExitCode {
  let text = isJSON ? JSONValue(dictionaryLiteral: ("writ-verify", .string(version))).compact : nil
  return write((text ?? "writ-verify \(version)") + "\n") ? .verified : .writeFailed
}

/// Verifies the proof of an entry and says what it shows.
private func verifyEntry(_ bytes: [UInt8], _ trust: Trust, isJSON: Bool) -> ExitCode {
  let report: Report
  do throws(ProofBundleError) {
    let bundle = try ProofBundle(bytes)
    let origin = trust.origin(of: bundle.note)
    let verified = try bundle.verify(keys: trust.keys, origin: origin)
    if let reason = trust.refusal(of: verified.signatures, origin: origin) {
      return refuse(reason, isJSON: isJSON)
    }
    report = Report(verified)
  } catch {
    return refuse(explanation(of: error), isJSON: isJSON)
  }
  return write(isJSON ? report.json.pretty + "\n" : report.text) ? .verified : .writeFailed
}

/// Verifies the proof of a question and says what it shows; what is claimed must be so too.
private func verifyQuestion(
  _ bytes: [UInt8], _ trust: Trust, _ claim: Claim?, isJSON: Bool
) -> ExitCode {
  let report: AnswerReport
  do throws(QuestionProofError) {
    let proof = try QuestionProof(bytes)
    let origin = trust.origin(of: proof.note)
    let answer = try proof.verify(keys: trust.keys, origin: origin)
    if let reason = trust.refusal(of: answer.signatures, origin: origin) {
      return refuse(reason, isJSON: isJSON)
    }
    let meanings = claim?.meanings(in: answer.records) ?? []
    guard meanings.count <= 1 else {
      let names = meanings.map { "`\(printable($0.description))`" }
      return wrongUsage("`--claim` can mean \(names.joined(separator: " or "))")
    }
    if let meant = meanings.first, let clauses = answer.clauses(insteadOf: meant) {
      let names = clauses.map { "`\(printable($0))`" }.joined(separator: ", ")
      return wrongUsage(
        "the gate `\(printable(meant.gate))` has no clause `\(printable(meant.clause))`, it has \(names)"
      )
    }
    report = AnswerReport(answer, claim: meanings.first ?? claim ?? answer.claim)
  } catch {
    return refuse(explanation(of: error), isJSON: isJSON)
  }
  guard write(isJSON ? report.json.pretty + "\n" : report.text) else { return .writeFailed }
  return report.holds ? .verified : .refused
}

private func refuse(_ reason: String, isJSON: Bool) -> ExitCode {
  complain("not verified: \(reason)")
  let json: JSONValue = ["error": .string(reason), "verified": false]
  return !isJSON || write(json.pretty + "\n") ? .refused : .writeFailed
}
