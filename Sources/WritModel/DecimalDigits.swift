// Digits in and out of bytes: what the readers and writers of the scalar values share.

/// Reads exactly `count` digits at `position` and moves behind them.
func fixedDigits(_ count: Int, _ bytes: Span<UInt8>, _ position: inout Int) -> Int64? {
  guard position + count <= bytes.count else { return nil }
  var value: Int64 = 0
  for index in position..<position + count {
    let digit = bytes[index] &- 48
    guard digit <= 9 else { return nil }
    value = value &* 10 &+ Int64(digit)
  }
  position += count
  return value
}

/// Reads one or more digits at `position`, with no upper bound but 64 bits, and moves behind them.
func digits(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt64? {
  let start = position
  var value: UInt64 = 0
  while position < bytes.count {
    let digit = bytes[position] &- 48
    guard digit <= 9 else { break }
    let (tens, carried) = value.multipliedReportingOverflow(by: 10)
    let (sum, overflowed) = tens.addingReportingOverflow(UInt64(digit))
    guard !carried, !overflowed else { return nil }
    value = sum
    position += 1
  }
  return position > start ? value : nil
}

/// Reads the digits behind a point, one to six of them, as millionths.
func fraction(_ bytes: Span<UInt8>, _ position: inout Int) -> Int64? {
  let start = position
  guard let value = digits(bytes, &position), position - start <= 6 else { return nil }
  var millionths = Int64(value)
  for _ in 0..<6 - (position - start) { millionths &*= 10 }
  return millionths
}

/// Moves over `byte` if it stands at `position`.
func skip(_ byte: Unicode.Scalar, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
  guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
  position += 1
  return true
}

/// The value with that sign and magnitude, `nil` beyond 64 bits.
func signed(_ magnitude: UInt64, isNegative: Bool) -> Int64? {
  if !isNegative { return Int64(exactly: magnitude) }
  return magnitude <= Int64.min.magnitude ? 0 &- Int64(truncatingIfNeeded: magnitude) : nil
}

extension [UInt8] {
  /// Writes `value` with leading zeros to at least `width` digits.
  mutating func append(digits value: UInt64, width: Int = 1) {
    var (digits, rest) = (1, value)
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    let start = count
    for _ in 0..<Swift.max(digits, width) { append(48) }
    rest = value
    var place = count - 1
    while rest > 0 {
      self[place] = 48 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
      place -= 1
    }
    assert(place >= start - 1, "there is room for every digit")
  }

  /// Writes a point and the fewest digits that say `millionths`, nothing for zero.
  mutating func append(fraction millionths: UInt64) {
    guard millionths > 0 else { return }
    var rest = millionths
    var width = 6
    while rest % 10 == 0 {
      rest /= 10
      width -= 1
    }
    append(46)
    append(digits: rest, width: width)
  }
}

/// The text that `write` writes.
func text(_ write: (inout [UInt8]) -> Void) -> String {
  var bytes: [UInt8] = []
  write(&bytes)
  return String(decoding: bytes, as: UTF8.self)
}

/// `numerator / denominator`, rounded half to even.
///
/// - Precondition: `denominator` is not zero.
func roundedQuotient(_ numerator: Int128, _ denominator: Int128) -> Int128 {
  let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
  let twice = remainder.magnitude * 2
  let isUp = twice > denominator.magnitude || (twice == denominator.magnitude && quotient % 2 != 0)
  guard isUp else { return quotient }
  return (numerator < 0) == (denominator < 0) ? quotient + 1 : quotient - 1
}
