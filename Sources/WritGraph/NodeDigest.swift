// The digest of one node's facts, without working out those of all others.

public import WritCrypto

extension Snapshot {
  /// The leaf that stands for a node in the root digest: SHA-256 over the byte 0 and the node's
  /// canonical line (`docs/snapshot-format.md`). Takes as long as the schema and the line are.
  public func digest(ofNode node: Int) -> Digest {
    var writer = FactWriter(self, for: .fewLines)
    writer.writeNode(node, kind: kind(of: node))
    return Digest(of: UnsafeRawBufferPointer(writer.line.bytes))
  }
}
