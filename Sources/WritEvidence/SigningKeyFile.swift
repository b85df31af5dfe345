// The file of a private key: PKCS#8 in PEM (RFC 7468), which lies open or is encrypted.
//
//     -----BEGIN PRIVATE KEY-----             log.example/writ+a5fb758f+AQOh…   its verifier key
//     …                                       -----BEGIN ENCRYPTED PRIVATE KEY-----
//                                             …
//
// The line in front of an encrypted key is explanatory text to other programs. Here it says whose
// key it is without the passphrase, and what must come out with it: CBC alone would let some
// changed bytes pass for another key. A key that another program encrypted has no such line.
public import WritCrypto
import WritModel

/// Why a key is not opened.
public enum SigningKeyError: Error, Hashable, Sendable {
  /// No passphrase is the right one, or the file was changed.
  case wrongPassphrase
  /// The file names another verifier key than its own.
  case wrongVerifierKey
}

/// A private key file, as far as it can be read without a passphrase.
public struct SigningKeyFile: Sendable {
  /// The key, or what a passphrase opens.
  public enum Content: Sendable {
    case open(Ed25519PrivateKey)
    case encrypted(EncryptedPrivateKey)
  }

  /// The key, or what a passphrase opens.
  public let content: Content
  /// What an encrypted file says that its verifier key is; `nil` where another program wrote it.
  public let verifierKey: VerifierKey?

  /// Reads a file of at most 8 KiB; only PEM, and nothing around it but a verifier key.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count <= 8192, let text = String(validating: bytes, as: UTF8.self) else {
      return nil
    }
    if let key = Ed25519PrivateKey(pem: text) {
      (content, verifierKey) = (.open(key), nil)
      return
    }
    if let key = EncryptedPrivateKey(pem: text) {
      (content, verifierKey) = (.encrypted(key), nil)
      return
    }
    let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let verifierKey = VerifierKey(String(parts[0])),
      verifierKey.algorithm == .ed25519, let key = EncryptedPrivateKey(pem: String(parts[1]))
    else { return nil }
    (content, self.verifierKey) = (.encrypted(key), verifierKey)
  }

  /// Encrypts a key under the name that it has in notes.
  public init(
    encrypting key: Ed25519PrivateKey, under name: KeyName, passphrase: SecretBytes,
    cost: ScryptCost = .usual
  ) throws(CryptoError) {
    content = .encrypted(try EncryptedPrivateKey(key, passphrase: passphrase, cost: cost))
    verifierKey = VerifierKey(name: name, algorithm: .ed25519, publicKey: key.publicKey)
  }

  /// Whether a passphrase is needed.
  public var isEncrypted: Bool {
    if case .encrypted = content { true } else { false }
  }

  /// The file's text; a secret where the key lies open.
  public var text: String {
    switch content {
    case .open(let key): key.pem
    case .encrypted(let key): (verifierKey.map { "\($0)\n" } ?? "") + key.pem
    }
  }

  /// The key, opened by one of the passphrases where it needs one.
  public func key(passphrases: [SecretBytes]) throws(SigningKeyError) -> Ed25519PrivateKey {
    switch content {
    case .open(let key): return key
    case .encrypted(let encrypted):
      let opened = passphrases.lazy.compactMap { encrypted.open(with: $0) }.first
      guard let opened else { throw .wrongPassphrase }
      if let verifierKey, verifierKey.publicKey != opened.publicKey { throw .wrongVerifierKey }
      return opened
    }
  }
}
