// Messages of both eras of the Model Context Protocol.

private let modernMeta =
  #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#

var modelContextSeeds: [FuzzSeed] {
  [
    FuzzSeed(
      "modern",
      Array(
        #"""
        {"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":\#(modernMeta)}}
        {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":\#(modernMeta)}}
        {"jsonrpc":"2.0","id":"3","method":"tools/call","params":{"name":"echo","arguments":{"a":"b\n"},"_meta":\#(modernMeta)}}
        """#.utf8)),
    FuzzSeed(
      "legacy",
      Array(
        #"""
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}
        {"jsonrpc":"2.0","method":"notifications/initialized"}
        {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":null}}
        {"jsonrpc":"2.0","id":"3","method":"tools/call","params":{"name":"echo","arguments":{"fail":true}}}
        {"jsonrpc":"2.0","id":4,"method":"ping"}
        """#.utf8)),
  ]
}

/// Agents that are clients; the first byte says where what they say is cut in two.
var clientSeeds: [FuzzSeed] {
  [
    FuzzSeed(
      "modern", choice: 90,
      #"""
      {"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"task","_meta":\#(modernMeta)}}
      {"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"writ://task","_meta":\#(modernMeta)}}
      {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"t","arguments":{"a":1},"_meta":\#(modernMeta)}}
      {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"answer","arguments":{"output":3,"tokens":60},"_meta":\#(modernMeta)}}

      """#),
    FuzzSeed(
      "legacy", choice: 200,
      #"""
      {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}
      {"jsonrpc":"2.0","method":"notifications/initialized"}
      {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"usage","arguments":{"tokens":60}}}
      {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"answer","arguments":{"output":"x"}}}
      {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"answer","arguments":{"output":3}}}

      """#),
  ]
}
