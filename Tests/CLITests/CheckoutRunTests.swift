// The worked policy's pipeline, carried out: facts of the request, two approvals by two people, a secret.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("The way of a release", .serialized)
final class CheckoutRunTests {
  private static let canary = "canary-0b7e55-of-the-way"
  private let site: Workshop

  /// Policies/checkout with facts of today, somebody on call, and programs that say what they were told.
  init() throws {
    site = try Workshop()
    try site.scratch.write(Corpus.text("policies/checkout/checkout.writ"), to: "checkout.writ")
    let now = ISO8601DateFormatter().string(from: Date())
    let later = ISO8601DateFormatter().string(from: Date().addingTimeInterval(86_400))
    for name in ["graph.jsonl", "repaired.jsonl"] {
      let lines = Corpus.text("policies/checkout/\(name)").split(separator: "\n").map { line in
        line.replacing(/"at":"[^"]*"/, with: "\"at\":\"\(now)\"")
          .replacing("\"until\":\"2026-11-20T06:00:00Z\"", with: "\"until\":\"\(later)\"")
      }
      try site.scratch.write(lines.joined(separator: "\n") + "\n", to: name)
    }
    let request = Corpus.text("policies/checkout/request.json")
    let gate = "\"gate\": \"checkout.ship\""
    try site.scratch.write(
      request.replacing(gate, with: "\"pipeline\": \"releaseCheckout\"")
        .replacing(", \"env\": \"Environment/production-eu\"", with: ""), to: "release.json")
    try site.scratch.write(CheckoutRunTests.canary, to: "secret")
    try site.scratch.write("test:\n\t@echo \"tests on $(os)\"\n", to: "work/Makefile")
    let program = "#!/bin/sh\necho \"${0##*/} $*\"\necho \"with $deploy_token\"\n"
    for name in ["scan", "announce", "deploy", "undo"] {
      try site.scratch.write(program, to: "work/\(name).sh")
    }
    try site.expect(
      #"""
      writ key new log.example -o log.key
      writ key new permits -o permit.key
      for who in ines:eu_compliance ben:release_manager; do
        name=${who%:*}
        writ key new $name -o $name.key
        printf '{"name":"%s","key":"%s","actor":"Identity/%s","roles":["%s"]}\n' \
          $name "$(cat $name.key.pub)" $name ${who#*:} >> registry.jsonl
      done
      writ key new bot -o bot.key
      printf '{"name":"bot","key":"%s","actor":"Identity/deploy-bot","roles":[],"agent":true}\n' "$(cat bot.key.pub)" >> registry.jsonl
      writ build checkout.writ -o b --registry registry.jsonl
      writ graph import --schema checkout.writ graph.jsonl -o before
      writ graph apply before repaired.jsonl -o g
      writ log init log --origin log.example --key log.key
      writ-delegate init eu-1 --name eu-1 --permit-key permit.key.pub --log-vkey log.key.pub
      writ-delegate secrets set eu-1 deploy_token < secret; rm secret
      chmod +x work/*.sh; cp work/deploy.sh work/undo.sh eu-1/work/
      """#)
  }

  @Test("verify, approve, one region after the other, the second with a word of compliance")
  func goesItsWay() throws {
    try site.expect(
      #"""
      writ-delegate serve eu-1 --connect "unix:$PWD/sock" 2> delegate.err & delegate=$!
      {
        code=0
        writ run --request release.json --bundle b --graph g --caller Identity/deploy-bot \
          --actor-key bot.key --log log --permit-key permit.key --delegate eu-1/delegate.pub \
          --listen "unix:$PWD/sock" --work work || code=$?
        echo $code > code
      } | while read -r line; do
        printf '%s\n' "$line" >> said
        case "$line" in "writ approve --request "*)
          file=$(printf '%s' "$line" | sed 's/.*--request \([^ ]*\) .*/\1/')
          role=$(printf '%s' "$line" | sed 's/.*--role \([^ ]*\) .*/\1/')
          name=ben; [ $role = release_manager ] || name=ines
          writ approve --bundle b --request "$file" --role $role --as Identity/$name \
            --key $name.key > "${file%/asked/*}/approvals/$name" ;;
        esac
      done
      kill $delegate 2> /dev/null || true; exit $(cat code)
      """#)
    let said = String(decoding: try site.scratch.bytes("said"), as: UTF8.self)
    for words in [
      "tests on linux", "tests on macos", "scan.sh sha256:7c5a0e9d", "production-us",
      "production-eu", "with [redacted]", "announce.sh checkout", "SUCCEEDED",
    ] {
      #expect(said.contains(words), "\(words): \(said)")
    }
    try site.expect(
      "writ run show runs/*", says: "succeeded  production/region/region[production-eu]")
    try site.expect("writ replay log --all", says: "0 different")
    try site.expect("writ log verify log --vkey log.key.pub; writ log fsck log", says: "SOUND")
    // What the gate of the second region counted is in the record of its decision.
    try site.expect(
      "writ log search log --subject Environment/production-eu", says: "checkout.ship")
    #expect(Canary(CheckoutRunTests.canary).found(below: site.scratch.path) == [])
  }
}
