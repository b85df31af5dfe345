// TLS between two who know each other's keys: in memory, byte by byte; and what must not come of it.
import Testing
import WritCrypto
import WritTransport

private func key(_ seed: UInt8) throws -> Ed25519PrivateKey {
  try #require(Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)))
}

/// Two ends, and what is under way between them.
private final class Wire {
  let client: TLSChannel
  let server: TLSChannel
  private(set) var atClient: [UInt8] = []
  private(set) var atServer: [UInt8] = []
  /// How many bytes of the network are handed over at a time.
  private let piece: Int
  /// What becomes of what the client sends.
  private let changed: ([UInt8]) -> [UInt8]

  init(
    client: TLSContext, server: TLSContext, piece: Int = .max,
    changed: @escaping ([UInt8]) -> [UInt8] = { $0 }
  ) {
    self.client = TLSChannel(client: client)
    self.server = TLSChannel(server: server)
    self.piece = piece
    self.changed = changed
  }

  /// Two that take each other, whoever they are.
  convenience init(piece: Int = .max, changed: @escaping ([UInt8]) -> [UInt8] = { $0 }) throws {
    let (one, other) = (try key(1), try key(2))
    self.init(
      client: TLSContext(key: one, peers: [other.publicKey]),
      server: TLSContext(key: other, peers: [try key(9).publicKey, one.publicKey]), piece: piece,
      changed: changed)
  }

  /// Hands over what is under way, until nothing is.
  func settle() throws {
    while true {
      let (forth, back) = (changed(client.unsent()), server.unsent())
      if forth.isEmpty && back.isEmpty { return }
      atServer += try hand(forth, to: server)
      atClient += try hand(back, to: client)
    }
  }

  private func hand(_ bytes: [UInt8], to channel: TLSChannel) throws -> [UInt8] {
    var (plain, rest) = ([UInt8](), bytes[...])
    while !rest.isEmpty {
      plain += try channel.receive(rest.prefix(piece))
      rest = rest.dropFirst(piece)
    }
    return plain
  }
}

@Suite struct TLSTests {
  @Test(arguments: [1, 7, Int.max]) func whatIsSentArrives(_ piece: Int) throws {
    let wire = try Wire(piece: piece)
    #expect(try wire.client.send(bytes("too early")[...]) == 0)
    try wire.settle()
    #expect(wire.client.isReady && wire.server.isReady)
    let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    #expect(try wire.client.send(long[...]) == long.count)
    #expect(try wire.server.send(bytes("back")[...]) == 4)
    try wire.settle()
    #expect(wire.atServer == long && wire.atClient == bytes("back"))
  }

  @Test func nothingLiesOpenOnTheWire() throws {
    var seen: [UInt8] = []
    let wire = try Wire {
      seen += $0
      return $0
    }
    try wire.settle()
    #expect(try wire.client.send(bytes("CANARY-7f3a")[...]) == 11)
    try wire.settle()
    #expect(wire.atServer == bytes("CANARY-7f3a"))
    let canary = bytes("CANARY")
    #expect(!seen.indices.contains { seen[$0...].starts(with: canary) })
    // Nor who it is: in TLS 1.3 certificates are encrypted.
    let own = try key(1).publicKey.bytes
    #expect(!seen.indices.contains { seen[$0...].starts(with: own) })
  }

  @Test func aStrangeKeyIsRefusedOnBothSides() throws {
    let (one, other, stranger) = (try key(1), try key(2), try key(3))
    let false1 = Wire(
      client: TLSContext(key: stranger, peers: [other.publicKey]),
      server: TLSContext(key: other, peers: [one.publicKey]))
    #expect(throws: TLSError.strangeKey(stranger.publicKey.bytes)) { try false1.settle() }
    #expect(!false1.server.isReady)
    let false2 = Wire(
      client: TLSContext(key: one, peers: [other.publicKey]),
      server: TLSContext(key: stranger, peers: [one.publicKey]))
    #expect(throws: TLSError.strangeKey(stranger.publicKey.bytes)) { try false2.settle() }
    #expect(!false2.client.isReady && !false2.server.isReady)
    // Whoever is refused is told, in words.
    let told = false1.server.unsent()
    #expect(throws: TLSError.self) { _ = try false1.client.receive(told[...]) }
  }

  /// Every byte of a handshake changed in one bit: refused, or waited on for more; never taken.
  @Test func aChangedHandshakeIsNone() throws {
    var count = 0
    let right = try Wire {
      count += $0.count
      return $0
    }
    try right.settle()
    #expect(count > 300)
    var ignored = 0
    for place in 0..<count {
      var passed = 0
      let wire = try Wire { sent in
        defer { passed += sent.count }
        var sent = sent
        if passed..<passed + sent.count ~= place { sent[place - passed] ^= 0x10 }
        return sent
      }
      do {
        try wire.settle()
        // Of the outer form of a record the version says nothing (RFC 8446, 5.1).
        if wire.server.isReady { ignored += 1 }
      } catch { #expect(error is TLSError, "\(place): \(error)") }
    }
    // Two bytes of a record's head, in the client's three or four records.
    #expect(ignored <= 8, "\(ignored)")
  }

  @Test func aChangedRecordEndsTheConnection() throws {
    var isBroken = false
    let wire = try Wire { sent in
      var sent = sent
      if isBroken, !sent.isEmpty { sent[sent.count - 1] ^= 1 }
      return sent
    }
    try wire.settle()
    isBroken = true
    #expect(try wire.client.send(bytes("stop")[...]) == 4)
    #expect(throws: TLSError.self) { try wire.settle() }
    #expect(wire.atServer.isEmpty)
  }

  @Test func aLongHandshakeIsCutOff() throws {
    let server = TLSChannel(
      server: TLSContext(key: try key(1), peers: [try key(2).publicKey]))
    // The beginning of a record that promises much, and then little of it at a time.
    _ = try server.receive([0x16, 3, 1, 0x3f, 0xff][...])
    #expect(throws: TLSError.handshakeTooLong(byteCount: TLSLimits.handshakeByteCount)) {
      for _ in 0..<TLSLimits.handshakeByteCount { _ = try server.receive([0][...]) }
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n\r\n", "{\"type\":\"hello\"}\n", "\u{15}\u{3}\u{3}\u{0}\u{2}",
  ])
  func otherLanguagesAreRefused(_ text: String) throws {
    let server = TLSChannel(
      server: TLSContext(key: try key(1), peers: [try key(2).publicKey]))
    var isRefused = false
    do { _ = try server.receive(bytes(text)[...]) } catch { isRefused = true }
    #expect(isRefused || !server.isReady)
  }

  @Test func theSameKeyMakesTheSameCertificate() throws {
    #expect(try key(1).certificate == key(1).certificate)
    #expect(try key(1).certificate != key(2).certificate)
    let pem = try key(1).certificatePEM
    #expect(pem.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
  }

  @Test func socketsSpeakIt() throws {
    let (one, other) = (try key(1), try key(2))
    let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
    let ours = try StreamConnection(
      to: listener.endpoint, milliseconds: 10_000,
      under: TLSContext(key: one, peers: [other.publicKey]))
    let theirs = try #require(
      listener.connection(
        milliseconds: 10_000, under: TLSContext(key: other, peers: [one.publicKey])))
    var (sent, received) = (bytes(String(repeating: "over there ", count: 100_000))[...], [UInt8]())
    let whole = Array(sent)
    for _ in 0..<1_000_000 where received.count < whole.count {
      sent = sent.dropFirst(try ours.send(sent))
      #expect(try ours.receive()?.isEmpty != true)
      received += try theirs.receive() ?? []
    }
    #expect(received == whole)
    #expect(!ours.hasUnsent && ours.isReady)
  }
}
