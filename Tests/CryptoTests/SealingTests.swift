// Sealing to a key: published vectors of its three parts, and what must not open.

import Testing
import WritCrypto
import WritModel

private func hex(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }

private func secret(_ bytes: [UInt8]) -> SecretBytes {
  bytes.withUnsafeBytes { SecretBytes(copying: $0) }
}

private func plain(_ secret: SecretBytes?) -> [UInt8]? { secret?.withUnsafeBytes { Array($0) } }

@Suite struct SealingTests {
  /// RFC 7748, section 6.1.
  @Test func sharedSecretsArePublished() throws {
    let alice = try #require(
      X25519PrivateKey(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")))
    let bob = try #require(
      X25519PrivateKey(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")))
    #expect(
      alice.publicKey.bytes
        == hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
    #expect(
      bob.publicKey.bytes
        == hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
    let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
    #expect(plain(alice.sharedSecret(with: bob.publicKey)) == shared)
    #expect(plain(bob.sharedSecret(with: alice.publicKey)) == shared)
  }

  /// RFC 7748, section 6.1: a secret of zeros must be noticed.
  @Test func pointsOfSmallOrderAreRefused() throws {
    let key = try X25519PrivateKey.generate()
    for point in [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31)] {
      let weak = try #require(X25519PublicKey(point))
      #expect(key.sharedSecret(with: weak) == nil)
      #expect(throws: CryptoError.weakKey) {
        try SealedBox(sealing: secret([1]), to: weak, label: [])
      }
    }
  }

  /// RFC 5869, appendix A.1 and A.3.
  @Test func derivedKeysArePublished() {
    let key = secret([UInt8](repeating: 0x0b, count: 22))
    let first = hkdf(
      secret: key, salt: Array(0...0x0c), info: Array(0xf0...0xf9), count: 42)
    #expect(
      plain(first)
        == hex(
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
    let third = hkdf(secret: key, salt: [], info: [], count: 42)
    #expect(
      plain(third)
        == hex(
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
  }

  /// RFC 8439, section 2.8.2.
  @Test func sealedTextsArePublished() throws {
    let text = Array(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
        .utf8)
    let (key, nonce) = (secret(Array(0x80...0x9f)), hex("070000004041424344454647"))
    let data = hex("50515253c0c1c2c3c4c5c6c7")
    let sealed = ChaCha20Poly1305.seal(
      secret(text), key: key, nonce: nonce, authenticating: data)
    #expect(
      sealed
        == hex(
          "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
            + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            + "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"))
    #expect(
      plain(ChaCha20Poly1305.open(sealed, key: key, nonce: nonce, authenticating: data)) == text)
  }

  @Test(arguments: [0, 1, 31, 4096])
  func whatWasSealedOpensAndNothingElseDoes(count: Int) throws {
    let key = try X25519PrivateKey.generate()
    let text = try randomBytes(count)
    let box = try SealedBox(
      sealing: secret(text), to: key.publicKey, label: Array("token".utf8))
    #expect(box.bytes.count == count + SealedBox.overhead)
    #expect(plain(box.open(with: key, label: Array("token".utf8))) == text)
    #expect(box.open(with: key, label: Array("other".utf8)) == nil)
    #expect(box.open(with: try X25519PrivateKey.generate(), label: Array("token".utf8)) == nil)
    for place in 0..<min(box.bytes.count, 80) {
      for bit in 0..<8 as Range<UInt8> {
        var bytes = box.bytes
        bytes[place] ^= 1 << bit
        // RFC 7748 ignores the highest bit of a point; the salt does not.
        #expect(SealedBox(bytes)?.open(with: key, label: Array("token".utf8)) == nil)
      }
    }
    for length in 0..<box.bytes.count {
      let cut = SealedBox(Array(box.bytes[..<length]))
      #expect(cut?.open(with: key, label: Array("token".utf8)) == nil)
    }
  }

  @Test func keysAreReadAsTheyAreWritten() throws {
    let key = try X25519PrivateKey.generate()
    #expect(X25519PrivateKey(pem: key.pem)?.publicKey == key.publicKey)
    #expect(X25519PublicKey(pem: key.publicKey.pem) == key.publicKey)
    #expect(X25519PublicKey(pem: try Ed25519PrivateKey.generate().pem) == nil)
    #expect(PublicKey(pem: key.publicKey.pem) == nil, "a key to seal to is none to verify with")
  }
}
