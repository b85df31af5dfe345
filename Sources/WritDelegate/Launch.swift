// What a program is started with, and how the system starts it.
//
// Swift cannot fork. So the system starts a launcher, which is the delegate's own program in another
// mode (Launcher.swift): it takes leave of everything that it should not have and then becomes the
// program. There is no shell anywhere.
import CLinux
import Glibc
public import WritCrypto

/// Bounds that the kernel holds a program to; 0 is none.
public struct ProcessLimits: Hashable, Sendable {
  /// Seconds of processor time.
  public var cpuSeconds: UInt64 = 0
  /// Bytes of address space.
  public var memoryBytes: UInt64 = 0
  /// Bytes in a file that it writes.
  public var fileBytes: UInt64 = 0
  /// Descriptors open at a time.
  public var openFiles: UInt64 = 1024
  /// Processes of the user.
  public var processes: UInt64 = 0

  /// 1024 descriptors and nothing else.
  public init() {}

  /// In the order in which a launcher gets them.
  var numbers: [UInt64] { [cpuSeconds, memoryBytes, fileBytes, openFiles, processes] }

  init?(numbers: [UInt64]) {
    guard numbers.count == 5 else { return nil }
    (cpuSeconds, memoryBytes, fileBytes) = (numbers[0], numbers[1], numbers[2])
    (openFiles, processes) = (numbers[3], numbers[4])
  }
}

/// A program to be run.
public struct Launch: Sendable {
  /// The program and its arguments; a name without `/` is looked for in `Launch.path`.
  public let command: [String]
  /// Variables beside `PATH`, `HOME` and `LANG`.
  public let secrets: [(name: String, value: SecretBytes)]
  /// Further variables, which are no secrets.
  public let variables: [(name: String, value: String)]
  /// Its standard input is what `RunningProcess.send` sends; otherwise it is empty.
  public let takesInput: Bool
  /// Where it runs; absolute.
  public let directory: String
  /// Milliseconds until it is asked to end.
  public let timeoutMilliseconds: Int64
  /// What the kernel holds it to.
  public let limits: ProcessLimits

  /// The `PATH` of every program.
  public static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// A program to be run, not yet looked for.
  public init(
    command: [String], secrets: [(name: String, value: SecretBytes)], directory: String,
    timeoutMilliseconds: Int64, limits: ProcessLimits = ProcessLimits(),
    variables: [(name: String, value: String)] = [], takesInput: Bool = false
  ) {
    self.variables = variables
    self.takesInput = takesInput
    self.command = command
    self.secrets = secrets
    self.directory = directory
    self.timeoutMilliseconds = timeoutMilliseconds
    self.limits = limits
  }
}

/// The ends of pipes that a started program writes into, and its number.
struct Started {
  let process: pid_t
  let output: Int32
  let errors: Int32
  /// What a launcher says when it fails; ends without a word when the program runs.
  let complaint: Int32
  /// Where its standard input is written; `nil` where that is empty.
  let input: Int32?
}

/// A pipe whose ends no other program gets.
private struct Pipe {
  let read: Int32
  let write: Int32

  /// Of one that the program reads the other end waits for nobody.
  init(isInput: Bool = false) throws(DelegateError) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .system(act: "make a pipe", code: errno) }
    (read, write) = (ends[0], ends[1])
    _ = fcntl(isInput ? write : read, F_SETFL, O_NONBLOCK)
  }
}

/// Starts a launcher that becomes the program. The thread that calls must live as long as the
/// program: its end is the program's.
func start(_ launch: Launch, launcher: String) throws(DelegateError) -> Started {
  var pipes: [Pipe] = []
  for number in 0..<(launch.takesInput ? 4 : 3) {
    do throws(DelegateError) {
      pipes.append(try Pipe(isInput: number == 3))
    } catch {
      for pipe in pipes {
        close(pipe.read)
        close(pipe.write)
      }
      throw error
    }
  }
  var process = pid_t()
  let input = launch.takesInput ? pipes[3] : nil
  let code = spawn(launch, launcher, pipes[..<3].map(\.write), input?.read, &process)
  for pipe in pipes[..<3] { close(pipe.write) }
  if let input { close(input.read) }
  guard code == 0 else {
    for pipe in pipes[..<3] { close(pipe.read) }
    if let input { close(input.write) }
    throw .system(act: "start \(launcher)", code: code)
  }
  return Started(
    process: process, output: pipes[0].read, errors: pipes[1].read, complaint: pipes[2].read,
    input: input?.write)
}

private func spawn(
  _ launch: Launch, _ launcher: String, _ ends: [Int32], _ input: Int32?, _ process: inout pid_t
) -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  if let input {
    posix_spawn_file_actions_adddup2(&actions, input, 0)
  } else {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  }
  for (target, end) in zip([1, 2, Launcher.complaintDescriptor], ends) {
    posix_spawn_file_actions_adddup2(&actions, end, target)
  }
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // POSIX_SPAWN_SETSID: a session, and with it a group, of its own.
  let ownSession: Int16 = 0x80
  let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | ownSession
  posix_spawnattr_setflags(&attributes, flags)
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigfillset(&signals)
  posix_spawnattr_setsigdefault(&attributes, &signals)

  let words = [launcher] + Launcher.words(launch, parent: getpid())
  var arguments = words.map { strdup($0) } + [nil]
  defer { for word in arguments { free(word) } }
  let environment = Variables(launch)
  return environment.lend { posix_spawn(&process, launcher, &actions, &attributes, &arguments, $0) }
}

/// The variables of a program, overwritten once it has them.
private final class Variables {
  private let texts: [SecretBytes]

  init(_ launch: Launch) {
    let usual = ["PATH=\(Launch.path)", "HOME=\(launch.directory)", "LANG=C.UTF-8"]
    let plain = (usual + launch.variables.map { "\($0.name)=\($0.value)" }).map { text in
      Array(text.utf8).withUnsafeBytes { Variables.ended($0, nil) }
    }
    texts =
      plain
      + launch.secrets.map { secret in
        Array("\(secret.name)=".utf8).withUnsafeBytes { Variables.ended($0, secret.value) }
      }
  }

  /// Both, one behind the other, with the zero that ends a text in C.
  private static func ended(_ first: UnsafeRawBufferPointer, _ second: SecretBytes?) -> SecretBytes
  {
    let text = SecretBytes(count: first.count + (second?.count ?? 0) + 1)
    text.withUnsafeMutableBytes { buffer in
      buffer.copyMemory(from: first)
      second?.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: buffer[first.count...]).copyMemory(from: $0)
      }
    }
    return text
  }

  /// Lends them as an array of texts that ends with nil.
  func lend(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Int32 {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { text in
      text.withUnsafeMutableBytes { $0.baseAddress?.assumingMemoryBound(to: CChar.self) }
    }
    pointers.append(nil)
    return withExtendedLifetime(self) {
      pointers.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map(body) ?? EINVAL
      }
    }
  }
}
