// What the delegate's own process gives up: cores, being looked into, losing sight of orphans.
import CLinux
import Glibc

/// Acts on the own process.
public enum Hardening {
  /// As `closeMemory` and `takeOrphans`. For a program that does nothing but serve, before its first secret.
  public static func harden() throws(DelegateError) {
    try closeMemory()
    try takeOrphans()
    umask(0o077)
  }

  /// What its children leave behind comes to this process, so that it can be killed (Descendants.swift).
  public static func takeOrphans() throws(DelegateError) {
    guard writ_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 else {
      throw .system(act: "take orphans", code: errno)
    }
  }

  /// No core, and no other process of the same user that reads its memory.
  public static func closeMemory() throws(DelegateError) {
    // One byte, not none: to a program that takes cores through a pipe the kernel gives them whatever the limit is, but for
    // this one. No core is as short.
    var limit = rlimit(rlim_cur: 1, rlim_max: 1)
    guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else {
      throw .system(act: "turn cores off", code: errno)
    }
    guard writ_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 else {
      throw .system(act: "keep others from its memory", code: errno)
    }
  }

  /// Whether orphans of children come to this process.
  static var takesOrphans: Bool {
    var isSet: Int32 = 0
    let code = withUnsafeMutablePointer(to: &isSet) {
      writ_prctl(PR_GET_CHILD_SUBREAPER, UInt(bitPattern: $0), 0, 0, 0)
    }
    return code == 0 && isSet != 0
  }
}
