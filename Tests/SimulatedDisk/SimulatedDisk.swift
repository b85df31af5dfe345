// A disk in memory that fails and loses power when it is told to.

import Synchronization
public import WritEvidence
import WritTesting

/// A disk whose acts are counted. Any number of threads.
public final class SimulatedDisk: Disk {
  /// What happens at an act.
  public enum Trouble: Hashable, Sendable {
    /// The power goes before the act: it and all that follow fail.
    case powerLoss
    /// The act fails with that `errno`; part of a write may have been done. The disk goes on.
    case error(Int32)
  }

  /// Told of each act after it was done.
  public typealias Observer = @Sendable (DiskImage) -> Void

  private struct State {
    var image: DiskImage
    var random: SplitMix64
    var open: [Int32: Int] = [:]
    var locks: [Int: Int32] = [:]
    var lastDescriptor: Int32 = 0
    var count = 0
    var trouble: (at: Int, what: Trouble)?
    var isDead = false
    var hasHadTrouble = false
  }

  private let state: Mutex<State>
  private let observer: Observer?

  /// A disk that holds this.
  public init(
    _ image: DiskImage = DiskImage(), seed: UInt64 = 0, observer: Observer? = nil
  ) {
    state = Mutex(State(image: image, random: SplitMix64(seed: seed)))
    self.observer = observer
  }

  /// What it holds now.
  public var image: DiskImage { state.withLock { $0.image } }

  /// Acts so far that changed something or made it durable.
  public var count: Int { state.withLock { $0.count } }

  /// Whether the power is gone.
  public var isDead: Bool { state.withLock { $0.isDead } }

  /// Whether the trouble that was planned has come.
  public var hasHadTrouble: Bool { state.withLock { $0.hasHadTrouble } }

  /// Lets something happen at the act of that number, counted from 0.
  public func plan(_ what: Trouble, at count: Int) {
    state.withLock { $0.trouble = (count, what) }
  }

  /// Does one act, unless trouble comes first.
  private func act<Value: Sendable>(
    _ path: String, fails: (inout State) -> Void = { _ in },
    _ body: (inout State) -> Result<Value, LogError>
  ) throws(LogError) -> Value {
    var seen: DiskImage?
    let result: Result<Value, LogError> = state.withLock { state in
      if state.isDead { return .failure(.file(path: path, act: "power", code: 5)) }
      if let trouble = state.trouble, trouble.at == state.count {
        state.trouble = nil
        state.hasHadTrouble = true
        switch trouble.what {
        case .powerLoss:
          state.isDead = true
          return .failure(.file(path: path, act: "power", code: 5))
        case .error(let code):
          state.count += 1
          fails(&state)
          return .failure(.file(path: path, act: "simulated act", code: code))
        }
      }
      state.count += 1
      let result = body(&state)
      if observer != nil { seen = state.image }
      return result
    }
    if let seen { observer?(seen) }
    return try result.get()
  }

  /// Looks at something; the dead disk shows nothing.
  private func look<Value: Sendable>(
    _ path: String, _ body: (inout State) -> Result<Value, LogError>
  ) throws(LogError) -> Value {
    let result: Result<Value, LogError> = state.withLock { state in
      state.isDead ? .failure(.file(path: path, act: "power", code: 5)) : body(&state)
    }
    return try result.get()
  }
}

// Files.
extension SimulatedDisk {
  public func read(_ path: String, limit: Int) throws(LogError) -> [UInt8]? {
    try look(path) { state in
      guard let bytes = state.image.contents(of: path) else { return .success(nil) }
      guard bytes.count <= limit else {
        return .failure(.damaged(path: path, reason: "longer than \(limit) bytes"))
      }
      return .success(bytes)
    }
  }

  public func read(_ path: String, _ range: Range<Int>) throws(LogError) -> [UInt8]? {
    try look(path) { state in
      .success(state.image.contents(of: path).map { Array($0[range.clamped(to: 0..<$0.count)]) })
    }
  }

  public func open(_ path: String) throws(LogError) -> OpenFile {
    try look(path) { state in
      guard let number = state.image.fileNumber(at: path) else {
        return .failure(.file(path: path, act: "open", code: 2))
      }
      return .success(SimulatedDisk.open(number, path, &state))
    }
  }

  public func create(_ path: String) throws(LogError) -> OpenFile {
    try act(path) { state in
      guard state.image.directories[DiskImage.split(path).directory] != nil else {
        return .failure(.file(path: path, act: "create", code: 2))
      }
      let number = state.image.makeFile()
      state.image.set(path, .file(number))
      return .success(SimulatedDisk.open(number, path, &state))
    }
  }

  public func lock(_ path: String) throws(LogError) -> OpenFile {
    let file = try identity(of: path) == nil ? create(path) : open(path)
    return try look(path) { state in
      guard let number = state.open[file.descriptor] else { return .failure(.locked(path: path)) }
      guard state.locks[number] == nil else {
        state.open[file.descriptor] = nil
        return .failure(.locked(path: path))
      }
      state.locks[number] = file.descriptor
      return .success(file)
    }
  }

  private static func open(_ number: Int, _ path: String, _ state: inout State) -> OpenFile {
    state.lastDescriptor += 1
    state.open[state.lastDescriptor] = number
    return OpenFile(descriptor: state.lastDescriptor, path: path)
  }

  public func write(
    _ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int
  ) throws(LogError) {
    let bytes = Array(bytes)
    // Part of a write that fails is there.
    let part: (inout State) -> Void = { state in
      guard let number = state.open[file.descriptor], !bytes.isEmpty else { return }
      let done = Array(bytes[..<state.random.below(bytes.count)])
      state.image.change(number, .write(offset: offset, done))
    }
    try act(file.path, fails: part) { state -> Result<Void, LogError> in
      guard let number = state.open[file.descriptor] else { return SimulatedDisk.closed(file) }
      state.image.change(number, .write(offset: offset, bytes))
      return .success(())
    }
  }

  public func cut(_ file: OpenFile, to byteCount: Int) throws(LogError) {
    try act(file.path) { state -> Result<Void, LogError> in
      guard let number = state.open[file.descriptor] else { return SimulatedDisk.closed(file) }
      state.image.change(number, .cut(byteCount))
      return .success(())
    }
  }

  public func sync(_ file: OpenFile) throws(LogError) {
    let lost: (inout State) -> Void = { state in
      guard let number = state.open[file.descriptor] else { return }
      state.image.loseSync(file: number, using: &state.random)
    }
    try act(file.path, fails: lost) { state -> Result<Void, LogError> in
      guard let number = state.open[file.descriptor] else { return SimulatedDisk.closed(file) }
      state.image.sync(file: number)
      return .success(())
    }
  }

  public func close(_ file: OpenFile) {
    state.withLock { state in
      guard let number = state.open.removeValue(forKey: file.descriptor) else {
        // On a real disk the number may be another file's by now, and that one's lock would go.
        preconditionFailure("\(file.path) is closed twice")
      }
      if state.locks[number] == file.descriptor { state.locks[number] = nil }
    }
  }

  private static func closed<Value>(_ file: OpenFile) -> Result<Value, LogError> {
    .failure(.file(path: file.path, act: "use after it was closed", code: 9))
  }
}

// Names.
extension SimulatedDisk {
  public func rename(_ source: String, to target: String) throws(LogError) {
    try act(target) { state -> Result<Void, LogError> in
      guard let node = state.image.node(at: source),
        state.image.directories[DiskImage.split(target).directory] != nil
      else { return .failure(.file(path: target, act: "rename to", code: 2)) }
      state.image.set(target, node)
      state.image.set(source, nil)
      return .success(())
    }
  }

  public func remove(_ path: String) throws(LogError) {
    try act(path) { state -> Result<Void, LogError> in
      if state.image.node(at: path) != nil { state.image.set(path, nil) }
      return .success(())
    }
  }

  public func makeDirectory(_ path: String) throws(LogError) -> Bool {
    try act(path) { state in
      if state.image.node(at: path) != nil || path == "/" { return .success(false) }
      guard state.image.directories[DiskImage.split(path).directory] != nil else {
        return .failure(.file(path: path, act: "create", code: 2))
      }
      state.image.set(path, .directory)
      return .success(true)
    }
  }

  public func removeDirectory(_ path: String) throws(LogError) {
    try act(path) { state -> Result<Void, LogError> in
      guard let directory = state.image.directories[path] else { return .success(()) }
      guard directory.view.isEmpty else {
        return .failure(.file(path: path, act: "remove", code: 39))
      }
      state.image.set(path, nil)
      return .success(())
    }
  }

  public func syncDirectory(_ path: String) throws(LogError) {
    try act(path) { state -> Result<Void, LogError> in
      guard state.image.directories[path] != nil else {
        return .failure(.file(path: path, act: "open", code: 2))
      }
      state.image.sync(directory: path)
      return .success(())
    }
  }

  public func syncAll(_ file: OpenFile) throws(LogError) {
    let lost: (inout State) -> Void = { state in
      for number in state.image.files.keys.sorted() {
        state.image.loseSync(file: number, using: &state.random)
      }
    }
    try act(file.path, fails: lost) { state -> Result<Void, LogError> in
      state.image.syncAll()
      return .success(())
    }
  }

  public func names(in path: String) throws(LogError) -> [String] {
    try look(path) { .success(($0.image.directories[path]?.view.keys).map { $0.sorted() } ?? []) }
  }

  public func identity(of path: String) throws(LogError) -> UInt64? {
    try look(path) { state in
      switch state.image.node(at: path) {
      case .file(let number): .success(UInt64(number))
      case .directory: .success(0)
      case nil: .success(nil)
      }
    }
  }
}
