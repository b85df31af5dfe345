// A tar archive: POSIX.1-1988 "ustar" headers, which every tar reads.
//
// The same files give the same bytes: names come as they are given, times are 0, owners are nobody.
import WritCrypto
import WritModel

/// Writes regular files into an archive on a disk, in one pass; the archive has its name only when it is whole.
struct TarWriter {
  private let disk: any Disk
  private let path: String
  private let draft: String
  private let file: OpenFile
  private var isOpen = true
  private var offset = 0
  /// Files that were added.
  private(set) var count = 0

  private static let blockSize = 512
  /// The length field holds eleven octal digits.
  private static let fileLimit = 1 << 33

  /// Begins an archive beside where it will be.
  init(_ path: String, on disk: any Disk) throws(LogError) {
    self.disk = disk
    self.path = path
    let random: [UInt8]
    do throws(CryptoError) {
      random = try randomBytes(8)
    } catch {
      throw .file(path: path, act: "name", code: 11)
    }
    // A name of its own: another archive may be under way to the same place.
    draft = "\(path).\(Hex.encode(random)).part"
    file = try disk.create(draft)
  }

  /// Adds a file under a name of at most 100 bytes.
  mutating func add(_ name: String, _ bytes: [UInt8]) throws(LogError) {
    guard (1...100).contains(name.utf8.count), bytes.count < TarWriter.fileLimit else {
      throw .tooMuch
    }
    try write(TarWriter.header(name, byteCount: bytes.count))
    try write(bytes)
    let rest = bytes.count % TarWriter.blockSize
    if rest > 0 { try write([UInt8](repeating: 0, count: TarWriter.blockSize - rest)) }
    count += 1
  }

  /// Ends the archive, makes it durable and gives it its name; returns its length.
  mutating func finish() throws(LogError) -> Int {
    try write([UInt8](repeating: 0, count: 2 * TarWriter.blockSize))
    try disk.sync(file)
    isOpen = false
    disk.close(file)
    try disk.rename(draft, to: path)
    try disk.syncDirectory(parentDirectory(of: path))
    return offset
  }

  /// Leaves nothing behind.
  func abandon() {
    if isOpen { disk.close(file) }
    try? disk.remove(draft)
  }

  private mutating func write(_ bytes: [UInt8]) throws(LogError) {
    try disk.write(bytes, to: file, at: offset)
    offset += bytes.count
  }

  /// Name, mode, owner, group, length, time, checksum, type, and the magic.
  private static func header(_ name: String, byteCount: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: blockSize)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (position, byte) in bytes.enumerated() { header[offset + position] = byte }
    }
    put(name.utf8, at: 0)
    put(octal(0o444, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(byteCount, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    put("        ".utf8, at: 148)
    put("0".utf8, at: 156)
    put("ustar\0".utf8, at: 257)
    put("00".utf8, at: 263)
    // The sum is taken with spaces in its own place.
    put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
    header[154] = 0
    return header
  }

  private static func octal(_ value: Int, digits: Int) -> [UInt8] {
    let text = String(value, radix: 8)
    return Array((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8)
  }
}
