// Every input that was ever a finding, every seed, and damage to each, through the fuzz targets.

import Testing
import WritFuzz
import WritTesting

@Suite struct ReplayTests {
  /// Bytes of damaged inputs for each target, and how many at most: some seconds for all of them together.
  private static let damagedBytes = 800_000
  private static let damagedCount = 3_000

  @Test(arguments: fuzzTargets.map(\.name))
  func corpusHasNoFinding(name: String) throws {
    let target = try #require(fuzzTargets.first { $0.name == name })
    let paths = Corpus.files(in: "corpus/fuzz/\(name)", ending: "")
    #expect(!paths.isEmpty, "there is nothing to replay")
    for path in paths {
      #expect(throws: Never.self, "\(path)") { try target.run(Corpus.bytes(path)) }
    }
  }

  @Test(arguments: fuzzTargets.map(\.name))
  func damagedSeedsHaveNoFinding(name: String) throws {
    let target = try #require(fuzzTargets.first { $0.name == name })
    let seeds = fuzzSeeds(for: name)
    var random = SplitMix64(seed: 7)
    let seedBytes = seeds.reduce(0) { $0 + $1.bytes.count }
    let count = min(Self.damagedCount, Self.damagedBytes * seeds.count / max(seedBytes, 1))
    for number in 0..<count {
      let picked = random.pick(seeds)
      let seed = try #require(picked)
      let bytes = damaged(seed.bytes, &random)
      #expect(throws: Never.self, "\(name), \(seed.name), damage \(number)") {
        try target.run(bytes)
      }
    }
  }

  /// Bytes changed, doubled, taken out or cut off, in up to four places.
  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(4) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      let count = 1 + random.below(min(8, bytes.count - place))
      switch random.below(6) {
      case 0: bytes[place] = UInt8(random.below(256))
      case 1: bytes[place] ^= 1 << UInt8(random.below(8))
      case 2: bytes.removeSubrange(place..<place + count)
      case 3: bytes.insert(contentsOf: bytes[place..<place + count], at: random.below(bytes.count))
      case 4: bytes[place] = bytes[random.below(bytes.count)]
      default: if random.below(8) == 0 { bytes.removeSubrange(place...) }
      }
    }
    return bytes
  }
}

@Suite struct SeedTests {
  /// Seeds must be good inputs: a seed of an older form would keep the fuzzers at the door.
  @Test(arguments: fuzzTargets.map(\.name))
  func seedFilesAreUpToDate(name: String) throws {
    for seed in fuzzSeeds(for: name) {
      let path = "corpus/fuzz/\(name)/seeds/\(seed.name)"
      let difference = Corpus.difference(ofBytes: path, from: seed.bytes)
      #expect(difference == nil, "\(difference ?? "")")
    }
  }
}
