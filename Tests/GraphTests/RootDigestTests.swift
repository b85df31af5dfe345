// The root digest: what it depends on, and how somebody else works it out.
import Testing
import WritCrypto
import WritGraph
import WritModel

@Suite struct RootDigestTests {
  @Test func orderDoesNotMatter() throws {
    let root = try snapshot(fixtureLines).rootDigest
    let bytes = try snapshot(fixtureLines).fileBytes
    for seed in 0..<40 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let shuffled = fixtureLines.shuffled(using: &generator)
      #expect(try snapshot(shuffled).rootDigest == root, "seed \(seed)")
      #expect(try snapshot(shuffled).fileBytes == bytes, "seed \(seed)")
    }
  }

  @Test func theOrderOfDeclarationsDoesNotMatter() throws {
    var schema = fixtureSchema()
    schema.kinds = schema.kinds.map { kind in
      NodeKind(name: kind.name, origin: kind.origin, fields: kind.fields.reversed())
    }
    schema.edges = schema.edges.reversed().map { edge in
      EdgeType(
        name: edge.name, source: edge.source, targets: edge.targets, cardinality: edge.cardinality,
        fields: edge.fields.reversed(), origin: edge.origin, inverse: edge.inverse)
    }
    let other = try snapshot(fixtureLines, schema)
    #expect(try other.rootDigest == snapshot(fixtureLines).rootDigest)
    #expect(try other.fileBytes != snapshot(fixtureLines).fileBytes)
  }

  @Test func everyFactMatters() throws {
    let root = try snapshot(fixtureLines).rootDigest
    var roots: Set<Digest> = [root]
    for (line, old, new) in [
      (0, "Core", "Care"), (2, "83.40", "83.41"), (2, "\"tier\":1", "\"tier\":2"),
      (2, "true", "false"), (2, "\"a\",", "\"c\","), (2, "02-29", "02-28"),
      (2, "22:00:00", "22:00:01"),
      (2, "90s", "91s"), (2, "pays", "pay"), (2, ",\"tier\":1", ""), (3, "0.000001", "0.000002"),
      (3, "40993", "40994"), (5, "critical", "high"), (5, "\"osv\"", "\"scanner\""),
      (5, ",\"source\":\"osv\"", ""), (8, "Person/anna", "Team/core"),
      (9, "\"group\":2", "\"group\":3"),
      (10, "<2", "<3"), (11, "Service/fraud", "Service/a/b:c#d"), (15, "\"*\"", "\"Service\""),
      (15, "22:00:00Z", "22:00:00.000001Z"), (16, "fraud", "checkout"),
      (17, "\"of\":\"scanner\"", "\"of\":\"osv\""),
      (17, ",\"of\":\"scanner\"", ""), (16, "scanner", "osv"),
    ] {
      var lines = fixtureLines
      let changed = lines[line].replacing(old, with: new, maxReplacements: 1)
      #expect(changed != lines[line], "line \(line) has no \(old)")
      lines[line] = changed
      #expect(roots.insert(try snapshot(lines).rootDigest).inserted, "\(line): \(old) to \(new)")
    }
    for line in fixtureLines.indices where ![0, 1, 2, 3, 4, 5].contains(line) {
      var lines = fixtureLines
      lines.remove(at: line)
      #expect(roots.insert(try snapshot(lines).rootDigest).inserted, "without \(line)")
    }
  }

  @Test func theSchemaMatters() throws {
    var schema = fixtureSchema()
    schema.sources[0] = SourceType(name: "catalog", freshMicroseconds: 1001)
    #expect(try snapshot(fixtureLines, schema).rootDigest != snapshot(fixtureLines).rootDigest)
    schema = fixtureSchema()
    schema.kinds.append(NodeKind(name: "Extra", origin: .unsourced, fields: []))
    #expect(try snapshot(fixtureLines, schema).rootDigest != snapshot(fixtureLines).rootDigest)
  }

  /// The definition in docs/snapshot-format.md, followed from the canonical lines in the corpus;
  /// the root itself was worked out by another program in another language.
  @Test func anOutsiderComesToTheSameRoot() throws {
    let root = try outsidersRoot(depth: 16)
    #expect(try snapshot(fixtureLines).rootDigest == root)
    #expect(root.hex == "957ffbfe85f572807b00b2f391a6ddb3bc2e726361bda026fec19f59f4b2fae2")
  }

  /// A file of version 1, as logs name them, says the root of its own form, and goes on to say it.
  @Test func filesOfTheFirstFormAreStillTrue() throws {
    let root = try outsidersRoot(depth: 8)
    #expect(root.hex == "b78b300a2261d808a96fe213c773b6a2b592f8b985fb2877f877b764b7bd1cd8")
    var bytes = try snapshot(fixtureLines).fileBytes
    bytes[8] = 1
    seal(&bytes)
    #expect(try !Snapshot.decode(bytes).verifyRootDigest())
    bytes.replaceSubrange(64..<96, with: root.bytes)
    seal(&bytes)
    let old = try Snapshot.decode(bytes)
    #expect(old.form == .few && old.rootDigest == root)
    #expect(old.verifyRootDigest())
    #expect(old.fileBytes == bytes)
    // What is built of it has the newest form.
    let new = try SnapshotBuilder(old).build()
    #expect(try new.fileBytes == snapshot(fixtureLines).fileBytes)
  }

  private func outsidersRoot(depth: Int) throws -> Digest {
    func place(_ digest: Digest) -> Int {
      (Int(digest.bytes[0]) << 8 | Int(digest.bytes[1])) >> (16 - depth)
    }
    var buckets = [[Digest]](repeating: [], count: 1 << depth)
    var sourceLines: [Digest] = []
    for line in corpusLines("everything.canonical.jsonl") {
      let leaf = Digest(of: [0] + Array(line.utf8))
      let fact = try JSONValue(parsing: Array(line.utf8))
      let node = fact["node"]?.string.flatMap { kind in fact["id"]?.string.map { "\(kind)/\($0)" } }
      if let owner = node ?? fact["from"]?.string {
        buckets[place(Digest(of: Array(owner.utf8)))].append(leaf)
      } else if depth == 16 {
        buckets[place(leaf)].append(leaf)
      } else {
        sourceLines.append(leaf)
      }
    }
    let schema = corpusLines("everything.schema.jsonl").map { Digest(of: [0] + Array($0.utf8)) }
    func digest(_ bucket: [Digest]) -> Digest {
      Digest(of: bucket.sorted().reduce([2]) { $0 + $1.bytes })
    }
    var level = buckets.map(digest)
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map {
        Digest(of: [1] + level[$0].bytes + level[$0 + 1].bytes)
      }
    }
    let beside = depth == 8 ? digest(sourceLines).bytes : []
    return Digest(of: [depth == 8 ? 3 : 4] + level[0].bytes + beside + digest(schema).bytes)
  }

  @Test func aNodesDigestIsItsLeaf() throws {
    let snapshot = try snapshot(fixtureLines)
    var count = 0
    for line in corpusLines("everything.canonical.jsonl") {
      let fact = try JSONValue(parsing: Array(line.utf8))
      guard let name = fact["node"]?.string, let id = fact["id"]?.string else { continue }
      let kind = try #require(snapshot.schema.kinds.firstIndex { $0.name == name })
      let node = try #require(snapshot.node(kind: kind, id: id))
      #expect(snapshot.digest(ofNode: node) == Digest(of: [0] + Array(line.utf8)), "\(id)")
      count += 1
    }
    #expect(count == snapshot.nodeCount)
  }
}
