// What a launcher is asked: bytes on a socket, with four descriptors beside the first of them.
//
//     8 bytes   how many follow, least byte first
//     texts     five limits in digits, the folder, how many variables and how many rules in digits, `alone`, `beside` or
//               `free`, the variables, the rules of a confinement, the words of the command; a zero byte behind each
//
// The descriptors are those of the program's output, of its errors, of its keeper (Keeper.swift), and of
// the program's input.
// What has been read stays where it lies, since secrets are in it: texts are only pointed to.
import Glibc
import WritCrypto

/// A program to be run, as the kernel wants it.
struct LaunchRequest {
  let limits: ProcessLimits
  /// Texts of C in `bytes`, each list with nil at its end where the kernel wants it.
  let directory: UnsafeMutablePointer<CChar>
  /// What may be touched; `nil`: whatever the user can.
  let confinement: (rules: [(Landlock.Access, UnsafePointer<CChar>)], isAlone: Bool)?
  let variables: [UnsafeMutablePointer<CChar>?]
  let words: [UnsafeMutablePointer<CChar>?]
  /// What all of them point into.
  private let bytes: SecretBytes

  /// Bytes in front of the texts.
  static let headByteCount = 8
  /// Numbers of limits, variables and rules, the folder, and whether it is confined.
  private static let fixedCount = 9

  /// Reads what follows the head.
  init?(_ bytes: SecretBytes) {
    let texts = LaunchRequest.texts(in: bytes)
    guard texts.count > LaunchRequest.fixedCount else { return nil }
    let numbers = texts[..<5].compactMap { UInt64(String(cString: $0)) }
    guard let limits = ProcessLimits(numbers: numbers),
      let count = Int(String(cString: texts[6])), let ruleCount = Int(String(cString: texts[7])),
      count >= 0, ruleCount >= 0, ruleCount <= Confinement.ruleCount,
      count < texts.count - LaunchRequest.fixedCount - ruleCount
    else { return nil }
    let rest = texts[LaunchRequest.fixedCount...]
    let rules = rest.dropFirst(count).prefix(ruleCount).compactMap(LaunchRequest.rule)
    guard rules.count == ruleCount else { return nil }
    switch String(cString: texts[8]) {
    case "alone": confinement = (rules, true)
    case "beside": confinement = (rules, false)
    case "free": confinement = nil
    default: return nil
    }
    (self.limits, self.bytes, directory) = (limits, bytes, texts[5])
    variables = rest.prefix(count).map(Optional.some) + [nil]
    words = rest.dropFirst(count + ruleCount).map(Optional.some) + [nil]
  }

  private static func rule(
    _ text: UnsafeMutablePointer<CChar>
  ) -> (Landlock.Access, UnsafePointer<CChar>)? {
    guard let access = Landlock.Access(rawValue: UInt8(bitPattern: text[0])), text[1] != 0 else {
      return nil
    }
    return (access, UnsafePointer(text + 1))
  }

  private static func texts(in bytes: SecretBytes) -> [UnsafeMutablePointer<CChar>] {
    bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
        buffer.last == 0
      else { return [] }
      var (texts, isBeginning) = ([UnsafeMutablePointer<CChar>](), true)
      for offset in 0..<buffer.count {
        if isBeginning { texts.append(start + offset) }
        isBeginning = start[offset] == 0
      }
      return texts
    }
  }

  /// Overwrites what was asked, the secrets in it too; nothing is pointed to afterwards.
  func wipe() {
    bytes.withUnsafeMutableBytes { buffer in
      if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
    }
  }
}

extension LaunchRequest {
  /// Head and texts that ask for a program.
  static func encoded(_ launch: Launch) throws(DelegateError) -> SecretBytes {
    let own =
      ["PATH=\(Launch.path)", "HOME=\(launch.directory)", "LANG=C.UTF-8"]
      + launch.variables.map { "\($0.name)=\($0.value)" }
    let rules = launch.confinement?.rules ?? []
    let hold = launch.confinement.map { $0.isAlone ? "alone" : "beside" } ?? "free"
    let first =
      launch.limits.numbers.map(String.init)
      + [launch.directory, String(own.count + launch.secrets.count), String(rules.count), hold]
      + own
    guard !launch.command.isEmpty else { throw .system(act: "run nothing", code: EINVAL) }
    for text in first + rules + launch.command where text.utf8.contains(0) {
      throw .system(act: "hand a zero byte to \(launch.command[0])", code: EINVAL)
    }
    let byteCount =
      (first + rules + launch.command).reduce(0) { $0 + $1.utf8.count + 1 }
      + launch.secrets.reduce(0) { $0 + $1.name.utf8.count + $1.value.count + 2 }
    guard byteCount <= DelegateLimits.launchByteCount else {
      throw .system(act: "hand \(byteCount) bytes to \(launch.command[0])", code: E2BIG)
    }
    let bytes = SecretBytes(count: headByteCount + byteCount)
    bytes.withUnsafeMutableBytes { buffer in
      buffer.storeBytes(of: UInt64(byteCount).littleEndian, as: UInt64.self)
      var writer = Writer(buffer: buffer, offset: headByteCount)
      for text in first { writer.append(text, end: [0]) }
      for secret in launch.secrets {
        writer.append(secret.name, end: [UInt8(ascii: "=")])
        secret.value.withUnsafeBytes { writer.append($0) }
        writer.append("", end: [0])
      }
      for rule in rules { writer.append(rule, end: [0]) }
      for word in launch.command { writer.append(word, end: [0]) }
    }
    return bytes
  }

  private struct Writer {
    let buffer: UnsafeMutableRawBufferPointer
    var offset: Int

    mutating func append(_ text: String, end: [UInt8]) {
      for byte in Array(text.utf8) + end {
        buffer[offset] = byte
        offset += 1
      }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
      UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyMemory(from: bytes)
      offset += bytes.count
    }
  }
}
