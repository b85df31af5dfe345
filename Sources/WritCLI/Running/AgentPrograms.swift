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
}

extension Invocation {
  /// The agents of `--agent` and `--agent-as`, by name.
  func agents() throws(Failure) -> [String: ConfiguredAgent] {
    var identities: [String: String] = [:]
    for (name, node) in try pairs("--agent-as") { identities[name] = node }
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
      agents[name] = ConfiguredAgent(program: program, identity: identity)
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
    let tools: PolicyTools
    var conversation: AgentConversation
    let position: RunPosition
    /// As it stood when the agent was started.
    let run: Run
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
      let task = try desk.task(of: step, outputs)
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
      let tools = PolicyTools(
        invocation, asking: ActingCaller(asking: agent.identity),
        over: desk.head.request.facts + outputs.flatMap(\.facts))
      var conversation = AgentConversation(calls: step.calls, tokens: step.tokens)
      process.send(
        conversation.say(try opening(step, task, outputs, id, tools)))
      running[attempt] = Running(
        process: process, tools: tools, conversation: conversation, position: node, run: run)
    } catch {
      end(attempt, Ending(.errored, detail: error.message))
    }
  }

  /// What an agent is told first.
  private func opening(
    _ step: PipelineAgent, _ task: String, _ outputs: [GivenOutput], _ id: String,
    _ tools: PolicyTools
  ) throws(Failure) -> JSONValue {
    let listed: [Tool]
    do throws(ToolProviderError) {
      listed = try tools.tools()
    } catch {
      throw .badInput(error.message)
    }
    let context = outputs.map { made in
      JSONMember(desk.lowered.program.outputs[made.output].name, .string(made.text))
    }
    var members: [JSONMember] = [
      JSONMember("words", .string(task)), JSONMember("context", .object(context)),
      JSONMember("tools", .array(listed.map(\.json))),
      JSONMember("calls", .integer(Int64(step.calls))),
      JSONMember("tokens", .integer(step.tokens)),
    ]
    if let output = desk.lowered.output(of: id) {
      members.append(
        JSONMember("output", .string(desk.lowered.program.outputs[output].name)))
    }
    return ["task": .object(members)]
  }

  func stop(_ attempt: AttemptName) {
    running[attempt]?.process.stop(atMilliseconds: steadyMilliseconds())
  }

  func news() -> [(AttemptName, AttemptNews)] {
    for attempt in Array(running.keys) { advance(attempt) }
    defer { waiting = [] }
    return waiting
  }

  private func advance(_ attempt: AttemptName) {
    guard var one = running[attempt] else { return }
    for chunk in one.process.advance(atMilliseconds: steadyMilliseconds()) {
      guard chunk.stream == .output else {
        tell.wrote(chunk.bytes, chunk.stream, attempt.step)
        continue
      }
      for wish in one.conversation.take(chunk.bytes) {
        switch wish {
        case .call(let id, let tool, let arguments):
          one.process.send(
            one.conversation.say(answer(id, tool, arguments, one.tools)))
        case .stop: one.process.stop(atMilliseconds: steadyMilliseconds())
        }
      }
    }
    running[attempt] = one
    guard let end = one.process.end else { return }
    running[attempt] = nil
    tell.ends(attempt.step)
    self.end(attempt, ending(one, end, attempt))
  }

  private func answer(
    _ id: JSONValue, _ tool: String, _ arguments: JSONValue, _ tools: PolicyTools
  ) -> JSONValue {
    let answer = tools.call(tool, arguments) ?? .failed("there is no tool `\(tool)`")
    return ["result": .object([JSONMember("id", id)] + (answer.json.object ?? []))]
  }

  private func end(_ attempt: AttemptName, _ ending: Ending) {
    waiting.append(desk.remembering(attempt, ending))
  }

  /// The transcript is kept before it is told how it ended; its digest goes with that.
  private func ending(_ one: Running, _ end: ProcessEnd, _ attempt: AttemptName) -> Ending {
    let digest = one.conversation.digest
    func ended(_ result: RunResult, _ detail: String = "", output: String? = nil) -> Ending {
      Ending(result, outputs: digest, detail: detail, output: output)
    }
    do throws(Failure) {
      try desk.folder.keep(transcript: one.conversation.transcript, of: attempt)
      if let reason = one.conversation.stopReason { return ended(.errored, "stopped: \(reason)") }
      switch end {
      case .exited(0): break
      case .exited(let code): return ended(.failed, "exit code \(code)")
      case .killed(let signal): return ended(.errored, "killed by signal \(signal)")
      case .overran(let limit): return ended(.errored, ProcessEnd.words(ofOverrun: limit))
      case .timedOut: return ended(.errored, "its time was up")
      case .stopped: return ended(.cancelled, "told to stop")
      case .notStarted(let why): return Ending(.errored, detail: why)
      }
      let id = one.run.id(of: one.position.node)
      guard let output = desk.lowered.output(of: id) else { return ended(.succeeded) }
      guard let said = one.conversation.output else {
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
