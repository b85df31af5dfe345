// Many texts looked for at once: the automaton of Aho and Corasick.
//
// A state is a beginning of some text; after each byte the automaton is in the longest one that the
// bytes so far end with. So its depth says how many bytes may still become a match, and how many
// are decided.
import Glibc

/// Finds texts; its memory is overwritten when it goes.
final class FormMatcher: @unchecked Sendable {
  /// One beginning of a text.
  private struct State {
    var byte: UInt8 = 0
    var child: Int32 = 0
    var sibling: Int32 = 0
    /// The longest other beginning that this one ends with.
    var fallback: Int32 = 0
    var depth: Int32 = 0
    /// Bytes of the longest text that ends here; 0 for none.
    var match: Int32 = 0
  }

  // Written to by the initialiser only. State 0 is the empty beginning, and as a child or sibling
  // says that there is none.
  private let states: UnsafeMutableBufferPointer<State>
  private var count = 1

  /// An automaton for these texts, none of them empty.
  init(_ texts: [[UInt8]]) {
    states = .allocate(capacity: 1 + texts.reduce(0) { $0 + $1.count })
    states.initialize(repeating: State())
    for text in texts { add(text) }
    link()
  }

  deinit {
    if let start = states.baseAddress {
      explicit_bzero(start, states.count * MemoryLayout<State>.stride)
    }
    states.deallocate()
  }

  private func add(_ text: [UInt8]) {
    var at = 0
    for byte in text {
      if let next = child(of: at, byte) {
        at = next
        continue
      }
      states[count].byte = byte
      states[count].sibling = states[at].child
      states[count].depth = states[at].depth + 1
      states[at].child = Int32(count)
      at = count
      count += 1
    }
    states[at].match = Int32(text.count)
  }

  private func child(of state: Int, _ byte: UInt8) -> Int? {
    var at = Int(states[state].child)
    while at != 0 && states[at].byte != byte { at = Int(states[at].sibling) }
    return at == 0 ? nil : at
  }

  /// Breadth first: a fallback is shorter than what falls back to it.
  private func link() {
    var queue: [Int] = [0]
    var head = 0
    while head < queue.count {
      let parent = queue[head]
      head += 1
      var at = Int(states[parent].child)
      while at != 0 {
        queue.append(at)
        if parent != 0 {
          states[at].fallback = Int32(next(Int(states[parent].fallback), states[at].byte))
          states[at].match = max(states[at].match, states[Int(states[at].fallback)].match)
        }
        at = Int(states[at].sibling)
      }
    }
  }

  /// The state after one more byte.
  func next(_ state: Int, _ byte: UInt8) -> Int {
    var at = state
    while true {
      if let next = child(of: at, byte) { return next }
      if at == 0 { return 0 }
      at = Int(states[at].fallback)
    }
  }

  /// How many of the last bytes may still become a text.
  func depth(_ state: Int) -> Int { Int(states[state].depth) }

  /// Bytes of the longest text that ends here; 0 for none.
  func match(_ state: Int) -> Int { Int(states[state].match) }
}
