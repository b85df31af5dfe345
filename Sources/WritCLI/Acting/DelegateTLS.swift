// TLS for delegates that connect over a network: a key of the control plane's own, and whose keys it takes.

import WritCrypto
import WritEvidence
import WritModel
import WritTransport

extension Option {
  static let tlsKey = Option.optional(
    "--tls-key", "KEY", "shown to delegates that connect over a network, and for nothing else")
  static let delegateTLS = Option.repeated(
    "--delegate-tls", "KEY.pub", "the key that a delegate shows: `tls.pub` of its directory")
}

/// What is spoken at an endpoint: TLS on a network, nothing of the kind at a Unix socket, which the system guards.
func delegateTLS(
  _ invocation: Invocation, at endpoint: Endpoint, _ keys: ActingKeys
) throws(Failure) -> TLSContext? {
  let paths = invocation.values("--delegate-tls")
  let path = invocation.value("--tls-key")
  if case .unix = endpoint {
    guard paths.isEmpty, path == nil else {
      throw .usage(
        "there is no TLS at a Unix socket", remedy: "leave out --tls-key and --delegate-tls")
    }
    return nil
  }
  guard let path, !paths.isEmpty else {
    throw .usage(
      "a delegate at `--listen \(endpoint)` needs TLS",
      remedy: "give --tls-key, a key of its own, and --delegate-tls, the delegate's tls.pub")
  }
  let log = keys.store.directory
  let key = try readPrivateKey(path, invocation, log: log)
  var peers: [Ed25519PublicKey] = []
  for path in paths {
    try refuseInsideLog(path, log)
    peers.append(try readVerifierKey(path).publicKey)
  }
  let others =
    [keys.permitKey.publicKey] + keys.delegates.map(\.publicKey)
    + keys.signer.verifierKeys.map(\.publicKey)
  guard !peers.contains(key.publicKey), !others.contains(key.publicKey),
    !peers.contains(where: others.contains)
  else {
    throw .badInput(
      "a TLS key is one of log, permits or delegate too, or of both sides",
      remedy: "give each function its own key")
  }
  return TLSContext(key: key, peers: peers)
}
