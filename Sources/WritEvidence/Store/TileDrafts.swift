// Bundles and tiles on their way to their places: many are made durable by one sync.

/// Files that are written but not yet in place. A name in `tile/` stands only for what is durable, so
/// that a crash leaves nothing there that is half written.
struct TileDrafts {
  private let store: LogStore
  /// Open since before the first draft, so that no error of writing back is missed.
  private let around: OpenFile
  private var waiting: [Draft] = []
  /// Directories with names that are not yet durable.
  private var unsynced: Set<String> = []
  /// Directories whose own names this process has made durable.
  private var known: Set<String> = []

  private struct Draft {
    let temporary: String
    let target: String
    /// Still open where it may be synced alone.
    let file: OpenFile?
  }

  init(_ store: LogStore) throws(LogError) {
    self.store = store
    around = try store.disk.open(store.home)
    known = [store.directory]
  }

  /// Lets go of all open files.
  func close() {
    for draft in waiting { if let file = draft.file { store.disk.close(file) } }
    store.disk.close(around)
  }

  /// Writes a file that will have that place.
  mutating func draft(_ path: TilePath, _ bytes: [UInt8]) throws(LogError) {
    if waiting.count >= Limits.draftCount { try place() }
    let target = store.path(path)
    let temporary = store.temporaryPath(for: target)
    let file = try store.disk.create(temporary)
    let mayBeAlone = waiting.count < Limits.singleSyncCount
    if mayBeAlone {
      waiting.append(Draft(temporary: temporary, target: target, file: file))
    }
    defer { if !mayBeAlone { store.disk.close(file) } }
    try store.disk.write(bytes, to: file, at: 0)
    if !mayBeAlone {
      waiting.append(Draft(temporary: temporary, target: target, file: nil))
    }
  }

  /// Makes all drafts durable and gives them their names.
  mutating func place() throws(LogError) {
    guard !waiting.isEmpty else { return }
    if waiting.count <= Limits.singleSyncCount {
      for draft in waiting { if let file = draft.file { try store.disk.sync(file) } }
    } else {
      try store.disk.syncAll(around)
    }
    let drafts = waiting
    // What is closed here is not closed again by `close`, whatever fails below.
    waiting = []
    for draft in drafts { if let file = draft.file { store.disk.close(file) } }
    for draft in drafts {
      let directory = parentDirectory(of: draft.target)
      try make(directory)
      try store.disk.rename(draft.temporary, to: draft.target)
      unsynced.insert(directory)
    }
  }

  /// Makes the names durable that were given.
  mutating func syncNames() throws(LogError) {
    if unsynced.count <= Limits.singleSyncCount {
      for directory in unsynced.sorted() { try store.disk.syncDirectory(directory) }
    } else {
      try store.disk.syncAll(around)
    }
    unsynced = []
  }

  /// Makes a directory below the log's. One that was there before this process may have a name that
  /// is not durable, so it counts as new.
  private mutating func make(_ directory: String) throws(LogError) {
    guard !known.contains(directory) else { return }
    let above = parentDirectory(of: directory)
    try make(above)
    _ = try store.disk.makeDirectory(directory)
    unsynced.insert(above)
    if known.count >= Limits.draftCount { known = [store.directory] }
    known.insert(directory)
  }
}
