// Runs of one concurrency group: one after another, and a newer one in the place of one that waits.

import Foundation
import Testing
import WritModel
import WritTesting

@Suite("Runs that wait in line", .serialized)
final class RunQueueTests {
  private let site: RunSite

  init() throws { site = try RunSite() }

  /// Another run, at a socket of its own, without anybody beside it; its events go into a file of that name.
  private func other(_ pipeline: String, _ name: String) -> String {
    """
    writ run \(pipeline) --arg service=Service/web --bundle b --graph g --caller Identity/bot \
    --log log --permit-key permit.key --delegate eu-1/delegate.pub \
    --listen unix:\(site.scratch.path)/\(name).sock --json > \(name) 2> \(name).err
    """
  }

  @Test(
    "a run begins when the one before has ended; a newer one that says so takes a place in line")
  func waits() throws {
    // Each program waits for a file, so that nothing here depends on time.
    let path = site.scratch.path
    try site.program("once.sh", "until [ -e \"\(path)/go\" ]; do sleep 0.05; done")
    try site.expect(
      """
      until_waits() { until grep -q 'waits behind' $1; do sleep 0.05; done; }
      { \(other("lined", "first")); echo $? > first.code; } &
      until grep -q '"type":"writ.run.begun"' first; do sleep 0.05; done
      { \(other("lined", "second")) || echo $? > second.code; } &
      until_waits second
      { \(other("newest", "third")); echo $? > third.code; } &
      until [ -s second.code ]; do sleep 0.05; done
      until_waits third
      touch go
      until [ -s first.code ] && [ -s third.code ]; do sleep 0.05; done
      [ $(cat first.code) = 0 ] && [ $(cat second.code) = 3 ] && [ $(cat third.code) = 0 ]
      grep -q "has taken this one's place" second.err
      """)
    #expect(try site.ran() == ["once", "again"])
  }

  @Test("a run that was left keeps its place until it has ended; one that waited does not")
  func keepsPlaces() throws {
    let path = site.scratch.path
    try site.program("once.sh", "kill -9 $(cat \"\(path)/pid\"); exec sleep 60")
    try site.expect(site.run("lined --arg service=Service/web"), 137)
    // The only one yet: two that begin in one second are in no order.
    let left = try FileManager.default.contentsOfDirectory(atPath: path + "/runs")
      .first { !$0.hasPrefix(".") }
    try site.program("once.sh")
    try site.expect(
      """
      { sh -c 'echo $$ > waiting; exec \(other("lined", "second"))' || true; echo done > second.code; } &
      until grep -q 'waits behind 1 run' second; do sleep 0.05; done
      kill -9 $(cat waiting)
      until [ -s second.code ]; do sleep 0.05; done
      """)
    try site.expect(site.run("--resume \(try #require(left))"), 74, says: "ERRORED")
    try site.expect(site.run("lined --arg service=Service/web"), says: "SUCCEEDED")
  }

  @Test(
    "where pipelines say different numbers of one group, no run begins beside one that allows fewer"
  )
  func leastCounts() throws {
    try site.scratch.write(
      RunSite.policy + """

        pipeline wider(service: Service) concurrency line max 2 {
          stage go { run "./again.sh" service }
        }

        """, to: "shop.writ")
    try site.program("once.sh", "until [ -e \"\(site.scratch.path)/go\" ]; do sleep 0.05; done")
    try site.expect(
      """
      writ build shop.writ -o b --registry registry.jsonl
      { \(other("lined", "first")); echo $? > first.code; } &
      until grep -q '"type":"writ.run.begun"' first; do sleep 0.05; done
      { \(other("wider", "second")); echo $? > second.code; } &
      until grep -q 'waits behind' second; do sleep 0.05; done
      touch go
      until [ -s first.code ] && [ -s second.code ]; do sleep 0.05; done
      [ $(cat first.code) = 0 ] && [ $(cat second.code) = 0 ]
      """)
    #expect(try site.ran() == ["once", "again"])
  }
}
