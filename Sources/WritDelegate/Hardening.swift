// What the delegate's own process gives up: cores, being looked into, losing sight of orphans.
import CLinux
import Glibc

/// Acts on the own process.
public enum Hardening {
  /// As `closeMemory` and `takeOrphans`. For a program that does nothing but serve, before its first secret.
  public static func harden() throws(DelegateError) {
    try closeMemory()
    // A crash is an end and nothing more: Swift's runtime starts nobody to look into what crashed.
    for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
      signal(number, SIG_DFL)
    }
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

  /// Gives up all capabilities, for good where new rights were given up before: root's programs read the memory and the environment
  /// of others, and set clocks, by those, whatever else they are kept from. Returns 0, or why it is not so.
  static func giveUpCapabilities() -> Int32 {
    // PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL; a kernel without them has none to clear.
    _ = writ_prctl(47, 4, 0, 0, 0)
    // PR_CAPBSET_DROP, up to the last that the kernel has; whoever may not drop them has none.
    for capability in 0..<64 as Range<UInt> where writ_prctl(24, capability, 0, 0, 0) != 0 { break }
    // _LINUX_CAPABILITY_VERSION_3 and this thread; effective, permitted and inheritable, twice 32 of each.
    var header: [UInt32] = [0x2008_0522, 0]
    let none = [UInt32](repeating: 0, count: 6)
    return header.withUnsafeMutableBytes { header in
      none.withUnsafeBytes { capset(header.baseAddress, $0.baseAddress) == 0 ? 0 : errno }
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
