// Programs of a run's `run` steps, beside the runner: they hold no secrets and touch nothing.
//
// A program gets a clean environment and a folder to work in, and ends with the runner, with all that it started. It runs as the
// runner's own user: what that user can read, it can.

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
  /// Where programs run; absolute.
  private let directory: String
  private let launcher: Launcher
  private var running: [AttemptName: Running] = [:]
  private var waiting: [(AttemptName, AttemptNews)] = []

  private struct Running {
    let process: RunningProcess
    let id: String
    let timeoutMilliseconds: Int64
  }

  init(_ desk: PipelineDesk, _ tell: RunTeller, directory: String) throws(Failure) {
    guard isDirectory(directory), let place = resolvedPath(directory) else {
      throw Failure(
        .noInput, "\(directory) is no folder to work in", remedy: "name one with --work")
    }
    guard let program = resolvedPath("/proc/self/exe") else {
      throw Failure(.broken, "the system does not say where this program lies")
    }
    launcher = Launcher(program: program)
    self.desk = desk
    self.tell = tell
    self.directory = place
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
  func start(_ attempt: AttemptName, _ id: String, until: Int64?) {
    let left = until.map { max(1, ($0 - currentTime()) / 1000) }
    let timeout = min(left ?? DelegateLimits.usualTimeout, DelegateLimits.longestTimeout)
    do throws(Failure) {
      let launch = Launch(
        command: try desk.words(at: id), secrets: [], directory: directory,
        timeoutMilliseconds: timeout)
      try desk.folder.remember(attempt, order: nil)
      do throws(DelegateError) {
        let process = try RunningProcess(
          launch, by: launcher, atMilliseconds: steadyMilliseconds())
        running[attempt] = Running(process: process, id: id, timeoutMilliseconds: timeout)
      } catch {
        throw Failure(.noInput, "\(error)")
      }
    } catch {
      end(attempt, Ending(.errored, detail: error.message))
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
    do throws(Failure) {
      try desk.folder.remember(attempt, ending)
    } catch {
      desk.stop(error)
    }
    waiting.append((attempt, .ended(ending)))
  }

  private func ending(_ program: Running, _ end: ProcessEnd) -> Ending {
    let outputs = program.process.outputDigest
    switch end {
    case .exited(0): return Ending(.succeeded, outputs: outputs)
    case .exited(let code): return Ending(.failed, outputs: outputs, detail: "exit code \(code)")
    case .killed(let signal):
      return Ending(.errored, outputs: outputs, detail: "killed by signal \(signal)")
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
