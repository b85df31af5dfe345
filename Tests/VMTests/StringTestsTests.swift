// Tests of strings: compared with the plainest matcher, and never slow.

import Testing
import WritTesting
import WritVM

@Suite struct StringTestsTests {
  private func holds(_ test: Int, _ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { text in
      pattern.withUnsafeBufferPointer { StringTests.holds(test, text, $0) }
    }
  }

  /// Tries every way; for short texts only.
  private func isLike(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      return (text.startIndex...text.endIndex).contains { isLike(text[$0...], pattern.dropFirst()) }
    }
    guard let byte = text.first, first == byte || first == UInt8(ascii: "?") else { return false }
    return isLike(text.dropFirst(), pattern.dropFirst())
  }

  private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
  }

  @Test func agreeWithThePlainestMatcher() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<4_000 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        Array("ab".utf8).randomElement(using: &random) ?? 0
      }
      let pattern = (0..<Int.random(in: 0...7, using: &random)).map { _ in
        Array("ab*?".utf8).randomElement(using: &random) ?? 0
      }
      let what =
        "\(String(decoding: text, as: UTF8.self)) \(String(decoding: pattern, as: UTF8.self))"
      #expect(holds(3, text, pattern) == isLike(text[...], pattern[...]), "\(what)")
      #expect(holds(2, text, pattern) == contains(text, pattern), "\(what)")
    }
  }

  /// Parts longer than what is compared place by place.
  @Test func longPartsAreFound() {
    for length in [33, 64, 65, 100, 129] {
      let part = (0..<length).map { UInt8(ascii: "a") + UInt8($0 * $0 % 7) }
      for lead in [0, 1, 31, 200] {
        let text = [UInt8](repeating: UInt8(ascii: "z"), count: lead) + part + [0x2e]
        #expect(holds(2, text, part))
        #expect(!holds(2, Array(text.dropLast(2)), part))
        var marked = part
        marked[length / 2] = UInt8(ascii: "?")
        #expect(holds(3, text, [0x2a] + marked + [0x2a]))
        marked[length - 1] = UInt8(ascii: "!")
        #expect(!holds(3, text, [0x2a] + marked + [0x2a]))
      }
    }
  }

  /// What used to take minutes.
  @Test func nobodyHoldsUpAGate() {
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: 400_000)
    let part = [UInt8](repeating: UInt8(ascii: "a"), count: 200_000) + [UInt8(ascii: "b")]
    #expect(!holds(2, text, part))
    #expect(!holds(3, text, [0x2a] + part + [0x2a]))
    let marked = [UInt8](repeating: UInt8(ascii: "a"), count: 2_000) + Array("?b".utf8)
    #expect(!holds(3, Array(text.prefix(20_000)), [0x2a] + marked + [0x2a]))
  }
}
