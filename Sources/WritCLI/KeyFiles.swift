// Keys as the commands read them: private ones, verifier keys, and in which functions they stand.

@preconcurrency import Glibc
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel

/// Memory that is about to hold a key: no other process of the same user looks into it, and a crash leaves no core of it.
func closeMemory() throws(Failure) {
  do throws(DelegateError) {
    try Hardening.closeMemory()
  } catch {
    throw Failure(.broken, "\(error)")
  }
}

/// Reads a private key file, and its passphrase where it needs one.
func readPrivateKey(
  _ path: String, _ invocation: Invocation, log: String? = nil
) throws(Failure) -> Ed25519PrivateKey {
  try refuseInsideLog(path, log)
  try closeMemory()
  return try open(try readKeyFile(path, invocation), path, invocation)
}

/// Reads a private key file as far as no passphrase is needed. Warns where others may read it.
func readKeyFile(_ path: String, _ invocation: Invocation) throws(Failure) -> SigningKeyFile {
  let bytes = try readFile(path, limit: 65_536)
  guard let file = SigningKeyFile(bytes) else {
    throw .badInput(
      "\(shownName(path)) is not an Ed25519 private key in PEM",
      remedy: "`writ key new` makes one")
  }
  var status = stat()
  if path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
    status.st_mode & 0o077 != 0
  {
    warn(
      "\(path) is a private key that others may read; `chmod 600 \(path)`",
      invocation.errorTerminal)
  }
  return file
}

/// The key in a file, by a passphrase where it needs one.
func open(
  _ file: SigningKeyFile, _ path: String, _ invocation: Invocation
) throws(Failure) -> Ed25519PrivateKey {
  if case .open(let key) = file.content { return key }
  return try invocation.passphrases.open(path) { (passphrases) throws(Failure) in
    do throws(SigningKeyError) {
      return try file.key(passphrases: passphrases)
    } catch .wrongPassphrase {
      return nil
    } catch {
      throw .badInput("\(shownName(path)) names another verifier key than its own: it was changed")
    }
  }
}

/// Reads the verifier key in a file that holds one.
func readVerifierKey(_ path: String) throws(Failure) -> VerifierKey {
  guard let key = VerifierKey(file: try readFile(path, limit: 65_536)) else {
    throw .badInput(
      "\(shownName(path)) is not a verifier key", remedy: "name the `.pub` file of `writ key new`")
  }
  return key
}

/// What a signing key's own file says that its verifier key is, or the file beside it; `nil` where
/// neither does. Nobody has compared it with the key.
func statedVerifierKey(of path: String) -> VerifierKey? {
  if let bytes = try? readFile(path, limit: 65_536), let key = SigningKeyFile(bytes)?.verifierKey {
    return key
  }
  return try? readVerifierKey(path + ".pub")
}

/// Reads the verifier keys of one log from files, none of which may lie in it, or in another.
func readVerifierKeys(_ paths: [String], log: String?) throws(Failure) -> LogVerifierKeys {
  var files: [[UInt8]] = []
  for path in paths {
    try refuseInsideLog(path, log)
    let file = try readFile(path, limit: 65_536)
    do throws(VerifierKeyFileError) {
      _ = try LogVerifierKeys(files: [file])
    } catch {
      throw .badInput(
        "\(shownName(path)) is not a verifier key: \(error)",
        remedy: "name the `.pub` file of `writ key new`")
    }
    files.append(file)
  }
  do throws(VerifierKeyFileError) {
    return try LogVerifierKeys(files: files)
  } catch {
    throw .badInput("--vkey: \(error)")
  }
}

/// What a key is to be called.
func keyName(_ text: String) throws(Failure) -> KeyName {
  guard let name = KeyName(text) else {
    throw .usage("`\(text)` is no name for a key", remedy: "leave out spaces and `+`")
  }
  return name
}

/// Refuses a key that lies in a log: whoever can write there could have put it there.
func refuseInsideLog(_ path: String, _ log: String?) throws(Failure) {
  guard path != "-", let directory = directoryOfLog(holding: path, or: log) else { return }
  throw .usage(
    "\(path) lies inside the log \(directory)",
    remedy: "keep keys elsewhere, and take a log's verifier key from somebody you trust")
}

/// Refuses a bundle that lets the log's key approve: a key in two functions is two harms in one
/// theft.
func checkFunctions(
  _ registry: KeyRegistry, _ keys: [Ed25519PublicKey], _ function: KeyFunction
) throws(Failure) {
  for key in keys {
    do throws(KeyRegistryError) {
      try registry.check(key, is: function)
    } catch {
      throw .badInput("the bundle is refused: \(error)", remedy: "give each function its own key")
    }
  }
}

/// Says something that the person should mend, at once.
func warn(_ message: String, _ terminal: Terminal) {
  let word = terminal.paint("warning:", .waiting)
  _ = write("writ: \(word) \(printable(message))\n", to: STDERR_FILENO)
}
