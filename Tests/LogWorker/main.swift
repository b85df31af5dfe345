// What `make test-crash` runs: crashes simulated by the thousand, and a process to be killed.
@preconcurrency import Glibc

let arguments = CommandLine.arguments.dropFirst()
do {
  switch (arguments.first, arguments.count) {
  case ("explore", 2): try explore(points: Int(arguments.last ?? "") ?? 0)
  case ("append", 4): try appendUntilKilled(Array(arguments.dropFirst()))
  case ("check", 3): try checkAfterKill(Array(arguments.dropFirst()))
  default:
    complain("usage: LogWorker explore POINTS | append DIR SEED COUNT | check DIR TRANSCRIPT")
    exit(64)
  }
} catch {
  complain("\(error)")
  exit(1)
}
