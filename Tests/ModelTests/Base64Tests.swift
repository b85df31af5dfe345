// One spelling a sequence of bytes: RFC 4648, section 10, and what must not be read.
import Testing
import WritModel

@Suite struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func published(_ plain: String, _ encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(plain.utf8))
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=", "Z===", "Zg==\n", " Zg==", "Zm9v\n", "Z-==",
    "Z_==",
    "Zg==Zg==", "Zm-_",
  ])
  func refused(_ text: String) { #expect(Base64.decode(text) == nil) }

  @Test func urlSafe() {
    #expect(Base64.encodeURL([0xfb, 0xff]) == "-_8")
    #expect(Base64.decodeURL("-_8") == [0xfb, 0xff])
    #expect(Base64.decodeURL("-_8=") == nil)
    #expect(Base64.decodeURL("A") == nil)
    #expect(Base64.decodeEither("-_8=") == [0xfb, 0xff])
    #expect(Base64.decodeEither("+/8=") == [0xfb, 0xff])
    #expect(Base64.decodeEither("+_8=") == nil)
  }

  @Test func everyLengthRoundTrips() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }
  }

  @Test func hexIsLowerCase() {
    #expect(Hex.encode([0x0f, 0xa0]) == "0fa0")
    #expect(Hex.decode("0FA0") == nil)
    #expect(Hex.decode("0fa") == nil)
    #expect(Hex.decode("0g") == nil)
  }
}
