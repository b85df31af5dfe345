// Landlock, by which a process gives up files for itself and for all that it starts, for good: landlock(7).
//
//     ruleset    a descriptor: which acts on files are forbidden where no rule allows them
//     rule       a path, and what may be done with all that lies beneath it
//
// The C library has no names for these calls, so they are made by their numbers, which are the same on every machine; their
// structures are small enough to be written by the byte.
import CLinux
import Glibc

enum Landlock {
  /// What a path is good for.
  enum Access: UInt8 {
    /// To be read, listed and run.
    case read = 0x72
    /// All of that, and to be written, made and removed.
    case write = 0x77
    /// To be read and written, as a device is.
    case device = 0x64
  }

  /// How much of it the kernel knows: 0 where it has none, or was started without.
  static var version: Int {
    // LANDLOCK_CREATE_RULESET_VERSION.
    max(0, writ_syscall(createRuleset, 0, 0, 1, 0))
  }

  private static let (createRuleset, addRule, restrictSelf) = (444, 445, 446)

  // Bits of acts on files, lowest first: execute, write, read, list; remove a folder, a file; make a character device, a folder, a
  // file, a socket, a pipe, a block device, a link; since version 2 link and rename between folders, since 3 truncate, since 5
  // control a device.
  private static let reading: UInt64 = 1 << 0 | 1 << 2 | 1 << 3
  private static let devices: UInt64 = 1 << 6 | 1 << 11 | 1 << 15
  private static let files: UInt64 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15

  private static func known(to version: Int) -> UInt64 {
    let bits: UInt64 =
      switch version {
      case ..<2: 13
      case 2: 14
      case 3, 4: 15
      default: 16
      }
    return 1 << bits - 1
  }

  private static func acts(_ access: Access) -> UInt64 {
    switch access {
    case .read: reading
    case .write: ~devices
    case .device: 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15
    }
  }

  /// Leaves this process, and whatever it becomes and starts, nothing but these paths; what is not there is passed over. The process
  /// must have given up new rights before. Returns 0, or why it is not so.
  ///
  /// - Parameter isAlone: That it also sends no signals to others, and does not connect to their abstract sockets.
  static func restrict(to paths: [(Access, UnsafePointer<CChar>)], isAlone: Bool) -> Int32 {
    let version = version
    guard version > 0 else { return ENOSYS }
    let handled = known(to: version)
    // Files, network, and what reaches beyond: LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL.
    var attributes: [UInt64] = [handled, 0, isAlone ? 3 : 0]
    let byteCount = version < 4 ? 8 : version < 6 ? 16 : 24
    guard !isAlone || byteCount == 24 else { return ENOSYS }
    let ruleset = attributes.withUnsafeMutableBytes {
      writ_syscall(createRuleset, UInt(bitPattern: $0.baseAddress), UInt(byteCount), 0, 0)
    }
    guard ruleset >= 0 else { return errno }
    defer { close(Int32(ruleset)) }
    for (access, path) in paths {
      let code = allow(acts(access) & handled, beneath: path, in: ruleset)
      guard code == 0 else { return code }
    }
    return writ_syscall(restrictSelf, UInt(ruleset), 0, 0, 0) == 0 ? 0 : errno
  }

  private static func allow(
    _ acts: UInt64, beneath path: UnsafePointer<CChar>, in ruleset: Int
  ) -> Int32 {
    // O_PATH, which Swift's Glibc leaves out.
    let descriptor = retrying { open(path, 0o10000000 | O_CLOEXEC) }
    guard descriptor >= 0 else {
      return [ENOENT, ENOTDIR, EACCES].contains(errno) ? 0 : errno
    }
    defer { close(descriptor) }
    var state = stat()
    guard fstat(descriptor, &state) == 0 else { return errno }
    let isFolder = state.st_mode & S_IFMT == S_IFDIR
    // The acts in eight bytes and the descriptor in four, without a gap.
    var rule: (UInt64, Int32) = (isFolder ? acts : acts & files, descriptor)
    let result = withUnsafeBytes(of: &rule) {
      // LANDLOCK_RULE_PATH_BENEATH.
      writ_syscall(addRule, UInt(ruleset), 1, UInt(bitPattern: $0.baseAddress), 0)
    }
    return result == 0 ? 0 : errno
  }
}
