// Ed25519 by RFC 8032, Wycheproof and the edge cases of point encodings; keys in files.
import Glibc
import Testing
import WritCrypto
import WritModel

/// A JSON file of the published vectors.
private func vectors(_ name: String) throws -> JSONValue {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let file = try #require(fopen("/\(root)/corpus/evidence/vectors/\(name)", "rb"))
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return try JSONValue(parsing: bytes) }
    bytes += buffer[..<count]
  }
}

private func bytes(_ value: JSONValue?) throws -> [UInt8] {
  try #require(value?.string.flatMap(Hex.decode))
}

@Suite struct Ed25519Tests {
  let seed = (0..<32).map { UInt8($0) }

  @Test func rfc8032() throws {
    let key = try #require(
      Ed25519PrivateKey(
        seed: try bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")))
    #expect(
      Hex.encode(key.publicKey.bytes)
        == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    #expect(
      Hex.encode(key.sign([]))
        == "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
  }

  @Test func wycheproof() throws {
    let cases = try #require(try vectors("ed25519/wycheproof.json").array)
    #expect(cases.count == 67)
    for item in cases {
      let isValid =
        Ed25519PublicKey(try bytes(item["pk"]))?
        .verify(try bytes(item["sig"]), of: try bytes(item["msg"])) ?? false
      #expect(isValid == (item["result"]?.string == "valid"), "\(item["tcId"]?.integer ?? 0)")
    }
  }

  @Test func pointEncodings() throws {
    let cases = try #require(try vectors("ed25519/cctv.json").array)
    #expect(cases.count == 459)
    for item in cases {
      let message = Array(try #require(item["msg"]?.string).utf8)
      let key = try #require(Ed25519PublicKey(try bytes(item["key"])))
      #expect(
        key.verify(try bytes(item["sig"]), of: message) == item["openssl"]?.bool,
        "\(item["number"]?.integer ?? 0)")
    }
  }

  @Test func everyOneBitChangeIsRefused() throws {
    let key = try #require(Ed25519PrivateKey(seed: seed))
    let message = Array("writ".utf8)
    let signature = key.sign(message)
    #expect(key.publicKey.verify(signature, of: message))
    for bit in 0..<signature.count * 8 {
      var changed = signature
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.publicKey.verify(changed, of: message))
    }
    #expect(!key.publicKey.verify(signature, of: message + [0]))
    #expect(!key.publicKey.verify(Array(signature.dropLast()), of: message))
    #expect(!key.publicKey.verify(signature + [0], of: message))
    #expect(!key.publicKey.verify([], of: message))
  }

  @Test func keysInFiles() throws {
    let key = try #require(Ed25519PrivateKey(seed: seed))
    let publicKey = PublicKey.ed25519(key.publicKey)
    #expect(
      publicKey.pem == """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=
        -----END PUBLIC KEY-----

        """)
    #expect(
      publicKey.fingerprint == "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5")
    #expect(PublicKey(pem: publicKey.pem) == publicKey)
    #expect(Ed25519PrivateKey(pem: key.pem)?.seed == seed)
    #expect(PublicKey(pem: key.pem) == nil)
    #expect(Ed25519PrivateKey(pem: publicKey.pem) == nil)
    #expect(Ed25519PrivateKey(seed: seed + [0]) == nil)
  }

  @Test func anyChangedByteOfAKeyFileIsAnotherKeyOrNone() throws {
    let key = try #require(Ed25519PrivateKey(seed: seed))
    let text = Array(key.pem.utf8)
    for index in text.indices {
      for byte in [UInt8(ascii: "A"), 0x0a, 0x20, 0x0d, 0xff, text[index] ^ 1]
      where byte != text[index] {
        var changed = text
        changed[index] = byte
        #expect(Ed25519PrivateKey(pem: String(decoding: changed, as: UTF8.self))?.seed != seed)
      }
    }
    #expect(Ed25519PrivateKey(pem: key.pem + key.pem) == nil)
    #expect(Ed25519PrivateKey(pem: "") == nil)
    #expect(Ed25519PrivateKey(pem: "\n") == nil)
    #expect(Ed25519PrivateKey(pem: String(key.pem.dropLast()))?.seed == seed)
  }

  @Test func p256KeysVerifyOnly() throws {
    let example = try vectors("dsse/spec-example.json")
    let key = try #require(example["key_pem"]?.string.flatMap(PublicKey.init(pem:)))
    guard case .p256(let point) = key else {
      Issue.record("not a P-256 key")
      return
    }
    // The published signature is r || s; DER puts each into an INTEGER.
    let raw = try #require(
      Base64.decode(example["envelope"]?["signatures"]?.array?[0]["sig"]?.string ?? "?"))
    let der = [0x30, 0x44, 0x02, 0x20] + raw[..<32] + [0x02, 0x20] + raw[32...]
    let message = Array(try #require(example["pae"]?.string).utf8)
    #expect(key.verify(der, of: message))
    #expect(!key.verify(der, of: message + [0]))
    #expect(!key.verify(raw, of: message))
    #expect(PublicKey(pem: key.pem) == key)
    var offCurve = point.point
    offCurve[64] ^= 1
    #expect(P256PublicKey(point: offCurve)?.verify(der, of: message) == false)
  }

  @Test func newKeysDiffer() throws {
    let (one, other) = (try Ed25519PrivateKey.generate(), try Ed25519PrivateKey.generate())
    #expect(one.publicKey != other.publicKey)
    #expect(!"\(one)".contains(Hex.encode(one.seed)))
  }
}
