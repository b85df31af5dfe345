// What is checked after a process was killed: that every line it has printed still holds.
@preconcurrency import Glibc
import WritCrypto
import WritEvidence
import WritSimulation

/// `check DIR TRANSCRIPT`: opens the log again, publishes, and compares it with what was printed.
func checkAfterKill(_ directory: String, _ transcript: String) throws {
  let killed = try KilledLog(directory, .byCallers)
  let lines = try text(of: transcript).split(separator: "\n").map { $0.split(separator: " ") }
  // A reader comes first: it needs no recovery.
  let before = try verified(killed, mayBeMissing: !lines.contains { $0.first == "published" })
  let writer = try killed.open()
  try writer.publish()
  writer.close()
  let size = try verified(killed, mayBeMissing: false)
  guard size >= before else { throw WorkerError(description: "\(before) became \(size)") }
  let reader = try LogReader(store: killed.store, keys: [killed.log.signer.verifierKey])
  let digests = try entries(of: reader)
  for line in lines where line.count == 3 {
    guard let number = UInt64(line[1]), let digest = Digest(hex: String(line[2])) else {
      throw WorkerError(description: "the transcript is damaged: \(line)")
    }
    var holds = number < reader.size && digests[Int(number)] == digest
    if line[0] == "published" {
      holds = try number <= reader.size && reader.root(of: number) == digest
    }
    guard holds else { throw WorkerError(description: "broken: \(line.joined(separator: " "))") }
  }
}

/// The size of the log, every byte of which is as it was signed.
private func verified(_ killed: KilledLog, mayBeMissing: Bool) throws -> UInt64 {
  do throws(LogError) {
    let result = try verifyLog(
      killed.store, keys: [killed.log.signer.verifierKey],
      origin: killed.log.signer.name.description,
      since: nil)
    guard result.isWhole, let checkpoint = result.signed?.checkpoint else {
      throw .damaged(path: killed.store.directory, reason: "\(result.findings)")
    }
    return checkpoint.size
  } catch {
    guard case .missing = error, mayBeMissing else { throw error }
    return 0
  }
}

/// The digest of each entry, each of which a worker has written, and only once.
private func entries(of reader: LogReader) throws -> [Digest] {
  var digests: [Digest] = []
  for number in 0..<(reader.size + 255) / 256 {
    for entry in try reader.bundle(number).entries {
      let words = String(decoding: entry, as: UTF8.self).split(separator: " ")
      guard words.count >= 6, let caller = Int(words[3]), let number = Int(words[5]),
        workerEntry(String(words[1]), caller, number) == entry
      else { throw WorkerError(description: "entry \(digests.count) was written by nobody") }
      digests.append(Digest(of: entry))
    }
  }
  guard Set(digests).count == digests.count else { throw WorkerError(description: "twice") }
  return digests
}

private func text(of path: String) throws -> String {
  guard let file = fopen(path, "rb") else { throw WorkerError(description: "no \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}
