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
  usage: writ-verify PROOF --vkey K.pub...|--policy POLICY [--json]
         writ-verify ENVELOPE --key PUB [--json]

  Verifies offline that the entry in PROOF is in the log that the verifier key K.pub belongs to,
  and says what the entry records. PROOF is a C2SP tlog-proof with the entry in its extra data,
  as `writ log prove` writes it; - is standard input. K.pub must come from somewhere else than the
  proof. A line of it is a verifier key, and perhaps the sizes of the log that it counts for:
  `KEY 120` from that size on, `KEY 0..140` up to 140.

  With --key: verifies that the owner of PUB has signed ENVELOPE (DSSE), as `writ log attest` does,
  and prints what it holds. PUB is a public key in PEM, or a verifier key.

    --vkey K.pub      the log's verifier keys; may be repeated
    --policy POLICY   instead: logs, witnesses, and how many of these must have cosigned, as a C2SP
                      tlog-policy
    --key PUB         whose signature the envelope must have
    --json            one JSON document on standard output
    --version         the program's version
    --help            this text

  exit codes: 0 verified, 1 not verified, 64 wrong usage, 65 K.pub or PUB holds no key,
  or POLICY no policy, 66 a file is missing or unreadable, 74 writing failed

  """

private let version = "0.1.0"

/// Arguments, read.
private struct Arguments {
  var proof: String?
  var verifierKeys: [String] = []
  var envelopeKey: String?
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
      case "--policy":
        guard policy == nil else { throw UsageError("`--policy` is given twice") }
        guard let path = rest.popFirst() else { throw UsageError("`--policy` needs a file") }
        policy = path
      case "--key":
        guard envelopeKey == nil else { throw UsageError("`--key` is given twice") }
        guard let path = rest.popFirst() else { throw UsageError("`--key` needs a file") }
        envelopeKey = path
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
      return wrongUsage("`--key` is for envelopes, `--vkey` and `--policy` for proofs")
    }
    return verifyEnvelope(proof, path, isJSON: arguments.isJSON)
  }
  let trust: Trust
  do throws(TrustError) {
    switch (arguments.verifierKeys, arguments.policy) {
    case ([], nil): return wrongUsage("`--vkey` is needed, or `--policy`")
    case ([], let path?): trust = try WritVerifyCLI.trust(policyFile: path)
    case (let paths, nil): trust = try WritVerifyCLI.trust(keyFiles: paths)
    case (_, _?): return wrongUsage("`--vkey` or `--policy`, not both")
    }
  } catch {
    return error.code
  }
  guard let bytes = read(proof, limit: Limits.proofBundleByteCount) else { return missing(proof) }
  return verify(bytes, trust, isJSON: arguments.isJSON)
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
    complain("\(path): expected a public key in PEM, or a verifier key")
    return .malformedInput
  } catch {
    return refuse(error.description, isJSON: isJSON)
  }
  return write(isJSON ? report.json.pretty + "\n" : report.text) ? .verified : .writeFailed
}

private func wrongUsage(_ message: String) -> ExitCode {
  complain("\(message)\n\(usage.prefix { $0 != "\n" })")
  return .wrongUsage
}

func missing(_ path: String) -> ExitCode {
  complain("\(path): cannot be read")
  return .missingFile
}

private func writeVersion(isJSON: Bool) -> ExitCode {
  let text = isJSON ? JSONValue(dictionaryLiteral: ("writ-verify", .string(version))).compact : nil
  return write((text ?? "writ-verify \(version)") + "\n") ? .verified : .writeFailed
}

/// Verifies a proof and says what it shows.
private func verify(_ bytes: [UInt8], _ trust: Trust, isJSON: Bool) -> ExitCode {
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

private func refuse(_ reason: String, isJSON: Bool) -> ExitCode {
  complain("not verified: \(reason)")
  let json: JSONValue = ["error": .string(reason), "verified": false]
  return !isJSON || write(json.pretty + "\n") ? .refused : .writeFailed
}

/// Why a proof was refused, in words.
private func explanation(of error: ProofBundleError) -> String {
  switch error {
  case .malformed(let expectation): "the proof is malformed: \(expectation)"
  case .checkpoint(.malformed): "the checkpoint is malformed"
  case .checkpoint(.note(.malformed)): "the checkpoint is no signed note"
  case .checkpoint(.note(.badSignature(let name))): "the signature of `\(name)` is wrong"
  case .checkpoint(.note(.noKnownSignature)): "the checkpoint is not signed by this key"
  case .checkpoint(.wrongOrigin(let expected, let found)):
    "the checkpoint is of the log `\(found)`, the key of `\(expected)`"
  case .checkpoint(.keyOutOfRange(let size)):
    "no key that counts for size \(size) has signed the checkpoint"
  case .notSignedByLog: "the log itself has not signed the checkpoint"
  case .noEntry: "the proof carries no entry"
  case .proof(.outOfRange): "the index is not below the size of the log"
  case .proof(.wrongLength(let expected, let found)):
    "expected \(expected) hashes, found \(found)"
  case .proof(.wrongRoot), .proof(.wrongOldRoot):
    "the entry is not at this place of the log that was signed"
  }
}
