// What the programs of a run's steps may use and touch: bounds that the kernel holds them to.
//
// They run as the runner's own user. Where the kernel has Landlock they see the system's folders and the one that they work in,
// and not the keys and the log; where it has none, or what should be hidden lies where they work, that is said, when the run begins and in
// its record.

import Writ
import WritDelegate
import WritEvidence
import WritModel

extension Option {
  // Options on the programs of steps.
  static let mayRead = Option.repeated(
    "--may-read", "PATH", "what programs of steps may read beside the system and --work")
  static let mayWrite = Option.repeated(
    "--may-write", "PATH", "what programs of steps may write beside --work")
  static let limit = Option.repeated(
    "--limit", "NAME=N",
    "a bound on each program: cpu, memory, file, files or processes; 0 is none")
  static let confined = Option.flag(
    "--confined", "begin nothing where programs cannot be kept from keys, log and other programs")
}

/// The bounds of one run's programs.
struct ProgramBounds {
  let limits: ProcessLimits
  /// Where programs work; absolute.
  let directory: String
  private let work: Work

  /// How far programs are kept from what they should not see.
  enum Hold: String {
    /// They see neither keys nor log, and write where they work.
    case whole
    /// What should be hidden lies where they work, or the kernel knows too little of Landlock.
    case partial
    /// They can touch what the runner's user can.
    case none
  }

  let hold: Hold
  /// Why they are not kept wholly; `nil` where they are.
  let note: String?

  fileprivate struct Work {
    let readable: [String]
    let writable: [String]
    let hidden: [String]
    let isAlone: Bool
  }

  /// - Parameters:
  ///   - folder: Of the run.
  ///   - store: The log, and with it the keys that sign there.
  init(_ invocation: Invocation, _ folder: RunFolder, _ store: LogStore) throws(Failure) {
    let work = invocation.value("--work") ?? "."
    guard isDirectory(work), let place = resolvedPath(work) else {
      throw Failure(.noInput, "\(work) is no folder to work in", remedy: "name one with --work")
    }
    directory = place
    limits = try invocation.programLimits()
    let keys = try withLog { () throws(LogError) in try store.configuration() }.keys.map(\.path)
    let options = ["--permit-key", "--actor-key", "--tls-key", "--token"]
    for name in ["--may-read", "--may-write"] {
      for path in invocation.values(name) where FileStamp(path) == nil {
        throw Failure(.noInput, "`\(name) \(path)` is not there")
      }
    }
    self.work = Work(
      readable: invocation.values("--may-read"),
      writable: [place] + invocation.values("--may-write"),
      hidden: [store.directory, WritCLI.directory(of: folder.path)] + keys
        + options.compactMap { invocation.value($0) },
      isAlone: invocation.has("--confined"))
    (hold, note) = ProgramBounds.hold(by: try self.work.confinement([]))
    guard let note, invocation.has("--confined") else { return }
    throw Failure(
      .refused, note, remedy: "leave out `--confined`, and see to it that they cannot otherwise")
  }

  /// What a program is confined to; `nil` where it cannot be.
  ///
  /// - Parameter program: What it runs, by its path; it may read that too.
  /// - Parameter folders: What it alone may write.
  func confinement(
    of program: String, writing folders: [String]
  ) throws(Failure) -> Confinement? {
    guard hold != .none else { return nil }
    return try work.confinement(
      program.utf8.contains(UInt8(ascii: "/")) ? [program] : [], writing: folders)
  }

  /// Variables of a program: there is no folder for all that it could write to.
  var variables: [(name: String, value: String)] {
    hold == .none ? [] : [("TMPDIR", directory)]
  }
}

extension ProgramBounds {
  private static func hold(by confinement: Confinement) -> (Hold, note: String?) {
    let version = Confinement.kernelVersion
    guard version > 0 else {
      return (
        .none,
        "the kernel has no Landlock: programs of steps can read and write what this user can, keys and log too"
      )
    }
    if !confinement.exposed.isEmpty {
      return (
        .partial,
        "programs of steps may read and write \(names(of: confinement.exposed)), which lie where they may write: name other folders with --work and --may-write"
      )
    }
    guard version >= Confinement.wholeVersion else {
      return (
        .partial,
        "the kernel's Landlock is of version \(version): programs of steps can cut files short"
      )
    }
    guard !confinement.isAlone || version >= Confinement.aloneVersion else {
      return (
        .partial,
        "the kernel's Landlock is of version \(version): programs of steps can send signals"
      )
    }
    return (.whole, nil)
  }

}

extension ProgramBounds {
  /// Some of what lies there, for people.
  private static func names(of paths: [String]) -> String {
    let names = paths.prefix(3).map { lastComponent(of: $0) }
    let rest = paths.count - names.count
    return names.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}

extension Invocation {
  /// Bounds that no build should meet, and a runaway does; `--limit` says each otherwise.
  func programLimits() throws(Failure) -> ProcessLimits {
    var limits = ProcessLimits()
    limits.cpuSeconds = 4 * 3_600
    limits.memoryBytes = 16 << 30
    limits.fileBytes = 16 << 30
    limits.openFiles = 4_096
    limits.processes = 4_096
    for (name, text) in try pairs("--limit") {
      guard let number = UInt64(text), number <= 1 << 53 else {
        throw .usage("`--limit \(name)=\(text)` is no number", remedy: "write digits")
      }
      switch name {
      case "cpu": limits.cpuSeconds = number
      case "memory": limits.memoryBytes = number
      case "file": limits.fileBytes = number
      case "files": limits.openFiles = number
      case "processes": limits.processes = number
      default:
        throw .usage(
          "there is no limit `\(name)`",
          remedy: "write cpu (seconds), memory, file (bytes), files or processes")
      }
    }
    return limits
  }
}

extension ProgramBounds.Work {
  func confinement(
    _ more: [String], writing folders: [String] = []
  ) throws(Failure) -> Confinement {
    let confinement = Confinement(
      readable: readable + more, writable: writable + folders, hidden: hidden,
      isAlone: isAlone && Confinement.kernelVersion >= Confinement.aloneVersion)
    guard let confinement else {
      throw .badInput(
        "beside keys and log lie more than \(Confinement.ruleCount) files that programs may read",
        remedy: "keep keys and log in folders of their own")
    }
    return confinement
  }
}

extension LoweredPipeline {
  /// Whether a step of it starts a program beside the runner.
  var startsPrograms: Bool {
    steps.values.contains { step in
      switch step {
      case .run, .agent: true
      default: false
      }
    }
  }
}
