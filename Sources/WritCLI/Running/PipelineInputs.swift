// What a run was asked for, matched to bundle and graph.

import Writ
import WritModel

/// What was asked for, by one bundle and one graph.
struct PipelineInputs {
  let loaded: LoadedEngine
  let lowered: LoweredPipeline
  let prepared: PreparedPipeline

  /// Reads bundle and graph; what does not fit is refused.
  init(_ invocation: Invocation, _ request: PipelineRequest) throws(Failure) {
    let loaded = try LoadedEngine(invocation)
    try refuseDeeds(request.facts, loaded.engine.bundle)
    self.loaded = loaded
    (lowered, prepared) = try withEngine { () throws(RequestError) in
      let bundle = loaded.engine.bundle
      let pipeline = try bundle.pipeline(request.name)
      return (try bundle.lowered(pipeline), try loaded.decider.prepare(request))
    }
  }

  /// What was asked for, with what steps have given out and, by their marks, how they ended.
  func prepared(
    with outputs: [GivenOutput], _ results: [PartResult] = []
  ) throws(Failure) -> PreparedPipeline {
    guard !outputs.isEmpty || !results.isEmpty else { return prepared }
    return try withEngine { () throws(RequestError) in
      try loaded.decider.prepare(prepared.request, outputs: outputs, results: results)
    }
  }
}
