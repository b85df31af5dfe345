// What the delegate's own process gives up: cores, being looked into, losing sight of orphans.
import CLinux
import Glibc

/// Acts on the own process.
public enum Hardening {
  /// As `closeMemory`, and orphans of its children come to it. For a program that does nothing but serve, before its first
  /// secret.
  public static func harden() throws(DelegateError) {
    try closeMemory()
    guard writ_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 else {
      throw .system(act: "take orphans", code: errno)
    }
    umask(0o077)
  }

  /// No core, and no other process of the same user that reads its memory.
  public static func closeMemory() throws(DelegateError) {
    // See `Launcher`: one byte also keeps the kernel from handing a core to a program.
    var limit = rlimit(rlim_cur: 1, rlim_max: 1)
    guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else {
      throw .system(act: "turn cores off", code: errno)
    }
    guard writ_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 else {
      throw .system(act: "keep others from its memory", code: errno)
    }
  }

  /// Whether orphans of children come to this process.
  static var isReaper: Bool {
    var isSet: Int32 = 0
    let code = withUnsafeMutablePointer(to: &isSet) {
      writ_prctl(PR_GET_CHILD_SUBREAPER, UInt(bitPattern: $0), 0, 0, 0)
    }
    return code == 0 && isSet != 0
  }
}
