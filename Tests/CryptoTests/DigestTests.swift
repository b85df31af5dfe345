// SHA-256 by FIPS 180-4's examples, and a digest's one text.
import Testing
import WritCrypto

@Suite struct DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func published(_ message: String, _ hex: String) {
    #expect(Digest(of: Array(message.utf8)).hex == hex)
    #expect(Digest(hex: hex) == Digest(of: Array(message.utf8)))
  }

  @Test func aHasherIsReusedAndFedInPieces() {
    var hasher = SHA256()
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    for cut in [0, 1, 63, 64, 65, 999, 1000] {
      hasher.update(message[..<cut])
      for byte in message[cut...].prefix(1) { hasher.update(byte: byte) }
      hasher.update(Array(message[cut...].dropFirst()))
      #expect(hasher.finish() == Digest(of: message))
    }
    hasher.update(Digest(of: message))
    #expect(hasher.finish() == Digest(of: Digest(of: message).bytes))
  }

  /// Any other byte in the place of a digit makes another digest or none.
  @Test func digitsAreReadAsBytes() {
    func read(_ digits: [UInt8]) -> Digest? {
      digits.withUnsafeBufferPointer { Digest(hexDigits: $0) }
    }
    for seed in UInt8(0)..<2 {
      let digest = Digest(of: [seed])
      let digits = Array(digest.hex.utf8)
      #expect(read(digits) == digest)
      #expect(read(Array(digits.dropLast())) == nil)
      for place in digits.indices {
        for byte in UInt8(0)...255 {
          var changed = digits
          changed[place] = byte
          let isDigit = "0123456789abcdef".utf8.contains(byte)
          #expect(
            read(changed) == (isDigit ? Digest(hex: String(decoding: changed, as: UTF8.self)) : nil)
          )
        }
      }
    }
  }

  @Test func textAndBytes() throws {
    let digest = Digest(of: [1, 2, 3])
    #expect(digest.description == "sha256:" + digest.hex)
    #expect(Digest(digest.description) == digest)
    #expect(Digest(digest.bytes) == digest)
    #expect(Digest(digest.hex) == nil)
    #expect(Digest(digest.description.uppercased()) == nil)
    #expect(Digest("sha256:" + digest.hex.uppercased()) == nil)
    #expect(Digest(Array(digest.bytes.dropLast())) == nil)
    #expect(Digest(digest.bytes + [0]) == nil)
  }

  @Test func orderIsThatOfBytes() throws {
    let digests = (0..<50).map { Digest(of: [UInt8($0)]) }.sorted()
    for (lower, upper) in zip(digests, digests.dropFirst()) {
      #expect(lower.bytes.lexicographicallyPrecedes(upper.bytes))
    }
  }

  @Test func randomBytesDiffer() throws {
    #expect(try randomBytes(32).count == 32)
    #expect(try randomBytes(32) != randomBytes(32))
    #expect(try randomBytes(0).isEmpty)
  }
}
