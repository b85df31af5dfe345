// What of the machine's files a program may touch, where the kernel can hold it to that (Landlock.swift).
//
// Only what is named can be touched. So that a program finds its shell, its libraries and its certificates, the folders of the system
// can be read and run; and whatever lies in them and is to stay hidden, a key in `/etc` for instance, is left out by naming what lies
// around it.
import Glibc
import WritModel

/// The paths that a program may touch, and whether it is kept from other processes.
public struct Confinement: Hashable, Sendable {
  /// A path with a letter in front: `r` to be read, `w` to be written too, `d` a device.
  let rules: [String]
  /// It sends no signals to other programs than its own, and does not connect to their abstract sockets.
  public let isAlone: Bool
  /// What should stay hidden and lies in what the program may write, so that it is open to it; sorted.
  public let exposed: [String]

  /// How much of Landlock the kernel knows; 0: programs cannot be confined.
  public static var kernelVersion: Int { Landlock.version }
  /// The first version that keeps programs from everything that they should not write: the ones before let them cut files short.
  public static let wholeVersion = 3
  /// The first version that keeps programs from sending signals.
  public static let aloneVersion = 6

  /// Folders of the system.
  public static let system = [
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store",
    "/proc", "/sys", "/run/systemd/resolve",
  ]
  private static let devices = [
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
  ]
  /// Paths that a program is let to: more would take longer to say than most programs run.
  public static let ruleCount = 8_192

  /// What a program may touch beside the system's folders. `nil` where too many paths would have to be named to leave out what is hidden.
  ///
  /// - Parameters:
  ///   - readable: Folders and files that it may read and run.
  ///   - writable: The same that it may write too.
  ///   - hidden: What it is not to see, wherever that lies. What is not there is passed over.
  public init?(readable: [String], writable: [String], hidden: [String], isAlone: Bool) {
    let hidden = Set(hidden.compactMap(place))
    let writable = writable.compactMap(place)
    var rules = Confinement.devices.map { "d\($0)" }
    for root in Confinement.system + readable {
      guard let root = place(root) else { continue }
      for path in Confinement.paths(in: root, sparing: hidden) { rules.append("r\(path)") }
      guard rules.count <= Confinement.ruleCount else { return nil }
    }
    rules += writable.map { "w\($0)" }
    guard rules.count <= Confinement.ruleCount else { return nil }
    self.rules = rules
    self.isAlone = isAlone
    exposed = hidden.filter { path in writable.contains { isBeneath(path, $0) } }.sorted()
  }

  /// A folder, or what lies in it beside what is hidden. A link leads to a place of its own, which is named there or not at all.
  private static func paths(in root: String, sparing hidden: Set<String>) -> [String] {
    if hidden.contains(where: { isBeneath(root, $0) }) { return [] }
    guard hidden.contains(where: { isBeneath($0, root) }) else { return [root] }
    guard let folder = opendir(root) else { return [] }
    defer { closedir(folder) }
    var found: [String] = []
    while let entry = readdir(folder), found.count <= ruleCount {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let path = root == "/" ? "/\(name)" : "\(root)/\(name)"
      var state = stat()
      guard lstat(path, &state) == 0, state.st_mode & S_IFMT != S_IFLNK else { continue }
      found += paths(in: path, sparing: hidden)
    }
    return found
  }
}

/// `confine` of a delegate's settings: `{"alone":false,"read":["/srv/charts"],"write":[]}`.
struct ConfineRules: Hashable, Sendable {
  let read: [String]
  let write: [String]
  let isAlone: Bool

  init?(_ json: JSONValue) {
    func paths(_ name: String) -> [String]? {
      let given = json[name]?.array?.map(\.string) ?? []
      let paths = given.compactMap { $0 }.filter { $0.utf8.first == UInt8(ascii: "/") }
      return json[name].map { $0.array != nil } ?? true && paths.count == given.count ? paths : nil
    }
    guard let object = json.object, let read = paths("read"), let write = paths("write"),
      object.allSatisfy({ ["alone", "read", "write"].contains($0.name) }),
      let isAlone = json["alone"].map({ $0.bool }) ?? false
    else { return nil }
    (self.read, self.write, self.isAlone) = (read, write, isAlone)
  }
}

extension DelegateHome {
  /// What its programs are confined to, where its settings say that they are; that they are not then is an error.
  ///
  /// - Parameter program: The delegate's own, which makes requests.
  func confinement(beside program: String) throws(DelegateError) -> Confinement? {
    guard let confine else { return nil }
    let path = "\(directory)/delegate.json"
    let needed = confine.isAlone ? Confinement.aloneVersion : Confinement.wholeVersion
    guard Confinement.kernelVersion >= needed else {
      throw .damaged(
        path: path,
        reason:
          "`confine`: the kernel's Landlock is of version \(Confinement.kernelVersion), and that takes \(needed)"
      )
    }
    let confinement = Confinement(
      readable: confine.read + [program], writable: [work] + confine.write, hidden: [directory],
      isAlone: confine.isAlone)
    guard let confinement, confinement.exposed.isEmpty else {
      throw .damaged(
        path: path,
        reason:
          "`confine`: programs could touch the delegate's own folder, or too much lies beside it")
    }
    return confinement
  }
}

/// Where a path leads, links followed; `nil` where nothing is.
private func place(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// Whether a path is a folder, or lies in it.
private func isBeneath(_ path: String, _ folder: String) -> Bool {
  folder == "/" || path.utf8.elementsEqual(folder.utf8) || path.utf8.starts(with: "\(folder)/".utf8)
}
