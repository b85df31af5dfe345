// Keys behind a passphrase: our own, and those that `openssl pkcs8 -topk8` made of the seed 00…1f.
import Testing
import WritCrypto
import WritModel

/// A passphrase of that text.
private func passphrase(_ text: String) -> SecretBytes {
  Array(text.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
}

@Suite struct EncryptedKeyTests {
  private let seed = (0..<32).map { UInt8($0) }
  /// Quick, so that thousands can be tried.
  private let cheap = ScryptCost(cost: 2, blockSize: 1, parallelism: 1)

  /// Written by OpenSSL 3.0, and how it derives the key from `correct horse`.
  private static let foreign: [(derivation: String, base64: String)] = [
    (
      "PBKDF2, 2048 iterations",
      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjVQQrCzSV2TAICCAAw"
        + "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJe+SYxnLE+VQJtW/vEyjUIEQM2u"
        + "YPlBxwOh36pIimClyNmQKJuD8Y2CgkhGwqqkXPFMoxpRp01JBevTeajvTwMD6R4i"
        + "2XgnXvncSsTs/bG0vLE="
    ),
    (
      "PBKDF2, 5000 iterations",
      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhuuUrOeQrY3gICE4gw"
        + "DAYIKoZIhvcNAgsFADAdBglghkgBZQMEAQIEEFjpQWCwU63R2naKhVQQaLYEQJZ2"
        + "Mv0v+WDMaBIV5XYm3qlTTpGU8krF6PRjNmkVrbDR/908B9I/92gVQIPyLIugBzaO"
        + "MngCU+kvZVUk82KBQhE="
    ),
    (
      "scrypt, N = 1024, r = 8, p = 1",
      "MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAjuN+MJnQhBuAICBAAC"
        + "AQgCAQEwHQYJYIZIAWUDBAEqBBDWy8Kvzqmrgjd/v0T43uRhBED3vZxbXtJzcsZr"
        + "187Ax3CMS555BuDEovq9hIO2rELE24wzt8aM/npxs32pAvG0TRMsGBbYzy2n2i8v"
        + "0gTXywEP"
    ),
  ]

  /// Written by OpenSSL 3.0, and refused for what they rest on.
  private static let refused: [(why: String, base64: String)] = [
    (
      "HMAC-SHA-1",
      "MIGNMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAjhRhZAPEh3lgICCAAw"
        + "HQYJYIZIAWUDBAEqBBDsWZbxlUm1nY4OBZCjQgeSBEBrvcH/ZfJLWxeX0RtcJdXs"
        + "9ghEkK3/VYhKJFSTLXXGhuVxc5tiX7dkGXv8Y0GVE2hE2Q+0n11YDyXctHxU0FsY"
    ),
    (
      "PBES1",
      "MFgwHAYKKoZIhvcNAQwBAzAOBAinGRDjLbSfOAICCAAEOKaLQ8Va3fNpDGt8Hyzv"
        + "BH4rXIRVsDCiqSeF6gQmc0iBLg/HB2cxF1PrUWkLhpxjYBSoGhEOdCD+"
    ),
    (
      "too many iterations",
      "MIGdMFkGCSqGSIb3DQEFDTBMMCsGCSqGSIb3DQEFDDAeBAgko/3xd2xUgwIEATEt"
        + "ADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQGHBSWuPCGRJd2NnNlPENAARA"
        + "60a1u4V78gMwXzIdBKDiPOXTq1XWPqZYQ8Nc/DB5qjoVW7n7RNDg+Fz6tpJ8Osz7"
        + "elkuQ8qodeRB9KPlwPV34A=="
    ),
    (
      "too much scrypt",
      "MIGUMFAGCSqGSIb3DQEFDTBDMCIGCSsGAQQB2kcECzAVBAieekA56Hzp0QICIAAC"
        + "AQgCAgDIMB0GCWCGSAFlAwQBKgQQ+FOsZeXiF0K/aCFy8+vCJwRA6FuVUQCRa+Sg"
        + "41AabzUnGkGGhH+7HtRfd/jK4KdS+9nbLKpM1Ri1JlDThAZYubIzk58CU5QM3efA"
        + "F8mECHxGwQ=="
    ),
    (
      "triple DES",
      "MIGKME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAj3oppgnmWfFAICCAAw"
        + "DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQI0oIR2jC/s8oEOLBz7l4/eFPTq8r7"
        + "q3IgfNGzvsGYPpgqD2HRytaKsH7g05DwmY3mQfBGeZT1eWfZqb2ICm1WTG5H"
    ),
  ]

  @Test func whatIsEncryptedOpens() throws {
    let key = try #require(Ed25519PrivateKey(seed: seed))
    let sealed = try EncryptedPrivateKey(key, passphrase: passphrase("a b"), cost: .usual)
    #expect(sealed.derivation.description == "scrypt, N = 16384, r = 8, p = 5")
    #expect(sealed.derivation.isDear)
    let read = try #require(EncryptedPrivateKey(pem: sealed.pem))
    #expect(read == sealed)
    #expect(read.open(with: passphrase("a b"))?.seed == seed)
    #expect(read.open(with: passphrase("a c")) == nil)
    #expect(read.open(with: passphrase("")) == nil)
  }

  @Test func saltsAreFresh() throws {
    let key = try #require(Ed25519PrivateKey(seed: seed))
    let sealed = try (0..<20).map { _ in
      try EncryptedPrivateKey(key, passphrase: passphrase("x"), cost: cheap).der
    }
    #expect(Set(sealed).count == 20)
  }

  @Test(arguments: foreign.indices) func othersKeysOpen(_ index: Int) throws {
    let (derivation, base64) = EncryptedKeyTests.foreign[index]
    let der = try #require(Base64.decode(base64))
    let sealed = try #require(EncryptedPrivateKey(der: der))
    #expect(sealed.derivation.description == derivation)
    #expect(!sealed.derivation.isDear)
    #expect(sealed.open(with: passphrase("correct horse"))?.seed == seed)
    #expect(sealed.open(with: passphrase("correct horsf")) == nil)
  }

  @Test(arguments: refused.indices) func weakOrEndlessOnesAreRefused(_ index: Int) throws {
    let (why, base64) = EncryptedKeyTests.refused[index]
    let der = try #require(Base64.decode(base64))
    #expect(EncryptedPrivateKey(der: der) == nil, "\(why)")
  }

  /// Cut short, made longer, or with any one byte changed: no trap, and never the same key.
  @Test func noOtherBytesHoldTheKey() throws {
    let key = try #require(Ed25519PrivateKey(seed: seed))
    let word = passphrase("x")
    let der = try EncryptedPrivateKey(key, passphrase: word, cost: cheap).der
    for length in 0..<der.count { #expect(EncryptedPrivateKey(der: Array(der[..<length])) == nil) }
    #expect(EncryptedPrivateKey(der: der + [0]) == nil)
    var same: [String] = []
    for place in der.indices {
      for change in 1...255 {
        var changed = der
        changed[place] ^= UInt8(change)
        let opened = EncryptedPrivateKey(der: changed)?.open(with: word)
        if opened?.seed == seed { same.append("byte \(place) changed by \(change)") }
      }
    }
    #expect(same == [])
  }

  @Test func otherKeysAreNoEd25519() throws {
    #expect(EncryptedPrivateKey(pem: "") == nil)
    #expect(EncryptedPrivateKey(pem: "-----BEGIN ENCRYPTED PRIVATE KEY-----\n") == nil)
  }
}
