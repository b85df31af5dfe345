// The launcher: the delegate's program as it becomes another one.
//
//     writ-delegate --launch PARENT CPU MEMORY FILE FILES PROCESSES DIRECTORY PROGRAM ARGUMENT...
//
// Between being started and becoming the program it sees to it that the program
//
//   - dies when the delegate does,
//   - gains no rights by running another program, such as one with the setuid bit,
//   - leaves no core, and keeps to its limits,
//   - has no descriptor but 0, 1 and 2.
//
// What fails is said on descriptor 3, which closes when the program runs.
import CLinux
import Glibc

/// The delegate's program in its other mode.
public enum Launcher {
  /// The first argument of a launcher.
  public static let word = "--launch"
  static let complaintDescriptor: Int32 = 3
  /// Words in front of the program.
  private static let fixedCount = 8

  static func words(_ launch: Launch, parent: pid_t) -> [String] {
    [word, String(parent)] + launch.limits.numbers.map(String.init) + [launch.directory]
      + launch.command
  }

  /// Becomes the program that the words name; returns only if that fails, with what to exit with.
  public static func run(_ words: [String]) -> Int32 {
    guard words.count > fixedCount, words[0] == word, let parent = pid_t(words[1]),
      let limits = ProcessLimits(numbers: words[2..<7].compactMap { UInt64($0) })
    else { return complain("read its own arguments", EINVAL) }
    _ = fcntl(complaintDescriptor, F_SETFD, FD_CLOEXEC)
    guard close_range(UInt32(complaintDescriptor) + 1, .max, 0) == 0 else {
      return complain("close descriptors", errno)
    }
    guard writ_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0) == 0 else {
      return complain("be bound to the delegate", errno)
    }
    // Whose parent ended before that line is not told.
    guard getppid() == parent else { return complain("find the delegate", ESRCH) }
    guard writ_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 else {
      return complain("give up new rights", errno)
    }
    guard apply(limits) else { return complain("set limits", errno) }
    umask(0o077)
    guard chdir(words[7]) == 0 else { return complain("go to \(words[7])", errno) }
    return become(Array(words[fixedCount...]))
  }

  private static func apply(_ limits: ProcessLimits) -> Bool {
    // One byte, not none: to a program that takes cores through a pipe the kernel gives them
    // whatever the limit is, but for this one. No core is as short.
    var all: [(__rlimit_resource_t, UInt64)] = [(resource(RLIMIT_CORE), 1)]
    if limits.cpuSeconds > 0 { all.append((resource(RLIMIT_CPU), limits.cpuSeconds)) }
    if limits.memoryBytes > 0 { all.append((resource(RLIMIT_AS), limits.memoryBytes)) }
    if limits.fileBytes > 0 { all.append((resource(RLIMIT_FSIZE), limits.fileBytes)) }
    if limits.openFiles > 0 { all.append((resource(RLIMIT_NOFILE), limits.openFiles)) }
    // RLIMIT_NPROC, which Swift's Glibc leaves out.
    if limits.processes > 0 { all.append((6, limits.processes)) }
    for (resource, number) in all {
      var limit = rlimit()
      guard getrlimit(resource, &limit) == 0 else { return false }
      let bound = min(rlim_t(number), limit.rlim_max)
      limit = rlimit(rlim_cur: bound, rlim_max: bound)
      guard setrlimit(resource, &limit) == 0 else { return false }
    }
    return true
  }

  private static func resource(_ name: __rlimit_resource) -> __rlimit_resource_t {
    __rlimit_resource_t(name.rawValue)
  }

  /// Looks for the program in the fixed places, and nowhere else.
  private static func become(_ command: [String]) -> Int32 {
    let name = command[0]
    let places =
      name.utf8.contains(UInt8(ascii: "/"))
      ? [name] : Launch.path.split(separator: ":").map { "\($0)/\(name)" }
    var arguments = command.map { strdup($0) } + [nil]
    var code = ENOENT
    for place in places {
      execve(place, &arguments, environ)
      if errno != ENOENT && errno != ENOTDIR { code = errno }
    }
    return complain("run \(name)", code)
  }

  private static func complain(_ act: String, _ code: Int32) -> Int32 {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    let text = Array("cannot \(act): \(reason)".utf8.prefix(512))
    _ = text.withUnsafeBytes { write(complaintDescriptor, $0.baseAddress, $0.count) }
    return 127
  }
}
