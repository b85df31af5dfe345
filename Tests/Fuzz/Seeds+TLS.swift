// The first message of a peer that speaks TLS 1.3, whose random bytes were drawn once.

import WritModel

/// A whole hello, in one piece and byte by byte, and the beginning of an alert.
var tlsSeeds: [FuzzSeed] {
  let hello = Hex.decode(helloDigits) ?? []
  return [
    FuzzSeed("hello", [255] + hello), FuzzSeed("hello-in-pieces", [0] + hello),
    FuzzSeed("alert", [1, 0x15, 3, 3, 0, 2, 2, 40]),
  ]
}

private let helloDigits =
  "16030100dc010000d80303bda6b56ed6254da6aea0baf3bd1dc7d044f2e7a5b1e81e70145d5aa75b8216b220"
  + "35d86f08b3e3986e4671cb26dece12d77d8b08b1bb3e9349e4842a94a78a8ca2000813021303130100ff0100"
  + "0087000b000403000102000a00160014001d0017001e00190018010001010102010301040023000000160000"
  + "00170000000d001e001c040305030603080708080809080a080b080408050806040105010601002b00030203"
  + "04002d00020101003300260024001d0020156448feb9cfb935c9d911f21eba3d6e1e47e50f30c2a4704443f6"
  + "ce6e44217d"
