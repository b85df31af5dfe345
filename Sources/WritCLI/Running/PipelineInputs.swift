// Bundle and graph of a run, and whether their files are still those that were read.

import Writ
import WritModel

/// What was asked for, by one bundle and one graph.
struct PipelineInputs {
  /// Of the files, from before they were read: what is exchanged meanwhile is noticed.
  let stamps: [FileStamp?]
  let loaded: LoadedEngine
  let lowered: LoweredPipeline
  let prepared: PreparedPipeline

  /// Reads bundle and graph; what does not fit is refused.
  init(_ invocation: Invocation, _ request: PipelineRequest) throws(Failure) {
    stamps = PipelineInputs.stamps(invocation)
    let loaded = try LoadedEngine(invocation)
    self.loaded = loaded
    (lowered, prepared) = try withEngine { () throws(RequestError) in
      let bundle = loaded.engine.bundle
      let pipeline = try bundle.pipeline(request.name)
      return (try bundle.lowered(pipeline), try loaded.decider.prepare(request))
    }
  }
}

extension PipelineInputs {
  /// Those of the files as they are now.
  static func stamps(_ invocation: Invocation) -> [FileStamp?] {
    ["--bundle", "--graph"].map { invocation.value($0).flatMap { FileStamp($0) } }
  }
}
