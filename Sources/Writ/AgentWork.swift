// What agents ask to do, and what came of it: one history in each log, so that nothing of it can be left out of a proof.
//
// A decision on what an agent asked to do is about it, and so is what follows from that: the permit and the result. Who is an
// agent is the registry's to say.

import WritCrypto
import WritEvidence

/// What agents do by way of a log.
public enum AgentWork {
  /// What it is called among the subjects of records.
  ///
  /// - Parameter origin: The log by its name.
  public static func subjectName(of origin: String) -> String { "Agents/\(origin)" }
}

extension Engine {
  /// Whether the bundle's registry has whoever asked for an agent.
  func isAgent(_ caller: String?) -> Bool {
    caller.map(bundle.registry.isAgent) ?? false
  }
}

/// What is counted or told of a run is also about, if the registry has whoever asked for the run for an agent.
func agentWork(
  ofRunBy caller: String?, _ digest: Digest, _ bundle: LoadedBundle, in store: LogStore
) throws(RecorderError) -> [Subject] {
  guard let caller else { return [] }
  do throws(LogError) {
    return try bundle.agentWork(of: caller, digest, in: store)
  } catch {
    throw .log(error)
  }
}

extension LoadedBundle {
  /// What a wish is also about, if the registry has whoever wishes for an agent: all that agents did by way of that log.
  func agentWork(
    of caller: String, _ digest: Digest, in store: LogStore
  ) throws(LogError) -> [Subject] {
    guard registry.isAgent(caller) else { return [] }
    let origin = try store.configuration().origin
    return [Subject(name: AgentWork.subjectName(of: origin), sha256: digest)]
  }
}
