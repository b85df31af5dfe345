// Bundle and graph of a run, and whether their files are still those that were read.

@preconcurrency import Glibc
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

/// Whether a file is still the one that was read.
struct FileStamp: Equatable {
  private let device: UInt64
  private let number: UInt64
  private let size: Int64
  private let changed: (seconds: Int, nanoseconds: Int)

  /// `nil` where there is no file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
    size = Int64(status.st_size)
    changed = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }

  static func == (left: FileStamp, right: FileStamp) -> Bool {
    left.device == right.device && left.number == right.number && left.size == right.size
      && left.changed == right.changed
  }
}
