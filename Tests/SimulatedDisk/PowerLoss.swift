// What is left of a disk when the power goes: of all that was not synced, anything or nothing.

public import WritTesting

/// How much of what was not synced happens to be on the disk.
public enum Survival: Hashable, Sendable, CaseIterable {
  /// Each sector and each name by itself: writes are torn and come in any order.
  case some
  /// Nothing.
  case none
  /// Everything.
  case all
  /// All bytes, no names.
  case bytes
  /// All names, no bytes.
  case names
}

extension DiskImage {
  /// The smallest piece that a disk writes whole.
  static let sectorByteCount = 512

  /// The disk after a loss of power.
  public func afterPowerLoss(
    _ survival: Survival, using random: inout SplitMix64
  ) -> DiskImage {
    var after = self
    let keepsBytes: Bool? = survival == .some ? nil : survival == .all || survival == .bytes
    let keepsNames: Bool? = survival == .some ? nil : survival == .all || survival == .names
    for number in files.keys.sorted() {
      guard let file = files[number] else { continue }
      let bytes = file.survivor(keepsBytes, using: &random)
      after.files[number] = File(view: bytes, durable: bytes)
    }
    for path in directories.keys.sorted() {
      guard let directory = directories[path] else { continue }
      let names = directory.survivor(keepsNames, using: &random)
      after.directories[path] = Directory(view: names, durable: names)
    }
    for path in buried.keys.sorted() {
      // Its removal may be lost, and then what was in it may be there too.
      guard let directory = buried[path], after.directories[path] == nil else { continue }
      let names = directory.survivor(keepsNames, using: &random)
      after.directories[path] = Directory(view: names, durable: names)
    }
    after.buried = [:]
    after.forgetLostDirectories()
    return after
  }

  /// The disk after an error of a sync: what was to be synced is taken for durable, is still read,
  /// and may never have been written.
  mutating func loseSync(file number: Int, using random: inout SplitMix64) {
    guard var file = files[number] else { return }
    file.durable = file.survivor(nil, using: &random)
    file.pending = []
    files[number] = file
  }

  /// A directory whose name is lost is lost with all that is in it.
  private mutating func forgetLostDirectories() {
    for path in directories.keys.sorted() where path != "/" {
      let (above, name) = DiskImage.split(path)
      if directories[above]?.view[name] != .directory { directories[path] = nil }
    }
    for (path, directory) in directories {
      for (name, node) in directory.view where node == .directory {
        let below = path == "/" ? "/\(name)" : "\(path)/\(name)"
        if directories[below] == nil { directories[below] = Directory() }
      }
    }
  }
}

extension DiskImage.File {
  /// The durable bytes with some of the pending changes; `keeps` says all or none, `nil` that each
  /// sector has its luck.
  func survivor(_ keeps: Bool?, using random: inout SplitMix64) -> [UInt8] {
    var bytes = durable
    if keeps == false { return bytes }
    for change in pending {
      if keeps == true {
        bytes.apply(change)
        continue
      }
      switch change {
      case .cut: if random.below(2) == 0 { bytes.apply(change) }
      case .write(let offset, let written):
        var start = 0
        while start < written.count {
          let sector = DiskImage.sectorByteCount
          let end = min(written.count, start + sector - (offset + start) % sector)
          if random.below(2) == 0 {
            bytes.apply(.write(offset: offset + start, Array(written[start..<end])))
          }
          start = end
        }
      }
    }
    return bytes
  }
}

extension DiskImage.Directory {
  /// The durable names with some of the pending changes, each name by itself.
  func survivor(
    _ keeps: Bool?, using random: inout SplitMix64
  ) -> [String: DiskImage.Node] {
    if keeps == false { return durable }
    if keeps == true { return view }
    var names = durable
    for name in Set(pending.map(\.name)).sorted() {
      let changes = pending.filter { $0.name == name }
      let place = random.below(changes.count + 1)
      if place > 0 { names[name] = changes[place - 1].node }
    }
    return names
  }
}
