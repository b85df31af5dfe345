// Comparisons of a column with one number: a bit a row.
//
// Sixteen bytes at a time where the processor has them (every x86-64 does), a row at a time elsewhere and for the last rows.

#if arch(x86_64)
  import _Builtin_intrinsics.intel
#endif

/// Columns are of 1, 4 or 8 bytes a row; the first two hold no negative numbers.
enum BlockKernels {
  /// Bit of each row whose value is at least `bound`.
  static func atLeast(
    _ values: UnsafeRawPointer, width: Int, _ bound: Int64, _ rows: Int, into target: Words
  ) {
    switch width {
    case 1:
      if bound <= 0 { return Bits.fill(target, Bits.wordCount(rows), with: ~0) }
      if bound > 255 { return Bits.fill(target, Bits.wordCount(rows), with: 0) }
      bytesAtLeast(values, UInt8(truncatingIfNeeded: bound), rows, target)
    case 4:
      let column = values.assumingMemoryBound(to: UInt32.self)
      pack(rows, target) { Int64(column[$0]) >= bound }
    default: longsAtLeast(values, bound, rows, target)
    }
  }

  /// Bit of each row whose value is `wanted`.
  static func equal(
    _ values: UnsafeRawPointer, width: Int, _ wanted: Int64, _ rows: Int, into target: Words
  ) {
    switch width {
    case 1:
      guard let byte = UInt8(exactly: wanted) else {
        return Bits.fill(target, Bits.wordCount(rows), with: 0)
      }
      bytesEqual(values, byte, rows, target)
    case 4:
      guard let number = UInt32(exactly: wanted) else {
        return Bits.fill(target, Bits.wordCount(rows), with: 0)
      }
      numbersEqual(values, number, rows, target)
    default:
      let column = values.assumingMemoryBound(to: Int64.self)
      pack(rows, target) { column[$0] == wanted }
    }
  }

  /// Bit of each row for which the body holds.
  @inline(__always)
  static func pack(
    from first: Int = 0, _ rows: Int, _ target: Words, _ holds: (Int) -> Bool
  ) {
    var place = first
    while place < rows {
      let end = min(rows, (place &+ 64) & ~63)
      var word: UInt64 = place & 63 == 0 ? 0 : target[place &>> 6]
      var row = place
      while row < end {
        word |= (holds(row) ? 1 : 0) &<< UInt64(truncatingIfNeeded: row & 63)
        row &+= 1
      }
      target[place &>> 6] = word
      place = end
    }
  }
}

#if arch(x86_64)
  extension BlockKernels {
    @inline(__always)
    private static func lanes(_ values: UnsafeRawPointer, _ offset: Int) -> SIMD2<Int64> {
      values.loadUnaligned(fromByteOffset: offset, as: SIMD2<Int64>.self)
    }

    /// Sixteen rows a turn; the body's word has the first row's bit lowest. Returns the rows done.
    @inline(__always)
    private static func sixteens(
      _ rows: Int, _ target: Words, _ bits: (Int) -> Int32
    ) -> Int {
      let raw = UnsafeMutableRawPointer(target)
      let turns = rows &>> 4
      // The rest of the last word is written row by row.
      target[(rows &- 1) &>> 6] = 0
      for turn in 0..<turns {
        raw.storeBytes(
          of: UInt16(truncatingIfNeeded: bits(turn)).littleEndian, toByteOffset: turn &* 2,
          as: UInt16.self)
      }
      return turns &* 16
    }

    private static func bytesAtLeast(
      _ values: UnsafeRawPointer, _ bound: UInt8, _ rows: Int, _ target: Words
    ) {
      guard rows > 0 else { return }
      let bounds = _mm_set1_epi8(CChar(bitPattern: bound))
      let done = sixteens(rows, target) { turn in
        let values = lanes(values, turn &* 16)
        return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(values, bounds), values))
      }
      let column = values.assumingMemoryBound(to: UInt8.self)
      pack(from: done, rows, target) { column[$0] >= bound }
    }

    /// Four rows: all bits of a lane where the number is below the bound. Two comparisons of halves, the lower ones with
    /// their signs turned so that they count as unsigned.
    @inline(__always)
    private static func fourBelow(
      _ values: UnsafeRawPointer, _ place: Int, _ high: SIMD2<Int64>, _ low: SIMD2<Int64>,
      _ sign: SIMD2<Int64>
    ) -> SIMD2<Int64> {
      let (first, second) = (lanes(values, place), lanes(values, place &+ 16))
      let (even, odd) = (_mm_unpacklo_epi32(first, second), _mm_unpackhi_epi32(first, second))
      let lower = _mm_xor_si128(_mm_unpacklo_epi32(even, odd), sign)
      let upper = _mm_unpackhi_epi32(even, odd)
      return _mm_or_si128(
        _mm_cmplt_epi32(upper, high),
        _mm_and_si128(_mm_cmpeq_epi32(upper, high), _mm_cmplt_epi32(lower, low)))
    }

    private static func longsAtLeast(
      _ values: UnsafeRawPointer, _ bound: Int64, _ rows: Int, _ target: Words
    ) {
      guard rows > 0 else { return }
      let high = _mm_set1_epi32(Int32(truncatingIfNeeded: bound >> 32))
      let sign = _mm_set1_epi32(.min)
      let low = _mm_xor_si128(_mm_set1_epi32(Int32(truncatingIfNeeded: bound)), sign)
      let done = sixteens(rows, target) { turn in
        let place = turn &* 128
        let first = _mm_packs_epi32(
          fourBelow(values, place, high, low, sign),
          fourBelow(values, place &+ 32, high, low, sign))
        let second = _mm_packs_epi32(
          fourBelow(values, place &+ 64, high, low, sign),
          fourBelow(values, place &+ 96, high, low, sign))
        return ~_mm_movemask_epi8(_mm_packs_epi16(first, second))
      }
      let column = values.assumingMemoryBound(to: Int64.self)
      pack(from: done, rows, target) { column[$0] >= bound }
    }

    private static func bytesEqual(
      _ values: UnsafeRawPointer, _ wanted: UInt8, _ rows: Int, _ target: Words
    ) {
      guard rows > 0 else { return }
      let pattern = _mm_set1_epi8(CChar(bitPattern: wanted))
      let done = sixteens(rows, target) { turn in
        _mm_movemask_epi8(_mm_cmpeq_epi8(lanes(values, turn &* 16), pattern))
      }
      let column = values.assumingMemoryBound(to: UInt8.self)
      pack(from: done, rows, target) { column[$0] == wanted }
    }

    private static func numbersEqual(
      _ values: UnsafeRawPointer, _ wanted: UInt32, _ rows: Int, _ target: Words
    ) {
      guard rows > 0 else { return }
      let pattern = _mm_set1_epi32(Int32(bitPattern: wanted))
      let done = sixteens(rows, target) { turn in
        let place = turn &* 64
        let low = _mm_packs_epi32(
          _mm_cmpeq_epi32(lanes(values, place), pattern),
          _mm_cmpeq_epi32(lanes(values, place &+ 16), pattern))
        let high = _mm_packs_epi32(
          _mm_cmpeq_epi32(lanes(values, place &+ 32), pattern),
          _mm_cmpeq_epi32(lanes(values, place &+ 48), pattern))
        return _mm_movemask_epi8(_mm_packs_epi16(low, high))
      }
      let column = values.assumingMemoryBound(to: UInt32.self)
      pack(from: done, rows, target) { column[$0] == wanted }
    }
  }
#else
  extension BlockKernels {
    private static func bytesAtLeast(
      _ values: UnsafeRawPointer, _ bound: UInt8, _ rows: Int, _ target: Words
    ) {
      let column = values.assumingMemoryBound(to: UInt8.self)
      pack(rows, target) { column[$0] >= bound }
    }

    private static func longsAtLeast(
      _ values: UnsafeRawPointer, _ bound: Int64, _ rows: Int, _ target: Words
    ) {
      let column = values.assumingMemoryBound(to: Int64.self)
      pack(rows, target) { column[$0] >= bound }
    }

    private static func bytesEqual(
      _ values: UnsafeRawPointer, _ wanted: UInt8, _ rows: Int, _ target: Words
    ) {
      let column = values.assumingMemoryBound(to: UInt8.self)
      pack(rows, target) { column[$0] == wanted }
    }

    private static func numbersEqual(
      _ values: UnsafeRawPointer, _ wanted: UInt32, _ rows: Int, _ target: Words
    ) {
      let column = values.assumingMemoryBound(to: UInt32.self)
      pack(rows, target) { column[$0] == wanted }
    }
  }
#endif
