// policies/release, played whole: a real log, delegate, secret and target, and releases that end in as many ways.

import Foundation
import Testing
import WritTesting

@Suite("The story of a release")
struct ReleaseStoryTests {
  private static let canary = "canary-51c9e0d7-of-the-release"

  @Test(
    "what is good goes out, what does badly is taken back, what was found stays in, and all of it is proven"
  )
  func plays() throws {
    let shop = try Workshop()
    let play = Corpus.root + "/policies/release/bin/play.sh"
    let told = try shop.expect(
      "WRIT_STORY_TOKEN=\(ReleaseStoryTests.canary) sh \(play) \(Program.folder) \"$PWD/story\"")
    for line in [
      "SUCCEEDED  run", "FAILED, what was done is undone  run", "DENIED  run",
      "critical: evaluates-input is in sha256:",
      "objection: a reviewer objects: it keeps what customers were told in prices.log", "VERIFIED",
      "the same, 0 different",
      "records about Service/shop, and no other",
    ] {
      #expect(told.contains(line), "\(line) in \(told)")
    }
    // The agent asked about the very release of the run, as itself.
    try shop.expect(
      #"grep -hc '"decision":"allow".*"caller":"Identity/reviewer"' story/runs/*/transcripts/*.jsonl"#
    )
    // What the secret opens was opened with it, and it is nowhere, in none of the forms in which it could come out.
    #expect(Canary(ReleaseStoryTests.canary).found(below: shop.scratch.path + "/story") == [])
  }
}
