// The end of everything that a process started, wherever that has put itself.
//
// Where a process is the one who gets orphans (`Hardening.takeOrphans`), whatever is below it in the
// tree of processes comes to it as those in between end, also what has left its group and session. So
// its children are killed until it has none.
import CLinux
import Glibc

enum Descendants {
  /// Kills all children but those that are spared, and what then comes to this process in their
  /// place, until none is left.
  static func kill(sparing spared: Set<pid_t> = []) {
    while true {
      let others = children().filter { !spared.contains($0) }
      guard !others.isEmpty else { return }
      // Stopped first, so that none can start another while the rest are killed.
      for child in others { Glibc.kill(child, SIGSTOP) }
      for child in others { Glibc.kill(child, SIGKILL) }
      for child in others {
        var code: Int32 = 0
        _ = retrying { waitpid(child, &code, 0) }
      }
    }
  }

  /// How many live below this process, as far as that matters. O(what is counted).
  static func count(upTo most: UInt64) -> UInt64 {
    var found: UInt64 = 0
    var waiting = children()
    while let one = waiting.popLast(), found < most {
      found += 1
      waiting += children(of: one)
    }
    return found
  }

  /// Of another process, whichever of its threads began them; none on a kernel that keeps no such list.
  private static func children(of process: pid_t) -> [pid_t] {
    guard let folder = opendir("/proc/\(process)/task") else { return [] }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
      let thread = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let bytes = contents(of: "/proc/\(process)/task/\(thread)/children") else { continue }
      found += String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
    }
    return found
  }

  /// Those that are not waited for yet. Of a process with one thread, or of the thread that began it.
  private static func children() -> [pid_t] {
    // Most have none, which the kernel tells in a fraction of the time that its list takes.
    var state = siginfo_t()
    if waitid(P_ALL, 0, &state, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD { return [] }
    let path = "/proc/self/task/\(getpid())/children"
    guard let bytes = contents(of: path) else { return childrenByParent() }
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
  }

  /// The same of a kernel that keeps no such list.
  private static func childrenByParent() -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    let parent = getpid()
    var found: [pid_t] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      // `12 (name) S 11 …`; the name may hold spaces and brackets.
      guard let number = pid_t(name), let bytes = contents(of: "/proc/\(name)/stat"),
        let bracket = bytes.lastIndex(of: UInt8(ascii: ")"))
      else { continue }
      let fields = bytes[bracket...].split(separator: UInt8(ascii: " "))
      if fields.count > 2, pid_t(String(decoding: fields[2], as: UTF8.self)) == parent {
        found.append(number)
      }
    }
    return found
  }

  private static func contents(of path: String) -> [UInt8]? {
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var count = -1
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
      count = retrying { read(descriptor, buffer.baseAddress, buffer.count) }
      filled = max(0, count)
    }
    return count < 0 ? nil : bytes
  }
}
