// Secrets never come out of a redactor, in no form and however the stream is cut.

import Foundation
import Testing
import WritCrypto
import WritDelegate
import WritModel
import WritTesting

private let mark = "[redacted]"

private func redacted(_ text: [UInt8], _ secrets: [String], cuts: [Int] = []) -> [UInt8] {
  var redactor = Redactor(secrets.map(secret))
  var out: [UInt8] = []
  var start = 0
  for end in cuts + [text.count] {
    out += redactor.feed(text[start..<end])
    start = end
  }
  return out + redactor.finish()
}

private func redacted(_ text: String, _ secrets: [String]) -> String {
  String(decoding: redacted(Array(text.utf8), secrets), as: UTF8.self)
}

@Suite struct RedactorTests {
  /// As a server echoes it in JSON, given out as a text in JSON.
  @Test func jsonInJSONIsTakenOut() {
    let secret = "user=\"canary\", response=\"c\\nary-1\""
    let once = JSONValue.object([JSONMember("echo", .string(secret))]).compact
    let twice = JSONValue.string(once).compact
    #expect(twice.contains("canary"))
    let text = redacted(twice, [secret])
    #expect(!text.contains("canary") && text.contains(mark), "\(text)")
  }

  @Test func formsAreTakenOut() {
    let secret = "s3cr3t/+ \"q\" ü~"
    let bytes = Array(secret.utf8)
    let base64 = Base64.encode(bytes)
    let component = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let forms: [String] = [
      secret, Hex.encode(bytes), Hex.encode(bytes).uppercased(), base64,
      String(base64.prefix { $0 != "=" }), Base64.encodeURL(bytes),
      base64.replacing("+", with: "-").replacing("/", with: "_"),
      bytes.map { "%" + Hex.encode([$0]) }.joined(),
      bytes.map { "%" + Hex.encode([$0]).uppercased() }.joined(),
      "s3cr3t%2F%2B%20%22q%22%20%C3%BC~", "s3cr3t%2f%2b%20%22q%22%20%c3%bc~",
      "s3cr3t%2F%2B+%22q%22+%C3%BC%7E", "s3cr3t/+%20%22q%22%20%C3%BC~",
      "s3cr3t/+ \\\"q\\\" ü~", "s3cr3t\\/+ \\\"q\\\" ü~", "s3cr3t/+ \\\"q\\\" \\u00fc~",
      "s3cr3t/+ \\\"q\\\" \\u00FC~",
    ]
    #expect(!component.isEmpty)
    for form in forms {
      #expect(redacted("<\(form)>", [secret]) == "<\(mark)>", "\(form)")
      #expect(redacted("\(form)\(form)", [secret]) == mark, "\(form) twice")
    }
  }

  /// Wherever in a longer text the secret stands, its digits of base64 go; what is left of it are
  /// the bits that it shares with its neighbours.
  @Test func base64IsFoundAtEveryPhase() {
    let secret = "correct horse battery"
    for before in 0..<7 {
      for after in 0..<7 {
        let text =
          [UInt8](repeating: 0x41, count: before) + Array(secret.utf8)
          + [UInt8](repeating: 0x42, count: after)
        for encoded in [Base64.encode(text), Base64.encodeURL(text)] {
          let out = redacted(encoded, [secret])
          #expect(out.contains(mark), "\(before) \(after)")
          let left = out.utf8.count - mark.utf8.count
          #expect(left <= (before + after) * 4 / 3 + 4, "\(out)")
        }
      }
    }
  }

  @Test func wrappedLinesHideNothing() {
    let secret =
      "-----BEGIN KEY-----\nMIGTME8GCSqGSIb3DQEFDTBC\nMCEGCSsGAQQB2kcECzAUBAi2\n-----END KEY-----\n"
    let encoded = Array(Base64.encode(Array(secret.utf8)).utf8)
    for width in [1, 5, 64, 76] {
      for end in ["\n", "\r\n"] {
        let lines = stride(from: 0, to: encoded.count, by: width).map {
          String(decoding: encoded[$0..<min($0 + width, encoded.count)], as: UTF8.self)
        }
        #expect(redacted(lines.joined(separator: end), [secret]) == mark, "\(width)")
      }
    }
    #expect(redacted(secret.replacing("\n", with: "\r\n"), [secret]).utf8.starts(with: mark.utf8))
    #expect(redacted("> MIGTME8GCSqGSIb3DQEFDTBC", [secret]) == "> \(mark)")
  }

  @Test func whatIsNoSecretStays() {
    let text = "all of this stays, s3cre too, and czNjcg=="
    #expect(redacted(text, ["s3cr3t-value"]) == text)
    #expect(redacted(text, []) == text)
    #expect(redacted("s3cr3t-valu", ["s3cr3t-value"]) == "s3cr3t-valu")
    #expect(redacted("\n\n\n\n\n\n", ["abcd"]) == "\n\n\n\n\n\n")
  }

  @Test func overlappingSecretsGoWhole() {
    #expect(redacted("xabcdefghx", ["abcdef", "efgh"]) == "x\(mark)x")
    #expect(redacted("xabcdefghx", ["abcd", "bcdefgh"]) == "x\(mark)x")
    #expect(redacted("aaaaaaa", ["aaaa"]) == mark)
    #expect(redacted("abcabcabx", ["abcabx"]) == "abc\(mark)")
    #expect(redacted("abcdabcde", ["abcd", "abcde"]) == mark)
    // A match that ends inside what may still become a longer one.
    #expect(redacted("xabcd!", ["xabc", "abcde"]) == "\(mark)d!")
  }

  @Test func anySplittingGivesTheSame() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let letters = Array("ab\"/\n é".utf8)
      func text(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in letters[random.below(seed.isMultiple(of: 2) ? 2 : letters.count)] }
      }
      let secrets = (0..<1 + random.below(3)).map { _ in
        String(decoding: text(4 + random.below(6)), as: UTF8.self)
      }.filter { $0.utf8.count { $0 != 0x0a } >= 4 }
      var stream: [UInt8] = []
      for _ in 0..<6 {
        stream += text(random.below(9))
        let bytes = Array((random.pick(secrets) ?? "").utf8)
        switch random.below(4) {
        case 0: stream += bytes
        case 1: stream += Array(Base64.encode(text(random.below(3)) + bytes).utf8)
        case 2: stream += Array(Hex.encode(bytes).utf8)
        default: stream += bytes.prefix(random.below(bytes.count + 1))
        }
      }
      let whole = redacted(stream, secrets)
      #expect(redacted(stream, secrets, cuts: Array(stream.indices)) == whole, "seed \(seed)")
      let cuts = (0..<3).map { _ in random.below(stream.count + 1) }.sorted()
      #expect(redacted(stream, secrets, cuts: cuts) == whole, "seed \(seed)")
      for secret in secrets {
        #expect(!contains(whole, Array(secret.utf8)), "seed \(seed): \(secret.debugDescription)")
      }
    }
  }

  @Test func aLongStreamIsQuick() {
    let secret = String(repeating: "abcdefgh", count: 2048)
    var redactor = Redactor([WritCrypto.SecretBytes(copying: secret)])
    let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 16)
    var count = 0
    for _ in 0..<16 { count += redactor.feed(chunk[...]).count }
    count += redactor.finish().count
    #expect(count == 16 << 16)
  }
}

extension SecretBytes {
  fileprivate convenience init(copying text: String) {
    var bytes = Array(text.utf8)
    self.init(count: bytes.count)
    withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    bytes = []
  }
}
