// Secrets at rest: one file each, sealed to the delegate's encryption key.
//
//     secrets/kubeconfig      writ-secret-v1 kubeconfig
//                             <base64 of a sealed box, whose label is the first line>
//
// A file is read anew for each use, so a secret that was replaced is the new one from the next
// program on. One under another's name does not open.
import Glibc
public import WritCrypto
import WritEvidence
import WritModel

/// The secrets of one delegate.
public struct SecretStore: Sendable {
  /// The folder of the files.
  public let directory: String

  /// The secrets that lie in a folder.
  public init(directory: String) {
    self.directory = directory
  }

  /// Seals a value and puts it in place of an older one, durably.
  ///
  /// 4 to 16,384 bytes without U+0000, four of which are no line breaks: fewer could not be taken
  /// out of a program's output without taking out half of it.
  public func set(
    _ name: String, _ value: SecretBytes, for key: X25519PublicKey
  ) throws(DelegateError) {
    let text = try SecretStore.sealed(name, value, for: key)
    try PrivateFile.makeDirectory(directory)
    try PrivateFile.replace(path(of: name), Array(text.utf8))
  }

  /// The text of the file that holds a value, to be brought to whoever has the key.
  public static func sealed(
    _ name: String, _ value: SecretBytes, for key: X25519PublicKey
  ) throws(DelegateError) -> String {
    try check(name)
    if let problem = problem(of: value) { throw .secret(name: name, reason: problem) }
    let label = label(name)
    do throws(CryptoError) {
      let box = try SealedBox(sealing: value, to: key, label: Array(label.utf8))
      return "\(label)\n\(Base64.encode(box.bytes))\n"
    } catch {
      throw .secret(name: name, reason: "it cannot be sealed: \(error)")
    }
  }

  /// The value, read and opened now.
  public func open(
    _ name: String, with key: X25519PrivateKey
  ) throws(DelegateError) -> SecretBytes {
    let path = try path(of: name)
    let bytes: [UInt8]
    do throws(DelegateError) {
      bytes = try PrivateFile.read(path, limit: DelegateLimits.secretFileByteCount)
    } catch .missing {
      throw .secret(name: name, reason: "this delegate has none of that name")
    }
    let label = SecretStore.label(name)
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    guard lines.count == 3, lines[2].isEmpty, lines[0].elementsEqual(label.utf8),
      let box = Base64.decode(String(decoding: lines[1], as: UTF8.self)).flatMap(SealedBox.init),
      let value = box.open(with: key, label: Array(label.utf8))
    else { throw .secret(name: name, reason: "\(path) was changed or sealed to another key") }
    if let problem = SecretStore.problem(of: value) { throw .secret(name: name, reason: problem) }
    return value
  }

  /// The names of all secrets, in order.
  public func names() throws(DelegateError) -> [String] {
    guard let folder = opendir(directory) else {
      if errno == ENOENT { return [] }
      throw .system(act: "open \(directory)", code: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if Assignment.isSecretName(name) { names.append(name) }
    }
    return names.sorted { precedesByBytes($0, $1) }
  }

  private func path(of name: String) throws(DelegateError) -> String {
    try SecretStore.check(name)
    return "\(directory)/\(name)"
  }

  private static func check(_ name: String) throws(DelegateError) {
    guard Assignment.isSecretName(name) else {
      throw .secret(
        name: name,
        reason: "it is no name: letters, digits and `_`, at most 64, none that programs are "
          + "found or loaded by")
    }
  }

  private static func label(_ name: String) -> String { "writ-secret-v1 \(name)" }

  private static func problem(of value: SecretBytes) -> String? {
    let counts = DelegateLimits.secretByteCounts
    return value.withUnsafeBytes { bytes in
      if bytes.count > counts.upperBound { return "at most \(counts.upperBound) bytes" }
      if bytes.count(where: { !SecretForms.isBreak($0) }) < counts.lowerBound {
        return "fewer than \(counts.lowerBound) bytes: so short a text stands in much that is no "
          + "secret, and could not be taken out of a program's output; choose a longer one"
      }
      if bytes.contains(0) { return "a variable cannot hold the byte 0" }
      return nil
    }
  }
}
