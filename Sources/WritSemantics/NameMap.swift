// What has been declared, by name.

import WritModel

/// Declarations of one name space.
///
/// A name means what is declared under the same bytes. Two names that differ in bytes and yet look the same, because Unicode
/// takes them for equivalent, cannot both be declared: no reader of the text could tell them apart.
struct NameMap<Value> {
  /// `String` is compared by equivalence, so there is one entry for all names that look the same.
  private var entries: [String: (name: String, value: Value)] = [:]

  /// What is declared under this name.
  subscript(name: String) -> Value? {
    guard let entry = entries[name], hasSameBytes(entry.name, name) else { return nil }
    return entry.value
  }

  /// What is declared under this name or one that looks the same.
  func alike(_ name: String) -> Value? { entries[name]?.value }

  /// Enters a name unless one that looks the same is there.
  mutating func add(_ name: String, _ value: Value) {
    if entries[name] == nil { entries[name] = (name, value) }
  }
}
