// Agents of a run's steps: programs that ask questions of the bundle until they have an answer.
//
// An agent is a program like that of a `run`: beside the runner, without secrets. It has an identity of its own, by which its
// questions are asked; nothing that it asks is done.

@preconcurrency import Glibc
import Writ
import WritCrypto
import WritDelegate
import WritEvidence
import WritModel
import WritPipeline
import WritServers

/// An agent that whoever runs the pipeline has named.
struct ConfiguredAgent {
  let program: String
  /// As a node.
  let identity: String
  let spoken: AgentProtocol
}

extension Invocation {
  /// The agents of `--agent`, `--agent-as` and `--agent-speaks`, by name.
  func agents() throws(Failure) -> [String: ConfiguredAgent] {
    var identities: [String: String] = [:]
    for (name, node) in try pairs("--agent-as") { identities[name] = node }
    let spoken = try agentProtocols()
    var agents: [String: ConfiguredAgent] = [:]
    for (name, program) in try pairs("--agent") {
      guard let identity = identities[name] else {
        throw .usage(
          "it is not said who the agent `\(name)` is", remedy: "add `--agent-as \(name)=NODE`")
      }
      guard identity != value("--caller") else {
        throw .usage(
          "the agent `\(name)` would ask as `\(identity)`, who asks for the run",
          remedy: "give it an identity of its own")
      }
      agents[name] = ConfiguredAgent(
        program: program, identity: identity, spoken: spoken[name] ?? .lines)
    }
    if let name = spoken.keys.sorted().first(where: { agents[$0] == nil }) {
      throw .usage(
        "`--agent-speaks \(name)=…` is about no agent",
        remedy: "add `--agent \(name)=PROGRAM`, or leave it out")
    }
    return agents
  }
}

/// The agents under way. One thread, which must live as long as they do.
final class AgentPrograms {
  private let invocation: Invocation
  private let desk: PipelineDesk
  private let tell: RunTeller
  private let programs: LocalPrograms
  private let agents: [String: ConfiguredAgent]
  private var running: [AttemptName: Running] = [:]
  private var waiting: [(AttemptName, AttemptNews)] = []

  private struct Running {
    let process: RunningProcess
    var speech: AgentSpeech
    let position: RunPosition
    /// As it stood when the agent was started.
    let run: Run
    /// When its answer was taken, of one that is told so; and whether it was ended some time later.
    var answeredAt: Int64?
    var isParting = false
    /// Somebody has stopped it.
    var isCancelled = false
  }

  init(
    _ invocation: Invocation, _ desk: PipelineDesk, _ tell: RunTeller, _ programs: LocalPrograms
  ) throws(Failure) {
    self.invocation = invocation
    self.desk = desk
    self.tell = tell
    self.programs = programs
    agents = try invocation.agents()
    // An agent need not read what it is told.
    signal(SIGPIPE, SIG_IGN)
  }

  /// To wait for, beside others.
  var descriptors: [Int32] { running.values.flatMap(\.process.descriptors) }

  /// Whether any is under way.
  var isBusy: Bool { !running.isEmpty }

  /// Starts the agent of a step. That it is about to be is remembered first.
  func start(_ attempt: AttemptName, at node: RunPosition, until: Int64?, of run: Run) {
    let id = run.id(of: node.node)
    do throws(Failure) {
      guard case .agent(let step)? = desk.lowered.steps[id], let agent = agents[step.name] else {
        throw .badInput("nobody has said which program the agent of `\(id)` is")
      }
      let outputs = try desk.outputs(for: id, run)
      let tools = PolicyTools(
        invocation, asking: ActingCaller(asking: agent.identity),
        over: desk.head.request.facts + outputs.flatMap(\.facts))
      var speech = AgentSpeech(
        agent.spoken, try task(step, outputs, at: id), tools, answer(at: node, of: run))
      let opening = try speech.open()
      let launch = try programs.launch(
        [agent.program], programs.timeout(until: until), takesInput: true)
      try desk.folder.remember(attempt, order: nil)
      let process: RunningProcess
      do throws(DelegateError) {
        process = try RunningProcess(
          launch, by: programs.launcher, atMilliseconds: steadyMilliseconds())
      } catch {
        throw Failure(.noInput, "\(error)")
      }
      process.send(opening)
      running[attempt] = Running(
        process: process, speech: speech, position: node, run: run)
    } catch {
      end(attempt, Ending(.errored, detail: error.message))
    }
  }

  /// What an agent is told of what it is to do.
  private func task(
    _ step: PipelineAgent, _ outputs: [GivenOutput], at id: String
  ) throws(Failure) -> AgentTask {
    AgentTask(
      words: try desk.task(of: step, outputs),
      context: outputs.map { made in
        JSONMember(desk.lowered.program.outputs[made.output].name, .string(made.text))
      },
      calls: step.calls, tokens: step.tokens,
      output: desk.lowered.output(of: id).map { desk.lowered.program.outputs[$0].name })
  }

  /// What it is to give out, for one that is told while it works whether that fits; `nil` where it gives out nothing.
  private func answer(at node: RunPosition, of run: Run) -> AgentAnswer? {
    guard let output = desk.lowered.output(of: run.id(of: node.node)) else { return nil }
    let schema = ToolSchema(schema: desk.bundle.program.program.schema)
    let desk = desk
    return AgentAnswer(schema: schema.output(desk.lowered.program.outputs[output].type)) { said in
      do throws(Failure) {
        _ = try desk.accepted(said.compact, of: output, at: node, of: run)
        return nil
      } catch {
        return error.text
      }
    }
  }

  func stop(_ attempt: AttemptName) {
    running[attempt]?.isCancelled = true
    running[attempt]?.process.stop(atMilliseconds: steadyMilliseconds())
  }

  func news() -> [(AttemptName, AttemptNews)] {
    for attempt in Array(running.keys) { advance(attempt) }
    defer { waiting = [] }
    return waiting
  }

  private func advance(_ attempt: AttemptName) {
    guard var one = running[attempt] else { return }
    let now = steadyMilliseconds()
    for chunk in one.process.advance(atMilliseconds: now) {
      guard chunk.stream == .output else {
        tell.wrote(chunk.bytes, chunk.stream, attempt.step)
        continue
      }
      one.process.send(one.speech.take(chunk.bytes))
    }
    // What it writes beyond that nobody hears.
    if one.process.isTruncated {
      one.speech.stop("it wrote more than \(DelegateLimits.outputByteCount) bytes")
    }
    if one.speech.ledger.stopReason != nil { one.process.stop(atMilliseconds: now) }
    if one.speech.hasTakenAnswer { part(from: &one, now) }
    running[attempt] = one
    guard let end = one.process.end else { return }
    running[attempt] = nil
    tell.ends(attempt.step)
    self.end(attempt, ending(one, end, attempt))
  }

  /// A client may wait until its server is gone: once its answer is taken it has some time to end, and is ended then.
  private func part(from one: inout Running, _ now: Int64) {
    let since = one.answeredAt ?? now
    one.answeredAt = since
    guard !one.isParting, !one.isCancelled, now - since >= AgentLimits.partingMilliseconds else {
      return
    }
    one.isParting = true
    one.process.stop(atMilliseconds: now)
  }

  private func end(_ attempt: AttemptName, _ ending: Ending) {
    waiting.append(desk.remembering(attempt, ending))
  }

  /// The transcript is kept before it is told how it ended; its digest goes with that.
  private func ending(_ one: Running, _ end: ProcessEnd, _ attempt: AttemptName) -> Ending {
    let ledger = one.speech.ledger
    let digest = ledger.digest
    func ended(_ result: RunResult, _ detail: String = "", output: String? = nil) -> Ending {
      Ending(result, outputs: digest, detail: detail, output: output)
    }
    do throws(Failure) {
      try desk.folder.keep(transcript: ledger.transcript, of: attempt)
      if let reason = ledger.stopReason { return ended(.errored, "stopped: \(reason)") }
      switch end {
      case .exited(0): break
      case .exited(let code): return ended(.failed, "exit code \(code)")
      case .killed(let signal): return ended(.errored, "killed by signal \(signal)")
      case .overran(let limit): return ended(.errored, ProcessEnd.words(ofOverrun: limit))
      case .timedOut: return ended(.errored, "its time was up")
      case .stopped where one.isParting: break
      case .stopped: return ended(.cancelled, "told to stop")
      case .notStarted(let why): return Ending(.errored, detail: why)
      }
      let id = one.run.id(of: one.position.node)
      guard let output = desk.lowered.output(of: id) else { return ended(.succeeded) }
      guard let said = ledger.output else {
        throw Failure.badInput("it said no `output`")
      }
      let text = try desk.accepted(said.compact, of: output, at: one.position, of: one.run)
      return ended(.succeeded, output: text)
    } catch {
      return ended(
        .errored,
        "it ended well, but did not give out what the pipeline says: \(error.message)")
    }
  }
}
