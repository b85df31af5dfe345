// Ways to do one thing, measured against each other in one process: CPU time, best of some rounds,
// printed as ratios.
import Foundation

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "import" where arguments.count == 3:
  try importBenchmark(folder: arguments[2])
case "opening" where arguments.count == 3:
  try openingBenchmark(path: arguments[2])
case "decide" where arguments.count == 3:
  try decisionBenchmark(folder: arguments[2])
case "score" where arguments.count == 3:
  try scoreBenchmark(folder: arguments[2])
case "access" where arguments.count == 3:
  try accessBenchmark(folder: arguments[2])
case "admit" where arguments.count == 3:
  try admissionBenchmark(folder: arguments[2])
case "counted" where arguments.count == 4:
  try runCounted(arguments[2], times: Int(arguments[3]) ?? 0)
case "compile" where arguments.count == 2:
  try compileBenchmark()
case "profile-import" where arguments.count == 3:
  try importRepeatedly(folder: arguments[2], rounds: 50)
case "append" where arguments.count == 3:
  try appendBenchmark(folder: arguments[2])
case "memory" where arguments.count == 3:
  try memoryOverAMillion(folder: arguments[2])
case "audit" where arguments.count == 3:
  try auditBenchmark(folder: arguments[2])
case "open" where arguments.count == 3:
  try openBenchmark(folder: arguments[2])
case "replay" where arguments.count == 3:
  try replayBenchmark(folder: arguments[2], decisions: 20_000)
case "replay-briefly" where arguments.count == 3:
  try replayBenchmark(folder: arguments[2], decisions: 4_000)
case "profile-replay" where arguments.count == 4 || arguments.count == 5:
  try replayRepeatedly(
    folder: arguments[2], workload: Int(arguments[3]) ?? 0,
    rounds: arguments.count == 5 ? Int(arguments[4]) ?? 20 : 20)
case "sustained" where arguments.count == 4 || arguments.count == 5:
  try sustainedBenchmark(
    folder: arguments[2], seconds: Double(arguments[3]) ?? 10,
    threads: arguments.count == 5 ? Int(arguments[4]) : nil)
case "deltas" where arguments.count == 3:
  try deltaBenchmark(folder: arguments[2], sizes: [10_000, 100_000, 1_000_000])
case "deltas-briefly" where arguments.count == 3:
  try deltaBenchmark(folder: arguments[2], sizes: [10_000, 100_000])
case "large-facts" where arguments.count == 4:
  try writeLargeFacts(nodes: Int(arguments[3]) ?? 1_000, folder: arguments[2])
case "deltas-large" where arguments.count == 4:
  try largeDeltaBenchmark(folder: arguments[2], services: Int(arguments[3]) ?? 10_000_000)
case "search" where arguments.count == 3:
  try searchBenchmark(folder: arguments[2], sizes: [10_000, 100_000, 1_000_000])
case "search-briefly" where arguments.count == 3:
  try searchBenchmark(folder: arguments[2], sizes: [1_000, 10_000])
default:
  print("usage: WritBenchmarks import FOLDER   (the folder of the debian-small files)")
  print("       WritBenchmarks decide|deltas FOLDER   (policies/checkout)")
  print(
    "       WritBenchmarks append|memory|audit|open|search|replay FOLDER   (of the disk to measure)"
  )
  print("       WritBenchmarks deltas-large FOLDER SERVICES   (the same policy, one value alone)")
  print("       WritBenchmarks opening SNAPSHOT")
  print("       WritBenchmarks compile")
  print("       WritBenchmarks counted PROGRAM TIMES   (for .ci/counts)")
  print("       WritBenchmarks large-facts FOLDER NODES   (for .ci/bench-large)")
  print(
    "       WritBenchmarks score|admit|access FOLDER    (of the fleet that docs/performance.md tells of)"
  )
  print(
    "       WritBenchmarks sustained FOLDER SECONDS [THREADS]   (of the same fleet; the log lies there)"
  )
  exit(64)
}
