// What reaches a listening control plane before it knows who is there.

import WritCrypto
import WritTransport

/// Whoever has none of the keys is never known, whatever they send, and in whatever pieces.
func fuzzTLS(_ bytes: [UInt8]) throws {
  let key = Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32))
  let peer = Ed25519PrivateKey(seed: [UInt8](repeating: 2, count: 32))
  guard let key, let peer else { return }
  let context = TLSContext(key: key, peers: [peer.publicKey])
  for channel in [TLSChannel(server: context), TLSChannel(client: context)] {
    var rest = bytes.dropFirst()
    let piece = Int(bytes.first ?? 0) * 8 + 1
    while !rest.isEmpty {
      guard let plain = accepted({ () throws(TLSError) in try channel.receive(rest.prefix(piece)) })
      else { break }
      try hold(plain.isEmpty && !channel.isReady, "a stranger is believed")
      rest = rest.dropFirst(piece)
      _ = channel.unsent()
    }
  }
}
