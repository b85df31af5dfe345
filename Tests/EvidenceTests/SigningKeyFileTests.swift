// Files of private keys: plain, encrypted by Writ, encrypted by others; every byte counts.
import Testing
import WritCrypto
import WritEvidence
import WritModel

/// A passphrase of that text.
private func passphrase(_ text: String) -> SecretBytes {
  Array(text.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
}

@Suite struct SigningKeyFileTests {
  private let cheap = ScryptCost(cost: 2, blockSize: 1, parallelism: 1)

  private func encrypted() throws -> SigningKeyFile {
    let signer = try workedSigner()
    return try SigningKeyFile(
      encrypting: signer.keys[0], under: signer.name, passphrase: passphrase("x"), cost: cheap)
  }

  @Test func plainKeysNeedNothing() throws {
    let key = try workedSigner().keys[0]
    let file = try #require(SigningKeyFile(Array(key.pem.utf8)))
    #expect(!file.isEncrypted && file.verifierKey == nil && file.text == key.pem)
    #expect(try file.key(passphrases: []).publicKey == key.publicKey)
  }

  @Test func encryptedKeysSayWhoseTheyAre() throws {
    let signer = try workedSigner()
    let file = try #require(SigningKeyFile(Array(try encrypted().text.utf8)))
    #expect(file.isEncrypted && file.verifierKey == signer.verifierKey)
    let words = ["y", "x"].map(passphrase)
    #expect(try file.key(passphrases: words).publicKey == signer.keys[0].publicKey)
    #expect(throws: SigningKeyError.wrongPassphrase) { try file.key(passphrases: [words[0]]) }
    #expect(throws: SigningKeyError.wrongPassphrase) { try file.key(passphrases: []) }
  }

  @Test func anotherVerifierKeyIsRefused() throws {
    let other = try #require(Ed25519PrivateKey(seed: (32..<64).map { UInt8($0) }))
    let stranger = NoteSigner(name: try workedSigner().name, key: other).verifierKey
    let own = "\(try workedSigner().verifierKey)"
    let text = try encrypted().text.replacing(own, with: "\(stranger)")
    let file = try #require(SigningKeyFile(Array(text.utf8)))
    #expect(throws: SigningKeyError.wrongVerifierKey) {
      try file.key(passphrases: [passphrase("x")])
    }
  }

  @Test func withoutItsLineAKeyIsAnybodys() throws {
    let text = try encrypted().text
    let pem = text.drop { $0 != "\n" }.dropFirst()
    let file = try #require(SigningKeyFile(Array(pem.utf8)))
    #expect(file.isEncrypted && file.verifierKey == nil)
    let line = text.prefix { $0 != "\n" }
    for other in [
      "\n" + pem, "# \(line)\n" + pem, "\(line)\n\n" + pem, "\(line)\n\(line)\n" + pem,
      "\(line)\r\n" + pem, "\(line)\n\(try workedSigner().keys[0].pem)", "\(line)\n",
    ] {
      #expect(SigningKeyFile(Array(other.utf8)) == nil)
    }
  }

  /// CBC has no tag: without the line in front, half of the seed could be changed unseen.
  @Test func everyOneByteChangeIsRefused() throws {
    let bytes = Array(try encrypted().text.utf8)
    let word = [passphrase("x")]
    var taken: [String] = []
    for place in bytes.indices {
      for change in 1...255 {
        var changed = bytes
        changed[place] ^= UInt8(change)
        let opened = try? SigningKeyFile(changed)?.key(passphrases: word)
        if opened != nil { taken.append("byte \(place) changed by \(change)") }
      }
    }
    #expect(taken == [])
    for length in 0..<bytes.count - 1 {
      let opened = try? SigningKeyFile(Array(bytes[..<length]))?.key(passphrases: word)
      #expect(opened == nil, "cut to \(length) bytes")
    }
  }
}
