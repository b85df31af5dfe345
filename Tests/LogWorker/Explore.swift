// Simulated crashes until a number of them was tried.
@preconcurrency import Glibc
import WritSimulation

/// Explores scripts of rising seeds until that many crash points were tried.
func explore(points: Int, firstSeed: UInt64) throws {
  var explorer = try Explorer()
  var seed = firstSeed
  while explorer.count.crashes < points {
    try explorer.explore(seed: seed, steps: 40, crashesPerAct: 4)
    for run in UInt64(0)..<4 { try explorer.exploreThreads(seed: seed * 4 + run, threads: 4) }
    seed += 1
  }
  print("simulated disk: \(explorer.count), all promises kept")
}

/// Writes a line to standard error.
func complain(_ line: String) {
  fputs(line + "\n", stderr)
}
