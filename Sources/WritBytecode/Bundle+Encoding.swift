// The bundle file, to the byte.
//
//     offset    bytes   what
//     0         15      `writ-bundle-v1` and a newline
//     15        4       m, the manifest's length in bytes, little endian
//     19        m       the manifest: canonical JSON (RFC 8785), see Manifest+Writing.swift
//     19 + m    8 n     the words of all routines, one routine behind the other, little endian
//
// The manifest says how many words each routine has; the file ends with the last one. There is one
// way to write a bundle, and nothing else is read: `decodeBundle` writes what it has read and
// compares. So the digest of the file names the bundle.
public import WritCrypto
import WritModel

/// The first line of every bundle file.
private let magic = Array("writ-bundle-v1\n".utf8)

/// Magic line and length of the manifest.
private let headerBytes = magic.count + 4

extension Bundle {
  /// The bytes of the file. Throws only that it is too large.
  public func encoded() throws(BundleError) -> [UInt8] {
    let manifest = manifestBytes()
    let routines = program.program.routines
    let wordCount = routines.reduce(0) { $0 + $1.code.count }
    let size = headerBytes + manifest.count + 8 * wordCount
    guard manifest.count <= Limits.manifestBytes else {
      throw .manifestTooLarge(byteCount: manifest.count)
    }
    guard size <= Limits.bundleBytes else { throw .tooLarge(byteCount: size) }
    var bytes = magic
    bytes.reserveCapacity(size)
    appendLittleEndian(UInt32(manifest.count), to: &bytes)
    bytes.append(contentsOf: manifest)
    for routine in routines {
      for instruction in routine.code { appendLittleEndian(instruction.word, to: &bytes) }
    }
    return bytes
  }

  /// The SHA-256 of the file: the bundle's name.
  public func digest() throws(BundleError) -> Digest {
    Digest(of: try encoded())
  }

  /// The manifest in its one spelling.
  private func manifestBytes() -> [UInt8] {
    do {
      return try manifest.ownCanonicalBytes()
    } catch {
      preconditionFailure("A manifest has distinct names and safe numbers, but: \(error)")
    }
  }
}

/// Reads a bundle file, and verifies the program in it; pure, for any bytes.
public func decodeBundle(_ bytes: [UInt8]) throws(BundleError) -> Bundle {
  guard bytes.count <= Limits.bundleBytes else { throw .tooLarge(byteCount: bytes.count) }
  guard bytes.starts(with: magic) else { throw .noMagic }
  guard bytes.count >= headerBytes else {
    throw .wrongLength(expected: headerBytes, found: bytes.count)
  }
  let manifestCount = Int(littleEndian(bytes[magic.count..<headerBytes]))
  let codeStart = headerBytes + manifestCount
  guard bytes.count >= codeStart else {
    throw .wrongLength(expected: codeStart, found: bytes.count)
  }
  let manifest = try readManifest(Array(bytes[headerBytes..<codeStart]))
  let bundle = try manifest.bundle { (wordCounts) throws(BundleError) in
    try readCode(bytes[codeStart...], wordCounts: wordCounts, start: codeStart)
  }
  let written = try bundle.encoded()
  guard written == bytes else {
    let same = zip(written, bytes).prefix { $0 == $1 }.count
    throw .notCanonical(offset: same)
  }
  return bundle
}

/// Canonical JSON is JSON; that it was canonical shows in the comparison at the end.
private func readManifest(_ bytes: [UInt8]) throws(BundleError) -> ManifestReader {
  do {
    // Steps stand within steps, an array and an object each; all else is far less deep.
    let limits = JSONLimits(
      depth: 16 + 2 * PipelineBounds.depth, byteCount: Limits.manifestBytes)
    return ManifestReader(try JSONValue(parsing: bytes, limits: limits), "")
  } catch {
    throw .notJSON(error)
  }
}

/// The words of each routine; together they are the rest of the file, no less and no more.
private func readCode(
  _ bytes: ArraySlice<UInt8>, wordCounts: [Int], start: Int
) throws(BundleError) -> [[Instruction]] {
  var wordCount = 0
  for count in wordCounts {
    guard (0...Limits.codeWords).contains(count) else {
      throw .badPart("program.routines", "expected at most \(Limits.codeWords) words each")
    }
    wordCount += count
  }
  guard bytes.count == 8 * wordCount else {
    throw .wrongLength(expected: start + 8 * wordCount, found: start + bytes.count)
  }
  var at = bytes.startIndex
  return wordCounts.map { count in
    (0..<count).map { _ in
      defer { at += 8 }
      return Instruction(word: littleEndian(bytes[at..<at + 8]))
    }
  }
}

private func appendLittleEndian(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
}

private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
