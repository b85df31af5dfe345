// What a simulated disk holds: what everybody sees, and what would outlast a loss of power.

import WritEvidence
import WritTesting

/// The state of a disk, as a value.
public struct DiskImage: Sendable {
  /// A change of a file that is not durable yet.
  enum Change: Sendable {
    case write(offset: Int, [UInt8])
    case cut(Int)
  }

  /// A file: what is read, what is durable, and what lies between the two.
  struct File: Sendable {
    var view: [UInt8] = []
    var durable: [UInt8] = []
    var pending: [Change] = []
  }

  /// What a name stands for.
  enum Node: Hashable, Sendable {
    case file(Int)
    case directory
  }

  /// A name that was given or taken and is not durable yet.
  struct NameChange: Sendable {
    let name: String
    let node: Node?
  }

  struct Directory: Sendable {
    var view: [String: Node] = [:]
    var durable: [String: Node] = [:]
    var pending: [NameChange] = []
  }

  var files: [Int: File] = [:]
  var directories: [String: Directory] = ["/": Directory()]
  /// Directories that were removed, whose removal may be lost.
  var buried: [String: Directory] = [:]
  private var lastNumber = 0

  /// An empty disk.
  public init() {}

  /// The directory and the name in it.
  static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("/", path) }
    let directory = slash == path.startIndex ? "/" : String(path[..<slash])
    return (directory, String(path[path.index(after: slash)...]))
  }

  func node(at path: String) -> Node? {
    let (directory, name) = DiskImage.split(path)
    return directories[directory]?.view[name]
  }

  func fileNumber(at path: String) -> Int? {
    if case .file(let number) = node(at: path) { number } else { nil }
  }

  /// The bytes of a file as everybody sees them.
  public func contents(of path: String) -> [UInt8]? {
    fileNumber(at: path).flatMap { files[$0]?.view }
  }

  /// Puts a file there, durable and with a durable name, in place of what has the name.
  public mutating func makeFile(_ path: String, _ bytes: [UInt8]) {
    let number = makeFile()
    files[number] = File(view: bytes, durable: bytes)
    set(path, .file(number))
    sync(directory: DiskImage.split(path).directory)
  }

  mutating func makeFile() -> Int {
    lastNumber += 1
    files[lastNumber] = File()
    return lastNumber
  }

  /// Gives or takes a name.
  mutating func set(_ path: String, _ node: Node?) {
    let (directory, name) = DiskImage.split(path)
    directories[directory]?.view[name] = node
    directories[directory]?.pending.append(NameChange(name: name, node: node))
    if node == .directory { directories[path] = Directory() }
    if node == nil, let removed = directories.removeValue(forKey: path) { buried[path] = removed }
  }

  mutating func change(_ number: Int, _ change: Change) {
    guard var file = files.removeValue(forKey: number) else { return }
    file.view.apply(change)
    file.pending.append(change)
    files[number] = file
  }

  mutating func sync(file number: Int) {
    guard var file = files[number], !file.pending.isEmpty else { return }
    for change in file.pending { file.durable.apply(change) }
    file.pending = []
    files[number] = file
  }

  mutating func sync(directory path: String) {
    guard var directory = directories[path] else { return }
    for change in directory.pending { directory.durable[change.name] = change.node }
    directory.pending = []
    directories[path] = directory
  }

  mutating func syncAll() {
    for number in files.keys { sync(file: number) }
    for path in directories.keys { sync(directory: path) }
  }
}

extension [UInt8] {
  /// Applies a change whole.
  mutating func apply(_ change: DiskImage.Change) {
    switch change {
    case .cut(let count):
      if count <= self.count {
        removeLast(self.count - count)
      } else {
        append(contentsOf: repeatElement(0, count: count - self.count))
      }
    case .write(let offset, let bytes):
      let end = offset + bytes.count
      if end > count { append(contentsOf: repeatElement(0, count: end - count)) }
      replaceSubrange(offset..<end, with: bytes)
    }
  }
}
