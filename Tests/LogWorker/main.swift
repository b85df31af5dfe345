// What `make test-crash` runs: crashes simulated by the thousand, and a process to be killed.
@preconcurrency import Glibc

private let words = Array(CommandLine.arguments.dropFirst())
do {
  switch (words.first, words.count) {
  case ("explore", 3): try explore(points: Int(words[1]) ?? 0, firstSeed: UInt64(words[2]) ?? 1)
  case ("append", 5):
    try appendInOrder(words[1], words[2], Int(words[3]) ?? 0, every: Int(words[4]) ?? 1)
  case ("fight", 3): try fightUntilKilled(words[1], words[2])
  case ("check", 3): try checkAfterKill(words[1], words[2])
  default:
    complain(
      "usage: LogWorker explore POINTS SEED | append DIR RUN COUNT EVERY | fight DIR RUN"
        + " | check DIR TRANSCRIPT")
    exit(64)
  }
} catch {
  complain("\(error)")
  exit(1)
}
