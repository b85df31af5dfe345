// How a passphrase becomes the key of a cipher, and how much work that is: the parameters of PBES2.
import COpenSSL

/// The work of one scrypt (RFC 7914).
public struct ScryptCost: Hashable, Sendable {
  /// N, a power of two.
  public let cost: UInt64
  /// r, in units of 128 bytes.
  public let blockSize: UInt64
  /// p.
  public let parallelism: UInt64

  /// So much work; nothing is refused before it is used.
  public init(cost: UInt64, blockSize: UInt64, parallelism: UInt64) {
    self.cost = cost
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// What Writ writes: 16 MiB, five times over.
  ///
  /// N is the largest that libcrypto's bound of 32 MiB lets other programs read; p makes up for it.
  public static let usual = ScryptCost(cost: 16_384, blockSize: 8, parallelism: 5)

  /// Whether it is no more than twelve times the usual work, and within 32 MiB.
  var isAllowed: Bool {
    let (memory, isHuge) = cost.multipliedReportingOverflow(by: blockSize)
    guard !isHuge, 1...(32 << 20) / 128 ~= memory else { return false }
    let (work, isLong) = memory.multipliedReportingOverflow(by: parallelism)
    return !isLong && 1...(8 << 20) ~= work
  }
}

/// How a passphrase becomes a key.
public enum KeyDerivation: Hashable, Sendable, CustomStringConvertible {
  /// scrypt, which needs memory.
  case scrypt(ScryptCost)
  /// PBKDF2 with HMAC-SHA-256 or HMAC-SHA-512: at most 10,000,000 iterations.
  case pbkdf2(iterations: UInt64)

  /// Name and parameters.
  public var description: String {
    switch self {
    case .scrypt(let cost):
      "scrypt, N = \(cost.cost), r = \(cost.blockSize), p = \(cost.parallelism)"
    case .pbkdf2(let iterations): "PBKDF2, \(iterations) iterations"
    }
  }

  /// Whether guessing is as dear as is advised today (OWASP: 600,000 iterations of PBKDF2 with
  /// HMAC-SHA-256, scrypt of 64 MiB in all).
  public var isDear: Bool {
    switch self {
    case .scrypt(let cost):
      cost.cost * cost.blockSize * cost.parallelism >= 16_384 * 8 * 5 && cost.blockSize >= 8
    case .pbkdf2(let iterations): iterations >= 600_000
    }
  }

  /// Reads the algorithm of an encrypted key: PBES2 with AES-CBC, within bounds.
  init?(_ algorithm: UnsafePointer<X509_ALGOR>) {
    guard OBJ_obj2nid(algorithm.pointee.algorithm) == NID_pbes2,
      let raw = ASN1_TYPE_unpack_sequence(PBE2PARAM_it(), algorithm.pointee.parameter)
    else { return nil }
    let scheme = raw.assumingMemoryBound(to: PBE2PARAM.self)
    defer { PBE2PARAM_free(scheme) }
    guard let function = scheme.pointee.keyfunc, let cipher = scheme.pointee.encryption,
      [NID_aes_128_cbc, NID_aes_192_cbc, NID_aes_256_cbc]
        .contains(OBJ_obj2nid(cipher.pointee.algorithm))
    else { return nil }
    switch OBJ_obj2nid(function.pointee.algorithm) {
    case NID_id_scrypt: self.init(scrypt: function)
    case NID_id_pbkdf2: self.init(pbkdf2: function)
    default: return nil
    }
  }

  private init?(scrypt algorithm: UnsafeMutablePointer<X509_ALGOR>) {
    guard let raw = ASN1_TYPE_unpack_sequence(SCRYPT_PARAMS_it(), algorithm.pointee.parameter)
    else { return nil }
    let parameters = raw.assumingMemoryBound(to: SCRYPT_PARAMS.self)
    defer { SCRYPT_PARAMS_free(parameters) }
    guard let cost = number(parameters.pointee.costParameter),
      let blockSize = number(parameters.pointee.blockSize),
      let parallelism = number(parameters.pointee.parallelizationParameter)
    else { return nil }
    let work = ScryptCost(cost: cost, blockSize: blockSize, parallelism: parallelism)
    guard work.isAllowed else { return nil }
    self = .scrypt(work)
  }

  private init?(pbkdf2 algorithm: UnsafeMutablePointer<X509_ALGOR>) {
    guard let raw = ASN1_TYPE_unpack_sequence(PBKDF2PARAM_it(), algorithm.pointee.parameter)
    else { return nil }
    let parameters = raw.assumingMemoryBound(to: PBKDF2PARAM.self)
    defer { PBKDF2PARAM_free(parameters) }
    // No `prf` means HMAC-SHA-1, which nobody should use.
    guard let iterations = number(parameters.pointee.iter), 1...10_000_000 ~= iterations,
      let hash = parameters.pointee.prf,
      [NID_hmacWithSHA256, NID_hmacWithSHA512].contains(OBJ_obj2nid(hash.pointee.algorithm))
    else { return nil }
    self = .pbkdf2(iterations: iterations)
  }
}

/// An INTEGER that is not negative and fits 64 bits.
private func number(_ integer: UnsafePointer<ASN1_INTEGER>?) -> UInt64? {
  var value: UInt64 = 0
  guard let integer, ASN1_INTEGER_get_uint64(&value, integer) == 1 else { return nil }
  return value
}
