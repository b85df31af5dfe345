// The directory of a delegate: who it is, whom it believes, its keys, its memory and its secrets.
//
//     delegate.json     who it is, whom it believes, what programs are held to, whom requests may ask
//     delegate.key      Ed25519, PKCS#8 in PEM: signs results
//     encryption.key    X25519, PKCS#8 in PEM: opens secrets
//     delegate.pub      the line of a verifier key, to be registered
//     encryption.pub    SPKI in PEM
//     spent             which permits were used (SpentFile.swift)
//     programs          empty; locked as long as anything lives that it started (Launcher.swift)
//     tls.key           Ed25519, PKCS#8 in PEM: shown to control planes over a network; where there is one
//     tls.pub           the line of its verifier key, to be registered
//     secrets/          sealed secrets (SecretStore.swift)
//     work/             where programs run
//
// All of it is for the owner alone. What is in it makes this delegate: a copy of it, or an older
// state, may use a permit twice within the minute that permits live, so neither must ever serve.
import Glibc
public import WritCrypto
public import WritEvidence
import WritModel

/// A delegate's directory, read.
public struct DelegateHome: Sendable {
  /// Its path, absolute.
  public let directory: String
  /// Whom it believes and who it is; what it has seen is not in it.
  public let trust: DelegateTrust
  /// Signs results.
  public let key: Ed25519PrivateKey
  /// Opens secrets.
  public let encryptionKey: X25519PrivateKey
  /// What programs are held to.
  public let limits: ProcessLimits
  /// Whom requests may ask.
  public let http: HTTPRules
  /// What programs may touch beside the system and `work`; `nil`: whatever the delegate's user can.
  let confine: ConfineRules?

  /// Its secrets.
  public var secrets: SecretStore { SecretStore(directory: "\(directory)/secrets") }

  /// What is locked as long as a program lives.
  var programs: String { "\(directory)/programs" }

  /// Where programs run.
  public var work: String { "\(directory)/work" }

  /// Opens its memory; only one process at a time.
  public func spentPermits() throws(DelegateError) -> SpentPermits {
    do throws(DelegateError) {
      return try SpentPermits("\(directory)/spent", for: trust.identity)
    } catch .missing(let path) {
      throw .damaged(
        path: path,
        reason: "the memory of spent permits is lost; make a new delegate, with new keys")
    }
  }

  /// Reads the directory of a delegate.
  public init(_ path: String) throws(DelegateError) {
    guard let real = realpath(path, nil) else { throw .missing(path: path) }
    defer { free(real) }
    directory = String(cString: real)
    let settings = try Settings(
      PrivateFile.read(
        "\(directory)/delegate.json", limit: DelegateLimits.smallFileByteCount),
      "\(directory)/delegate.json")
    let keyText = try DelegateHome.text("\(directory)/delegate.key")
    guard let key = Ed25519PrivateKey(pem: keyText) else {
      throw .damaged(path: "\(directory)/delegate.key", reason: "expected an Ed25519 key in PEM")
    }
    let encryptionText = try DelegateHome.text("\(directory)/encryption.key")
    guard let encryptionKey = X25519PrivateKey(pem: encryptionText) else {
      throw .damaged(path: "\(directory)/encryption.key", reason: "expected an X25519 key in PEM")
    }
    (self.key, self.encryptionKey, limits) = (key, encryptionKey, settings.limits)
    (http, confine) = (settings.http, settings.confine)
    trust = DelegateTrust(
      permitKey: settings.permitKey, log: settings.log,
      identity: DelegateIdentity(name: settings.name, key: key.publicKey))
    try DelegateHome.checkRoles(trust, key.publicKey)
  }

  private static func text(_ path: String) throws(DelegateError) -> String {
    String(
      decoding: try PrivateFile.read(path, limit: DelegateLimits.smallFileByteCount),
      as: UTF8.self)
  }

  /// One theft must do one harm.
  private static func checkRoles(
    _ trust: DelegateTrust, _ key: Ed25519PublicKey
  ) throws(DelegateError) {
    let logs = trust.log.keys.map(\.publicKey)
    if logs.contains(trust.permitKey) { throw .keyInTwoRoles("log key and permit key") }
    if trust.permitKey == key { throw .keyInTwoRoles("permit key and delegate's key") }
    if logs.contains(key) { throw .keyInTwoRoles("log key and delegate's key") }
  }
}

// TLS.
extension DelegateHome {
  /// What the delegate shows over a network; `nil` where no such key was made.
  public func tlsKey() throws(DelegateError) -> Ed25519PrivateKey? {
    let path = "\(directory)/tls.key"
    do throws(DelegateError) {
      let text = try DelegateHome.text(path)
      guard let key = Ed25519PrivateKey(pem: text) else {
        throw .damaged(path: path, reason: "expected an Ed25519 key in PEM")
      }
      return key
    } catch .missing { return nil }
  }

  /// The same; made where there is none.
  public func madeTLSKey() throws(DelegateError) -> Ed25519PrivateKey {
    if let key = try tlsKey() { return key }
    let key: Ed25519PrivateKey
    do throws(CryptoError) {
      key = try .generate()
    } catch {
      throw .noRandomBytes
    }
    guard let name = KeyName(trust.identity.name) else {
      throw .damaged(path: "\(directory)/delegate.json", reason: "expected a name for keys")
    }
    let verifier = VerifierKey(name: name, algorithm: .ed25519, publicKey: key.publicKey)
    // The public half first: a key is never there without it.
    unlink("\(directory)/tls.pub")
    try PrivateFile.create("\(directory)/tls.pub", Array("\(verifier)\n".utf8), mode: 0o644)
    try PrivateFile.replace("\(directory)/tls.key", Array(key.pem.utf8))
    return key
  }
}

// Making one.
extension DelegateHome {
  /// Makes the directory of a new delegate, with keys that nobody had before.
  public static func create(
    _ path: String, name: KeyName, permitKey: Ed25519PublicKey, log: LogVerifierKeys
  ) throws(DelegateError) -> DelegateHome {
    guard mkdir(path, 0o700) == 0 else {
      if errno == EEXIST { throw .exists(path: path) }
      throw .system(act: "create \(path)", code: errno)
    }
    let (key, encryptionKey): (Ed25519PrivateKey, X25519PrivateKey)
    do throws(CryptoError) {
      (key, encryptionKey) = (try .generate(), try .generate())
    } catch {
      throw .noRandomBytes
    }
    let settings = Settings(
      name: name.description, permitKey: permitKey, log: log, limits: ProcessLimits())
    let verifier = VerifierKey(name: name, algorithm: .ed25519, publicKey: key.publicKey)
    let identity = DelegateIdentity(name: name.description, key: key.publicKey)
    try checkRoles(
      DelegateTrust(permitKey: permitKey, log: log, identity: identity), key.publicKey)
    try PrivateFile.create("\(path)/delegate.key", Array(key.pem.utf8))
    try PrivateFile.create("\(path)/encryption.key", Array(encryptionKey.pem.utf8))
    try PrivateFile.create("\(path)/delegate.pub", Array("\(verifier)\n".utf8), mode: 0o644)
    try PrivateFile.create(
      "\(path)/encryption.pub", Array(encryptionKey.publicKey.pem.utf8), mode: 0o644)
    try PrivateFile.makeDirectory("\(path)/secrets")
    try PrivateFile.makeDirectory("\(path)/work")
    try SpentPermits.create("\(path)/spent", for: identity)
    // Last: a directory without it is no delegate.
    try PrivateFile.create("\(path)/delegate.json", settings.bytes)
    try PrivateFile.sync(path)
    return try DelegateHome(path)
  }
}

/// `delegate.json`.
private struct Settings {
  let name: String
  let permitKey: Ed25519PublicKey
  let log: LogVerifierKeys
  let limits: ProcessLimits
  /// Whoever makes a delegate names nobody.
  let http: HTTPRules
  let confine: ConfineRules?

  init(
    name: String, permitKey: Ed25519PublicKey, log: LogVerifierKeys, limits: ProcessLimits
  ) {
    self.name = name
    self.permitKey = permitKey
    self.log = log
    self.limits = limits
    (http, confine) = (.none, nil)
  }

  var bytes: [UInt8] {
    let numbers = limits.numbers.map { JSONValue.integer(Int64(clamping: $0)) }
    let json: JSONValue = [
      "limits": [
        "cpuSeconds": numbers[0], "fileBytes": numbers[2], "memoryBytes": numbers[1],
        "openFiles": numbers[3], "processes": numbers[4],
      ],
      "log": .array(log.keys.map { .string($0.fileLine) }),
      "name": .string(name),
      "permitKey": .string(Base64.encode(permitKey.bytes)),
    ]
    return Array((json.pretty + "\n").utf8)
  }

  init(_ bytes: [UInt8], _ path: String) throws(DelegateError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .damaged(path: path, reason: "no JSON: \(error)")
    }
    let names = ["cpuSeconds", "memoryBytes", "fileBytes", "openFiles", "processes"]
    let numbers = names.compactMap { value["limits"]?[$0]?.integer.flatMap { UInt64(exactly: $0) } }
    let lines = (value["log"]?.array ?? []).compactMap(\.string)
    guard let name = value["name"]?.string, KeyName(name) != nil,
      let permitKey = value["permitKey"]?.string.flatMap(Base64.decode)
        .flatMap(Ed25519PublicKey.init),
      let limits = ProcessLimits(numbers: numbers)
    else {
      throw .damaged(path: path, reason: "expected name, permitKey, log and the five limits")
    }
    (self.name, self.permitKey, self.limits) = (name, permitKey, limits)
    confine = value["confine"].flatMap { ConfineRules($0) }
    guard value["confine"] == nil || confine != nil else {
      throw .damaged(
        path: path,
        reason:
          "`confine`: expected `read` and `write`, lists of absolute paths, and `alone`, true or false"
      )
    }
    do throws(HTTPRulesError) {
      http = try value["http"].map { json throws(HTTPRulesError) in try HTTPRules(json) } ?? .none
    } catch {
      throw .damaged(path: path, reason: "`http`: \(error.expectation)")
    }
    do throws(VerifierKeyFileError) {
      log = try LogVerifierKeys(files: [Array(lines.joined(separator: "\n").utf8)])
    } catch {
      throw .damaged(path: path, reason: "`log`: \(error)")
    }
  }
}
