// What libFuzzer calls: `.ci/fuzz` links this room with its `main`.

import Glibc

/// The target that the environment names.
private let target: FuzzTarget = {
  let name = getenv("WRIT_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = fuzzTargets.first(where: { $0.name == name }) else {
    let names = fuzzTargets.map(\.name).joined(separator: ", ")
    preconditionFailure("WRIT_FUZZ_TARGET is `\(name)`, not one of: \(names)")
  }
  return target
}()

/// Runs the target over one input; what is broken ends the process, so that libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    try target.run(bytes)
  } catch {
    var message = "broken invariant: \(error)\n"
    message.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    abort()
  }
  return 0
}
