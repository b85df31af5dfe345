// What a program is started with. How that is done: Launcher.swift.
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
  /// Processes of the user; and of the program with all that it started, also where the user is one whom the kernel does not count.
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
  /// What it may touch; `nil`: whatever its user can.
  public let confinement: Confinement?

  /// The `PATH` of every program.
  public static let path = places.joined(separator: ":")
  /// Where a name without `/` is looked for, in this order.
  static let places = [
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
  ]

  /// A program to be run, not yet looked for.
  public init(
    command: [String], secrets: [(name: String, value: SecretBytes)], directory: String,
    timeoutMilliseconds: Int64, limits: ProcessLimits = ProcessLimits(),
    variables: [(name: String, value: String)] = [], takesInput: Bool = false,
    confinement: Confinement? = nil
  ) {
    self.confinement = confinement
    self.variables = variables
    self.takesInput = takesInput
    self.command = command
    self.secrets = secrets
    self.directory = directory
    self.timeoutMilliseconds = timeoutMilliseconds
    self.limits = limits
  }
}
