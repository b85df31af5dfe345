// Programs of a run's `run` steps, beside the runner: they hold no secrets and touch nothing.
//
// A program gets a clean environment, a folder to work in and bounds (ProgramBounds.swift), and ends with the runner, with all that it
// started.

@preconcurrency import Glibc
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel
import WritPipeline

/// The programs under way. One thread, which must live as long as they do.
final class LocalPrograms {
  private let desk: PipelineDesk
  private let tell: RunTeller
  let bounds: ProgramBounds
  /// Starts what agents are, too.
  let launcher: Launcher
  private var running: [AttemptName: Running] = [:]
  private var waiting: [(AttemptName, AttemptNews)] = []

  private struct Running {
    let process: RunningProcess
    let timeoutMilliseconds: Int64
    let output: ExpectedOutput?
  }

  /// What a program is to give out, and where it writes it.
  private struct ExpectedOutput {
    let file: String
    /// Takes what was written, or says why it is not what the pipeline says.
    let accept: (String) throws(Failure) -> String
  }

  init(_ desk: PipelineDesk, _ tell: RunTeller) throws(Failure) {
    guard let program = resolvedPath("/proc/self/exe") else {
      throw Failure(.broken, "the system does not say where this program lies")
    }
    launcher = Launcher(program: program)
    self.desk = desk
    self.tell = tell
    bounds = desk.bounds
  }

  /// Waits until nothing lives any more that an earlier runner of this run had started, and sees to it that the same can be said
  /// of this one.
  func claim() throws(Failure) {
    do throws(DelegateError) {
      try Hardening.takeOrphans()
      try launcher.hold(
        desk.folder.programs, patienceMilliseconds: DelegateLimits.endingMilliseconds)
    } catch {
      throw Failure(.broken, "\(error)")
    }
  }

  /// To wait for, beside others.
  var descriptors: [Int32] { running.values.flatMap(\.process.descriptors) }

  /// Whether any is under way: its end is nothing that can be waited for.
  var isBusy: Bool { !running.isEmpty }

  /// Starts the program of a step. That it is about to be is remembered first.
  func start(_ attempt: AttemptName, at node: RunPosition, until: Int64?, of run: Run) {
    let id = run.id(of: node.node)
    let timeout = timeout(until: until)
    do throws(Failure) {
      let output = try expectedOutput(attempt, at: node, of: run)
      let launch = try launch(
        try desk.words(at: id, try desk.outputs(for: id, run)), timeout,
        variables: output.map { [(LocalPrograms.outputVariable, $0.file)] } ?? [],
        writing: output.map { [WritCLI.directory(of: $0.file)] } ?? [])
      try desk.folder.remember(attempt, order: nil)
      do throws(DelegateError) {
        let process = try RunningProcess(
          launch, by: launcher, atMilliseconds: steadyMilliseconds())
        running[attempt] = Running(
          process: process, timeoutMilliseconds: timeout, output: output)
      } catch {
        throw Failure(.noInput, "\(error)")
      }
    } catch {
      end(attempt, Ending(.errored, detail: error.message))
    }
  }

  /// A program in its bounds.
  ///
  /// - Parameter folders: What it alone may write.
  func launch(
    _ command: [String], _ timeout: Int64, variables: [(name: String, value: String)] = [],
    writing folders: [String] = [], takesInput: Bool = false
  ) throws(Failure) -> Launch {
    Launch(
      command: command, secrets: [], directory: bounds.directory, timeoutMilliseconds: timeout,
      limits: bounds.limits, variables: bounds.variables + variables, takesInput: takesInput,
      confinement: try bounds.confinement(of: command.first ?? "", writing: folders))
  }

  /// How long a program has that should be over at a time, in milliseconds.
  func timeout(until: Int64?) -> Int64 {
    let left = until.map { max(1, ($0 - currentTime()) / 1000) }
    return min(left ?? DelegateLimits.usualTimeout, DelegateLimits.longestTimeout)
  }

  /// The variable that names the file for what a program gives out.
  static let outputVariable = "WRIT_OUTPUT"

  /// Of an attempt whose step gives something out; nothing is left there of an attempt before.
  private func expectedOutput(
    _ attempt: AttemptName, at node: RunPosition, of run: Run
  ) throws(Failure) -> ExpectedOutput? {
    guard let output = desk.lowered.output(of: run.id(of: node.node)) else { return nil }
    let file = try desk.folder.freshOutputFile(of: attempt)
    let desk = desk
    return ExpectedOutput(file: file) { text throws(Failure) in
      try desk.accepted(text, of: output, at: node, of: run)
    }
  }

  func stop(_ attempt: AttemptName) {
    running[attempt]?.process.stop(atMilliseconds: steadyMilliseconds())
  }

  func news() -> [(AttemptName, AttemptNews)] {
    for (attempt, program) in running {
      for chunk in program.process.advance(atMilliseconds: steadyMilliseconds()) {
        tell.wrote(chunk.bytes, chunk.stream, attempt.step)
      }
      guard let end = program.process.end else { continue }
      running[attempt] = nil
      tell.ends(attempt.step)
      self.end(attempt, ending(program, end))
    }
    defer { waiting = [] }
    return waiting
  }

  private func end(_ attempt: AttemptName, _ ending: Ending) {
    waiting.append(desk.remembering(attempt, ending))
  }

  private func ending(_ program: Running, _ end: ProcessEnd) -> Ending {
    let outputs = program.process.outputDigest
    switch end {
    case .exited(0):
      guard let expected = program.output else { return Ending(.succeeded, outputs: outputs) }
      do throws(Failure) {
        let bytes = try readRegularFile(expected.file, limit: 1 << 20, followsLinks: false)
        guard bytes.count <= PipelineLimits.outputByteCount else {
          throw Failure.badInput("it is longer than \(PipelineLimits.outputByteCount) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw Failure.badInput("it is no UTF-8")
        }
        return Ending(.succeeded, outputs: outputs, output: try expected.accept(text))
      } catch {
        return Ending(
          .errored, outputs: outputs,
          detail: "it ended well, but did not give out what the pipeline says: \(error.message)")
      }
    case .exited(let code): return Ending(.failed, outputs: outputs, detail: "exit code \(code)")
    case .killed(let signal):
      return Ending(.errored, outputs: outputs, detail: "killed by signal \(signal)")
    case .overran(let limit):
      return Ending(.errored, outputs: outputs, detail: ProcessEnd.words(ofOverrun: limit))
    case .timedOut:
      let time = program.timeoutMilliseconds
      return Ending(.errored, outputs: outputs, detail: "not done after \(time) ms, and killed")
    case .stopped: return Ending(.cancelled, outputs: outputs, detail: "told to stop")
    case .notStarted(let why): return Ending(.errored, detail: why)
    }
  }
}

/// Milliseconds of a clock that never goes back.
func steadyMilliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
