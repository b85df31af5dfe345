// A set register: elements that are definite or possible, and whether some may be missing.

/// An element of a set or list.
public struct Element: Sendable {
  public var lower: Int64
  public var upper: Int64
  public var cause: Cause
  /// `via + 1` and, lowest, whether the element is only possible: so that of two equal elements the lesser tag wins.
  var tag: Int64

  init(_ value: Slot, cause: Cause, isDefinite: Bool, via: Int) {
    lower = value.lower
    upper = value.upper
    self.cause = cause.plain
    tag = (isDefinite ? 0 : 1) << 40 | Int64(truncatingIfNeeded: via + 1)
  }

  public var isDefinite: Bool { tag >> 40 == 0 }
  /// As where a walk begins.
  mutating func forgetVia() { tag &= ~0xff_ffff_ffff }

  /// The node from which it was reached, or -1.
  public var via: Int { Int(tag & 0xff_ffff_ffff) - 1 }
}

/// Elements in memory of their own, kept between uses so that a loop does not allocate.
struct SetBuffer {
  private(set) var elements: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int
  /// Why something may be missing; none if nothing is.
  var open = Cause.none

  init() {
    capacity = 16
    elements = .allocate(capacity: capacity)
  }

  func deallocate() {
    elements.deallocate()
  }

  mutating func clear() {
    count = 0
    open = .none
  }

  mutating func open(by cause: Cause) {
    if open.isNone { open = cause.plain }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow(to: capacity * 2) }
    (elements + count).initialize(to: element)
    count += 1
  }

  @inline(never)
  private mutating func grow(to wanted: Int) {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    larger.update(from: elements, count: count)
    elements.deallocate()
    elements = larger
    capacity = wanted
  }

  mutating func copy(_ other: SetBuffer) {
    if capacity < other.count { grow(to: max(other.count, capacity * 2)) }
    elements.update(from: other.elements, count: other.count)
    count = other.count
    open = other.open
  }

  /// Drops values that are not exact, which opens the set, and makes those with a cause only possible.
  @inline(__always)
  mutating func keepExact() {
    var kept = 0
    for index in 0..<count {
      var element = elements[index]
      if element.lower != element.upper {
        open(by: element.cause)
        continue
      }
      if !element.cause.isNone { element.tag |= 1 << 40 }
      elements[kept] = element
      kept += 1
    }
    count = kept
  }

  /// Keeps the first `wanted` elements.
  mutating func truncate(to wanted: Int) {
    count = min(count, wanted)
  }
}
