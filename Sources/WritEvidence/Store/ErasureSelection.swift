// Which disclosures go with what is to be erased.
import WritCrypto
import WritModel

/// Collects what a choice takes. Ids come before what is of them: nodes are known by `Kind/id`.
struct ErasureSelection {
  private let choice: ErasureChoice
  private var all: [HeldDisclosure] = []

  init(_ choice: ErasureChoice) {
    self.choice = choice
  }

  mutating func take(_ held: HeldDisclosure) { all.append(held) }

  /// Everything that goes, rising, and the names by which records know the ids among it.
  func finished(
    _ objects: ContentStore
  ) throws(LogError) -> (digests: [DisclosureDigest], names: [DisclosureDigest: String]) {
    let nodes = nodes
    var chosen: Set<DisclosureDigest> = []
    if case .digests(let digests) = choice { chosen.formUnion(digests) }
    chosen.formIntersection(all.map(\.disclosure.digest))
    var names: [DisclosureDigest: String] = [:]
    for held in all {
      let digest = held.disclosure.digest
      if nodes.contains(where: { held.belongs(to: $0) }) { chosen.insert(digest) }
      guard chosen.contains(digest), held.node != nil else { continue }
      names[digest] = "\(held.disclosure.name)/\(digest.token)"
    }
    let tokens = chosen.map { Array($0.token.utf8) }
    for held in all where !chosen.contains(held.disclosure.digest) {
      for text in held.of {
        guard let object = Digest(text), try objects.holds(tokens, in: object) else { continue }
        chosen.insert(held.disclosure.digest)
      }
    }
    return (chosen.sorted(), names)
  }

  /// The nodes that go whole.
  private var nodes: [String] {
    switch choice {
    case .node(let node): return [node]
    case .digests(let digests):
      let wanted = Set(digests)
      return all.filter { wanted.contains($0.disclosure.digest) }.compactMap(\.node)
    }
  }
}

extension HeldDisclosure {
  /// The node whose id this is; `nil` of anything else.
  fileprivate var node: String? {
    guard of.isEmpty, let id = disclosure.value.string else { return nil }
    return "\(disclosure.name)/\(id)"
  }

  /// Whether it is the node's id, or goes with the node. What nobody could read as an approval goes with whomever it
  /// mentions.
  fileprivate func belongs(to name: String) -> Bool {
    if let node { return hasSameBytes(node, name) }
    if of.containsBytes(of: name) { return true }
    return of.isEmpty && mentions(name)
  }

  private func mentions(_ name: String) -> Bool {
    guard let id = name.halves(at: UInt8(ascii: "/"))?.behind, !id.isEmpty else { return false }
    return disclosure.value.holds(Array(id.utf8))
  }
}

extension JSONValue {
  /// Whether the bytes stand in a text of the value, or in what such a text is base64 of.
  fileprivate func holds(_ bytes: [UInt8]) -> Bool {
    switch self {
    case .null, .bool, .number: false
    case .string(let text):
      contains(Array(text.utf8), bytes)
        || (Base64.decodeEither(text) ?? Base64.decodeURL(text)).map { contains($0, bytes) } == true
    case .array(let elements): elements.contains { $0.holds(bytes) }
    case .object(let members):
      members.contains { contains(Array($0.name.utf8), bytes) || $0.value.holds(bytes) }
    }
  }
}

extension ContentStore {
  /// Whether any of the texts, which begin with a tilde, stands in an object. One that is gone, because it was pruned,
  /// may have held any: whoever rests on it can be of no use and must not outlast a name.
  fileprivate func holds(_ texts: [[UInt8]], in object: Digest) throws(LogError) -> Bool {
    guard !texts.isEmpty else { return false }
    guard contains(object) else { return true }
    let bytes = try get(object)
    let wanted = Set(texts)
    let length = texts[0].count
    for start in bytes.indices where bytes[start] == UInt8(ascii: "~") {
      let end = start + length
      if end <= bytes.count, wanted.contains(Array(bytes[start..<end])) { return true }
    }
    return false
  }
}

/// Whether one sequence of bytes stands in another; linear in their product.
private func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
  guard let first = wanted.first, bytes.count >= wanted.count else { return false }
  for start in 0...(bytes.count - wanted.count)
  where bytes[start] == first && bytes[start..<start + wanted.count].elementsEqual(wanted) {
    return true
  }
  return false
}
