// Trees and proofs: published vectors, every small tree whole, and what must not pass.
import Testing
import WritCrypto
import WritEvidence
import WritModel

@Suite struct MerkleTests {
  @Test func workedExample() {
    var hasher = MerkleHasher()
    var frontier = Frontier()
    for entry in ["", "alpha", "beta"] {
      frontier.append(hasher.leaf(bytes(entry)), with: &hasher)
    }
    #expect(
      frontier.root(with: &hasher).hex
        == "d733c2f5ed8cb7a688108ab7498c16b87ee63ff082654ae990191ca99174b561")
    #expect(
      frontier.subtrees.map(\.hex) == [
        "652d3a1a3497ccf13a085e7925fdbb6993bb586423877c7dbd9f1b3ccd005ea1",
        "e23537b050e84af2cbaab46f2f83d8d3b5febc8e5ac6200d306284f687d46924",
      ])
  }

  @Test func publishedRoots() throws {
    for tree in try #require(try vectors("merkle/roots.json").array) {
      let roots = try #require(tree["roots"]?.object)
      let last = try #require(roots.compactMap { UInt64($0.name) }.max())
      var hasher = MerkleHasher()
      var frontier = Frontier()
      while true {
        if let expected = tree["roots"]?[String(frontier.size)]?.string {
          #expect(frontier.root(with: &hasher).hex == expected, "size \(frontier.size)")
        }
        if frontier.size == last { break }
        let index = Int(frontier.size)
        let entry: [UInt8]
        if let leaves = tree["leaves"]?.array {
          entry = try #require(leaves[index].string.flatMap(Hex.decode))
        } else {
          let parts = try text(tree, "format").split(
            separator: "{i}", omittingEmptySubsequences: false)
          entry = bytes(parts.joined(separator: String(index)))
        }
        frontier.append(hasher.leaf(entry), with: &hasher)
      }
    }
  }

  @Test func publishedInclusionProofs() throws {
    let cases = try #require(try vectors("merkle/inclusion.json").array)
    #expect(cases.count == 39)
    for item in cases {
      #expect(
        holdsInclusion(item) == (item["wantErr"]?.bool == false), "\(item["name"]?.string ?? "")")
    }
  }

  private func holdsInclusion(_ item: JSONValue) -> Bool {
    guard let index = item["leafIdx"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let size = item["treeSize"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let leaf = digest(item["leafHash"]), let root = digest(item["root"]),
      let hashes = digests(item["proof"])
    else { return false }
    let proof = InclusionProof(index: index, size: size, hashes: hashes)
    return (try? proof.verify(leaf: leaf, root: root)) != nil
  }

  @Test func publishedConsistencyProofs() throws {
    let cases = try #require(try vectors("merkle/consistency.json").array)
    #expect(cases.count == 44)
    for item in cases {
      let name = try text(item, "name")
      // Its roots are not 32 bytes long: a `Digest` cannot say them, so the case cannot be put.
      if name == "additional/sizes-are-equal-one-and-proof-is-empty" {
        #expect(digest(item["root1"]) == nil)
        #expect(item["root1"] == item["root2"])
        continue
      }
      #expect(holdsConsistency(item) == (item["wantErr"]?.bool == false), "\(name)")
    }
  }

  private func holdsConsistency(_ item: JSONValue) -> Bool {
    guard let old = item["size1"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let size = item["size2"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let oldRoot = digest(item["root1"]), let root = digest(item["root2"]),
      let hashes = digests(item["proof"])
    else { return false }
    let proof = ConsistencyProof(oldSize: old, size: size, hashes: hashes)
    return (try? proof.verify(oldRoot: oldRoot, root: root)) != nil
  }

  private func digest(_ value: JSONValue?) -> Digest? {
    value?.string.flatMap(Base64.decode).flatMap { Digest($0) }
  }

  private func digests(_ value: JSONValue?) -> [Digest]? {
    guard let elements = value?.array else { return [] }
    let digests = elements.compactMap { digest($0) }
    return digests.count == elements.count ? digests : nil
  }

  @Test func everyInclusionProofOfEveryTreeTo130() throws {
    let (tree, leaves) = smallTree(130)
    for size in UInt64(1)...130 {
      let root = tree.root(of: size)
      for index in 0..<size {
        let proof = InclusionProof(index: index, size: size, from: tree)
        mustHold("\(proof)") { try proof.verify(leaf: leaves[Int(index)], root: root) }
        guard size <= 40 || size.isMultiple(of: 13) else { continue }
        try expectOnly(proof, leaf: leaves[Int(index)], root: root)
      }
    }
  }

  /// Near misses of a good inclusion proof.
  private func expectOnly(_ proof: InclusionProof, leaf: Digest, root: Digest) throws {
    let misses = [
      InclusionProof(index: proof.index ^ 1, size: proof.size, hashes: proof.hashes),
      InclusionProof(index: proof.index, size: proof.size, hashes: proof.hashes + [root]),
      InclusionProof(index: proof.size, size: proof.size, hashes: proof.hashes),
      InclusionProof(index: proof.index, size: proof.size, hashes: proof.hashes.dropLast()),
      InclusionProof(index: proof.index, size: proof.size, hashes: proof.hashes.reversed()),
    ]
    for miss in misses where miss != proof {
      mustFail("\(miss)") { try miss.verify(leaf: leaf, root: root) }
    }
    mustFail("\(proof)") { try proof.verify(leaf: root.changed, root: root) }
    for position in proof.hashes.indices {
      var hashes = proof.hashes
      hashes[position] = hashes[position].changed
      let miss = InclusionProof(index: proof.index, size: proof.size, hashes: hashes)
      mustFail("\(miss)") { try miss.verify(leaf: leaf, root: root) }
    }
  }

  @Test func everyConsistencyProofOfEveryTreeTo130() throws {
    let (tree, _) = smallTree(130)
    let roots = (UInt64(0)...130).map { tree.root(of: $0) }
    for size in UInt64(1)...130 {
      for old in 1...size {
        let proof = ConsistencyProof(oldSize: old, size: size, from: tree)
        let (oldRoot, root) = (roots[Int(old)], roots[Int(size)])
        mustHold("\(proof)") { try proof.verify(oldRoot: oldRoot, root: root) }
        mustFail("\(proof)") { try proof.verify(oldRoot: oldRoot.changed, root: root) }
        mustFail("\(proof)") { try proof.verify(oldRoot: oldRoot, root: root.changed) }
        let longer = ConsistencyProof(oldSize: old, size: size, hashes: proof.hashes + [root])
        mustFail("\(proof)") { try longer.verify(oldRoot: oldRoot, root: root) }
        let shorter = ConsistencyProof(oldSize: old, size: size, hashes: proof.hashes.dropLast())
        if !proof.hashes.isEmpty {
          mustFail("\(proof)") { try shorter.verify(oldRoot: oldRoot, root: root) }
        }
      }
    }
  }

  @Test func theEmptyTreeHasNoProof() {
    let proof = ConsistencyProof(oldSize: 0, size: 3, hashes: [])
    #expect(throws: ProofError.outOfRange) {
      try proof.verify(oldRoot: Merkle.emptyRoot, root: Merkle.emptyRoot)
    }
  }

  @Test func sizesAtTheEdge() {
    let digest = Merkle.emptyRoot
    for size in [.max, 1 << 63, 1 << 63 - 1, 1 << 62, 0] as [UInt64] {
      for index in [0, 1, size &- 1, size, .max] as [UInt64] {
        let proof = InclusionProof(
          index: index, size: size, hashes: Array(repeating: digest, count: 63))
        #expect(throws: ProofError.self) { try proof.verify(leaf: digest, root: digest) }
        let consistency = ConsistencyProof(oldSize: index, size: size, hashes: proof.hashes)
        if index != size || index == 0 || size > 1 << 63 - 1 {
          #expect(throws: ProofError.self) {
            try consistency.verify(oldRoot: digest, root: digest)
          }
        }
      }
    }
  }

  @Test func proofLengthIsKnownBeforehand() {
    #expect(InclusionProof.length(index: 0, size: 1) == 0)
    #expect(InclusionProof.length(index: 0, size: 1 << 63 - 1) == 63)
    #expect(InclusionProof.length(index: 256, size: 257) == 1)
    let (tree, _) = smallTree(70)
    for size in UInt64(1)...70 {
      for index in 0..<size {
        #expect(
          InclusionProof(index: index, size: size, from: tree).hashes.count
            == InclusionProof.length(index: index, size: size))
      }
    }
  }
}

extension Digest {
  /// Another digest, one bit away.
  fileprivate var changed: Digest {
    var bytes = bytes
    bytes[31] ^= 1
    return Digest(bytes) ?? self
  }
}
