// Files of facts, open while they are imported.

import Glibc
import Synchronization
import WritGraph

/// The files that an import reads, of which regular ones are read in parts; anything else, such as a pipe, is read whole.
final class FactFiles {
  private(set) var inputs: [FactInput] = []
  private var descriptors: [Int32] = []

  init(_ paths: [String]) throws(Failure) {
    for path in paths {
      if let input = try regularFile(path) {
        inputs.append(input)
      } else {
        inputs.append(
          FactInput(try readFile(path, limit: Limits.graphBytes), named: shownName(path)))
      }
    }
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  private func regularFile(_ path: String) throws(Failure) -> FactInput? {
    var status = stat()
    guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw cannotRead(path, errno) }
    descriptors.append(descriptor)
    guard fstat(descriptor, &status) == 0 else { throw cannotRead(path, errno) }
    return FactInput(
      descriptor: descriptor, byteCount: Int(status.st_size), named: shownName(path))
  }

  /// Tells how much was read, where somebody looks.
  func progress(on terminal: Terminal) -> @Sendable (Int) -> Void {
    let whole = max(1, inputs.reduce(0) { $0 + $1.byteCount })
    let last = SharedNumber(-1)
    return { count in
      let percent = count * 100 / whole
      guard last.change(to: percent) else { return }
      terminal.showProgress(percent < 100 ? "read \(percent) % of the facts…" : "building…")
    }
  }
}

/// A number that threads change.
private final class SharedNumber: Sendable {
  private let value: Atomic<Int>

  init(_ value: Int) { self.value = Atomic(value) }

  /// Whether it was another number.
  func change(to other: Int) -> Bool { value.exchange(other, ordering: .relaxed) != other }
}
