// What writ-delegate was asked to do, and doing it.
import Glibc
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel
import WritTransport

/// What scripts depend on (docs/operations.md); only 0 is a reason to go on.
enum ExitCode: Int32 {
  case done = 0
  case wrongUsage = 64
  case malformedInput = 65
  case missingFile = 66
  case broken = 70
  case failedIO = 74
}

private let usage = """
  usage: writ-delegate init DIR --name NAME --permit-key PERMIT.pub --log-vkey LOG.pub... [--json]
         writ-delegate secrets set DIR NAME
         writ-delegate secrets list DIR [--json]
         writ-delegate secrets seal NAME --for ENC.pub
         writ-delegate tls DIR [--json]
         writ-delegate serve DIR --connect SOCKET [--signed-only] [--once]
         writ-delegate serve DIR --connect HOST:PORT --control-tls KEY.pub [--signed-only] [--once]

  The worker inside the perimeter that alone holds secrets. It carries out what a permit names, once,
  and refuses everything else. It connects out and listens nowhere.

    init           makes DIR with new keys, and prints what the control plane must register
    secrets set    seals the value on standard input under NAME; programs get it as the variable NAME.
                   One line break at its end is left out. A secret that is there is replaced, and
                   programs that start later get the new one
    secrets list   names, never values
    secrets seal   prints the value on standard input, sealed: to be brought to DIR/secrets/NAME of
                   the delegate whose encryption.pub is ENC.pub, mode 0600
    tls            prints the verifier key that DIR is known by over a network, as in DIR/tls.pub, to be
                   registered with the control plane; the key is made where there is none
    serve          connects to the control plane at the Unix socket SOCKET, or at HOST:PORT under TLS 1.3,
                   and again when it is lost

    --name NAME              what the delegate is called: in its permits, and in its results
    --permit-key PERMIT.pub  the verifier key, or public key in PEM, that permits must be signed with
    --log-vkey LOG.pub       verifier keys of the log that decisions are in; may be repeated
    --connect SOCKET         path of a Unix socket, with or without `unix:` in front
    --connect HOST:PORT      an address of a network, as 10.0.0.7:7443 or [2001:db8::7]:7443
    --control-tls KEY.pub    the verifier key of the control plane's --tls-key; no other is talked to
    --signed-only            do nothing for callers who did not sign, whatever the policy lets be done
    --once                   end after the first result that the control plane has recorded
    --json                   one JSON document on standard output
    --version                the program's version
    --help                   this text

  exit codes: 0 done, 64 wrong usage, 65 a key, a value or a file of DIR is not what it should be, 66 a
  file is missing or unreadable, 70 the system gives no random bytes, 74 reading or writing failed, or
  DIR is served already

  """

private let version = "0.1.0"

/// Arguments, read.
private struct Arguments {
  var operands: [String] = []
  var name: String?
  var permitKey: String?
  var logKeys: [String] = []
  var connect: String?
  var controlTLS: String?
  var sealingKey: String?
  var isOnce = false
  var isSignedOnly = false
  var isJSON = false
  var isHelp = false
  var isVersion = false

  /// What is wrong is thrown as a sentence.
  init(_ words: [String]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--json": isJSON = true
      case "--once": isOnce = true
      case "--signed-only": isSignedOnly = true
      case "--help", "-h": isHelp = true
      case "--version": isVersion = true
      case "--log-vkey": logKeys.append(try Arguments.value(word, &rest))
      case "--name": try Arguments.set(&name, word, &rest)
      case "--permit-key": try Arguments.set(&permitKey, word, &rest)
      case "--connect": try Arguments.set(&connect, word, &rest)
      case "--control-tls": try Arguments.set(&controlTLS, word, &rest)
      case "--for": try Arguments.set(&sealingKey, word, &rest)
      default:
        guard !word.utf8.starts(with: "-".utf8) else { throw UsageError("no option `\(word)`") }
        operands.append(word)
      }
    }
  }

  private static func value(
    _ option: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let value = rest.popFirst() else { throw UsageError("`\(option)` needs a value") }
    return value
  }

  private static func set(
    _ place: inout String?, _ option: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) {
    guard place == nil else { throw UsageError("`\(option)` is given twice") }
    place = try value(option, &rest)
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
  if arguments.isHelp { return write(usage) ? .done : .failedIO }
  if arguments.isVersion {
    let json: JSONValue = ["writ-delegate": .string(version)]
    let text = arguments.isJSON ? json.compact : "writ-delegate \(version)"
    return write(text + "\n") ? .done : .failedIO
  }
  let operands = arguments.operands
  do throws(DelegateError) {
    switch (operands.first, operands.dropFirst().first, operands.count) {
    case ("init", let directory?, 2): return try makeDelegate(directory, arguments)
    case ("secrets", "set", 4): return try setSecret(operands[2], operands[3])
    case ("secrets", "seal", 3): return try sealSecret(operands[2], arguments)
    case ("secrets", "list", 3): return try listSecrets(operands[2], isJSON: arguments.isJSON)
    case ("tls", let directory?, 2): return try showTLS(directory, isJSON: arguments.isJSON)
    case ("serve", let directory?, 2): return try serve(directory, arguments)
    default:
      return wrongUsage("expected init, secrets set, secrets list, secrets seal, tls or serve")
    }
  } catch {
    return fail("\(error)", error.exitCode)
  }
}

private func wrongUsage(_ message: String) -> ExitCode {
  fail(message, .wrongUsage, hint: "\n(writ-delegate --help says what there is)")
}

/// Says why nothing came of it, and returns the code. Where a document is wanted it is that, too.
///
/// - Parameter hint: More for people.
private func fail(_ message: String, _ code: ExitCode, hint: String = "") -> ExitCode {
  complain(message + hint)
  guard CommandLine.arguments.contains("--json") else { return code }
  let json: JSONValue = ["error": .string(message), "exit": .integer(Int64(code.rawValue))]
  return write(json.pretty + "\n") ? code : .failedIO
}

extension DelegateError {
  fileprivate var exitCode: ExitCode {
    switch self {
    case .system, .locked, .stillEnding, .stopped: .failedIO
    case .missing: .missingFile
    case .noRandomBytes: .broken
    case .exists, .keyInTwoRoles: .wrongUsage
    case .damaged, .open, .secret: .malformedInput
    }
  }
}

// init.
private func makeDelegate(
  _ directory: String, _ arguments: Arguments
) throws(DelegateError) -> ExitCode {
  guard let text = arguments.name, let permitPath = arguments.permitKey, !arguments.logKeys.isEmpty
  else { return wrongUsage("`init` needs `--name`, `--permit-key` and `--log-vkey`") }
  guard let name = KeyName(text) else {
    return wrongUsage("`\(text)` is no name: no spaces, no `+`, at most 1024 bytes")
  }
  guard let permitFile = readPublic(permitPath) else { throw .missing(path: permitPath) }
  guard case .ed25519(let permitKey)? = verifyingKey(file: permitFile) else {
    throw .damaged(path: permitPath, reason: "expected an Ed25519 verifier key or public key")
  }
  var files: [[UInt8]] = []
  for path in arguments.logKeys {
    guard let file = readPublic(path) else { throw .missing(path: path) }
    files.append(file)
  }
  let log: LogVerifierKeys
  do throws(VerifierKeyFileError) {
    log = try LogVerifierKeys(files: files)
  } catch {
    throw .damaged(path: arguments.logKeys.joined(separator: ", "), reason: "\(error)")
  }
  let home = try DelegateHome.create(directory, name: name, permitKey: permitKey, log: log)
  return report(home, name, isJSON: arguments.isJSON)
}

/// Says what the control plane must know.
private func report(_ home: DelegateHome, _ name: KeyName, isJSON: Bool) -> ExitCode {
  let verifier = VerifierKey(name: name, algorithm: .ed25519, publicKey: home.key.publicKey)
  let encryption = home.encryptionKey.publicKey
  let json: JSONValue = [
    "name": .string(name.description), "directory": .string(home.directory),
    "verifierKey": .string(verifier.description),
    "fingerprint": .string(home.trust.identity.fingerprint),
    "encryptionKey": .string(encryption.pem),
    "registry": [
      "function": "delegate", "id": .string(home.trust.identity.fingerprint),
      "key": .string(Base64.encode(home.key.publicKey.bytes)), "name": .string(name.description),
    ],
  ]
  if isJSON { return write(json.pretty + "\n") ? .done : .failedIO }
  guard write("\(verifier)\n") else { return .failedIO }
  complain("wrote \(home.directory); register the key above with the control plane")
  return .done
}

// secrets.
private func setSecret(_ directory: String, _ name: String) throws(DelegateError) -> ExitCode {
  let home = try DelegateHome(directory)
  guard let value = readSecret() else { throw .system(act: "read standard input", code: errno) }
  try home.secrets.set(name, value, for: home.encryptionKey.publicKey)
  return .done
}

private func sealSecret(
  _ name: String, _ arguments: Arguments
) throws(DelegateError) -> ExitCode {
  guard let path = arguments.sealingKey else { return wrongUsage("`secrets seal` needs `--for`") }
  guard let file = readPublic(path) else { throw .missing(path: path) }
  guard let key = X25519PublicKey(pem: String(decoding: file, as: UTF8.self)) else {
    throw .damaged(path: path, reason: "expected an X25519 public key in PEM")
  }
  guard let value = readSecret() else { throw .system(act: "read standard input", code: errno) }
  return write(try SecretStore.sealed(name, value, for: key)) ? .done : .failedIO
}

private func listSecrets(_ directory: String, isJSON: Bool) throws(DelegateError) -> ExitCode {
  let names = try DelegateHome(directory).secrets.names()
  let json = JSONValue.array(names.map { .string($0) })
  let text = isJSON ? json.compact + "\n" : names.map { $0 + "\n" }.joined()
  return write(text) ? .done : .failedIO
}

// serve.
private func serve(_ directory: String, _ arguments: Arguments) throws(DelegateError) -> ExitCode {
  guard let socket = arguments.connect else { return wrongUsage("`serve` needs `--connect`") }
  // What could be either is a path if it has a slash in it, or no port behind it.
  let isPath = socket.utf8.contains(UInt8(ascii: "/")) || !socket.utf8.contains(UInt8(ascii: ":"))
  let isMarked = socket.utf8.starts(with: "unix:".utf8)
  guard let endpoint = Endpoint(isPath && !isMarked ? "unix:" + socket : socket) else {
    return wrongUsage("`\(socket)` is no path of a Unix socket, and no HOST:PORT")
  }
  // Before the first secret is read.
  try Hardening.harden()
  let stop: StopSignal
  do throws(TransportError) {
    stop = try StopSignal.ofProcess()
  } catch {
    return fail("\(error)", .failedIO)
  }
  let home = try DelegateHome(directory)
  let tls: TLSContext?
  switch (endpoint, arguments.controlTLS) {
  case (.unix, nil): tls = nil
  case (.unix, _): return wrongUsage("there is no TLS at a Unix socket: leave out --control-tls")
  case (.tcp, nil): return wrongUsage("`serve` over a network needs `--control-tls`")
  case (.tcp, let path?): tls = try context(home, controlKey: path)
  }
  let desk = try DelegateDesk(
    home, launcher: "/proc/self/exe", refusesUnsigned: arguments.isSignedOnly,
    now: currentTime().now)
  defer { desk.close() }
  let loop = DelegateLoop(desk, endpoint: endpoint, under: tls, stop: stop) { complain($0) }
  try loop.run(once: arguments.isOnce)
  return .done
}

// tls.
private func showTLS(_ directory: String, isJSON: Bool) throws(DelegateError) -> ExitCode {
  let home = try DelegateHome(directory)
  let key = try home.madeTLSKey().publicKey
  guard let file = readPublic("\(home.directory)/tls.pub"), let verifier = VerifierKey(file: file),
    verifier.publicKey == key
  else {
    throw .damaged(path: "\(home.directory)/tls.pub", reason: "it is not that of tls.key")
  }
  let json: JSONValue = [
    "verifierKey": .string(verifier.description), "fingerprint": .string(key.fingerprint),
  ]
  return write((isJSON ? json.pretty : verifier.description) + "\n") ? .done : .failedIO
}

/// TLS with the control plane whose verifier key is in a file.
private func context(
  _ home: DelegateHome, controlKey path: String
) throws(DelegateError) -> TLSContext {
  guard let key = try home.tlsKey() else { throw .missing(path: "\(home.directory)/tls.key") }
  guard let file = readPublic(path) else { throw .missing(path: path) }
  guard case .ed25519(let peer)? = verifyingKey(file: file) else {
    throw .damaged(path: path, reason: "expected an Ed25519 verifier key or public key")
  }
  guard peer != key.publicKey, peer != home.trust.permitKey, key.publicKey != home.key.publicKey
  else { throw .keyInTwoRoles("a TLS key and another key") }
  return TLSContext(key: key, peers: [peer])
}
