// The clock of the machine: read here and nowhere else in the program.

@preconcurrency import Glibc
import WritEvidence
import WritModel

/// Microseconds since 1970-01-01T00:00:00Z.
func currentTime() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}

/// How long the machine has run, sleep included; `nil` where the system does not say which start it was.
func currentUptime() -> Uptime? {
  var time = timespec()
  guard clock_gettime(CLOCK_BOOTTIME, &time) == 0,
    let bytes = try? readFile("/proc/sys/kernel/random/boot_id", limit: 100)
  else { return nil }
  let boot = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
  return Uptime(
    boot: boot, microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}

/// An age in the largest units that tell it: `31h 12m`, `4d 3h`, `12s`.
func shownAge(_ microseconds: Int64) -> String {
  let seconds = max(0, microseconds) / 1_000_000
  let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
  if seconds < 60 { return "\(seconds)s" }
  if seconds < 3_600 { return "\(minutes)m" }
  // An age of 31 h is easier compared with a limit of 24 h than one of a day and seven hours.
  if days < 3 {
    return minutes == 0 ? "\(days * 24 + hours)h" : "\(days * 24 + hours)h \(minutes)m"
  }
  return hours == 0 ? "\(days)d" : "\(days)d \(hours)h"
}

/// Nanoseconds of processor time that this thread has taken.
func threadTime() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
}
