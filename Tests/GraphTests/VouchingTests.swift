// Who vouches for what at an instant, against the plainest way to ask.
import Testing
import WritGraph
import WritModel

@Suite struct VouchingTests {
  private static let nodes = [
    #"{"node":"Service","id":"a"}"#, #"{"node":"Service","id":"b"}"#,
    #"{"node":"Vulnerability","id":"v1","source":"osv"}"#,
    #"{"node":"Vulnerability","id":"v2","source":"scanner"}"#,
    #"{"node":"Vulnerability","id":"v3"}"#,
    #"{"node":"Team","id":"t"}"#,
  ]

  private func line(_ source: String, _ at: Int64, _ covers: String, of: String? = nil) -> String {
    let of = of.map { #","of":"\#($0)""# } ?? ""
    return
      #"{"source":"\#(source)","at":"\#(Instant(microseconds: at))","covers":"\#(covers)"\#(of)}"#
  }

  private func vouches(_ lines: [String], asOf: Int64) throws -> Vouching {
    Vouching(try snapshot(Self.nodes + lines), fixtureSchema(), asOf: asOf)
  }

  private func origin(_ vouching: Vouching, _ sources: Int...) -> Int {
    vouching.origins.index(of: .sources(sources)) ?? -1
  }

  @Test func silentUncoveredAndStaleAreToldApart() throws {
    let lines = [line("catalog", 5000, "Service/a"), line("catalog", 100, "Service")]
    func coverage(_ asOf: Int64) throws -> Coverage {
      let vouching = try vouches(lines, asOf: asOf)
      return vouching.coverage(origin: origin(vouching, Source.catalog), kind: Kind.service)
    }
    let silent = VouchingCause.silent(source: Source.catalog)
    #expect(try coverage(99).openCause == silent)
    #expect(try coverage(100) == .always)
    #expect(try coverage(1100) == .always)
    let stale = VouchingCause.stale(source: Source.catalog, observed: 100, limit: 1000)
    #expect(try coverage(1101) == Coverage(nodes: .perNode, openCause: stale))
    let vouching = try vouches([line("catalog", 100, "Team")], asOf: 200)
    let uncovered = VouchingCause.uncovered(source: Source.catalog)
    #expect(
      vouching.coverage(origin: origin(vouching, Source.catalog), kind: Kind.service)
        == Coverage(nodes: .none(uncovered), openCause: uncovered))
  }

  @Test func singleNodesAreVouchedFor() throws {
    let lines = [line("catalog", 5000, "Service/a"), line("catalog", 100, "Service")]
    let vouching = try vouches(lines, asOf: 5500)
    let catalog = origin(vouching, Source.catalog)
    let graph = try snapshot(Self.nodes)
    let (a, b) = (
      graph.node(kind: Kind.service, id: "a") ?? -1, graph.node(kind: Kind.service, id: "b") ?? -1
    )
    #expect(vouching.cause(origin: catalog, kind: Kind.service, node: a) == nil)
    #expect(
      vouching.cause(origin: catalog, kind: Kind.service, node: b)
        == .stale(source: Source.catalog, observed: 100, limit: 1000))
  }

  @Test func aKindOfSeveralSourcesNeedsAll() throws {
    let one = try vouches([line("osv", 10, "Vulnerability")], asOf: 50)
    let both = origin(one, Source.scanner, Source.osv)
    #expect(
      one.coverage(origin: both, kind: Kind.vulnerability)
        == Coverage(nodes: .perNode, openCause: .silent(source: Source.scanner)))
    let graph = try snapshot(Self.nodes)
    let causes = graph.nodeRange(ofKind: Kind.vulnerability).map {
      one.cause(origin: both, kind: Kind.vulnerability, node: $0)
    }
    // v1 came from osv, which vouches; v2 from the scanner; v3 does not say, so both must vouch.
    #expect(causes == [nil, .silent(source: Source.scanner), .silent(source: Source.scanner)])
    let two = try vouches(
      [line("osv", 10, "*"), line("scanner", 10, "Vulnerability")], asOf: 50)
    #expect(two.coverage(origin: both, kind: Kind.vulnerability) == .always)
  }

  @Test func aLineOfOneSourceCoversItsNodesAlone() throws {
    let part = try vouches([line("scanner", 10, "Vulnerability", of: "osv")], asOf: 50)
    let scanner = origin(part, Source.scanner)
    let graph = try snapshot(Self.nodes)
    func causes(_ vouching: Vouching) -> [VouchingCause?] {
      graph.nodeRange(ofKind: Kind.vulnerability).map {
        vouching.cause(origin: scanner, kind: Kind.vulnerability, node: $0)
      }
    }
    let uncovered = VouchingCause.uncovered(source: Source.scanner)
    #expect(causes(part) == [nil, uncovered, uncovered])
    #expect(part.coverage(origin: scanner, kind: Kind.vulnerability).openCause == uncovered)
    let parts = try vouches(
      [
        line("scanner", 10, "Vulnerability", of: "osv"),
        line("scanner", 20, "Vulnerability", of: "scanner"),
      ], asOf: 50)
    // Together the parts are the whole; a node that does not say where it is from is in none.
    #expect(
      parts.coverage(origin: scanner, kind: Kind.vulnerability)
        == Coverage(nodes: .perNode, openCause: nil))
    #expect(causes(parts) == [nil, nil, uncovered])
  }

  @Test func whatHasNoSourceIsVouchedFor() throws {
    let vouching = try vouches([], asOf: 0)
    for origin in [Origin.unsourced, .request] {
      let index = vouching.origins.index(of: origin) ?? -1
      #expect(vouching.coverage(origin: index, kind: Kind.team) == .always)
    }
    // A source cannot know what only a request brings.
    let scanner = origin(vouching, Source.scanner)
    #expect(vouching.coverage(origin: scanner, kind: Kind.release).openCause != nil)
  }

  @Test func schemasAreMatchedByName() throws {
    let graph = try snapshot(Self.nodes + [line("osv", 10, "*"), line("scanner", 10, "*")])
    var schema = Schema()
    schema.sources = [
      SourceType(name: "pager", freshMicroseconds: 5),
      SourceType(name: "osv", freshMicroseconds: 5),
    ]
    schema.kinds = [
      NodeKind(name: "Unheard", origin: .sources([1]), fields: []),
      NodeKind(name: "Vulnerability", origin: .sources([1]), fields: []),
      NodeKind(name: "Service", origin: .sources([0]), fields: []),
    ]
    let vouching = Vouching(graph, schema, asOf: 12)
    let osv = vouching.origins.index(of: .sources([1])) ?? -1
    #expect(vouching.coverage(origin: osv, kind: 1) == .always)
    #expect(vouching.coverage(origin: osv, kind: 0).openCause == .uncovered(source: 1))
    let pager = vouching.origins.index(of: .sources([0])) ?? -1
    #expect(vouching.coverage(origin: pager, kind: 2).openCause == .silent(source: 0))
    #expect(
      vouching.moved(to: 16).coverage(origin: osv, kind: 1).openCause
        == .stale(source: 1, observed: 10, limit: 5))
  }

  /// Random lines, every instant around them: the answers are those of the definition, and moving
  /// gives what starting anew gives.
  @Test(arguments: 0..<30)
  func answersAreThoseOfTheDefinition(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let names = ["catalog", "scanner", "osv"]
    let covers = [
      "*", "Service", "Vulnerability", "Service/a", "Vulnerability/v1", "Vulnerability/v3",
    ]
    let said = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
      Said(
        source: Int.random(in: 0..<3, using: &generator),
        covers: covers.randomElement(using: &generator) ?? "*",
        of: Bool.random(using: &generator) ? nil : Int.random(in: 0..<3, using: &generator),
        at: Int64.random(in: 0...1500, using: &generator))
    }
    let graph = try snapshot(
      Self.nodes
        + said.map { line(names[$0.source], $0.at, $0.covers, of: $0.of.map { names[$0] }) })
    var moving = Vouching(graph, fixtureSchema(), asOf: 0)
    for asOf in stride(from: Int64(0), through: 2700, by: 37) {
      let vouching = Vouching(graph, fixtureSchema(), asOf: asOf)
      moving = moving.moved(to: asOf)
      for (index, origin) in vouching.origins.origins.enumerated() {
        guard case .sources(let sources) = origin else { continue }
        for kind in [Kind.service, Kind.vulnerability] {
          let coverage = vouching.coverage(origin: index, kind: kind)
          #expect(moving.coverage(origin: index, kind: kind) == coverage)
          var all = true
          for node in graph.nodeRange(ofKind: kind) {
            let cause = vouching.cause(origin: index, kind: kind, node: node)
            #expect(moving.cause(origin: index, kind: kind, node: node) == cause)
            let wanted = isVouched(graph, said, sources, node, asOf)
            #expect((cause == nil) == wanted, "\(said) \(asOf) \(graph.reference(to: node))")
            all = all && wanted
          }
          if coverage.nodes == .all { #expect(all) }
        }
      }
    }
  }

  private struct Said {
    let source: Int
    let covers: String
    let of: Int?
    let at: Int64
  }

  private func isVouched(
    _ graph: Snapshot, _ said: [Said], _ sources: [Int], _ node: Int, _ asOf: Int64
  ) -> Bool {
    let reference = graph.reference(to: node)
    let bringer =
      ["Vulnerability/v1": Source.osv, "Vulnerability/v2": Source.scanner][reference]
      ?? (reference.hasPrefix("Service") ? Source.catalog : nil)
    let limits: [Int64] = [1000, 100, .max]
    func vouches(_ source: Int) -> Bool {
      said.contains { line in
        line.source == source && line.at <= asOf && asOf - line.at <= limits[source]
          && (line.of == nil || line.of == bringer)
          && (line.covers == "*" || line.covers == reference
            || reference.hasPrefix(line.covers + "/"))
      }
    }
    if sources.count > 1, let bringer, sources.contains(bringer) { return vouches(bringer) }
    return sources.allSatisfy(vouches)
  }
}
