// The oracle and the virtual machine give the same answers: on generated programs, graphs and requests.

import Foundation
import Testing
import WritGeneration
import WritGraph

@Suite struct DifferentialTests {
  /// `WRIT_SEEDS=200000` for the long run; `WRIT_SEEDS=245` with `WRIT_FIRST_SEED=244` for one, whose policy is printed
  /// with `WRIT_SHOW=1`.
  private static let environment = ProcessInfo.processInfo.environment
  private static let end = environment["WRIT_SEEDS"].flatMap { UInt64($0) } ?? 120
  private static let first = environment["WRIT_FIRST_SEED"].flatMap { UInt64($0) } ?? 0

  @Test func oracleAndMachineAgree() throws {
    var failures = 0
    var runs = 0
    let seeds = DifferentialTests.first..<DifferentialTests.end
    for seed in seeds where failures < 60 {
      let generated = GeneratedCase(seed: seed, isTextual: false)
      // The oracle also walks graphs that an import refuses, such as edges to the request's own nodes.
      let differences: [String]
      do {
        guard let comparison = try Comparison(generated) else { continue }
        runs += 1
        differences = comparison.differences()
      } catch {
        differences = ["\(error)"]
      }
      guard !differences.isEmpty else { continue }
      failures += 1
      if DifferentialTests.environment["WRIT_SHOW"] != nil {
        print(policyText(generated.program), generated.draft)
      }
      Issue.record("seed \(seed): \(differences.joined(separator: "\n"))")
    }
    print("differential runs: \(runs) of \(seeds.count)")
    #expect(failures > 0 || runs * 3 > seeds.count)
  }
}
