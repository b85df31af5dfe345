// What is asked of sets and lists: membership, emptiness, counts, sums and extremes.

import WritModel
import WritSemantics

/// No set is larger, as far as an open one's count goes.
private let countLimit: Int64 = 1 << 40

extension Evaluator {
  /// What is unknown about the set as a whole.
  private func cause(_ set: Elements) -> Cause? {
    set.open ?? set.elements.lazy.compactMap(\.cause).first
  }

  /// Bounds for a gate, where an exact value has no cause.
  private func settled(_ lower: Int64, _ upper: Int64, _ cause: Cause?) -> Interval {
    Interval(lower, upper, mode == .gate && lower == upper ? nil : cause)
  }

  func member(_ value: Interval, _ set: Elements) throws(OutOfFuel) -> Interval {
    try charge(1 + set.elements.count)
    let own = value.isExact ? value.cause : nil
    let equal = set.elements.filter { value.isExact && $0.isExact && $0.lower == value.lower }
    if let certain = equal.first(where: \.isDefinite) {
      return Interval(true, own ?? certain.cause)
    }
    if mode == .query, let likely = equal.first { return Interval(true, own ?? likely.cause) }
    let isPossible = set.elements.contains { value.meets(Interval($0.lower, $0.upper, nil)) }
    if !isPossible && (set.open == nil || mode == .query) {
      return Interval(false, own ?? set.open)
    }
    return Interval(0, 1, value.cause ?? equal.first?.cause ?? cause(set))
  }

  func isEmpty(_ set: Elements) -> Interval {
    if set.elements.contains(where: \.isDefinite) { return Interval(false) }
    if mode == .query { return Interval(set.elements.isEmpty, cause(set)) }
    if set.open == nil && set.elements.isEmpty { return Interval(true) }
    return Interval(0, 1, cause(set))
  }

  func count(_ set: Elements) -> Interval {
    let all = Int64(set.elements.count)
    let definite = Int64(set.elements.count(where: \.isDefinite))
    let doubt = set.open ?? set.elements.lazy.compactMap(\.doubt).first
    if mode == .query { return Interval(exactly: all, doubt) }
    return settled(definite, set.open == nil ? all : countLimit, doubt)
  }

  func sum(_ set: Elements) -> Interval {
    if mode == .gate, let open = set.open { return Interval(.min, .max, open) }
    var (lower, upper) = (Int128(0), Int128(0))
    for element in set.elements {
      let mayMiss = mode == .gate && !element.isDefinite
      lower += Int128(mayMiss ? min(0, element.lower) : element.lower)
      upper += Int128(mayMiss ? max(0, element.upper) : element.upper)
    }
    guard let lower = Int64(exactly: lower), let upper = Int64(exactly: upper) else {
      return Interval(.min, .max, cause(set) ?? .overflow)
    }
    return settled(lower, upper, cause(set))
  }

  /// Bounded below by everything that may be there, above by what surely is.
  func least(_ set: Elements, _ type: ValueType) -> Value {
    guard let surely = surely(set) else { return .absent(set.open) }
    guard let upper = surely.map(\.upper).min() else { return unknown(type, cause(set)) }
    let full = Interval.full(type, schema, nil)
    let lower = isOpen(set) ? full.lower : set.elements.map(\.lower).min() ?? full.lower
    return .scalar(settled(lower, upper, cause(set)))
  }

  func greatest(_ set: Elements, _ type: ValueType) -> Value {
    guard let surely = surely(set) else { return .absent(set.open) }
    guard let lower = surely.map(\.lower).max() else { return unknown(type, cause(set)) }
    let full = Interval.full(type, schema, nil)
    let upper = isOpen(set) ? full.upper : set.elements.map(\.upper).max() ?? full.upper
    return .scalar(settled(lower, upper, cause(set)))
  }

  private func isOpen(_ set: Elements) -> Bool { mode == .gate && set.open != nil }

  /// The elements that count as there; nil if there surely is none.
  private func surely(_ set: Elements) -> [Element]? {
    if set.elements.isEmpty && !isOpen(set) { return nil }
    return mode == .query ? set.elements : set.elements.filter(\.isDefinite)
  }
}
