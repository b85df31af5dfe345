// A shop with keys in every function, and a shell to work in it: keys are opened by descriptors.

import Foundation
import Testing
import WritTesting

/// A folder with the shop's bundle `b`, snapshot `g`, request and keys.
final class KeyShop: Workshop {
  override init() throws {
    try super.init()
    for name in ["shop.writ", "facts.jsonl", "registry.jsonl", "request.json"] {
      try scratch.write(Corpus.text("corpus/cli/shop/\(name)"), to: name)
    }
    for name in ["bo.key", "bo.key.pub", "log.key", "log.key.pub"] {
      try scratch.write(Corpus.text("corpus/cli/shop/\(name)"), to: name)
      if name.hasSuffix(".key") { try scratch.keepSecret(name) }
    }
    try scratch.write("open sesame\n", to: "word")
    try scratch.write("open caraway\n", to: "wrong")
    try expect(
      """
      writ build shop.writ -o b --registry registry.jsonl
      writ graph import --schema shop.writ facts.jsonl -o g
      """)
  }

  /// A question, which is recorded like a decision, and its exit code let pass.
  static let decide =
    "writ decide --bundle b --graph g --request request.json --log log >/dev/null || [ $? -le 2 ]"
}
